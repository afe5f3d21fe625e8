/* doc_json.c - JSON into the tree, by jansson: strict, duplicate keys refused, line and column in errors. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/doc_tree.h"
#include "base/err.h"
#include "base/num.h"

struct holder {
    json_t *json;
};

static void release(void *arg)
{
    struct holder *h = arg;
    json_decref(h->json);
    h->json = NULL;
}

static bool convert(struct tree *t, struct node *nd, json_t *j, const char *path, int depth);

static bool convert_map(struct tree *t, struct node *nd, json_t *j, const char *path, int depth)
{
    const char *key;
    json_t *value;
    size_t i = 0;
    nd->n = json_object_size(j);
    nd->item = ARENA_ARRAY(t->arena, struct node, nd->n);
    nd->key = ARENA_ARRAY(t->arena, const char *, nd->n);
    json_object_foreach(j, key, value)
    {
        nd->key[i] = arena_strdup(t->arena, key);
        const char *below = tree_path(t, path, key);
        if (!below || !convert(t, &nd->item[i++], value, below, depth + 1))
            return false;
    }
    return true;
}

static bool convert_seq(struct tree *t, struct node *nd, json_t *j, const char *path, int depth)
{
    nd->n = json_array_size(j);
    nd->item = ARENA_ARRAY(t->arena, struct node, nd->n);
    for (size_t i = 0; i < nd->n; i++) {
        char index[24];
        snprintf(index, sizeof index, "%zu", i);
        const char *below = tree_path(t, path, index);
        if (!below || !convert(t, &nd->item[i], json_array_get(j, i), below, depth + 1))
            return false;
    }
    return true;
}

static const char *scalar_text(struct tree *t, json_t *j)
{
    char text[NUM_TEXT];
    switch (json_typeof(j)) {
    case JSON_STRING:
        return arena_strdup(t->arena, json_string_value(j));
    case JSON_INTEGER:
        return arena_printf(t->arena, "%lld", (long long)json_integer_value(j));
    case JSON_REAL:
        num_print(text, json_real_value(j));
        return arena_strdup(t->arena, text);
    default:
        return json_is_true(j) ? "true" : "false";
    }
}

static bool convert(struct tree *t, struct node *nd, json_t *j, const char *path, int depth)
{
    enum node_kind kind = json_is_object(j)  ? NODE_MAP
                          : json_is_array(j) ? NODE_SEQ
                          : json_is_null(j)  ? NODE_NULL
                                             : NODE_SCALAR;
    if (depth > DOC_DEPTH)
        return tree_too_deep(t, 0);
    if (!tree_node(t, nd, kind, 0, path))
        return false;
    if (kind == NODE_MAP)
        return convert_map(t, nd, j, path, depth);
    if (kind == NODE_SEQ)
        return convert_seq(t, nd, j, path, depth);
    if (kind == NODE_SCALAR) {
        nd->quoted = json_is_string(j);
        nd->text = scalar_text(t, j);
    }
    return true;
}

static json_t *load(const char *bytes, size_t n, json_error_t *why)
{
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    json_t *j = json_loadb(bytes, n, flags, why);
    /* model_max_length of Hugging Face files is often 1000000000000000019884624838656 */
    if (!j && json_error_code(why) == json_error_numeric_overflow)
        j = json_loadb(bytes, n, flags | JSON_DECODE_INT_AS_REAL, why);
    return j;
}

bool doc_json(struct arena *a, const char *name, const char *bytes, size_t n, struct node **root, struct err *e)
{
    struct tree t = {.arena = a, .file = arena_strdup(a, name), .e = e};
    json_error_t why;
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        n -= 3;
    }
    if (!tree_check_text(&t, bytes, n))
        return false;
    struct holder *h = ARENA_NEW(a, struct holder);
    struct node *top = ARENA_NEW(a, struct node);
    arena_defer(a, release, h);
    h->json = load(bytes, n, &why);
    if (!h->json) {
        if (json_error_code(&why) == json_error_out_of_memory)
            return err_env(e, name, "no memory left while reading JSON");
        return err_input(
            e, arena_printf(a, "%s:%d:%d", name, why.line < 1 ? 1 : why.line, why.column < 0 ? 0 : why.column),
            "bad JSON: %s", why.text);
    }
    bool ok = convert(&t, top, h->json, "", 0);
    release(h);
    if (ok)
        *root = top;
    return ok;
}
