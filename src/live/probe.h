/* probe.h - what this machine reaches: memory bandwidth, matrix products, waking a thread.
**
**      bandwidth = bytes that the kernel reads and writes / time        (STREAM's counting: a write is not counted twice)
**      rate      = 2 m n k / time of C += A B
**
** Each figure is the best of its repetitions, as McCalpin's STREAM has it: what the machine can do, not what it does on average; the
** median stands beside it, so that noise shows. Threads are pinned, start together, and first touch their own memory.
** Source: McCalpin, "Memory bandwidth and machine balance in current high performance computers", 1995; for matrix products Goto and
** van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008.
*/
#ifndef MOAT_LIVE_PROBE_H
#define MOAT_LIVE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct accelerator;
struct arena;
struct err;
struct notes;

struct probe_options {
    int threads;                /* at least 1 */
    double seconds;             /* about so long for each figure */
    int64_t bytes;              /* of each array of the bandwidth test; 0: four times the last-level cache, within memory */
    bool library;               /* may load OpenBLAS */
};

/* The host, from /proc and /sys. Not known: 0 or NULL. */
struct probe_host {
    const char *cpu, *vendor, *arch;    /* "Intel(R) Xeon(R) Processor", "Intel", "x86_64" */
    const char *flags;          /* the vector extensions that matter: "avx2 avx512f avx512_bf16" */
    const char *kernel;         /* "Linux 6.1.0" */
    int cores;                  /* that this process may use */
    double mem_bytes, llc_bytes;
    bool virtual_machine;
};

enum probe_memory { PROBE_READ, PROBE_COPY, PROBE_TRIAD, PROBE_MEMORY_N };
extern const char *const probe_memory_name[PROBE_MEMORY_N];     /* "read", ... */

struct probe_span { double best, median; int runs; };   /* best 0: not measured */

enum probe_type { PROBE_FP32, PROBE_FP64, PROBE_BF16, PROBE_INT8, PROBE_TYPE_N };
extern const char *const probe_type_name[PROBE_TYPE_N];

struct probe_gemm {
    enum probe_type type;
    const char *kernel;         /* "OpenBLAS", "avx512f", "portable" */
    int m, n, k;
    struct probe_span flop_s;   /* all threads, each a product of its own */
};

#define PROBE_GEMMS 32
struct probe {
    bool cpu;                   /* was it measured? */
    struct probe_gpu *gpu; size_t ngpu;         /* probe_gpu.h */
    struct probe_host host;
    int threads;
    const char *date;           /* today */
    int64_t array_bytes;
    struct probe_span memory_bytes_s[PROBE_MEMORY_N];
    struct probe_span memory_one_bytes_s;       /* read by one thread */
    struct probe_gemm gemm[PROBE_GEMMS]; size_t ngemm;
    struct probe_span wake_s;   /* from a signal until the other thread runs */
    const char *library;        /* what OpenBLAS says it is; NULL: not loaded */
};

enum probe_device { PROBE_CPU = 1, PROBE_NVIDIA = 2 };         /* or both */

/* Measures; takes some ten times options.seconds, and as much for each device. devices: PROBE_CPU | PROBE_NVIDIA; without an NVIDIA
** device a note says so and the CPU is measured. false: no memory for the arrays. */
bool probe_run(struct arena *a, struct probe_options o, unsigned devices, struct probe *out, struct notes *notes, struct err *e);

/* The machine as a chip: what was reached stands for what a spec sheet would say. id: of the entry. */
void probe_accelerator(struct arena *a, const struct probe *p, const char *id, struct accelerator *out);

/* The best rate of a type over all its rows; 0: none. */
double probe_best_flop_s(const struct probe *p, enum probe_type t);

/* probe_host.c */
void probe_host_read(struct arena *a, struct probe_host *out);

/* probe_memory.c: array_bytes of each of the three arrays, over all threads. */
bool probe_memory_run(const struct probe_options *o, int64_t array_bytes, struct probe *out, struct err *e);

/* gemm.c: C += A B, row-major, m x n x k, any sizes; one thread. B is packed once, as engines do with weights; packing A counts. */
struct gemm_kernel {            /* a row: a type on an instruction set */
    const char *name;
    enum probe_type type;
    size_t elem, out;           /* bytes of an element of A and B, and of C */
    /* float and double: as they are; bf16: uint16_t in, float out; int8: unsigned A, signed B, int32_t out. */
    bool (*can)(void);          /* does this processor have it? */
    void (*pack)(int n, int k, const void *B, void *packed);
    void (*run)(int m, int n, int k, const void *A, const void *packed, void *C, void *room);
};
extern const struct gemm_kernel gemm_kernels[];
extern const size_t gemm_kernel_count;
size_t gemm_packed_bytes(int n, int k);         /* enough for any row */
size_t gemm_room_bytes(void);

/* probe_gemm.c */
bool probe_gemm_run(struct arena *a, const struct probe_options *o, struct probe *out, struct notes *notes, struct err *e);

/* probe_wake.c */
bool probe_wake_run(const struct probe_options *o, struct probe *out, struct err *e);

/* probe_team.c: a team of pinned threads that do the same at the same time.
** Repeats job(ctx, thread) until `seconds` are over, at least 3 times; `work` is what one round does. rate = work / time of the slowest. */
bool probe_team(int threads, double seconds, double work, void (*job)(void *ctx, int thread), void *ctx, struct probe_span *rate,
                struct err *e);
double probe_now_s(void);

#endif
