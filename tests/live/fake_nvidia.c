/* fake_nvidia.c - a stand-in for libcuda, libcublasLt and libnvidia-ml: the functions that moat probe uses, on a clock of its own.
**
** Work moves the clock by known times, which the probe must find again:
**
**      copy 1.5e12 bytes/s (3e12 read and written), from the host 50e9, to it 40e9, to the neighbour 300e9, launch 2.5 us,
**      bf16 600e12 flop/s, fp8 1.1e15; power 90 W at rest, 650 W after a product; limit 700 W
**
** FAKE_NVIDIA, words with commas: "devices=2", "cc=80", "nopeer", "notime" (the clock stands), "FUNCTION=CODE" (that function answers CODE).
** What is wrong in a call (an address that was never given out, a matrix beyond its memory, an event never recorded, memory left over at the
** end) stops the program. Built once whole, and once with FAKE_WITHOUT_LAUNCH, which lacks a function.
*/
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double now_ms;
static int context_of, allocations, contexts;
static bool worked;             /* a product has run */
static struct { uint64_t at; size_t n; } block[64];
static int blocks;

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "fake_nvidia: %s\n", what);
    abort();
}

/* The value of a word of FAKE_NVIDIA, or `otherwise`. */
static int word(const char *name, int otherwise)
{
    const char *p = getenv("FAKE_NVIDIA");
    size_t n = strlen(name);
    while (p && *p) {
        if (strncmp(p, name, n) == 0 && (p[n] == '=' || p[n] == ',' || !p[n]))
            return p[n] == '=' ? atoi(p + n + 1) : 1;
        p = strchr(p, ',');
        p = p ? p + 1 : NULL;
    }
    return otherwise;
}

#define ANSWER                                                                                                           \
    do {                                                                                                                 \
        int code = word(__func__, 0);                                                                                    \
        if (code)                                                                                                        \
            return code;                                                                                                 \
    } while (0)

static void spend(double s)
{
    now_ms += word("notime", 0) ? 0 : 1e3 * s;
}

static bool inside(uint64_t at, size_t n)
{
    for (int i = 0; i < blocks; i++)
        if (block[i].at && at >= block[i].at && at + n <= block[i].at + block[i].n)
            return true;
    return false;
}

int cuInit(unsigned flags) { ANSWER; return flags != 0; }
int cuDriverGetVersion(int *v) { ANSWER; *v = 12040; return 0; }
int cuDeviceGetCount(int *n) { ANSWER; *n = word("devices", 1); return 0; }
int cuDeviceGet(int *d, int i) { ANSWER; *d = i; return i >= word("devices", 1); }
int cuDeviceGetName(char *s, int n, int d) { ANSWER; (void)d; snprintf(s, (size_t)n, "NVIDIA Fake 80GB"); return 0; }
int cuDeviceGetPCIBusId(char *s, int n, int d) { ANSWER; snprintf(s, (size_t)n, "0000:%02x:00.0", d + 1); return 0; }
int cuDeviceTotalMem_v2(size_t *n, int d) { ANSWER; (void)d; *n = (size_t)80 << 30; return 0; }
int cuDeviceCanAccessPeer(int *yes, int d, int peer) { ANSWER; must(d != peer, "a peer of itself"); *yes = !word("nopeer", 0); return 0; }

int cuDeviceGetAttribute(int *v, int what, int d)
{
    ANSWER;
    (void)d;
    int cc = word("cc", 90);
    *v = what == 16 ? 132 : what == 38 ? 50 << 20 : what == 75 ? cc / 10 : what == 76 ? cc % 10 : -1;
    must(*v >= 0, "an attribute that is not known");
    return 0;
}

int cuDevicePrimaryCtxRetain(void **c, int d) { ANSWER; contexts++; *c = (void *)(uintptr_t)(d + 1); return 0; }
int cuCtxSetCurrent(void *c) { ANSWER; context_of = (int)(uintptr_t)c; return 0; }
int cuCtxSynchronize(void) { ANSWER; must(context_of > 0, "no context"); return 0; }
int cuCtxEnablePeerAccess(void *c, unsigned f) { ANSWER; must(c && !f, "peer access"); return 0; }

int cuDevicePrimaryCtxRelease_v2(int d)
{
    (void)d;
    must(contexts > 0, "a context released twice");
    must(--contexts > 0 || allocations == 0, "memory left over at the end");
    return 0;
}

int cuMemAlloc_v2(uint64_t *at, size_t n)
{
    static uint64_t next = UINT64_C(1) << 40;
    ANSWER;
    must(context_of > 0 && n > 0 && blocks < 64, "memory");
    *at = next;
    block[blocks].at = next;
    block[blocks++].n = n;
    next += n + 4096;
    allocations++;
    return 0;
}

int cuMemFree_v2(uint64_t at)
{
    for (int i = 0; i < blocks; i++)
        if (block[i].at == at) {
            block[i].at = 0;
            allocations--;
            return 0;
        }
    must(false, "memory freed twice");
    return 1;
}

int cuMemsetD8_v2(uint64_t at, unsigned char v, size_t n) { ANSWER; (void)v; must(inside(at, n), "memset beyond memory"); return 0; }
int cuMemAllocHost_v2(void **at, size_t n) { ANSWER; *at = malloc(n); allocations++; return 0; }
int cuMemFreeHost(void *at) { free(at); allocations--; return 0; }

int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t n, void *stream)
{
    ANSWER;
    must(!stream && inside(to, n) && inside(from, n) && to != from, "a copy beyond memory");
    spend((double)n / 1.5e12);
    return 0;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t n, void *stream)
{
    ANSWER;
    must(!stream && inside(to, n) && from, "a copy beyond memory");
    spend((double)n / 50e9);
    return 0;
}

