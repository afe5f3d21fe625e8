/* bench.c - bench.sh: the plan's traffic on the endpoint, and its limits as the exit code. */
#include <math.h>
#include <string.h>

#include "show/emit.h"

#define BENCH_S 300             /* of load */
#define BENCH_MOST 20000        /* requests */

static const char *key_of(const char *metric)
{
    return strcmp(metric, "e2e") == 0 ? "e2el" : metric;
}

/* "50,99", and what the limits name beside them. */
static void percentiles(struct buf *b, const struct emit_plan *p)
{
    buf_add(b, "50,99");
    for (size_t i = 0; i < p->nlimit; i++) {
        const char *at = p->limit[i].at;
        bool seen = *at != 'p' || strcmp(at, "p50") == 0 || strcmp(at, "p99") == 0;
        for (size_t j = 0; j < i; j++)
            seen |= strcmp(at, p->limit[j].at) == 0;
        if (!seen)
            buf_fmt(b, ",%s", at + 1);
    }
}

void emit_bench(const struct emit_plan *p, const char *url, struct emit_files *out)
{
    struct buf *b = emit_add(out, "bench.sh", true);
    double n = fmin(fmax(ceil(p->req_s * BENCH_S), 100), BENCH_MOST);
    buf_add(b, "#!/bin/sh\n");
    emit_head(b, p, "#");
    buf_add(b, "# Does it keep what was planned? Loads the endpoint with random prompts of the traffic's mean lengths at its mean rate,\n"
               "# and ends with 1 where a limit is missed. The trace itself is burstier: `moat bench` replays it.\n"
               "set -eu\n\n");
    buf_fmt(b, "URL=${URL:-%s}\nRATE=${RATE:-%.4g}\nPROMPTS=${PROMPTS:-%.0f}\n\n", url, p->req_s, n);
    buf_add(b, "vllm bench serve --backend openai --base-url \"$URL\" --endpoint /v1/completions \\\n");
    buf_add(b, "    ");
    struct emit_words w = {.arena = p->arena};
    const char *const word[] = {"--model", p->model, "--tokenizer", p->repo};
    for (size_t i = 0; i < 4; i++)
        emit_word(&w, word[i]);
    emit_shell(b, &w, "    ");
    buf_fmt(b, " \\\n    --dataset-name random --random-input-len %.0f --random-output-len %.0f --ignore-eos \\\n", p->in_tok, p->out_tok);
    buf_add(b, "    --num-prompts \"$PROMPTS\" --request-rate \"$RATE\" --percentile-metrics ttft,tpot,itl,e2el \\\n"
               "    --metric-percentiles ");
    percentiles(b, p);
    buf_add(b, " --save-result --result-filename result.json\n");
    if (!p->nlimit) {
        buf_add(b, "\n# The plan names no limit: there is nothing to hold it to.\n");
        return;
    }
    buf_add(b, "\npython3 - <<'END'\nimport json\nimport sys\n\nresult = json.load(open('result.json'))\nmissed = 0\n"
               "for key, limit in [\n");
    for (size_t i = 0; i < p->nlimit; i++)
        buf_fmt(b, "    ('%s_%s_ms', %.6g),\n", p->limit[i].at, key_of(p->limit[i].metric), p->limit[i].limit_ms);
    buf_add(b, "]:\n    value = result[key]\n    kept = value <= limit\n    missed += not kept\n"
               "    print(f'{key}: {value:.1f} ms of {limit:g} ms: ' + ('kept' if kept else 'MISSED'))\n"
               "sys.exit(1 if missed else 0)\nEND\n");
}
