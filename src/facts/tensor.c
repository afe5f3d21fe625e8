/* tensor.c - number types of checkpoints, the table of tensors, and bounded reads of a header.
**
**      bytes = params / block * bytes_of_block
**
** ggml types: codes from ggml's docs/gguf.md (enum ggml_type), sizes of blocks from ggml/src/ggml-common.h (the
** static_asserts of block_q4_0 to block_mxfp4; 256 weights a super-block), both ggml-org/ggml, 2026-01. safetensors
** dtypes: huggingface/safetensors, README "Format" and safetensors/src/tensor.rs (enum Dtype).
*/
#include "facts/tensor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"

static const struct number_type types[] = {
    {"F32", 0, 1, 4, PREC_FP32},           {"F16", 1, 1, 2, PREC_FP16},          {"Q4_0", 2, 32, 18, PREC_Q4_K_M},
    {"Q4_1", 3, 32, 20, PREC_Q4_K_M},      {"Q5_0", 6, 32, 22, PREC_Q5_K},       {"Q5_1", 7, 32, 24, PREC_Q5_K},
    {"Q8_0", 8, 32, 34, PREC_Q8_0},        {"Q8_1", 9, 32, 36, PREC_Q8_0},       {"Q2_K", 10, 256, 84, PREC_Q2_K},
    {"Q3_K", 11, 256, 110, PREC_Q3_K},     {"Q4_K", 12, 256, 144, PREC_Q4_K_M},  {"Q5_K", 13, 256, 176, PREC_Q5_K},
    {"Q6_K", 14, 256, 210, PREC_Q6_K},     {"Q8_K", 15, 256, 292, PREC_Q8_0},    {"IQ2_XXS", 16, 256, 66, PREC_Q2_K},
    {"IQ2_XS", 17, 256, 74, PREC_Q2_K},    {"IQ3_XXS", 18, 256, 98, PREC_Q3_K},  {"IQ1_S", 19, 256, 50, PREC_Q2_K},
    {"IQ4_NL", 20, 32, 18, PREC_Q4_K_M},   {"IQ3_S", 21, 256, 110, PREC_Q3_K},   {"IQ2_S", 22, 256, 82, PREC_Q2_K},
    {"IQ4_XS", 23, 256, 136, PREC_Q4_K_M}, {"I8", 24, 1, 1, PREC_INT8},          {"I16", 25, 1, 2, PREC_N},
    {"I32", 26, 1, 4, PREC_N},             {"I64", 27, 1, 8, PREC_N},            {"F64", 28, 1, 8, PREC_FP32},
    {"IQ1_M", 29, 256, 56, PREC_Q2_K},     {"BF16", 30, 1, 2, PREC_BF16},        {"TQ1_0", 34, 256, 54, PREC_Q2_K},
    {"TQ2_0", 35, 256, 66, PREC_Q2_K},     {"MXFP4", 39, 32, 17, PREC_MXFP4},    {"NVFP4", 40, 64, 36, PREC_NVFP4},
    {"BOOL", -1, 1, 1, PREC_N},            {"U8", -1, 1, 1, PREC_N},             {"U16", -1, 1, 2, PREC_N},
    {"U32", -1, 1, 4, PREC_N},             {"U64", -1, 1, 8, PREC_N},            {"F8_E4M3", -1, 1, 1, PREC_FP8},
    {"F8_E5M2", -1, 1, 1, PREC_FP8},       {"F8_E8M0", -1, 1, 1, PREC_N},        {"F4", -1, 2, 1, PREC_NVFP4},
    {"C64", -1, 1, 8, PREC_N},
};

const struct number_type *number_of_ggml(int64_t code)
{
    for (size_t i = 0; code >= 0 && i < sizeof types / sizeof *types; i++)
        if (types[i].code == code)
            return &types[i];
    return NULL;
}

const struct number_type *number_of_safetensors(const char *dtype)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].block <= 2 && strcmp(types[i].name, dtype) == 0)
            return &types[i];
    return NULL;
}

void tensor_table_init(struct tensor_table *t, struct arena *a)
{
    *t = (struct tensor_table){.arena = a, .by_name = {.arena = a}};
}

