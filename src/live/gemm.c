/* gemm.c - matrix products that show what the vector units reach, where no library is at hand.
**
** Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008: K in blocks, A packed in panels of
** MR rows, B in panels of NR columns; the micro-kernel keeps an MR x NR tile of C in registers and does one rank-1 update a step.
**
**      packed A of a block   [panel][step][MR]          packed B   [block][panel][step][NR]
**
** A unit is what one lane multiplies in a step: one float or double, two bf16 or four int8 along K (dpbf16, dpbusd).
*/
#include <stdint.h>
#include <string.h>

#include "live/probe.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { KC = 512, MC = 96, NR_MAX = 64, MR_MAX = 12 };

size_t gemm_packed_bytes(int n, int k)
{
    size_t columns = ((size_t)n + NR_MAX - 1) / NR_MAX * NR_MAX, steps = ((size_t)k + KC - 1) / KC * KC;
    return columns * steps * sizeof(double);
}

size_t gemm_room_bytes(void)
{
    return (size_t)(MC + MR_MAX) * KC * sizeof(double) + 64;
}

/* A of rows i.. and B of columns j.., steps of `group` elements of `size` bytes; what lies outside is zero. Units are 4 or 8 bytes. */
static void pack_rows(unsigned char *to, int rows, const unsigned char *A, int lda, int m, int k, int group, int size, int steps)
{
    int unit = group * size;
    for (int s = 0; s < steps; s++)
        for (int i = 0; i < rows; i++, to += unit) {
            const unsigned char *from = A + ((size_t)i * (size_t)lda + (size_t)(s * group)) * (size_t)size;
            bool whole = i < m && (s + 1) * group <= k;
            if (whole && unit == 4)
                memcpy(to, from, 4);
            else if (whole)
                memcpy(to, from, 8);
            else
                memset(to, 0, (size_t)unit);
            if (i < m && !whole)
                memcpy(to, from, (size_t)((k - s * group) * size));
        }
}

static void pack_columns(unsigned char *to, int columns, const unsigned char *B, int ldb, int n, int k, int group, int size, int steps)
{
    for (int s = 0; s < steps; s++)
        for (int j = 0; j < columns; j++)
            for (int g = 0; g < group; g++, to += size) {
                int at = s * group + g;
                memset(to, 0, (size_t)size);
                if (j < n && at < k)
                    memcpy(to, B + ((size_t)at * (size_t)ldb + (size_t)j) * (size_t)size, (size_t)size);
            }
}

static void pack_all(int n, int k, const void *B, void *packed, int nr, int group, int size)
{
    unsigned char *to = packed;
    for (int k0 = 0; k0 < k; k0 += KC) {
        int kc = k - k0 < KC ? k - k0 : KC, steps = (kc + group - 1) / group;
        for (int j = 0; j < n; j += nr, to += (size_t)(steps * nr * group * size))
            pack_columns(to, nr, (const unsigned char *)B + ((size_t)k0 * (size_t)n + (size_t)j) * (size_t)size, n, n - j, kc, group, size, steps);
    }
}

/* The loops around a micro-kernel: OUT of C, UNIT of a lane, STEP(accumulator, unit of A, vector of B). */
#define GEMM(NAME, ATTR, VEC, BVEC, OUT, UNIT, LANES, MR, NV, GROUP, SIZE, STEP)                                                             \
    ATTR static void NAME##_micro(int steps, const UNIT *a, const UNIT *b, OUT *tile)                                                        \
    {                                                                                                                                        \
        VEC acc[MR][NV];                                                                                                                     \
        memset(acc, 0, sizeof acc);                                                                                                          \
        for (int s = 0; s < steps; s++, a += MR, b += LANES * NV) {                                                                          \
            BVEC bv[NV];                                                                                                                     \
            memcpy(bv, b, sizeof bv);                                                                                                        \
            _Pragma("GCC unroll 16") for (int i = 0; i < MR; i++)                                                                            \
                _Pragma("GCC unroll 4") for (int v = 0; v < NV; v++) acc[i][v] = STEP(acc[i][v], a[i], bv[v]);                               \
        }                                                                                                                                    \
        memcpy(tile, acc, sizeof acc);                                                                                                       \
    }                                                                                                                                        \
    static void NAME##_pack(int n, int k, const void *B, void *packed)                                                                       \
    {                                                                                                                                        \
        pack_all(n, k, B, packed, LANES * NV, GROUP, SIZE);                                                                                  \
    }                                                                                                                                        \
    static void NAME##_run(int m, int n, int k, const void *A, const void *packed, void *C, void *room)                                      \
    {                                                                                                                                        \
        enum { NR = LANES * NV };                                                                                                            \
        const UNIT *block = packed;                                                                                                          \
        for (int k0 = 0; k0 < k; k0 += KC) {                                                                                                 \
            int kc = k - k0 < KC ? k - k0 : KC, steps = (kc + GROUP - 1) / GROUP, panels = (n + NR - 1) / NR;                                \
            for (int i0 = 0; i0 < m; i0 += MC) {                                                                                             \
                int mc = m - i0 < MC ? m - i0 : MC;                                                                                          \
                for (int i = 0; i < mc; i += MR)                                                                                             \
                    pack_rows((unsigned char *)((UNIT *)room + (size_t)i * (size_t)steps), MR,                                               \
                              (const unsigned char *)A + ((size_t)(i0 + i) * (size_t)k + (size_t)k0) * SIZE, k, mc - i, kc, GROUP, SIZE,     \
                              steps);                                                                                                        \
                for (int j = 0; j < panels; j++)                                                                                             \
                    for (int i = 0; i < mc; i += MR) {                                                                                       \
                        OUT tile[MR * NR] __attribute__((aligned(64)));                                                                      \
                        NAME##_micro(steps, (const UNIT *)room + (size_t)i * (size_t)steps, block + (size_t)j * (size_t)steps * NR, tile);   \
                        int rows = mc - i < MR ? mc - i : MR, columns = n - j * NR < NR ? n - j * NR : NR;                                   \
                        for (int r = 0; r < rows; r++) {                                                                                     \
                            OUT *c = (OUT *)C + (size_t)(i0 + i + r) * (size_t)n + (size_t)(j * NR);                                         \
                            for (int q = 0; q < columns; q++)                                                                                \
                                c[q] += tile[r * NR + q];                                                                                    \
                        }                                                                                                                    \
                    }                                                                                                                        \
            }                                                                                                                                \
            block += (size_t)panels * (size_t)steps * NR;                                                                                    \
        }                                                                                                                                    \
    }

