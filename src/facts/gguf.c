/* gguf.c - the header of a GGUF file, version 2 or 3: metadata and the table of tensors.
**
**      "GGUF" version u32 | tensors u64 | keys u64 | key, type, value ... | name, dims, type, offset ... | pad | data
**
** ggml-org/ggml docs/gguf.md, "File Structure" (2026-01). Little-endian files only. Strings and arrays of tokenizers are
** stepped over; texts up to 4 KiB and the first 4096 whole numbers of an array are kept. dims come fastest first.
*/
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "facts/tensor.h"

enum value { V_U8, V_I8, V_U16, V_I16, V_U32, V_I32, V_F32, V_BOOL, V_STRING, V_ARRAY, V_U64, V_I64, V_F64, V_N };
enum { TEXT_MAX = 4096, INTS_MAX = 4096, KEY_MAX = 65535, NAME_MAX_BYTES = 1024, KEYS_MAX = 1 << 16, NESTING = 4 };

static const unsigned char size_of[V_N] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

struct entry {
    const char *key;
    enum value type;            /* of the elements for an array */
    bool array;
    const char *text;           /* V_STRING */
    uint64_t n;                 /* elements of an array */
    int64_t one, *many;         /* whole numbers and flags; many: (min(n, INTS_MAX)) */
    bool big;                   /* a u64 beyond int64 */
};

struct gguf {
    struct arena *arena;
    const char *path;
    struct entry *entry; size_t n;
    struct map by_key;
};

static bool whole_number(enum value t)
{
    return t < V_N && t != V_F32 && t != V_F64 && t != V_STRING && t != V_ARRAY;
}

/* A string of at most max bytes is kept in *out; longer ones are stepped over (*out NULL) unless `must`. */
static bool read_string(struct header_file *h, size_t max, bool must, const char **out, const char *what)
{
    uint64_t n;
    *out = NULL;
    if (!header_u64(h, &n, what))
        return false;
    if (n > h->size - h->at) {
        err_input(h->e, h->path, "%s claims %llu bytes, beyond the end of the file", what, (unsigned long long)n);
        return err_mend(h->e, "is the download complete?");
    }
    if (n > max)
        return must ? err_input(h->e, h->path, "%s of %llu bytes is beyond sense", what, (unsigned long long)n)
                    : header_skip(h, n, what);
    char *s = arena_alloc(h->arena, (size_t)n + 1);
    *out = s;
    if (!header_bytes(h, s, (size_t)n, what))
        return false;
    return !must || strlen(s) == n || err_input(h->e, h->path, "%s has a zero byte", what);
}

static bool read_whole(struct header_file *h, enum value t, int64_t *out, bool *big, const char *what)
{
    unsigned char b[8];
    uint64_t v = 0;
    size_t n = size_of[t];
    if (!header_bytes(h, b, n, what))
        return false;
    for (size_t i = n; i-- > 0;)
        v = v << 8 | b[i];
    bool negative = (t == V_I8 || t == V_I16 || t == V_I32) && v >> (8 * n - 1);
    *out = (int64_t)(negative ? v | ~UINT64_C(0) << (8 * n) : v);
    if (t == V_U64 && v > INT64_MAX)
        *big = true;
    return true;
}

static bool read_array(struct header_file *h, struct entry *k, int depth)
{
    uint32_t type;
    uint64_t n;
    if (depth > NESTING)
        return err_input(h->e, h->path, "%.80s: arrays are nested more than %d deep", k->key, NESTING);
    if (!header_u32(h, &type, k->key) || !header_u64(h, &n, k->key))
        return false;
    if (type >= V_N)
        return err_input(h->e, h->path, "%.80s: value type %u is not known", k->key, type);
    uint64_t least = type == V_STRING ? 8 : type == V_ARRAY ? 12 : size_of[type];
    if (n > (h->size - h->at) / least) {
        err_input(h->e, h->path, "%.80s claims %llu elements, beyond the end of the file", k->key, (unsigned long long)n);
        return err_mend(h->e, "is the download complete?");
    }
    if (depth == 1) {
        k->array = true;
        k->type = (enum value)type;
        k->n = n;
    }
    if (type == V_STRING || type == V_ARRAY) {
        const char *left;
        for (uint64_t i = 0; i < n; i++)
            if (!(type == V_STRING ? read_string(h, 0, false, &left, k->key) : read_array(h, k, depth + 1)))
                return false;
        return true;
    }
    size_t kept = depth == 1 && whole_number((enum value)type) ? n < INTS_MAX ? (size_t)n : INTS_MAX : 0;
    if (kept)
        k->many = ARENA_ARRAY(h->arena, int64_t, kept);
    for (size_t i = 0; i < kept; i++)
        if (!read_whole(h, (enum value)type, &k->many[i], &k->big, k->key))
            return false;
    return header_skip(h, (n - kept) * size_of[type], k->key);
}

