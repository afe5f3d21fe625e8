/* Every kernel that this processor has, against three loops, on sizes that fit no block. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "live/probe.h"

static float of_bf16(uint16_t b)
{
    uint32_t bits = (uint32_t)b << 16;
    float v;
    memcpy(&v, &bits, 4);
    return v;
}

static void draw(struct rng *r, unsigned char *to, size_t n, enum probe_type type, bool is_signed)
{
    for (size_t i = 0; i < n; i++) {
        float v = (float)((int)rng_below(r, 17) - 8) / 4; /* exact in bf16, and so are the sums in float */
        uint32_t bits;
        memcpy(&bits, &v, 4);
        if (type == PROBE_FP32)
            memcpy(to + 4 * i, &v, 4);
        else if (type == PROBE_FP64)
            memcpy(to + 8 * i, &(double){v}, 8);
        else if (type == PROBE_BF16)
            memcpy(to + 2 * i, &(uint16_t){(uint16_t)(bits >> 16)}, 2);
        else
            to[i] = is_signed ? (unsigned char)((int)rng_below(r, 255) - 127) : (unsigned char)rng_below(r, 256);
    }
}

static double at(const unsigned char *m, size_t i, enum probe_type type, bool is_signed)
{
    float f;
    double d;
    uint16_t b;
    switch (type) {
    case PROBE_FP32: memcpy(&f, m + 4 * i, 4); return (double)f;
    case PROBE_FP64: memcpy(&d, m + 8 * i, 8); return d;
    case PROBE_BF16: memcpy(&b, m + 2 * i, 2); return (double)of_bf16(b);
    default: return is_signed ? (double)(signed char)m[i] : (double)m[i];
    }
}

static void one(const struct gemm_kernel *g, struct rng *r, int m, int n, int k)
{
    unsigned char *A = calloc((size_t)(m * k), g->elem), *B = calloc((size_t)(n * k), g->elem);
    unsigned char *C = calloc((size_t)(m * n), g->out), *packed = calloc(1, gemm_packed_bytes(n, k)), *room = calloc(1, gemm_room_bytes());
    draw(r, A, (size_t)(m * k), g->type, false);
    draw(r, B, (size_t)(n * k), g->type, true);
    g->pack(n, k, B, packed);
    g->run(m, n, k, A, packed, C, room);
    g->run(m, n, k, A, packed, C, room); /* it adds */
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            double want = 0, got;
            for (int l = 0; l < k; l++)
                want += 2 * at(A, (size_t)(i * k + l), g->type, false) * at(B, (size_t)(l * n + j), g->type, true);
            int32_t whole;
            if (g->type == PROBE_INT8)
                memcpy(&whole, C + 4 * (size_t)(i * n + j), 4), got = whole;
            else
                got = at(C, (size_t)(i * n + j), g->out == 8 ? PROBE_FP64 : PROBE_FP32, false);
            if (fabs(got - want) > 1e-4 * (1 + fabs(want)))
                fail_msg("%s %s %d x %d x %d at %d, %d: %g, not %g", g->name, probe_type_name[g->type], m, n, k, i, j, got, want);
        }
    free(A), free(B), free(C), free(packed), free(room);
}

static void kernels_multiply(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, 7, 1);
    int ran = 0;
    for (size_t i = 0; i < gemm_kernel_count; i++) {
        if (!gemm_kernels[i].can())
            continue;
        ran++;
        one(&gemm_kernels[i], &r, 1, 1, 1);
        one(&gemm_kernels[i], &r, 12, 32, 512);
        one(&gemm_kernels[i], &r, 97, 33, 513);
        one(&gemm_kernels[i], &r, 109, 65, 1027);
        for (int t = 0; t < 6; t++)
            one(&gemm_kernels[i], &r, 1 + (int)rng_below(&r, 120), 1 + (int)rng_below(&r, 100), 1 + (int)rng_below(&r, 600));
    }
    assert_true(ran >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_multiply)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