bool tensor_add(struct tensor_table *t, const char *file, struct tensor one, struct err *e)
{
    const char *place = arena_printf(t->arena, "%s: tensor %.80s", file, one.name);
    one.params = 1;
    for (int i = 0; i < one.ndim; i++) {
        if (one.dim[i] < 0 || (one.params *= (double)one.dim[i]) > 9e15)
            return err_input(e, place, "its shape is beyond sense");
    }
    int64_t row = one.ndim ? one.dim[one.ndim - 1] : 1;
    if (row % one.type->block)
        return err_input(e, place, "rows of %lld numbers are no whole blocks of %d (%s)", (long long)row, one.type->block,
                         one.type->name);
    one.bytes = one.params / one.type->block * one.type->bytes;
    if (map_get(&t->by_name, one.name) != MAP_NONE)
        return err_input(e, place, "is there twice");
    if (t->n >= TENSORS_MAX)
        return err_input(e, file, "more than %d tensors are beyond sense", TENSORS_MAX);
    if (t->n == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 512;
        t->tensor = arena_grow(t->arena, t->tensor, t->n, cap, sizeof *t->tensor);
        t->cap = cap;
    }
    t->tensor[t->n] = one;
    map_put(&t->by_name, one.name, (uint32_t)t->n++);
    return true;
}

const struct tensor *tensor_find(const struct tensor_table *t, const char *name)
{
    uint32_t i = map_get(&t->by_name, name);
    return i == MAP_NONE ? NULL : &t->tensor[i];
}

const struct tensor *tensor_findf(const struct tensor_table *t, const char *fmt, int layer)
{
    char name[128];
    snprintf(name, sizeof name, fmt, layer);
    return tensor_find(t, name);
}

/* ---------------------------------------------------------------- bounded reads */

enum { BLOCK = 1 << 16, HEADER_MAX = 1 << 28 };      /* tokenizers take some 10 MB; a sparse file must not take hours */

static void close_header(void *arg)
{
    header_close(arg);
}

void header_close(struct header_file *h)
{
    if (h->fd >= 0)
        close(h->fd);
    h->fd = -1;
}

bool header_open(struct header_file *h, struct arena *a, const char *path, struct err *e)
{
    struct stat st;
    *h = (struct header_file){.arena = a, .path = path, .fd = -1, .e = e};
    arena_defer(a, close_header, h);
    h->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);      /* a FIFO must not hang */
    if (h->fd < 0 || fstat(h->fd, &st) != 0)
        return err_env(e, path, "cannot be opened: %s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_input(e, path, "expected a regular file");
    h->size = (uint64_t)st.st_size;
    h->buf = arena_alloc(a, BLOCK);
    return true;
}

static bool fill(struct header_file *h)
{
    ssize_t n;
    do
        n = pread(h->fd, h->buf, BLOCK, (off_t)h->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_env(h->e, h->path, "cannot be read: %s", strerror(errno));
    h->have_at = h->at;
    h->have_n = (size_t)n;
    return true;
}

static bool too_long(struct header_file *h)
{
    return err_input(h->e, h->path, "its header is longer than %d MiB, which is beyond sense", HEADER_MAX >> 20);
}

static bool ends_within(struct header_file *h, const char *what)
{
    err_input(h->e, h->path, "ends within %s (byte %llu of %llu)", what, (unsigned long long)h->at, (unsigned long long)h->size);
    return err_mend(h->e, "is the download complete?");
}

bool header_bytes(struct header_file *h, void *to, size_t n, const char *what)
{
    unsigned char *out = to;
    if (n > h->size - h->at)
        return ends_within(h, what);
    if (h->at + n > HEADER_MAX)
        return too_long(h);
    while (n > 0) {
        if (h->at < h->have_at || h->at >= h->have_at + h->have_n) {
            if (!fill(h))
                return false;
            if (h->have_n == 0)         /* cut while being read */
                return ends_within(h, what);
        }
        size_t from = (size_t)(h->at - h->have_at), k = h->have_n - from < n ? h->have_n - from : n;
        memcpy(out, h->buf + from, k);
        out += k;
        n -= k;
        h->at += k;
    }
    return true;
}

bool header_skip(struct header_file *h, uint64_t n, const char *what)
{
    if (n > h->size - h->at)
        return ends_within(h, what);
    h->at += n;
    return h->at <= HEADER_MAX || too_long(h);
}

static bool whole(struct header_file *h, size_t n, uint64_t *v, const char *what)
{
    unsigned char b[8];
    if (!header_bytes(h, b, n, what))
        return false;
    *v = 0;
    for (size_t i = n; i-- > 0;)
        *v = *v << 8 | b[i];
    return true;
}

bool header_u32(struct header_file *h, uint32_t *v, const char *what)
{
    uint64_t wide;
    if (!whole(h, 4, &wide, what))
        return false;
    *v = (uint32_t)wide;
    return true;
}

bool header_u64(struct header_file *h, uint64_t *v, const char *what)
{
    return whole(h, 8, v, what);
}
