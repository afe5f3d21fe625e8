/* trace_burstgpt.c - BurstGPT 1, 2 and 3 (Wang et al., KDD 2025), by column name: version 3 puts two columns in between.
**
** Timestamp is seconds from the local midnight of the first day. Response tokens = 0 marks a request that failed
** (1,429.7 k rows, 1,404.3 k without them): dropped in the ledger as failed.
*/
#include "facts/trace.h"

static bool burstgpt_is(const struct trace_in *in)
{
    return !in->json && csv_column(&in->csv, "Timestamp") >= 0 && csv_column(&in->csv, "Request tokens") >= 0 &&
           csv_column(&in->csv, "Response tokens") >= 0;
}

static bool burstgpt_read(struct trace_in *in, struct err *e)
{
    struct csv *c = &in->csv;
    int time = csv_column(c, "Timestamp"), prompt = csv_column(c, "Request tokens"),
        answer = csv_column(c, "Response tokens"), session = csv_column(c, "Session ID");
    (void)e;
    while (csv_next(c)) {
        double t, out_tok = trace_count(csv_cell(c, answer));
        int64_t t_ns;
        if (c->ragged)
            trace_ragged(in);
        else if (out_tok == 0)
            trace_failed(in);
        else {
            bool ok = cell_f64(*csv_cell(c, time), &t) && trace_seconds(t, &t_ns);
            bool kept = trace_emit(in, c->line, ok ? &t_ns : NULL, trace_count(csv_cell(c, prompt)), out_tok);
            const struct cell *id = session < 0 ? NULL : csv_cell(c, session);
            if (kept && id && id->n)
                trace_session(in, (struct jval){JVAL_STRING, id->at, id->n}, NULL);
        }
    }
    return true;
}

const struct trace_format trace_burstgpt = {
    .name = "burstgpt",
    .help = "BurstGPT 1, 2 and 3; a response of 0 tokens is a failed request",
    .units = "CSV: Timestamp (s), Request tokens, Response tokens, Session ID; others are ignored",
    .is = burstgpt_is,
    .read = burstgpt_read,
};
