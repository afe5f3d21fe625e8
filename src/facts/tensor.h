/* tensor.h - the tensor table of a checkpoint: names, shapes and number types, as the header of its file lists them.
**
** Only headers are read, a bounded block at a time: the weights behind them are gigabytes and stay on the disk.
*/
#ifndef MOAT_FACTS_TENSOR_H
#define MOAT_FACTS_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "facts/precision.h"

struct arena;
struct err;
struct node;

enum { TENSOR_DIMS = 8, TENSORS_MAX = 1 << 21 };

/* How a type stores numbers: `block` elements in `bytes` bytes. */
struct number_type {
    const char *name;
    int code;                   /* ggml_type; -1: not a GGUF type */
    int block, bytes;
    enum precision like;        /* the format that computes as this type does; PREC_N: holds no weights */
};

const struct number_type *number_of_ggml(int64_t code);        /* NULL: unknown or removed */
const struct number_type *number_of_safetensors(const char *dtype);

struct tensor {
    const char *name;
    const struct number_type *type;
    int ndim;
    int64_t dim[TENSOR_DIMS];   /* slowest first, as PyTorch writes shapes: (outputs, inputs) */
    double params, bytes;
};

struct tensor_table {
    struct arena *arena;
    struct tensor *tensor; size_t n, cap;
    struct map by_name;
};

void tensor_table_init(struct tensor_table *t, struct arena *a);
/* params and bytes follow from shape and type. A name that is there already, an impossible shape or a size that is no
** multiple of the type's block are errors. */
bool tensor_add(struct tensor_table *t, const char *file, struct tensor one, struct err *e);
const struct tensor *tensor_find(const struct tensor_table *t, const char *name);      /* NULL: none */
const struct tensor *tensor_findf(const struct tensor_table *t, const char *fmt, int layer) __attribute__((format(printf, 2, 0)));

/* ---- a header under bounded reads */

struct header_file {
    struct arena *arena;
    const char *path;
    int fd;
    uint64_t size, at;          /* bytes of the file; where the next read begins */
    uint64_t have_at; size_t have_n;    /* what buf holds */
    unsigned char *buf;
    struct err *e;
};

bool header_open(struct header_file *h, struct arena *a, const char *path, struct err *e);
void header_close(struct header_file *h);
/* n bytes; an error that says "ends within WHAT" when the file has fewer. */
bool header_bytes(struct header_file *h, void *to, size_t n, const char *what);
bool header_u32(struct header_file *h, uint32_t *v, const char *what);          /* little-endian */
bool header_u64(struct header_file *h, uint64_t *v, const char *what);
bool header_skip(struct header_file *h, uint64_t n, const char *what);

/* ---- formats */

struct gguf;
/* Tensors of a GGUF file are added to t; the metadata come back. */
bool gguf_read(struct arena *a, const char *path, struct tensor_table *t, struct gguf **out, struct err *e);
/* A whole number (or the one value of an array whose values are all the same); *out stays when the key is absent. */
bool gguf_int(const struct gguf *g, const char *key, int64_t *out, struct err *e);
const char *gguf_text(const struct gguf *g, const char *key);           /* NULL: absent or no text */
uint64_t gguf_array_n(const struct gguf *g, const char *key);           /* 0: absent or no array */
/* Values of an array of whole numbers or flags, at most n; how many were written. */
size_t gguf_ints(const struct gguf *g, const char *key, int64_t *out, size_t n);

bool safetensors_read(struct arena *a, const char *path, struct tensor_table *t, struct err *e);

#endif
