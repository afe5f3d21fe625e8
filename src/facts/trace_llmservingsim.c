/* trace_llmservingsim.c - LLMServingSim workloads (Cho et al., IISWC 2024).
**
** Two forms may share a file. A line with input_toks is a request. A line with sub_requests is a session whose calls
** wait for one another's answers and for tools; when they arrive depends on the server, so no list of arrivals can say it,
** and such a file is refused rather than read wrong. input_tok_ids, the tokens of a prompt, say which prompts begin alike.
*/
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "facts/trace.h"

enum { BLOCK_TOK = 16 };        /* prompts given as tokens share blocks of so many, as vLLM's */

static bool llmservingsim_is(const struct trace_in *in)
{
    return trace_has_key(in, "arrival_time_ns") && (trace_has_key(in, "input_toks") || trace_has_key(in, "sub_requests"));
}

static bool llmservingsim_read(struct trace_in *in, struct err *e)
{
    struct jmember m[TRACE_MEMBERS];
    size_t n;
    bool more;
    if (trace_has_key(in, "input_tok_ids"))
        in->out->block_tok = BLOCK_TOK;
    for (;;) {
        if (!jsonl_next(&in->jsonl, m, TRACE_MEMBERS, &n, &more, e))
            return false;
        if (!more)
            return true;
        if (jsonl_get(m, n, "sub_requests")) {
            err_input(e, arena_printf(in->arena, "%s:%llu", in->name, (unsigned long long)in->jsonl.line),
                      "a session with sub_requests: calls that wait for each other cannot be read yet");
            return err_mend(e, "leave the session lines out, or write each call as a line with its own arrival_time_ns");
        }
        double t, prompt, answer;
        int64_t t_ns;
        const struct jval *time = jsonl_get(m, n, "arrival_time_ns"), *in_toks = jsonl_get(m, n, "input_toks"),
                          *out_toks = jsonl_get(m, n, "output_toks");
        if (!time || !in_toks || !out_toks) {
            trace_ragged(in);
            continue;
        }
        bool ok = jval_i64(time, &t_ns) ? t_ns > INT64_MIN / 2 && t_ns < INT64_MAX / 2 : jval_f64(time, &t) && trace_seconds(t / 1e9, &t_ns);
        const struct jval *ids = jsonl_get(m, n, "input_tok_ids");
        if (trace_emit(in, in->jsonl.line, ok ? &t_ns : NULL, jval_f64(in_toks, &prompt) ? prompt : (double)NAN,
                       jval_f64(out_toks, &answer) ? answer : (double)NAN) &&
            ids && ids->kind != JVAL_NULL && !trace_tokens(in, *ids, BLOCK_TOK))
            return err_input(e, arena_printf(in->arena, "%s:%llu", in->name, (unsigned long long)in->jsonl.line),
                             "input_tok_ids: expected an array of whole numbers");
        if (in->out->nblock > UINT32_MAX)
            return err_input(e, in->name, "more than %u blocks of tokens", UINT32_MAX);
    }
}

const struct trace_format trace_llmservingsim = {
    .name = "llmservingsim",
    .help = "LLMServingSim workloads; sessions with sub_requests are refused",
    .units = "JSONL: arrival_time_ns, input_toks, output_toks, input_tok_ids",
    .is = llmservingsim_is,
    .read = llmservingsim_read,
};