#define FMA(acc, a, b) ((acc) + (a) * (b))

typedef float v4f __attribute__((vector_size(16)));
typedef double v2d __attribute__((vector_size(16)));

static bool always(void)
{
    return true;
}

GEMM(portable_f32, , v4f, v4f, float, float, 4, 4, 2, 1, 4, FMA)
GEMM(portable_f64, , v2d, v2d, double, double, 2, 4, 2, 1, 8, FMA)

#if defined(__x86_64__)
typedef float v8f __attribute__((vector_size(32)));
typedef double v4d __attribute__((vector_size(32)));
typedef float v16f __attribute__((vector_size(64)));
typedef double v8d __attribute__((vector_size(64)));

#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,prefer-vector-width=512")))
#define BF16 __attribute__((target("avx512f,avx512bf16,prefer-vector-width=512")))
#define VNNI __attribute__((target("avx512f,avx512vnni,prefer-vector-width=512")))

GEMM(avx2_f32, AVX2, v8f, v8f, float, float, 8, 6, 2, 1, 4, FMA)
GEMM(avx2_f64, AVX2, v4d, v4d, double, double, 4, 6, 2, 1, 8, FMA)
GEMM(avx512_f32, AVX512, v16f, v16f, float, float, 16, 12, 2, 1, 4, FMA)
GEMM(avx512_f64, AVX512, v8d, v8d, double, double, 8, 12, 2, 1, 8, FMA)

#define DPBF16(acc, a, b) _mm512_dpbf16_ps(acc, (__m512bh)_mm512_set1_epi32(a), (__m512bh)(b))
#define DPBUSD(acc, a, b) _mm512_dpbusd_epi32(acc, _mm512_set1_epi32(a), b)
GEMM(avx512_bf16, BF16, __m512, __m512i, float, int32_t, 16, 12, 2, 2, 2, DPBF16)
GEMM(avx512_vnni, VNNI, __m512i, __m512i, int32_t, int32_t, 16, 12, 2, 4, 1, DPBUSD)

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f");
}

static bool has_bf16(void)
{
    return has_avx512() && __builtin_cpu_supports("avx512bf16");
}

static bool has_vnni(void)
{
    return has_avx512() && __builtin_cpu_supports("avx512vnni");
}
#endif

#define ROW(NAME, LABEL, TYPE, IN, OUT, CAN) {LABEL, TYPE, sizeof(IN), sizeof(OUT), CAN, NAME##_pack, NAME##_run}

const struct gemm_kernel gemm_kernels[] = {
    ROW(portable_f32, "portable", PROBE_FP32, float, float, always),
    ROW(portable_f64, "portable", PROBE_FP64, double, double, always),
#if defined(__x86_64__)
    ROW(avx2_f32, "avx2", PROBE_FP32, float, float, has_avx2),
    ROW(avx2_f64, "avx2", PROBE_FP64, double, double, has_avx2),
    ROW(avx512_f32, "avx512f", PROBE_FP32, float, float, has_avx512),
    ROW(avx512_f64, "avx512f", PROBE_FP64, double, double, has_avx512),
    ROW(avx512_bf16, "avx512_bf16", PROBE_BF16, uint16_t, float, has_bf16),
    ROW(avx512_vnni, "avx512_vnni", PROBE_INT8, uint8_t, int32_t, has_vnni),
#endif
};
const size_t gemm_kernel_count = sizeof gemm_kernels / sizeof *gemm_kernels;
