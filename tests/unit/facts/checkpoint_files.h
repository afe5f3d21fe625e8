/* checkpoint_files.h - small GGUF and safetensors files for tests: headers byte by byte, data as a hole of the right size. */
#ifndef MOAT_TESTS_CHECKPOINT_FILES_H
#define MOAT_TESTS_CHECKPOINT_FILES_H

#include <fcntl.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "check.h"
#include "facts/model.h"

struct bytes {
    unsigned char at[1 << 18];
    size_t n;
};

static inline void put(struct bytes *b, const void *p, size_t n)
{
    assert_true(b->n + n <= sizeof b->at);
    memcpy(b->at + b->n, p, n);
    b->n += n;
}

static inline void put_le(struct bytes *b, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++, v >>= 8) {
        unsigned char c = (unsigned char)v;
        put(b, &c, 1);
    }
}

static inline void put_text(struct bytes *b, const char *s)
{
    put_le(b, strlen(s), 8);
    put(b, s, strlen(s));
}

static inline void save(const char *path, const struct bytes *b, uint64_t hole)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, b->at, b->n), (ssize_t)b->n);
    assert_int_equal(ftruncate(fd, (off_t)(b->n + hole)), 0);
    close(fd);
}

static inline void save_text(const char *path, const char *text)
{
    struct bytes b = {.n = 0};
    put(&b, text, strlen(text));
    save(path, &b, 0);
}

/* ---- GGUF: keys and tensors are collected, then written in order */

struct gguf_file {
    struct bytes keys, infos;
    uint64_t nkey, ntensor, data;
};

static inline void key_u32(struct gguf_file *f, const char *key, uint32_t v)
{
    put_text(&f->keys, key);
    put_le(&f->keys, 4, 4);
    put_le(&f->keys, v, 4);
    f->nkey++;
}

static inline void key_text(struct gguf_file *f, const char *key, const char *v)
{
    put_text(&f->keys, key);
    put_le(&f->keys, 8, 4);
    put_text(&f->keys, v);
    f->nkey++;
}

enum { F32 = 0, F16 = 1, Q8_0 = 8, Q4_K = 12, Q6_K = 14, BF16 = 30, MXFP4 = 39 };

/* Bytes of n numbers, written out here again so that the table under test is not asked. */
static inline uint64_t stored(uint32_t type, uint64_t n)
{
    switch (type) {
    case F32:
        return 4 * n;
    case Q8_0:
        return n / 32 * 34;
    case Q4_K:
        return n / 256 * 144;
    case Q6_K:
        return n / 256 * 210;
    case MXFP4:
        return n / 32 * 17;
    default:
        return 2 * n;
    }
}

/* rows x cols x mats as PyTorch has it: GGUF lists the fastest first. rows 0: a vector of cols. */
static inline void tensor(struct gguf_file *f, const char *name, uint32_t type, uint64_t mats, uint64_t rows, uint64_t cols)
{
    put_text(&f->infos, name);
    put_le(&f->infos, mats ? 3 : rows ? 2 : 1, 4);
    put_le(&f->infos, cols, 8);
    if (rows)
        put_le(&f->infos, rows, 8);
    if (mats)
        put_le(&f->infos, mats, 8);
    put_le(&f->infos, type, 4);
    put_le(&f->infos, f->data, 8);
    f->data += (stored(type, cols * (rows ? rows : 1) * (mats ? mats : 1)) + 31) / 32 * 32;
    f->ntensor++;
}

static inline void gguf_bytes(const struct gguf_file *f, struct bytes *out)
{
    out->n = 0;
    put(out, "GGUF", 4);
    put_le(out, 3, 4);
    put_le(out, f->ntensor, 8);
    put_le(out, f->nkey, 8);
    put(out, f->keys.at, f->keys.n);
    put(out, f->infos.at, f->infos.n);
    while (out->n % 32)
        put_le(out, 0, 1);
}

static inline void gguf_save(const struct gguf_file *f, const char *path)
{
    struct bytes *b = calloc(1, sizeof *b);
    gguf_bytes(f, b);
    save(path, b, f->data);
    free(b);
}

/* ---- safetensors: JSON entries are collected */

struct safe_file {
    struct bytes json;
    uint64_t data;
};

static inline void safe_tensor(struct safe_file *f, const char *name, const char *dtype, int width, uint64_t rows, uint64_t cols)
{
    char text[512], shape[64];
    uint64_t n = cols * (rows ? rows : 1) * (uint64_t)width;
    if (rows)
        snprintf(shape, sizeof shape, "%llu,%llu", (unsigned long long)rows, (unsigned long long)cols);
    else
        snprintf(shape, sizeof shape, "%llu", (unsigned long long)cols);
    int k = snprintf(text, sizeof text, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%llu,%llu]}",
                     f->json.n ? "," : "{\"__metadata__\":{\"format\":\"pt\"},", name, dtype, shape, (unsigned long long)f->data,
                     (unsigned long long)(f->data + n));
    put(&f->json, text, (size_t)k);
    f->data += n;
}

static inline void safe_save(const struct safe_file *f, const char *path)
{
    struct bytes *b = calloc(1, sizeof *b);
    put_le(b, f->json.n + 1, 8);
    put(b, f->json.at, f->json.n);
    put(b, "}", 1);
    save(path, b, f->data);
    free(b);
}

/* ---- a folder for one program */

static inline const char *folder(void)
{
    static char dir[256];
    if (!*dir) {
        const char *tmp = getenv("TMPDIR");
        snprintf(dir, sizeof dir, "%s/moat-checkpoint-XXXXXX", tmp && *tmp ? tmp : "/tmp");
        assert_non_null(mkdtemp(dir));
    }
    return dir;
}

static inline const char *in_folder(const char *name)
{
    static char path[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder(), name);
    return path[turn];
}

#endif
