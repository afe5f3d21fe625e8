/* fixture.h - a catalog, and point files written to a temporary place, for the tests of fit. */
#ifndef MOAT_TESTS_FIT_FIXTURE_H
#define MOAT_TESTS_FIT_FIXTURE_H

#include "check.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "fit/validate.h"

struct world {
    struct arena *a;
    struct catalog *cat;
    struct notes notes;
    struct err e;
};

static inline struct world world_open(void)
{
    struct world w = {.a = arena_new()};
    w.notes.arena = w.a;
    if (!catalog_open(w.a, NULL, &w.cat, &w.notes, &w.e))
        fail_msg("%s: %s", w.e.place, w.e.what);
    return w;
}

/* n bytes as a file that is gone when the test ends. */
static inline bool world_read(struct world *w, const char *bytes, size_t n, struct fit_points *out)
{
    char path[] = "/tmp/moat-fit-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    bool ok = fit_points_read(w->a, w->cat, arena_strdup(w->a, path), out, &w->notes, &w->e);
    unlink(path);
    return ok;
}

static inline struct fit_points world_points(struct world *w, const char *text)
{
    struct fit_points p;
    if (!world_read(w, text, strlen(text), &p))
        fail_msg("%s: %s", w->e.place, w->e.what);
    return p;
}

static inline struct fit_prediction world_predict(struct world *w, const struct fit_point *p,
                                                  const struct stack_mask *m)
{
    struct fit_settings s = {.mask = m, .seed = 1};
    struct fit_prediction out;
    fit_predict(w->a, p, &s, &out);
    return out;
}

#define CLOSED                                                                                                         \
    "id,model,accelerator,accelerators,backend,mode,precision,isl,osl,length_ratio_min,concurrency,tp,pp,dp,ep,"
#define CLOSED_POOLS "prefill_workers,prefill_tp,prefill_dp,prefill_ep,decode_workers,decode_tp,decode_dp,decode_ep,"
#define STATIC                                                                                                         \
    "id,kind,model,accelerator,accelerators,framework,precision,isl,osl,batch,tp,pp,dp,ttft_ms,tpot_ms,e2e_ms,output_" \
    "tok_s\n"

#endif
