/* probe_gemm.c - rate of matrix products by type: our own kernels, and OpenBLAS where it can be loaded.
**
** Every thread multiplies matrices of its own, as the parts of one product are shared out among cores. The shapes are those of a
** prompt's chunk through a layer: 128 and 512 tokens; a look that must be short takes small ones.
*/
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "live/probe.h"

const char *const probe_type_name[PROBE_TYPE_N] = {"fp32", "fp64", "bf16", "int8"};

static const struct { int m, n, k; } shape[] = {{32, 512, 512}, {128, 2048, 2048}, {512, 2048, 2048}};
#define SHORT_S 0.05

/* OpenBLAS's C interface (cblas.h): row-major 101, no transpose 111. */
struct blas {
    void *lib;
    void (*sgemm)(int, int, int, int, int, int, float, const void *, int, const void *, int, float, void *, int);
    void (*dgemm)(int, int, int, int, int, int, double, const void *, int, const void *, int, double, void *, int);
    void (*sbgemm)(int, int, int, int, int, int, float, const void *, int, const void *, int, float, void *, int);
    void (*set_threads)(int);
    char *(*config)(void);
};

struct job {
    const struct gemm_kernel *kernel;           /* NULL: the library */
    const struct blas *blas;
    enum probe_type type;
    int m, n, k;
    unsigned char *memory;      /* (threads) of `stride` bytes: A, B or packed B, C, room */
    size_t stride, b_at, c_at, room_at;
};

static void multiply(void *ctx, int thread)
{
    struct job *j = ctx;
    unsigned char *A = j->memory + (size_t)thread * j->stride, *B = A + j->b_at, *C = A + j->c_at;
    if (j->kernel)
        j->kernel->run(j->m, j->n, j->k, A, B, C, A + j->room_at);
    else if (j->type == PROBE_FP64)
        j->blas->dgemm(101, 111, 111, j->m, j->n, j->k, 1, A, j->k, B, j->n, 1, C, j->n);
    else
        (j->type == PROBE_BF16 ? j->blas->sbgemm : j->blas->sgemm)(101, 111, 111, j->m, j->n, j->k, 1, A, j->k, B, j->n, 1, C, j->n);
}

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Small values that no type rounds to infinity or makes denormal. */
static void fill(unsigned char *to, size_t n, enum probe_type type)
{
    for (size_t i = 0; i < n; i++) {
        float v = (float)(1 + i % 7) / 8;
        uint32_t bits;
        memcpy(&bits, &v, sizeof bits);
        if (type == PROBE_FP32)
            memcpy(to + i * 4, &v, 4);
        else if (type == PROBE_FP64)
            memcpy(to + i * 8, &(double){(double)v}, 8);
        else if (type == PROBE_BF16)
            memcpy(to + i * 2, &(uint16_t){(uint16_t)(bits >> 16)}, 2);
        else
            to[i] = (unsigned char)(1 + i % 7);
    }
}

static const size_t type_bytes[PROBE_TYPE_N] = {4, 8, 2, 1};

static bool measure(const struct probe_options *o, struct job j, const char *name, struct probe *out, struct err *e)
{
    size_t in = type_bytes[j.type], mk = (size_t)j.m * (size_t)j.k, nk = (size_t)j.n * (size_t)j.k, mn = (size_t)j.m * (size_t)j.n;
    j.b_at = aligned(mk * in);
    j.c_at = j.b_at + aligned(j.kernel ? gemm_packed_bytes(j.n, j.k) : nk * in);
    j.room_at = j.c_at + aligned(mn * 8);
    j.stride = j.room_at + aligned(gemm_room_bytes());
    unsigned char *plain = malloc(nk * in);
    j.memory = aligned_alloc(64, j.stride * (size_t)o->threads);
    bool ok = plain && j.memory;
    if (ok) {
        memset(j.memory, 0, j.stride * (size_t)o->threads);
        fill(plain, nk, j.type);
        for (int t = 0; t < o->threads; t++) {
            unsigned char *A = j.memory + (size_t)t * j.stride;
            fill(A, mk, j.type);
            if (j.kernel)
                j.kernel->pack(j.n, j.k, plain, A + j.b_at);
            else
                memcpy(A + j.b_at, plain, nk * in);
        }
        struct probe_gemm *g = &out->gemm[out->ngemm];
        *g = (struct probe_gemm){.type = j.type, .kernel = name, .m = j.m, .n = j.n, .k = j.k};
        ok = probe_team(o->threads, o->seconds, 2.0 * (double)mk * j.n * o->threads, multiply, &j, &g->flop_s, e);
        out->ngemm += ok;
    } else {
        err_env(e, "probe", "no memory for matrices of %d threads", o->threads);
    }
    free(plain);
    free(j.memory);
    return ok;
}

