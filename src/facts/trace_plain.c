/* trace_plain.c - CSV with speaking column names. The unit of the time is part of its name; a bare `timestamp` is refused. */

#include "base/arena.h"
#include "base/err.h"
#include "facts/trace.h"

static const struct { const char *name; double unit_s; } times[] = {
    {"arrival_s", 1},      {"arrival_time_s", 1},     {"timestamp_s", 1},      {"time_s", 1},       {"t_s", 1},
    {"arrival_ms", 1e-3},  {"arrival_time_ms", 1e-3}, {"timestamp_ms", 1e-3},  {"arrival_us", 1e-6},
    {"arrival_ns", 1e-9},  {"arrival_time_ns", 1e-9}, {"timestamp_ns", 1e-9},
};
static const char *const prompts[] = {"input_tokens", "prompt_tokens", "in_tok", "input_length", "prompt_len",
                                      "input_len", "isl", "num_prompt_tokens", NULL};
static const char *const answers[] = {"output_tokens", "completion_tokens", "out_tok", "output_length", "output_len",
                                      "generated_tokens", "osl", "num_output_tokens", NULL};

static bool plain_is(const struct trace_in *in)
{
    return !in->json && trace_column(&in->csv, prompts, NULL) >= 0 && trace_column(&in->csv, answers, NULL) >= 0;
}

static bool time_column(const struct trace_in *in, int *column, double *unit_s, struct err *e)
{
    static const char *const bare[] = {"timestamp", "Timestamp", "time", "arrival", "arrival_time", "t", NULL};
    const char *found;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if ((*column = csv_column(&in->csv, times[i].name)) >= 0) {
            *unit_s = times[i].unit_s;
            return true;
        }
    if (trace_column(&in->csv, bare, &found) >= 0) {
        err_input(e, in->name, "column %s has no unit: seconds or milliseconds cannot be told", found);
        return err_mend(e, "rename it to arrival_s, arrival_ms or arrival_ns");
    }
    err_input(e, in->name, "no column with the arrival time");
    return err_mend(e, "name it arrival_s, arrival_ms or arrival_ns");
}

static bool plain_read(struct trace_in *in, struct err *e)
{
    struct csv *c = &in->csv;
    int time, prompt = trace_column(c, prompts, NULL), answer = trace_column(c, answers, NULL);
    int priority = csv_column(c, "priority");
    double unit_s = 1;
    if (!time_column(in, &time, &unit_s, e))
        return false;
    while (csv_next(c)) {
        double t;
        int64_t t_ns;
        bool ok;
        if (c->ragged) {
            trace_ragged(in);
            continue;
        }
        const struct cell *v = csv_cell(c, time);
        if (unit_s < 1e-8 && cell_i64(*v, &t_ns))       /* nanoseconds do not go through a double */
            ok = t_ns > INT64_MIN / 2 && t_ns < INT64_MAX / 2;
        else
            ok = cell_f64(*v, &t) && trace_seconds(t * unit_s, &t_ns);
        if (trace_emit(in, c->line, ok ? &t_ns : NULL, trace_count(csv_cell(c, prompt)), trace_count(csv_cell(c, answer))) &&
            priority >= 0 && !trace_priority(in, trace_count(csv_cell(c, priority))))
            return err_input(e, arena_printf(in->arena, "%s:%llu", in->name, (unsigned long long)c->line),
                             "priority: expected a class from 0, served first, to %d", TRAFFIC_CLASSES - 1);
    }
    return true;
}

const struct trace_format trace_plain = {
    .name = "plain",
    .help = "any CSV with an arrival time, prompt and output tokens under speaking names",
    .units = "CSV: arrival_s (or _ms, _us, _ns; also timestamp_s, t_s), input_tokens (prompt_tokens, input_length, isl), "
             "output_tokens (completion_tokens, output_length, osl); priority, if there is one",
    .is = plain_is,
    .read = plain_read,
};
