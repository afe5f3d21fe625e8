/* safetensors.c - the header of a safetensors file: shape and dtype of every tensor.
**
**      N u64 (little-endian) | N bytes of JSON: {"name": {"dtype", "shape", "data_offsets": [begin, end]}, ...} | data
**
** huggingface/safetensors README, "Format" (2026-01): the JSON begins with "{", names are there once, "__metadata__" maps
** texts to texts, offsets count from the end of the header. Its own reader refuses headers above 100 MB; so does this one.
*/
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/tensor.h"

enum { JSON_MAX = 100 * 1000 * 1000 };

static bool read_one(struct arena *a, const char *path, const char *name, const struct node *nd, uint64_t data_bytes,
                     struct tensor_table *t, struct err *e)
{
    const char *place = arena_printf(a, "%s: tensor %.80s", path, name), *dtype = NULL;
    const struct node *shape = node_get(nd, "shape"), *span = node_get(nd, "data_offsets"), *type = node_get(nd, "dtype");
    struct tensor one = {.name = name};
    int64_t begin = 0, end = 0;
    if (!type || !type->text || !shape || shape->kind != NODE_SEQ || !span || span->kind != NODE_SEQ || span->n != 2)
        return err_input(e, place, "expected dtype, shape and two data_offsets");
    dtype = type->text;
    one.type = number_of_safetensors(dtype);
    if (!one.type)
        return err_input(e, place, "dtype \"%.20s\" is not known", dtype);
    if (shape->n > TENSOR_DIMS)
        return err_input(e, place, "has %zu dimensions, at most %d are known", shape->n, TENSOR_DIMS);
    one.ndim = (int)shape->n;
    for (size_t i = 0; i < shape->n; i++)
        if (!node_int(a, &shape->item[i], 0, INT64_C(1) << 40, &one.dim[i], e))
            return false;
    if (!node_int(a, &span->item[0], 0, INT64_MAX, &begin, e) || !node_int(a, &span->item[1], 0, INT64_MAX, &end, e) ||
        !tensor_add(t, path, one, e))
        return false;
    double bytes = t->tensor[t->n - 1].bytes;
    if (end < begin || (double)(end - begin) != bytes)
        return err_input(e, place, "data_offsets [%lld, %lld] do not hold its %.0f bytes", (long long)begin, (long long)end, bytes);
    if ((uint64_t)end <= data_bytes)
        return true;
    err_input(e, place, "ends at byte %lld of the data, the file has %llu", (long long)end, (unsigned long long)data_bytes);
    return err_mend(e, "is the download complete?");
}

bool safetensors_read(struct arena *a, const char *path, struct tensor_table *t, struct err *e)
{
    struct header_file *h = ARENA_NEW(a, struct header_file);
    struct node *doc;
    uint64_t n;
    if (!header_open(h, a, path, e) || !header_u64(h, &n, "the length of its header"))
        return false;
    if (n > h->size - h->at) {
        err_input(e, path, "its header claims %llu bytes, the file has %llu", (unsigned long long)n, (unsigned long long)h->size);
        return err_mend(e, "is the download complete, and is it a safetensors file?");
    }
    if (n > JSON_MAX || n < 2)
        return err_input(e, path, "its header claims %llu bytes, which is beyond sense", (unsigned long long)n);
    char *text = arena_alloc(a, (size_t)n + 1);
    if (!header_bytes(h, text, (size_t)n, "its header"))
        return false;
    if (*text != '{')
        return err_input(e, path, "is no safetensors file: its header does not begin with {");
    if (!doc_json(a, path, text, (size_t)n, &doc, e))
        return false;
    uint64_t data = h->size - h->at;
    header_close(h);
    for (size_t i = 0; i < doc->n; i++)
        if (strcmp(doc->key[i], "__metadata__") != 0 &&
            !read_one(a, path, doc->key[i], &doc->item[i], data, t, e))
            return false;
    return true;
}
