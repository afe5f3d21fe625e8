/* doc.c - files into memory, and typed reads of a tree with errors that name the place. */
#include "base/doc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc_tree.h"
#include "base/err.h"
#include "base/json.h"
#include "base/num.h"

struct open_file {
    int fd;
};

static void close_file(void *arg)
{
    struct open_file *f = arg;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

static bool read_all(struct arena *a, int fd, const char *path, size_t guess, size_t max, char **bytes, size_t *n,
                     struct err *e)
{
    size_t cap = guess < max ? guess + 2 : max + 2; /* room to see that there is more, and a NUL */
    char *at = arena_alloc(a, cap);
    size_t have = 0;
    for (;;) {
        ssize_t got = read(fd, at + have, cap - 1 - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_env(e, path, "cannot be read: %s", strerror(errno));
        if (got == 0)
            break;
        have += (size_t)got;
        if (have > max)
            return err_input(e, path, "the file is larger than %zu bytes", max);
        if (have == cap - 1) {
            size_t more = cap < max / 2 ? cap * 2 : max + 2;
            at = arena_grow(a, at, have, more, 1);
            cap = more;
        }
    }
    at[have] = '\0';
    *bytes = at;
    *n = have;
    return true;
}

bool file_read(struct arena *a, const char *path, size_t max, char **bytes, size_t *n, struct err *e)
{
    struct open_file *f = ARENA_NEW(a, struct open_file);
    struct stat st;
    max = max ? max : DOC_BYTES;
    f->fd = -1;
    arena_defer(a, close_file, f);
    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0)
        return err_env(e, path, "cannot be opened: %s", strerror(errno));
    bool ok;
    if (fstat(f->fd, &st) != 0)
        ok = err_env(e, path, "cannot be read: %s", strerror(errno));
    else if (S_ISDIR(st.st_mode))
        ok = err_input(e, path, "expected a file, this is a directory");
    else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max)
        ok = err_input(e, path, "the file is larger than %zu bytes", max);
    else
        ok = read_all(a, f->fd, path, S_ISREG(st.st_mode) ? (size_t)st.st_size : 65536, max, bytes, n, e);
    close_file(f);
    return ok;
}

bool doc_file(struct arena *a, const char *path, struct node **root, struct err *e)
{
    char *bytes = NULL;
    size_t n = 0, len = strlen(path);
    if (!file_read(a, path, 0, &bytes, &n, e))
        return false;
    bool json = len > 5 && strcmp(path + len - 5, ".json") == 0;
    return json ? doc_json(a, path, bytes, n, root, e) : doc_yaml(a, path, bytes, n, root, e);
}

const char *node_place(struct arena *a, const struct node *nd)
{
    const char *colon = *nd->path ? ": " : "";
    if (nd->line)
        return arena_printf(a, "%s:%u%s%s", nd->file, nd->line, colon, nd->path);
    return arena_printf(a, "%s%s%s", nd->file, colon, nd->path);
}

const struct node *node_get(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->key[i], key) == 0)
            return &map->item[i];
    return NULL;
}

/* The index that begins dotted, when it is one; *len gets its length. */
static bool leading_index(const char *dotted, size_t *index, size_t *len)
{
    int64_t v;
    *len = strcspn(dotted, ".");
    if (*dotted == '+' || *dotted == '-' || !num_int(dotted, *len, &v))
        return false;
    *index = (size_t)v;
    return true;
}

/* A key may hold dots itself ("qwen2.5"), so every key that dotted begins with is tried. */
const struct node *node_at(const struct node *map, const char *dotted)
{
    if (!map || !*dotted)
        return map;
    if (map->kind == NODE_SEQ) {
        size_t i, n;
        if (!leading_index(dotted, &i, &n) || i >= map->n)
            return NULL;
        return dotted[n] ? node_at(&map->item[i], dotted + n + 1) : &map->item[i];
    }
    for (size_t i = 0; map->kind == NODE_MAP && i < map->n; i++) {
        size_t n = strlen(map->key[i]);
        if (strncmp(map->key[i], dotted, n) != 0 || (dotted[n] && dotted[n] != '.'))
            continue;
        const struct node *hit = dotted[n] ? node_at(&map->item[i], dotted + n + 1) : &map->item[i];
        if (hit)
            return hit;
    }
    return NULL;
}

static const char *kind_name(const struct node *nd)
{
    static const char *const names[] = {"nothing (null)", "a value", "a list", "a map"};
    return names[nd->kind];
}

static bool wrong(struct arena *a, const struct node *nd, const char *want, struct err *e)
{
    const char *place = node_place(a, nd);
    if (nd->kind == NODE_SCALAR)
        return err_input(e, place, "expected %s, got \"%.80s\"", want, nd->text);
    return err_input(e, place, "expected %s, got %s", want, kind_name(nd));
}

bool node_is_null(const struct node *nd)
{
    return nd->kind == NODE_NULL || (nd->kind == NODE_SCALAR && !nd->quoted &&
                                     (!*nd->text || strcmp(nd->text, "~") == 0 || strcmp(nd->text, "null") == 0));
}