static bool read_entry(struct header_file *h, struct gguf *g)
{
    struct entry *k = &g->entry[g->n];
    uint32_t type;
    if (!read_string(h, KEY_MAX, true, &k->key, "a metadata key") || !header_u32(h, &type, "the metadata"))
        return false;
    if (!*k->key)
        return err_input(h->e, h->path, "a metadata key is empty");
    if (type >= V_N)
        return err_input(h->e, h->path, "%.80s: value type %u is not known", k->key, type);
    if (map_get(&g->by_key, k->key) != MAP_NONE)
        return err_input(h->e, h->path, "%.80s is there twice", k->key);
    map_put(&g->by_key, k->key, (uint32_t)g->n++);
    k->type = (enum value)type;
    if (type == V_STRING)
        return read_string(h, TEXT_MAX, false, &k->text, k->key);
    if (type == V_ARRAY)
        return read_array(h, k, 1);
    return whole_number(k->type) ? read_whole(h, k->type, &k->one, &k->big, k->key) : header_skip(h, size_of[type], k->key);
}

static bool read_tensor(struct header_file *h, struct tensor *t, uint64_t *offset)
{
    uint32_t ndim, code;
    uint64_t dim[4];
    const char *what = "the table of tensors";
    if (!read_string(h, NAME_MAX_BYTES, true, &t->name, "the name of a tensor") || !header_u32(h, &ndim, what))
        return false;
    if (ndim > 4)
        return err_input(h->e, h->path, "tensor %.80s has %u dimensions, at most 4 are known", t->name, ndim);
    for (uint32_t i = 0; i < ndim; i++) {
        if (!header_u64(h, &dim[i], what))
            return false;
        if (dim[i] > INT64_C(1) << 40)
            return err_input(h->e, h->path, "tensor %.80s: its shape is beyond sense", t->name);
    }
    t->ndim = (int)ndim;
    for (uint32_t i = 0; i < ndim; i++)
        t->dim[i] = (int64_t)dim[ndim - 1 - i];
    if (!header_u32(h, &code, what) || !header_u64(h, offset, what))
        return false;
    t->type = number_of_ggml(code);
    if (!t->type) {
        err_input(h->e, h->path, "tensor %.80s: number type %u is not known", t->name, code);
        return err_mend(h->e, "types 0 to 40 of ggml are, without those it has removed");
    }
    return true;
}

static bool read_start(struct header_file *h, uint64_t *tensors, uint64_t *keys)
{
    char magic[4];
    uint32_t version;
    if (!header_bytes(h, magic, 4, "the first bytes") || memcmp(magic, "GGUF", 4) != 0)
        return err_input(h->e, h->path, "is no GGUF file: it does not begin with GGUF");
    if (!header_u32(h, &version, "the version"))
        return false;
    if ((version & 0xffff) == 0 && version)
        return err_input(h->e, h->path, "is a big-endian GGUF file; only little-endian ones are read");
    if (version != 2 && version != 3)
        return err_input(h->e, h->path, "is GGUF version %u; versions 2 and 3 are read", version);
    if (!header_u64(h, tensors, "the header") || !header_u64(h, keys, "the header"))
        return false;
    uint64_t left = h->size - h->at; /* the least entry: key of 1 byte, type, value of 1; tensor without dims */
    if (*keys > KEYS_MAX || *keys > left / 14)
        return err_input(h->e, h->path, "claims %llu metadata keys, more than the file can hold", (unsigned long long)*keys);
    if (*tensors > TENSORS_MAX || *tensors > left / 24)
        return err_input(h->e, h->path, "claims %llu tensors, more than the file can hold", (unsigned long long)*tensors);
    return true;
}

