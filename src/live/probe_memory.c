/* probe_memory.c - bandwidth of the main memory.
**
**      read    s += a[i]                  1 array
**      copy    c[i] = a[i]                2 arrays
**      triad   a[i] = b[i] + s * c[i]     3 arrays
**
** McCalpin's STREAM, 1995: arrays at least four times the last-level cache. A write that first reads its line moves more
** than is counted here.
*/
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "live/probe.h"

const char *const probe_memory_name[PROBE_MEMORY_N] = {"read", "copy", "triad"};

typedef double lane __attribute__((vector_size(64), aligned(64), may_alias));   /* lowered to what the processor has */

struct arrays {
    lane *a, *b, *c;
    size_t n;                   /* lanes a thread */
    double *sum;                /* (threads), a cache line apart */
};

#define LINE 8                  /* doubles */
#define CLONES __attribute__((target_clones("default", "avx2", "avx512f")))

#if !defined(__x86_64__)
#undef CLONES
#define CLONES
#endif

CLONES static void touch_part(lane *a, lane *b, lane *c, size_t n)
{
    lane one = {1, 1, 1, 1, 1, 1, 1, 1};
    for (size_t i = 0; i < n; i++) {
        a[i] = one;
        b[i] = 2 * one;
        c[i] = 0 * one;
    }
}

CLONES static double read_part(const lane *a, size_t n)
{
    lane s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        s0 += a[i];
        s1 += a[i + 1];
        s2 += a[i + 2];
        s3 += a[i + 3];
    }
    for (; i < n; i++)
        s0 += a[i];
    s0 += s1 + s2 + s3;
    double s = 0;
    for (int k = 0; k < LINE; k++)
        s += s0[k];
    return s;
}

CLONES static void copy_part(lane *c, const lane *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        c[i] = a[i];
}

CLONES static void triad_part(lane *a, const lane *b, const lane *c, double s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + s * c[i];
}

static void touch(void *ctx, int thread)
{
    struct arrays *r = ctx;
    size_t at = (size_t)thread * r->n;
    touch_part(r->a + at, r->b + at, r->c + at, r->n);
}

static void job_read(void *ctx, int thread)
{
    struct arrays *r = ctx;
    r->sum[thread * LINE] += read_part(r->a + (size_t)thread * r->n, r->n);
}

static void job_copy(void *ctx, int thread)
{
    struct arrays *r = ctx;
    size_t at = (size_t)thread * r->n;
    copy_part(r->c + at, r->a + at, r->n);
}

static void job_triad(void *ctx, int thread)
{
    struct arrays *r = ctx;
    size_t at = (size_t)thread * r->n;
    triad_part(r->a + at, r->b + at, r->c + at, 3, r->n);
}

static bool measure(const struct probe_options *o, struct arrays *r, struct probe *out, struct err *e)
{
    void (*const job[])(void *, int) = {job_read, job_copy, job_triad};
    const int arrays[] = {1, 2, 3};
    double part = (double)(r->n * sizeof(lane)), all = part * o->threads;
    struct probe_span none;
    if (!probe_team(o->threads, 0, 1, touch, r, &none, e))
        return false;
    for (int k = 0; k < PROBE_MEMORY_N; k++)
        if (!probe_team(o->threads, o->seconds, all * arrays[k], job[k], r, &out->memory_bytes_s[k], e))
            return false;
    if (!probe_team(1, o->seconds, part, job_read, r, &out->memory_one_bytes_s, e))
        return false;
    for (int i = 0; i < o->threads; i++) /* the sums are used, so that no compiler leaves the reads out */
        if (!(r->sum[i * LINE] > 0))
            return err_env(e, "probe", "memory gave back what was not written");
    return true;
}

bool probe_memory_run(const struct probe_options *o, int64_t array_bytes, struct probe *out, struct err *e)
{
    struct arrays r = {.n = (size_t)array_bytes / sizeof(lane) / (size_t)o->threads};
    size_t one = r.n * sizeof(lane) * (size_t)o->threads;
    if (r.n == 0)
        return err_input(e, "probe", "arrays of %lld bytes are too small for %d threads", (long long)array_bytes, o->threads);
    lane *at = mmap(NULL, 3 * one, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    r.sum = calloc((size_t)o->threads * LINE, sizeof *r.sum);
    bool ok = at != MAP_FAILED && r.sum;
    if (ok) {
        madvise(at, 3 * one, MADV_HUGEPAGE);
        r.a = at;
        r.b = r.a + r.n * (size_t)o->threads;
        r.c = r.b + r.n * (size_t)o->threads;
        out->array_bytes = (int64_t)one;
        ok = measure(o, &r, out, e);
    } else {
        err_env(e, "probe", "no memory for three arrays of %zu MB", one / 1000000);
        err_mend(e, "name a smaller --array");
    }
    if (at != MAP_FAILED)
        munmap(at, 3 * one);
    free(r.sum);
    return ok;
}
