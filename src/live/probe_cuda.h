/* probe_cuda.h - the functions of NVIDIA's driver, cuBLASLt and NVML that the probe uses, found at run time.
**
** No header of CUDA is needed to build. Signatures and numbers, as documented by NVIDIA (2026-01): CUDA Driver API reference
** (docs.nvidia.com/cuda/cuda-driver-api), cuBLAS reference, "Using the cuBLASLt API" (docs.nvidia.com/cuda/cublas), NVML API reference
** (docs.nvidia.com/deploy/nvml-api). Handles are pointers, a device is an int, memory of a device is a 64-bit address.
*/
#ifndef MOAT_LIVE_PROBE_CUDA_H
#define MOAT_LIVE_PROBE_CUDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CUDA_OK = 0, CUDA_NO_DEVICE = 100, CUDA_NOT_READY = 600 };
enum { CU_SM_COUNT = 16, CU_L2_BYTES = 38, CU_CC_MAJOR = 75, CU_CC_MINOR = 76 };      /* CUdevice_attribute */
enum { CUDA_R_32F = 0, CUDA_R_16BF = 14, CUDA_R_8F_E4M3 = 28 };         /* cudaDataType */
enum { CUBLAS_COMPUTE_32F = 68, CUBLASLT_DESC_TRANSA = 3, CUBLAS_OP_T = 1 };

/* type, name of the member, name in the library (versioned ones are what the headers map the plain name to) */
#define CUDA_DRIVER(X)                                                                                                   \
    X(int, init, "cuInit", (unsigned))                                                                                   \
    X(int, driver_version, "cuDriverGetVersion", (int *))                                                                \
    X(int, device_count, "cuDeviceGetCount", (int *))                                                                    \
    X(int, device_get, "cuDeviceGet", (int *, int))                                                                      \
    X(int, device_name, "cuDeviceGetName", (char *, int, int))                                                           \
    X(int, device_bus, "cuDeviceGetPCIBusId", (char *, int, int))                                                        \
    X(int, device_memory, "cuDeviceTotalMem_v2", (size_t *, int))                                                        \
    X(int, device_attribute, "cuDeviceGetAttribute", (int *, int, int))                                                  \
    X(int, can_access_peer, "cuDeviceCanAccessPeer", (int *, int, int))                                                  \
    X(int, context_retain, "cuDevicePrimaryCtxRetain", (void **, int))                                                   \
    X(int, context_release, "cuDevicePrimaryCtxRelease_v2", (int))                                                       \
    X(int, context_use, "cuCtxSetCurrent", (void *))                                                                     \
    X(int, synchronize, "cuCtxSynchronize", (void))                                                                      \
    X(int, enable_peer, "cuCtxEnablePeerAccess", (void *, unsigned))                                                     \
    X(int, memory_alloc, "cuMemAlloc_v2", (uint64_t *, size_t))                                                          \
    X(int, memory_free, "cuMemFree_v2", (uint64_t))                                                                      \
    X(int, memory_set, "cuMemsetD8_v2", (uint64_t, unsigned char, size_t))                                               \
    X(int, host_alloc, "cuMemAllocHost_v2", (void **, size_t))                                                           \
    X(int, host_free, "cuMemFreeHost", (void *))                                                                         \
    X(int, copy, "cuMemcpyDtoDAsync_v2", (uint64_t, uint64_t, size_t, void *))                                           \
    X(int, copy_in, "cuMemcpyHtoDAsync_v2", (uint64_t, const void *, size_t, void *))                                    \
    X(int, copy_out, "cuMemcpyDtoHAsync_v2", (void *, uint64_t, size_t, void *))                                         \
    X(int, copy_peer, "cuMemcpyPeerAsync", (uint64_t, void *, uint64_t, void *, size_t, void *))                         \
    X(int, module_load, "cuModuleLoadData", (void **, const void *))                                                     \
    X(int, module_unload, "cuModuleUnload", (void *))                                                                    \
    X(int, function_get, "cuModuleGetFunction", (void **, void *, const char *))                                         \
    X(int, launch, "cuLaunchKernel",                                                                                     \
      (void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **))          \
    X(int, event_create, "cuEventCreate", (void **, unsigned))                                                           \
    X(int, event_record, "cuEventRecord", (void *, void *))                                                              \
    X(int, event_query, "cuEventQuery", (void *))                                                                        \
    X(int, event_wait, "cuEventSynchronize", (void *))                                                                   \
    X(int, event_ms, "cuEventElapsedTime", (float *, void *, void *))                                                    \
    X(int, event_destroy, "cuEventDestroy_v2", (void *))                                                                 \
    X(int, error_name, "cuGetErrorName", (int, const char **))

#define CUDA_BLAS(X)                                                                                                     \
    X(int, blas_create, "cublasLtCreate", (void **))                                                                     \
    X(int, blas_destroy, "cublasLtDestroy", (void *))                                                                    \
    X(size_t, blas_version, "cublasLtGetVersion", (void))                                                                \
    X(int, desc_create, "cublasLtMatmulDescCreate", (void **, int, int))                                                 \
    X(int, desc_destroy, "cublasLtMatmulDescDestroy", (void *))                                                          \
    X(int, desc_set, "cublasLtMatmulDescSetAttribute", (void *, int, const void *, size_t))                              \
    X(int, layout_create, "cublasLtMatrixLayoutCreate", (void **, int, uint64_t, uint64_t, int64_t))                     \
    X(int, layout_destroy, "cublasLtMatrixLayoutDestroy", (void *))                                                      \
    X(int, matmul, "cublasLtMatmul",                                                                                     \
      (void *, void *, const void *, const void *, void *, const void *, void *, const void *, const void *, void *, void *, void *, \
       const void *, void *, size_t, void *))

#define CUDA_NVML(X)                                                                                                     \
    X(int, nvml_init, "nvmlInit_v2", (void))                                                                             \
    X(int, nvml_end, "nvmlShutdown", (void))                                                                             \
    X(int, nvml_device, "nvmlDeviceGetHandleByPciBusId_v2", (const char *, void **))                                     \
    X(int, nvml_power_mw, "nvmlDeviceGetPowerUsage", (void *, unsigned *))                                               \
    X(int, nvml_limit_mw, "nvmlDeviceGetEnforcedPowerLimit", (void *, unsigned *))

struct cuda {
    void *lib, *blas_lib, *nvml_lib;    /* NULL: not there; lib is there whenever cuda_open succeeded */
#define CUDA_MEMBER(type, name, symbol, arguments) type (*name) arguments;
    CUDA_DRIVER(CUDA_MEMBER)
    CUDA_BLAS(CUDA_MEMBER)
    CUDA_NVML(CUDA_MEMBER)
#undef CUDA_MEMBER
};

/* false: there is no NVIDIA driver, or it lacks a function; why (n bytes) says so in a few words. cuBLASLt and NVML may be absent: blas_lib
** or nvml_lib is NULL and missing (n bytes) names them. */
bool cuda_open(struct cuda *c, char *why, char *missing, size_t n);
void cuda_close(struct cuda *c);

#endif
