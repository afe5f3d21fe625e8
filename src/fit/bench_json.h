/* bench_json.h - the result of `vllm bench serve --save-result` as a row of a point file. */
#ifndef MOAT_FIT_BENCH_JSON_H
#define MOAT_FIT_BENCH_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct err;
struct notes;

/* What the JSON does not say, and which rows of a CSV are meant. NULL and 0: not given. */
struct fit_given {
    const char *model, *accelerator, *framework, *precision;
    int64_t tp, pp, dp, ep;
};

/* Append header and row to csv. false: no such result, or something that neither it nor `given` says. */
bool fit_bench_csv(struct arena *a, const char *path, const char *bytes, size_t n, const struct fit_given *given,
                   struct buf *csv, struct notes *notes, struct err *e);

#endif
