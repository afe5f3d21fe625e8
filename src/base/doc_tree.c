/* doc_tree.c - build a tree of nodes, counting what it costs. */
#include "base/doc_tree.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

static bool fail_at(struct tree *t, uint32_t line, const char *what)
{
    return err_input(t->e, line ? arena_printf(t->arena, "%s:%u", t->file, line) : t->file, "%s", what);
}

bool tree_check_text(struct tree *t, const char *bytes, size_t n)
{
    uint32_t line = 1;
    if (n > DOC_BYTES)
        return fail_at(t, 0, "the text is larger than 256 MiB");
    for (size_t i = 0; i < n;) {
        size_t len = text_utf8(bytes + i, n - i);
        unsigned char c = (unsigned char)bytes[i];
        if (!len)
            return fail_at(t, line, "the text is not valid UTF-8 here");
        if (c == 0)
            return fail_at(t, line, "a NUL byte: this is not a text file");
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
            char what[64];
            snprintf(what, sizeof what, "a control character (0x%02x) in the text", c);
            return fail_at(t, line, what);
        }
        line += c == '\n';
        i += len;
    }
    return true;
}

bool tree_too_deep(struct tree *t, uint32_t line)
{
    return fail_at(t, line, "nested deeper than 64 levels");
}

bool tree_node(struct tree *t, struct node *nd, enum node_kind kind, uint32_t line, const char *path)
{
    if (++t->nodes > DOC_NODES)
        return fail_at(t, line, "the document has more than a million nodes (after aliases are expanded)");
    *nd = (struct node){.kind = kind, .line = line, .file = t->file, .path = path};
    return true;
}

const char *tree_path(struct tree *t, const char *parent, const char *key)
{
    size_t n = strlen(parent), k = strlen(key);
    t->path_bytes += n + k + 2;
    if (t->path_bytes > DOC_BYTES) {
        fail_at(t, 0, "the keys of the document are too long for its number of nodes");
        return NULL;
    }
    char *p = arena_alloc(t->arena, n + k + 2);
    memcpy(p, parent, n);
    if (n)
        p[n++] = '.';
    memcpy(p + n, key, k);
    return p;
}

struct node *tree_child(struct tree *t, struct node *parent, size_t *cap, const char *key)
{
    if (parent->n == *cap) {
        size_t more = *cap ? *cap * 2 : 4;
        parent->item = arena_grow(t->arena, parent->item, parent->n, more, sizeof *parent->item);
        if (key)
            parent->key = arena_grow(t->arena, parent->key, parent->n, more, sizeof *parent->key);
        *cap = more;
    }
    if (key)
        parent->key[parent->n] = key;
    return &parent->item[parent->n++];
}

bool tree_copy(struct tree *t, struct node *to, const struct node *from, const char *path, int depth)
{
    if (depth > DOC_DEPTH)
        return tree_too_deep(t, from->line);
    if (!path || !tree_node(t, to, from->kind, from->line, path))
        return false;
    to->quoted = from->quoted;
    to->text = from->text;
    to->n = from->n;
    if (!from->n)
        return true;
    to->item = ARENA_ARRAY(t->arena, struct node, from->n);
    to->key = from->key; /* keys are never changed in place */
    for (size_t i = 0; i < from->n; i++) {
        char index[24];
        snprintf(index, sizeof index, "%zu", i);
        const char *key = from->kind == NODE_MAP ? from->key[i] : index;
        if (!tree_copy(t, &to->item[i], &from->item[i], tree_path(t, path, key), depth + 1))
            return false;
    }
    return true;
}
