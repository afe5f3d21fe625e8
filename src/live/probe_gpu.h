/* probe_gpu.h - what an NVIDIA device reaches: copies, matrix products, launches, links, power.
**
**      copy      2 n / time of a copy of n bytes within the device (each byte is read and written, as STREAM counts)
**      product   2 m n k / time of cublasLtMatmul, bf16 and fp8 (E4M3 in, bf16 out), fp32 sums; heuristic's first algorithm
**      launch    time of an empty kernel, one after the other
**      links     n / time of a copy from pinned host memory, to it, and to another device
**
** Device times come from the driver's events. The best of the repetitions counts, the median stands beside it (probe.h).
*/
#ifndef MOAT_LIVE_PROBE_GPU_H
#define MOAT_LIVE_PROBE_GPU_H

#include "live/probe.h"

enum probe_gpu_type { PROBE_GPU_BF16, PROBE_GPU_FP8, PROBE_GPU_TYPE_N };
extern const char *const probe_gpu_type_name[PROBE_GPU_TYPE_N];

struct probe_gpu_gemm {
    enum probe_gpu_type type;
    int m, n, k;                /* tokens, outputs, inputs */
    struct probe_span flop_s;
};

#define PROBE_GPU_GEMMS 8
#define PROBE_GPUS 16
struct probe_gpu {
    int index;                  /* as the driver counts */
    const char *name, *bus;     /* "NVIDIA H100 80GB HBM3", "0000:1b:00.0" */
    int driver_version, major, minor;   /* 12040; compute capability */
    int sms;
    double mem_bytes, l2_bytes;
    int64_t array_bytes;
    struct probe_span copy_bytes_s, to_device_bytes_s, to_host_bytes_s, launch_s;
    struct probe_span peer_bytes_s; int peer;   /* to the next device; peer -1: none, or not reachable */
    struct probe_gpu_gemm gemm[PROBE_GPU_GEMMS]; size_t ngemm;
    double idle_w, load_w, limit_w;     /* 0: not measured */
};

/* All devices, at most PROBE_GPUS. false only when nothing can be measured: then note says why, and *n is 0. */
bool probe_gpus_run(struct arena *a, const struct probe_options *o, struct probe_gpu *out, size_t *n, struct notes *notes);
void probe_gpu_accelerator(struct arena *a, const struct probe_gpu *g, const char *id, const char *date, struct accelerator *out);
double probe_gpu_best_flop_s(const struct probe_gpu *g, enum probe_gpu_type t);

#endif
