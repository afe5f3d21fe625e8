/* calibrate_input.h - the points of one deployment out of files of points and benchmark results. */
#ifndef MOAT_FIT_CALIBRATE_INPUT_H
#define MOAT_FIT_CALIBRATE_INPUT_H

#include "fit/bench_json.h"
#include "fit/point.h"

struct fit_gathered {
    const char *deployment;  /* "llama-3.1-70b at fp8 on h100-sxm-80, vllm" */
    const char *name, *hash; /* of the files together: "a.csv, b.json", "xxh64:..." */
    const struct fit_point **point;
    size_t n;
    const struct fit_point **refused; /* rows that could be meant, and cannot be used */
    size_t nrefused, nother;          /* nother: rows of other deployments */
};

/* false: a file cannot be read, nothing is left, or what is left are several deployments. */
bool fit_gather(struct arena *a, struct catalog *c, const char *const *file, size_t nfile,
                const struct fit_given *given, struct fit_gathered *out, struct notes *notes, struct err *e);

#endif