bool node_str(struct arena *a, const struct node *nd, const char **out, struct err *e)
{
    if (!nd)
        return true;
    if (nd->kind != NODE_SCALAR || node_is_null(nd))
        return wrong(a, nd, "text", e);
    *out = nd->text;
    return true;
}

bool node_f64(struct arena *a, const struct node *nd, double *out, struct err *e)
{
    double v;
    if (!nd)
        return true;
    size_t n = nd->kind == NODE_SCALAR ? strlen(nd->text) : 0;
    if (!n || nd->quoted || num_scan(nd->text, n, &v) != n)
        return wrong(a, nd, "a number", e);
    *out = v;
    return true;
}

/* 4096, and 4e3 or 1.0 too when they are whole. */
static bool whole(const char *s, int64_t *out)
{
    size_t n = strlen(s);
    double v;
    if (num_int(s, n, out))
        return true;
    if (!n || num_scan(s, n, &v) != n || v < -9007199254740992.0 || v > 9007199254740992.0 || v != (double)(int64_t)v)
        return false;
    *out = (int64_t)v;
    return true;
}

bool node_int(struct arena *a, const struct node *nd, int64_t lo, int64_t hi, int64_t *out, struct err *e)
{
    int64_t v;
    if (!nd)
        return true;
    if (nd->kind != NODE_SCALAR || nd->quoted || !whole(nd->text, &v))
        return wrong(a, nd, "a whole number", e);
    if (v < lo || v > hi) {
        const char *want = hi == INT64_MAX
                               ? arena_printf(a, "a whole number of at least %lld", (long long)lo)
                               : arena_printf(a, "a whole number from %lld to %lld", (long long)lo, (long long)hi);
        return wrong(a, nd, want, e);
    }
    *out = v;
    return true;
}

/* 1: true, 0: false, -1: neither. The core schema of YAML 1.2; "yes" and "on" are text. */
static int truth(const char *s)
{
    static const char *const words[] = {"false", "true", "False", "True", "FALSE", "TRUE"};
    for (int i = 0; i < 6; i++)
        if (strcmp(s, words[i]) == 0)
            return i % 2;
    return -1;
}

bool node_bool(struct arena *a, const struct node *nd, bool *out, struct err *e)
{
    if (!nd)
        return true;
    int v = nd->kind == NODE_SCALAR && !nd->quoted ? truth(nd->text) : -1;
    if (v < 0)
        return wrong(a, nd, "true or false", e);
    *out = v;
    return true;
}

bool node_unit(struct arena *a, const struct node *nd, enum unit u, double *out, struct err *e)
{
    if (!nd)
        return true;
    const char *text = nd->kind == NODE_SCALAR ? nd->text : "";
    if (unit_parse(text, u, out, node_place(a, nd), e))
        return true;
    char *got = nd->kind == NODE_SCALAR ? NULL : strstr(e->what, "\"\"");
    if (got) /* the unit's own example stays in the error, what is there is named */
        snprintf(got, sizeof e->what - (size_t)(got - e->what), "%s", kind_name(nd));
    return false;
}

bool node_keys(struct arena *a, const struct node *map, const char *const *names, size_t n, struct err *e)
{
    if (!map || map->kind == NODE_NULL)
        return true;
    if (map->kind != NODE_MAP)
        return wrong(a, map, "a map of keys and values", e);
    for (size_t i = 0; i < map->n; i++) {
        bool known = false;
        for (size_t k = 0; k < n && !known; k++)
            known = strcmp(map->key[i], names[k]) == 0;
        if (known)
            continue;
        err_input(e, node_place(a, &map->item[i]), "unknown key \"%.80s\"", map->key[i]);
        const char *close = text_closest(map->key[i], names, n);
        return close ? err_mend(e, "did you mean \"%s\"?", close) : false;
    }
    return true;
}

void node_json(struct buf *b, const struct node *nd)
{
    int64_t i;
    double v;
    size_t n = nd->kind == NODE_SCALAR ? strlen(nd->text) : 0;
    if (nd->kind == NODE_MAP || nd->kind == NODE_SEQ) {
        buf_add(b, nd->kind == NODE_MAP ? "{" : "[");
        for (size_t k = 0; k < nd->n; k++) {
            if (k)
                buf_add(b, ",");
            if (nd->kind == NODE_MAP) {
                json_quote(b, nd->key[k]);
                buf_add(b, ":");
            }
            node_json(b, &nd->item[k]);
        }
        buf_add(b, nd->kind == NODE_MAP ? "}" : "]");
    } else if (node_is_null(nd)) {
        buf_add(b, "null");
    } else if (!nd->quoted && truth(nd->text) >= 0) {
        buf_add(b, truth(nd->text) ? "true" : "false");
    } else if (!nd->quoted && num_int(nd->text, n, &i)) {
        buf_fmt(b, "%lld", (long long)i);
    } else if (!nd->quoted && n && num_scan(nd->text, n, &v) == n) {
        buf_num(b, v);
    } else {
        json_quote(b, nd->text);
    }
}
