/* doc_set.c - change one value of a tree by its dotted key, as --set does. */
#include <string.h>

#include "base/arena.h"
#include "base/doc_tree.h"
#include "base/err.h"
#include "base/num.h"

#define SET_FILE "--set"

/* Add an empty child to a map; the arrays are copied, since other trees may share the keys. */
static struct node *add_key(struct tree *t, struct node *map, const char *key, size_t n)
{
    struct node *item = ARENA_ARRAY(t->arena, struct node, map->n + 1);
    const char **keys = ARENA_ARRAY(t->arena, const char *, map->n + 1);
    if (map->n) {
        memcpy(item, map->item, map->n * sizeof *item);
        memcpy(keys, map->key, map->n * sizeof *keys);
    }
    keys[map->n] = arena_strndup(t->arena, key, n);
    map->item = item;
    map->key = keys;
    const char *path = tree_path(t, map->path, keys[map->n]);
    struct node *nd = &item[map->n];
    if (!path || !tree_node(t, nd, NODE_NULL, 0, path))
        return NULL;
    map->n++;
    return nd;
}

/* The child of a map that dotted begins with, the longest key first; *n gets the length of the key. */
static struct node *existing(struct node *map, const char *dotted, size_t *n)
{
    struct node *hit = NULL;
    for (size_t i = 0; i < map->n; i++) {
        size_t len = strlen(map->key[i]);
        if (strncmp(map->key[i], dotted, len) == 0 && (!dotted[len] || dotted[len] == '.') && (!hit || len > *n)) {
            hit = &map->item[i];
            *n = len;
        }
    }
    return hit;
}

static struct node *step_seq(struct tree *t, struct node *seq, const char *dotted, size_t *n)
{
    int64_t i;
    *n = strcspn(dotted, ".");
    const char *place = arena_printf(t->arena, SET_FILE " %s", *seq->path ? seq->path : "(root)");
    if (!num_int(dotted, *n, &i) || *dotted == '-' || *dotted == '+') {
        err_input(t->e, place, "this is a list: expected an index such as 0, got \"%.*s\"", (int)(*n > 80 ? 80 : *n),
                  dotted);
        return NULL;
    }
    if ((uint64_t)i >= seq->n) {
        err_input(t->e, place, "the list has %zu items, there is no item %lld (the first is 0)", seq->n, (long long)i);
        return NULL;
    }
    return &seq->item[i];
}

static struct node *step(struct tree *t, struct node *nd, const char *dotted, size_t *n)
{
    if (nd->kind == NODE_SEQ)
        return step_seq(t, nd, dotted, n);
    if (nd->kind == NODE_NULL) {
        nd->kind = NODE_MAP;
        nd->text = NULL;
    }
    if (nd->kind != NODE_MAP) {
        err_input(t->e, arena_printf(t->arena, SET_FILE " %s", nd->path), "this is a value, not a map: it has no keys");
        return NULL;
    }
    struct node *hit = existing(nd, dotted, n);
    if (hit)
        return hit;
    *n = strcspn(dotted, ".");
    if (!*n) {
        err_input(t->e, SET_FILE, "an empty key in \"%.80s\"", dotted);
        return NULL;
    }
    return add_key(t, nd, dotted, *n);
}

struct node node_copy(struct arena *a, const struct node *nd)
{
    struct node copy = *nd;
    if (nd->n)
        copy.item = ARENA_ARRAY(a, struct node, nd->n);
    for (size_t i = 0; i < nd->n; i++)
        copy.item[i] = node_copy(a, &nd->item[i]);
    return copy;
}

bool node_set(struct arena *a, struct node *root, const char *dotted, const char *yaml, struct err *e)
{
    struct tree t = {.arena = a, .file = SET_FILE, .e = e};
    struct node *value, *nd = root;
    size_t n = strlen(dotted);
    const char *place = arena_printf(a, SET_FILE " %.200s", dotted);
    if (!n || dotted[0] == '.' || dotted[n - 1] == '.' || strstr(dotted, ".."))
        return err_input(e, SET_FILE, "expected a key such as slo.ttft.p99, got \"%.80s\"", dotted);
    if (!doc_yaml(a, SET_FILE, yaml, strlen(yaml), &value, e))
        return err_input(e, place, "%s", arena_strdup(a, e->what));
    int depth = 0;
    for (const char *at = dotted; *at; depth++) {
        if (depth >= DOC_DEPTH)
            return err_input(e, place, "nested deeper than 64 levels");
        nd = step(&t, nd, at, &n);
        if (!nd)
            return false;
        at += n;
        at += *at == '.';
    }
    struct node copy;
    if (!tree_copy(&t, &copy, value, nd->path, depth))
        return false;
    copy.line = 0;
    *nd = copy;
    return true;
}