int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t n, void *stream)
{
    ANSWER;
    must(!stream && inside(from, n) && to, "a copy beyond memory");
    spend((double)n / 40e9);
    return 0;
}

int cuMemcpyPeerAsync(uint64_t to, void *to_c, uint64_t from, void *from_c, size_t n, void *stream)
{
    ANSWER;
    must(!stream && inside(to, n) && inside(from, n) && to_c && from_c && to_c != from_c, "a copy to a peer");
    spend((double)n / 300e9);
    return 0;
}

int cuModuleLoadData(void **m, const void *image)
{
    ANSWER;
    must(strncmp(image, ".version", 8) == 0 && strstr(image, ".entry moat_empty"), "PTX");
    *m = &now_ms;
    return 0;
}

int cuModuleUnload(void *m) { must(m == &now_ms, "a module"); return 0; }
int cuModuleGetFunction(void **f, void *m, const char *name) { ANSWER; must(m == &now_ms && strcmp(name, "moat_empty") == 0, "a function"); *f = &blocks; return 0; }

#ifndef FAKE_WITHOUT_LAUNCH
int cuLaunchKernel(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void *stream,
                   void **args, void **extra)
{
    ANSWER;
    must(f == &blocks && gx == 1 && gy == 1 && gz == 1 && bx == 1 && by == 1 && bz == 1 && !shared && !stream && !args && !extra, "a launch");
    spend(2.5e-6);
    return 0;
}
#endif

int cuEventCreate(void **e, unsigned flags) { ANSWER; must(!flags, "an event"); double *t = malloc(sizeof *t); *t = -1; *e = t; allocations++; return 0; }
int cuEventRecord(void *e, void *stream) { ANSWER; must(!stream, "a stream"); *(double *)e = now_ms; return 0; }
int cuEventQuery(void *e) { ANSWER; must(*(double *)e >= 0, "an event never recorded"); return 0; }
int cuEventSynchronize(void *e) { ANSWER; must(*(double *)e >= 0, "an event never recorded"); return 0; }
int cuEventElapsedTime(float *ms, void *a, void *b) { ANSWER; *ms = (float)(*(double *)b - *(double *)a); return 0; }
int cuEventDestroy_v2(void *e) { free(e); allocations--; return 0; }
int cuGetErrorName(int code, const char **s) { *s = code == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_UNKNOWN"; return 0; }

/* ---- cuBLASLt */

struct layout { int type; uint64_t rows, cols; int64_t ld; };

int cublasLtCreate(void **h) { ANSWER; *h = &allocations; allocations++; return 0; }
int cublasLtDestroy(void *h) { must(h == &allocations, "a handle"); allocations--; return 0; }
size_t cublasLtGetVersion(void) { return 120400; }
int cublasLtMatmulDescCreate(void **d, int compute, int scale) { ANSWER; must(compute == 68 && scale == 0, "fp32 sums"); int *t = calloc(1, sizeof *t); *d = t; allocations++; return 0; }
int cublasLtMatmulDescDestroy(void *d) { free(d); allocations--; return 0; }
int cublasLtMatmulDescSetAttribute(void *d, int what, const void *v, size_t n) { ANSWER; must(what == 3 && n == 4, "an attribute"); memcpy(d, v, 4); return 0; }

int cublasLtMatrixLayoutCreate(void **l, int type, uint64_t rows, uint64_t cols, int64_t ld)
{
    ANSWER;
    struct layout *t = malloc(sizeof *t);
    *t = (struct layout){type, rows, cols, ld};
    must(ld >= (int64_t)rows, "a leading dimension");
    *l = t;
    allocations++;
    return 0;
}

int cublasLtMatrixLayoutDestroy(void *l) { free(l); allocations--; return 0; }

static bool holds(const void *at, const struct layout *l)
{
    return inside((uint64_t)(uintptr_t)at, (size_t)l->ld * l->cols * (l->type == 28 ? 1 : 2));
}

int cublasLtMatmul(void *h, void *desc, const void *alpha, const void *A, void *a, const void *B, void *b, const void *beta, const void *C, void *c,
                   void *D, void *d, const void *algo, void *room, size_t room_n, void *stream)
{
    ANSWER;
    const struct layout *x = a, *y = b, *z = d;
    must(h == &allocations && *(int *)desc == 1 && *(const float *)alpha == 1 && *(const float *)beta == 0 && !algo && !stream, "a product");
    must(x->rows == y->rows && z->rows == x->cols && z->cols == y->cols && x->type == y->type && z->type == 14, "shapes of a product");
    must(holds(A, x) && holds(B, y) && holds(D, z) && C == D && c == d && inside((uint64_t)(uintptr_t)room, room_n), "a product beyond memory");
    if (x->type == 28 && word("cc", 90) < 89)
        return 15;              /* CUBLAS_STATUS_NOT_SUPPORTED */
    spend(2.0 * (double)x->rows * (double)x->cols * (double)y->cols / (x->type == 28 ? 1.1e15 : 600e12));
    worked = true;
    return 0;
}

/* ---- NVML */

int nvmlInit_v2(void) { ANSWER; return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char *bus, void **d) { ANSWER; must(strncmp(bus, "0000:", 5) == 0, "a bus"); *d = &worked; return 0; }
int nvmlDeviceGetPowerUsage(void *d, unsigned *mw) { ANSWER; *mw = *(bool *)d ? 650000 : 90000; return 0; }
int nvmlDeviceGetEnforcedPowerLimit(void *d, unsigned *mw) { ANSWER; (void)d; *mw = 700000; return 0; }