bool gguf_read(struct arena *a, const char *path, struct tensor_table *table, struct gguf **out, struct err *e)
{
    struct header_file *h = ARENA_NEW(a, struct header_file);
    struct gguf *g = ARENA_NEW(a, struct gguf);
    uint64_t ntensor, nkey, last = 0;
    const char *last_name = NULL;
    *g = (struct gguf){.arena = a, .path = path, .by_key = {.arena = a}};
    if (!header_open(h, a, path, e) || !read_start(h, &ntensor, &nkey))
        return false;
    g->entry = ARENA_ARRAY(a, struct entry, (size_t)nkey);
    for (uint64_t i = 0; i < nkey; i++)
        if (!read_entry(h, g))
            return false;
    int64_t align = 32;
    if (!gguf_int(g, "general.alignment", &align, e))
        return false;
    if (align < 8 || align > 1 << 20 || align % 8)
        return err_input(e, path, "general.alignment is %lld, not a multiple of 8", (long long)align);
    for (uint64_t i = 0; i < ntensor; i++) {
        struct tensor t = {0};
        uint64_t offset;
        if (!read_tensor(h, &t, &offset) || !tensor_add(table, path, t, e))
            return false;
        uint64_t bytes = (uint64_t)table->tensor[table->n - 1].bytes;
        if (offset % (uint64_t)align || offset > INT64_MAX - bytes)
            return err_input(e, path, "tensor %.80s begins at byte %llu of the data, which cannot be", t.name, (unsigned long long)offset);
        if (offset + bytes > last) {
            last = offset + bytes;
            last_name = t.name;
        }
    }
    uint64_t data = (h->at + (uint64_t)align - 1) / (uint64_t)align * (uint64_t)align;
    if (last_name && (data > h->size || last > h->size - data)) {
        err_input(e, path, "is cut short: tensor %.80s ends at byte %llu of %llu", last_name, (unsigned long long)(data + last),
                  (unsigned long long)h->size);
        return err_mend(e, "is the download complete?");
    }
    header_close(h);
    *out = g;
    return true;
}

static const struct entry *find(const struct gguf *g, const char *key)
{
    uint32_t i = map_get(&g->by_key, key);
    return i == MAP_NONE ? NULL : &g->entry[i];
}

bool gguf_int(const struct gguf *g, const char *key, int64_t *out, struct err *e)
{
    const struct entry *k = find(g, key);
    if (!k)
        return true;
    if (!whole_number(k->type) || (k->array && !k->n))
        return err_input(e, g->path, "%.80s: expected a whole number", key);
    if (k->big)
        return err_input(e, g->path, "%.80s is beyond sense", key);
    if (!k->array) {
        *out = k->one;
        return true;
    }
    for (uint64_t i = 1; i < k->n; i++)
        if (i >= INTS_MAX || k->many[i] != k->many[0]) {
            err_input(e, g->path, "%.80s differs from layer to layer, which is not read from GGUF files", key);
            return err_mend(e, "give the config.json of the model");
        }
    *out = k->many[0];
    return true;
}

const char *gguf_text(const struct gguf *g, const char *key)
{
    const struct entry *k = find(g, key);
    return k && !k->array ? k->text : NULL;
}

uint64_t gguf_array_n(const struct gguf *g, const char *key)
{
    const struct entry *k = find(g, key);
    return k && k->array ? k->n : 0;
}

size_t gguf_ints(const struct gguf *g, const char *key, int64_t *out, size_t n)
{
    const struct entry *k = find(g, key);
    size_t have = k && k->many ? k->n < INTS_MAX ? (size_t)k->n : INTS_MAX : 0;
    have = have < n ? have : n;
    if (have)
        memcpy(out, k->many, have * sizeof *out);
    return have;
}
