/* probe_gpu.c - the figures of NVIDIA devices, and each device as a chip.
**
** One stream (the driver's default), events around batches of work. A figure that fails is left out with a note; the others stand.
*/
#include "live/probe_gpu.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/note.h"
#include "facts/accelerator.h"
#include "live/probe_cuda.h"

const char *const probe_gpu_type_name[PROBE_GPU_TYPE_N] = {"bf16", "fp8"};

#define RUNS_MOST 64
#define LAUNCHES 200
#define WORKSPACE (32u << 20)   /* what cuBLAS advises for Hopper */

/* An empty kernel (PTX ISA, "Kernel entry"); the driver compiles it for the device at hand. */
static const char empty_ptx[] = ".version 6.0\n.target sm_50\n.address_size 64\n.visible .entry moat_empty()\n{\n    ret;\n}\n";

static const struct { int m, n, k; } shape[] = {{64, 8192, 8192}, {1024, 8192, 8192}, {8192, 8192, 8192}};

struct bench {
    struct cuda *c;
    const struct probe_options *o;
    struct notes *notes;
    struct probe_gpu *g;
    int device;                 /* CUdevice of the index */
    void *context, *peer_context;
    void *begin, *end;          /* events */
    uint64_t from, to, room, peer_to;   /* array_bytes each; room: WORKSPACE */
    void *host;
    void *function;             /* the empty kernel */
    void *blas, *desc, *layout[3];      /* A, B, D of the product at hand */
};

static bool ok(struct bench *b, int code, const char *what)
{
    const char *name = NULL;
    if (code == CUDA_OK)
        return true;
    if (b->c->error_name(code, &name) != CUDA_OK || !name)
        name = "an error";
    note_add(b->notes, "device %d: %s failed: %s (%d); it is left out", b->g->index, what, name, code);
    return false;
}

/* cuBLAS has error numbers of its own (cublasStatus_t). */
static bool blas_ok(struct bench *b, int code, const char *what)
{
    if (code)
        note_add(b->notes, "device %d: %s failed: cuBLAS status %d; it is left out", b->g->index, what, code);
    return code == 0;
}

static int by_size(const void *x, const void *y)
{
    double a = *(const double *)x, c = *(const double *)y;
    return (a > c) - (a < c);
}

/* Repeats `step` for about o->seconds, at least 3 times after one that does not count; work of one step / its time, or the time itself
** for work 0. count: steps between two events. */
static bool repeat(struct bench *b, const char *what, double work, int count, int (*step)(struct bench *), struct probe_span *out)
{
    struct cuda *c = b->c;
    double value[RUNS_MOST], spent_s = 0;
    int n = 0;
    if (!ok(b, step(b), what) || !ok(b, c->synchronize(), what))
        return false;
    while (n < RUNS_MOST && (n < 3 || spent_s < b->o->seconds)) {
        float ms = 0;
        if (!ok(b, c->event_record(b->begin, NULL), what))
            return false;
        for (int i = 0; i < count; i++)
            if (!ok(b, step(b), what))
                return false;
        if (!ok(b, c->event_record(b->end, NULL), what) || !ok(b, c->event_wait(b->end), what) ||
            !ok(b, c->event_ms(&ms, b->begin, b->end), what))
            return false;
        double t_s = (double)ms / 1e3 / count;
        if (!(t_s > 0) || !isfinite(t_s)) {
            note_add(b->notes, "device %d: %s took no time by the driver's events; it is left out", b->g->index, what);
            return false;
        }
        spent_s += t_s * count;
        value[n++] = work > 0 ? work / t_s : t_s;
    }
    qsort(value, (size_t)n, sizeof *value, by_size);
    *out = (struct probe_span){work > 0 ? value[n - 1] : value[0], value[n / 2], n};
    return true;
}

static int step_copy(struct bench *b) { return b->c->copy(b->to, b->from, (size_t)b->g->array_bytes, NULL); }
static int step_in(struct bench *b) { return b->c->copy_in(b->to, b->host, (size_t)b->g->array_bytes, NULL); }
static int step_out(struct bench *b) { return b->c->copy_out(b->host, b->from, (size_t)b->g->array_bytes, NULL); }

