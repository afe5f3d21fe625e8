/* show_bench.h - what a live endpoint did. */
#ifndef MOAT_SHOW_SHOW_BENCH_H
#define MOAT_SHOW_SHOW_BENCH_H

#include "live/bench_predict.h"
#include "show/show.h"

/* pair: (npair) measured beside predicted; 0: nothing was predicted. */
void show_bench(const struct show *s, const struct bench *b, const struct bench_options *o, const struct traffic *t, const struct bench_pair *pair,
                size_t npair);
void show_bench_requests(const struct show *s, const struct bench *b);         /* CSV, one row a request, whatever the format */

#endif
