/* trace_vidur.c - traces in vidur's columns (Agrawal et al., MLSys 2024). Its length-only files have no arrival times. */
#include "base/err.h"
#include "facts/trace.h"

static bool vidur_is(const struct trace_in *in)
{
    return !in->json && csv_column(&in->csv, "num_prefill_tokens") >= 0 && csv_column(&in->csv, "num_decode_tokens") >= 0;
}

static bool vidur_read(struct trace_in *in, struct err *e)
{
    struct csv *c = &in->csv;
    int time = csv_column(c, "arrived_at"), prompt = csv_column(c, "num_prefill_tokens"),
        answer = csv_column(c, "num_decode_tokens");
    if (time < 0) {
        err_input(e, in->name, "lengths without arrival times: there is no column arrived_at");
        return err_mend(e, "add arrived_at in seconds, or use traffic.preset: arxiv-summarization for the lengths");
    }
    while (csv_next(c)) {
        double t;
        int64_t t_ns;
        if (c->ragged) {
            trace_ragged(in);
            continue;
        }
        bool ok = cell_f64(*csv_cell(c, time), &t) && trace_seconds(t, &t_ns);
        trace_emit(in, c->line, ok ? &t_ns : NULL, trace_count(csv_cell(c, prompt)), trace_count(csv_cell(c, answer)));
    }
    return true;
}

const struct trace_format trace_vidur = {
    .name = "vidur",
    .help = "traces processed for the vidur simulator",
    .units = "CSV: arrived_at (s), num_prefill_tokens, num_decode_tokens",
    .is = vidur_is,
    .read = vidur_read,
};