static int step_peer(struct bench *b)
{
    return b->c->copy_peer(b->peer_to, b->peer_context, b->from, b->context, (size_t)b->g->array_bytes, NULL);
}

static int step_launch(struct bench *b)
{
    return b->c->launch(b->function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
}

static int step_matmul(struct bench *b)
{
    const float one = 1, none = 0;
    return b->c->matmul(b->blas, b->desc, &one, (void *)(uintptr_t)b->from, b->layout[0], (void *)(uintptr_t)b->from, b->layout[1], &none,
                        (void *)(uintptr_t)b->to, b->layout[2], (void *)(uintptr_t)b->to, b->layout[2], NULL, (void *)(uintptr_t)b->room,
                        WORKSPACE, NULL);
}

/* Device arrays: A and B lie in `from`, D in `to`. Weights (n x k) are A, transposed, as fp8 wants it; tokens are B. */
static bool set_up_matmul(struct bench *b, enum probe_gpu_type t, int m, int n, int k)
{
    struct cuda *c = b->c;
    int type = t == PROBE_GPU_FP8 ? CUDA_R_8F_E4M3 : CUDA_R_16BF;
    int32_t transposed = CUBLAS_OP_T;
    return blas_ok(b, c->desc_create(&b->desc, CUBLAS_COMPUTE_32F, CUDA_R_32F), "a product") &&
           blas_ok(b, c->desc_set(b->desc, CUBLASLT_DESC_TRANSA, &transposed, sizeof transposed), "a product") &&
           blas_ok(b, c->layout_create(&b->layout[0], type, (uint64_t)k, (uint64_t)n, k), "a product") &&
           blas_ok(b, c->layout_create(&b->layout[1], type, (uint64_t)k, (uint64_t)m, k), "a product") &&
           blas_ok(b, c->layout_create(&b->layout[2], CUDA_R_16BF, (uint64_t)n, (uint64_t)m, n), "a product");
}

static void end_matmul(struct bench *b)
{
    for (int i = 0; i < 3; i++)
        if (b->layout[i])
            b->c->layout_destroy(b->layout[i]);
    if (b->desc)
        b->c->desc_destroy(b->desc);
    b->desc = b->layout[0] = b->layout[1] = b->layout[2] = NULL;
}

/* One product that fails says more by its cuBLAS status than by the driver's name for that number. */
static bool product(struct bench *b, enum probe_gpu_type t, int m, int n, int k)
{
    struct probe_gpu_gemm *row = &b->g->gemm[b->g->ngemm];
    const char *what = t == PROBE_GPU_FP8 ? "an fp8 product" : "a bf16 product";
    *row = (struct probe_gpu_gemm){.type = t, .m = m, .n = n, .k = k};
    bool good = set_up_matmul(b, t, m, n, k) && blas_ok(b, step_matmul(b), what) &&
                repeat(b, what, 2.0 * m * n * k, 1, step_matmul, &row->flop_s);
    b->g->ngemm += good;
    end_matmul(b);
    return good;
}

/* Power while products run: the mean of the second half of four times o->seconds, since the sensor averages (NVML: over a second on some). */
static void power(struct bench *b, void *sensor)
{
    struct cuda *c = b->c;
    double sum = 0, began_s = probe_now_s(), until_s = began_s + fmax(4 * b->o->seconds, 0.02);
    int n = 0;
    bool fp8 = probe_gpu_best_flop_s(b->g, PROBE_GPU_FP8) > 0;
    if (!set_up_matmul(b, fp8 ? PROBE_GPU_FP8 : PROBE_GPU_BF16, 8192, 8192, 8192)) {
        end_matmul(b);
        return;
    }
    while (probe_now_s() < until_s) {
        unsigned mw;
        bool fine = true;
        for (int i = 0; fine && i < 32; i++)
            fine = blas_ok(b, step_matmul(b), "power under load");
        if (!fine || !ok(b, c->event_record(b->end, NULL), "power under load"))
            break;
        while (c->event_query(b->end) == CUDA_NOT_READY && probe_now_s() < until_s + 10)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        if (probe_now_s() - began_s > (until_s - began_s) / 2 && c->nvml_power_mw(sensor, &mw) == 0) {
            sum += mw / 1e3;
            n++;
        }
    }
    b->g->load_w = n ? sum / n : 0;
    end_matmul(b);
    (void)c->synchronize();
}

static void sensors(struct bench *b, bool products)
{
    struct cuda *c = b->c;
    void *sensor;
    unsigned mw;
    if (!c->nvml_lib || !b->g->bus || c->nvml_init() != 0)
        return;
    if (c->nvml_device(b->g->bus, &sensor) == 0) {
        if (c->nvml_limit_mw(sensor, &mw) == 0)
            b->g->limit_w = mw / 1e3;
        if (!products && c->nvml_power_mw(sensor, &mw) == 0)
            b->g->idle_w = mw / 1e3;
        if (products && b->g->ngemm)
            power(b, sensor);
    }
    (void)c->nvml_end();
}

/* Operands of products: constant ones would switch fewer wires, and run faster and cooler than any model. Pairs of bytes are numbers
** of magnitude 2^-7 to 2 in bf16 and, each by itself, below 2 in fp8. */
static void randomise(struct bench *b)
{
    uint64_t s = 88172645463325252u;
    unsigned char *at = b->host;
    for (int64_t i = 0; i + 8 <= b->g->array_bytes; i += 8) {
        s ^= s << 13, s ^= s >> 7, s ^= s << 17; /* xorshift64, Marsaglia 2003 */
        uint64_t v = (s & UINT64_C(0x83bf83bf83bf83bf)) | UINT64_C(0x3c003c003c003c00);
        memcpy(at + i, &v, sizeof v);
    }
    (void)ok(b, b->c->copy_in(b->from, b->host, (size_t)b->g->array_bytes, NULL), "filling memory");
}

static void launches(struct bench *b)
{
    struct cuda *c = b->c;
    void *module = NULL;
    if (ok(b, c->module_load(&module, empty_ptx), "loading a kernel") &&
        ok(b, c->function_get(&b->function, module, "moat_empty"), "loading a kernel"))
        (void)repeat(b, "launching a kernel", 0, LAUNCHES, step_launch, &b->g->launch_s);
    if (module)
        (void)c->module_unload(module);
}

static void to_peer(struct bench *b, int devices)
{
    struct cuda *c = b->c;
    int reach = 0, index = devices > 1 ? (b->g->index + 1) % devices : -1, next;
    if (index < 0 || c->device_get(&next, index) != CUDA_OK || c->can_access_peer(&reach, b->device, next) != CUDA_OK || !reach)
        return;
    if (!ok(b, c->context_retain(&b->peer_context, next), "the neighbour"))
        return;
    bool there = ok(b, c->context_use(b->peer_context), "the neighbour") &&
                 ok(b, c->memory_alloc(&b->peer_to, (size_t)b->g->array_bytes), "the neighbour");
    bool back = ok(b, c->context_use(b->context), "the neighbour");
    (void)c->enable_peer(b->peer_context, 0); /* without it the copy goes through the host, and is measured so */
    if (there && back && repeat(b, "a copy to the neighbour", (double)b->g->array_bytes, 1, step_peer, &b->g->peer_bytes_s))
        b->g->peer = index;
    if (there && c->context_use(b->peer_context) == CUDA_OK)
        (void)c->memory_free(b->peer_to);
    (void)c->context_use(b->context);
    (void)c->context_release(next);
}

static void products(struct bench *b)
{
    bool brief = b->o->seconds < 0.05;
    if (!b->c->blas_lib || !blas_ok(b, b->c->blas_create(&b->blas), "cublasLtCreate"))
        return;
    for (int t = 0; t < PROBE_GPU_TYPE_N; t++) {
        bool fp8_can = b->g->major > 8 || (b->g->major == 8 && b->g->minor >= 9); /* Ada and later */
        for (size_t i = 0; (t != PROBE_GPU_FP8 || fp8_can) && i < (brief ? 1 : sizeof shape / sizeof *shape); i++)
            if (!product(b, (enum probe_gpu_type)t, shape[i].m, shape[i].n, shape[i].k))
                break;
    }
    sensors(b, true);
    (void)b->c->blas_destroy(b->blas);
}

static void describe(struct arena *a, struct bench *b)
{
    struct cuda *c = b->c;
    struct probe_gpu *g = b->g;
    char text[256] = "";
    size_t bytes = 0;
    int v;
    if (c->device_name(text, sizeof text - 1, b->device) == CUDA_OK)
        g->name = arena_strdup(a, text);
    if (c->device_bus(text, sizeof text - 1, b->device) == CUDA_OK)
        g->bus = arena_strdup(a, text);
    if (c->device_memory(&bytes, b->device) == CUDA_OK)
        g->mem_bytes = (double)bytes;
    g->sms = c->device_attribute(&v, CU_SM_COUNT, b->device) == CUDA_OK ? v : 0;
    g->l2_bytes = c->device_attribute(&v, CU_L2_BYTES, b->device) == CUDA_OK ? v : 0;
    g->major = c->device_attribute(&v, CU_CC_MAJOR, b->device) == CUDA_OK ? v : 0;
    g->minor = c->device_attribute(&v, CU_CC_MINOR, b->device) == CUDA_OK ? v : 0;
    (void)c->driver_version(&g->driver_version);
}

/* Arrays hold the largest product (8192 x 8192 of bf16, 128 MiB) and are far larger than any L2. */
static bool arrays(struct bench *b)
{
    struct cuda *c = b->c;
    double least = 8192.0 * 8192 * 2, want = b->o->bytes ? (double)b->o->bytes : 512e6;
    b->g->array_bytes = (int64_t)fmax(least, fmin(want, b->g->mem_bytes / 8));
    size_t n = (size_t)b->g->array_bytes;
    return ok(b, c->memory_alloc(&b->from, n), "memory") && ok(b, c->memory_alloc(&b->to, n), "memory") &&
           ok(b, c->memory_alloc(&b->room, WORKSPACE), "memory") && ok(b, c->memory_set(b->from, 0x38, n), "memory") &&
           ok(b, c->event_create(&b->begin, 0), "an event") && ok(b, c->event_create(&b->end, 0), "an event");
}

static void release(struct bench *b)
{
    struct cuda *c = b->c;
    uint64_t memory[] = {b->from, b->to, b->room};
    for (size_t i = 0; i < 3; i++)
        if (memory[i])
            (void)c->memory_free(memory[i]);
    if (b->begin)
        (void)c->event_destroy(b->begin);
    if (b->end)
        (void)c->event_destroy(b->end);
    if (b->host)
        (void)c->host_free(b->host);
    (void)c->context_release(b->device);
}

/* false: the device cannot be used at all. */
static bool measure(struct arena *a, struct bench *b, int devices)
{
    struct cuda *c = b->c;
    struct probe_gpu *g = b->g;
    describe(a, b);
    if (!ok(b, c->context_retain(&b->context, b->device), "opening the device"))
        return false;
    bool ready = ok(b, c->context_use(b->context), "opening the device") && arrays(b);
    if (ready) {
        double n = (double)g->array_bytes;
        sensors(b, false);
        (void)repeat(b, "a copy", 2 * n, 1, step_copy, &g->copy_bytes_s);
        if (ok(b, c->host_alloc(&b->host, (size_t)g->array_bytes), "pinned memory")) {
            randomise(b);
            (void)repeat(b, "a copy from the host", n, 1, step_in, &g->to_device_bytes_s);
            (void)repeat(b, "a copy to the host", n, 1, step_out, &g->to_host_bytes_s);
        }
        launches(b);
        to_peer(b, devices);
        products(b);
    }
    release(b);
    return ready && g->copy_bytes_s.best > 0;
}

bool probe_gpus_run(struct arena *a, const struct probe_options *o, struct probe_gpu *out, size_t *n, struct notes *notes)
{
    struct cuda c;
    char why[300], missing[300];
    int devices = 0, code;
    *n = 0;
    if (!cuda_open(&c, why, missing, sizeof why)) {
        note_add(notes, "no NVIDIA driver here (%s): the CPU is probed", why);
        return false;
    }
    if ((code = c.init(0)) != CUDA_OK || (code = c.device_count(&devices)) != CUDA_OK || devices < 1) {
        if (code == CUDA_OK || code == CUDA_NO_DEVICE)
            note_add(notes, "the NVIDIA driver has no device: the CPU is probed");
        else
            note_add(notes, "the NVIDIA driver does not start (error %d): the CPU is probed", code);
        cuda_close(&c);
        return false;
    }
    if (*missing)
        note_add(notes, "%s: %s", missing, c.blas_lib ? "power is not measured" : "products are not measured");
    for (int i = 0; i < devices && *n < PROBE_GPUS; i++) {
        struct probe_gpu *g = &out[*n];
        *g = (struct probe_gpu){.index = i, .peer = -1};
        struct bench b = {.c = &c, .o = o, .notes = notes, .g = g};
        if (c.device_get(&b.device, i) == CUDA_OK && measure(a, &b, devices))
            ++*n;
    }
    if (!*n)
        note_add(notes, "no NVIDIA device could be measured: the CPU is probed");
    cuda_close(&c);
    return *n > 0;
}

double probe_gpu_best_flop_s(const struct probe_gpu *g, enum probe_gpu_type t)
{
    double best = 0;
    for (size_t i = 0; i < g->ngemm; i++)
        if (g->gemm[i].type == t)
            best = fmax(best, g->gemm[i].flop_s.best);
    return best;
}

/* Compute capability to the family whose fitted constants serve (CUDA C++ Programming Guide, "Compute Capabilities"). */
static const char *family_of(int major, int minor)
{
    static const struct { int cc; const char *family; } row[] = {
        {70, "volta"}, {75, "turing"}, {80, "ampere"}, {86, "ampere-consumer"}, {89, "ada"}, {90, "hopper"}, {100, "blackwell"},
        {103, "blackwell-ultra"}, {120, "blackwell-consumer"}};
    const char *found = "unknown";
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (row[i].cc <= 10 * major + minor)
            found = row[i].family;
    return found;
}

static const char *const figure_names[] = {"mem", "mem_bw", "bf16", "fp16", "fp8", "cores", "sram", "pcie", "tdp"};

void probe_gpu_accelerator(struct arena *a, const struct probe_gpu *g, const char *id, const char *date, struct accelerator *out)
{
    double bf16 = probe_gpu_best_flop_s(g, PROBE_GPU_BF16);
    const char *name = g->name ? g->name : "NVIDIA device", *family = family_of(g->major, g->minor);
    *out = (struct accelerator){
        .id = id, .name = name, .vendor = "NVIDIA", .cls = "big", .arch = arena_printf(a, "sm_%d%d", g->major, g->minor), .family = family,
        .form = "unknown", .software = "CUDA", .mem_bytes = g->mem_bytes, .mem_usable_bytes = g->mem_bytes,
        .mem_usable_source = "cuDeviceTotalMem", .mem_bw_bytes_s = g->copy_bytes_s.best, .sram_bytes = g->l2_bytes, .cores = g->sms,
        .scaleup = {.topology = TOPO_NONE, .domain = 1}, .pcie_bytes_s = fmax(g->to_device_bytes_s.best, 0), .node_cards = 1, .host_cards = 8,
        .tdp_w = g->limit_w, .idle_w = g->idle_w, .mig_slices = 1, .available = true, .date = date,
    };
    out->peak_flop_s[ARITH_BF16] = out->peak_flop_s[ARITH_FP16] = bf16;
    out->peak_flop_s[ARITH_FP8] = probe_gpu_best_flop_s(g, PROBE_GPU_FP8);
    size_t n = sizeof figure_names / sizeof *figure_names;
    out->figure = ARENA_ARRAY(a, struct figure, n);
    out->nfigure = n;
    for (size_t i = 0; i < n; i++)
        out->figure[i] = (struct figure){figure_names[i], FIGURE_ONE_SOURCE};
    out->source = ARENA_ARRAY(a, const char *, 1);
    out->nsource = 1;
    out->source[0] = arena_printf(a, "measured by moat probe on %s: %s, driver %d.%d", date, name, g->driver_version / 1000,
                                  g->driver_version % 1000 / 10);
    out->notes = arena_printf(a, "Rates and bandwidth are what was reached, not peaks: predictions that rest on them err on the slow side. A kernel "
                                 "launch takes %.1f us.%s", g->launch_s.best * 1e6,
                              g->peer < 0 ? "" : arena_printf(a, " To the next device %.0f GB/s.", g->peer_bytes_s.best / 1e9));
}