/* All of a kernel's shapes; a full table stops. */
static bool shapes(const struct probe_options *o, struct job j, const char *name, struct probe *out, struct err *e)
{
    bool brief = o->seconds < SHORT_S;
    for (size_t i = brief ? 0 : 1; i < (brief ? 1 : sizeof shape / sizeof *shape) && out->ngemm < PROBE_GEMMS; i++) {
        j.m = shape[i].m, j.n = shape[i].n, j.k = shape[i].k;
        if (!measure(o, j, name, out, e))
            return false;
    }
    return true;
}

static bool load(struct blas *b)
{
    *b = (struct blas){.lib = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL)};
    if (!b->lib)
        return false;
    *(void **)&b->sgemm = dlsym(b->lib, "cblas_sgemm");
    *(void **)&b->dgemm = dlsym(b->lib, "cblas_dgemm");
    *(void **)&b->sbgemm = dlsym(b->lib, "cblas_sbgemm");
    *(void **)&b->set_threads = dlsym(b->lib, "openblas_set_num_threads");
    *(void **)&b->config = dlsym(b->lib, "openblas_get_config");
    if (!b->sgemm || !b->dgemm || !b->set_threads) {
        dlclose(b->lib);
        return false;
    }
    b->set_threads(1);
    return true;
}

static bool with_library(struct arena *a, const struct probe_options *o, struct probe *out, struct notes *notes, struct err *e)
{
    struct blas b;
    if (!load(&b)) {
        note_add(notes, "OpenBLAS is not installed: rates are those of moat's own kernels");
        return true;
    }
    out->library = arena_strdup(a, b.config ? b.config() : "OpenBLAS");
    bool ok = shapes(o, (struct job){.blas = &b, .type = PROBE_FP32}, "OpenBLAS", out, e) &&
              shapes(o, (struct job){.blas = &b, .type = PROBE_FP64}, "OpenBLAS", out, e) &&
              (!b.sbgemm || shapes(o, (struct job){.blas = &b, .type = PROBE_BF16}, "OpenBLAS", out, e));
    dlclose(b.lib);
    return ok;
}

/* The last row of a type that this processor has is its best. */
static bool is_best(const struct gemm_kernel *g)
{
    for (const struct gemm_kernel *h = g + 1; h < gemm_kernels + gemm_kernel_count; h++)
        if (h->type == g->type && h->can())
            return false;
    return g->can();
}

bool probe_gemm_run(struct arena *a, const struct probe_options *o, struct probe *out, struct notes *notes, struct err *e)
{
    for (size_t i = 0; i < gemm_kernel_count; i++) {
        const struct gemm_kernel *g = &gemm_kernels[i];
        if (is_best(g) && !shapes(o, (struct job){.kernel = g, .type = g->type}, g->name, out, e))
            return false;
    }
    return !o->library || with_library(a, o, out, notes, e);
}

double probe_best_flop_s(const struct probe *p, enum probe_type t)
{
    double best = 0;
    for (size_t i = 0; i < p->ngemm; i++)
        if (p->gemm[i].type == t && p->gemm[i].flop_s.best > best)
            best = p->gemm[i].flop_s.best;
    return best;
}
