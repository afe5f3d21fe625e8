/* input.c - the scenario that a command works on: a file, with what was typed on top.
**
** A flag is the same key as in a file: --slo-ttft-p99 2s sets slo.ttft.p99, and takes the place of what stood there.
** An error about it names the flag.
*/
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"

bool usage_error(const struct call *c, struct err *e, const char *fmt, ...)
{
    char what[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    err_input(e, c->command->name, "%s", what);
    return err_mend(e, "usage: moat %s %s", c->command->name, c->command->args);
}

bool input_args(struct call *c, size_t lo, size_t hi, struct err *e)
{
    if (c->narg < lo)
        return usage_error(c, e, "%s is missing", c->narg ? "an argument" : "what to work on");
    if (c->narg > hi)
        return usage_error(c, e, "one argument too many: \"%.60s\"", c->arg[hi]);
    return true;
}

bool input_catalog(struct call *c, struct catalog **out, struct err *e)
{
    return catalog_open(c->arena, option_text(c, "catalog"), out, &c->notes, e);
}

/* Take a key out of a map; nothing happens when it is not there. */
static void drop(struct node *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->key[i], key) == 0) {
            memmove(&map->item[i], &map->item[i + 1], (map->n - i - 1) * sizeof *map->item);
            memmove(&map->key[i], &map->key[i + 1], (map->n - i - 1) * sizeof *map->key);
            map->n--;
            return;
        }
}

void input_replace(struct call *c, struct node *doc, const char *key, const struct node *value)
{
    drop(doc, key);
    if (!value)
        return;
    doc->item = arena_grow(c->arena, doc->item, doc->n, doc->n + 1, sizeof *doc->item);
    doc->key = arena_grow(c->arena, doc->key, doc->n, doc->n + 1, sizeof *doc->key);
    doc->item[doc->n] = *value;
    doc->key[doc->n++] = key;
}

bool input_name(struct call *c, struct node *doc, const char *key, const char *name, struct err *e)
{
    if (!node_set(c->arena, doc, key, "''", e))
        return false;
    for (size_t i = 0; i < doc->n; i++)
        if (strcmp(doc->key[i], key) == 0) {
            doc->item[i].text = name;
            doc->item[i].file = key;
            doc->item[i].path = "";
        }
    return true;
}

static struct node *child(struct node *map, const char *key, size_t n)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->n; i++)
        if (strncmp(map->key[i], key, n) == 0 && !map->key[i][n])
            return &map->item[i];
    return NULL;
}

static struct node *at(struct node *root, const char *dotted)
{
    while (root && *dotted) {
        size_t n = strcspn(dotted, ".");
        root = child(root, dotted, n);
        dotted += n;
        dotted += *dotted == '.';
    }
    return root;
}

static void drop_dotted(struct arena *a, struct node *root, const char *dotted)
{
    const char *dot = strrchr(dotted, '.');
    struct node *map = dot ? at(root, arena_strndup(a, dotted, (size_t)(dot - dotted))) : root;
    if (map && map->kind == NODE_MAP)
        drop(map, dot ? dot + 1 : dotted);
}

/* A YAML scalar that reads back as s. */
static const char *quoted(struct arena *a, const char *s)
{
    struct buf b = {.arena = a};
    buf_add(&b, "'");
    for (; *s; s++)
        buf_addn(&b, *s == '\'' ? "''" : s, *s == '\'' ? 2 : 1);
    buf_add(&b, "'");
    return buf_str(&b);
}

static const char *as_yaml(struct arena *a, const struct option *o, const char *text)
{
    if (o->as == AS_YAML)
        return text;
    if (o->as == AS_TEXT || !strchr(text, ','))
        return quoted(a, text);
    struct buf b = {.arena = a};
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, ",");
        if (n)
            buf_fmt(&b, "%s%s", b.n ? ", " : "[", quoted(a, arena_strndup(a, p, n)));
        p += n;
        p += *p == ',';
    }
    buf_add(&b, b.n ? "]" : "[]");
    return buf_str(&b);
}

/* A key below a value that is not a map (slo: chat) takes its place when typed. */
static void make_room(struct arena *a, struct node *root, const char *dotted)
{
    const char *dot = strchr(dotted, '.');
    struct node *top = dot ? child(root, dotted, (size_t)(dot - dotted)) : NULL;
    if (top && top->kind != NODE_MAP)
        drop(root, arena_strndup(a, dotted, (size_t)(dot - dotted)));
}

static bool apply_option(struct call *c, struct node *root, const struct given *g, struct err *e)
{
    const struct option *o = g->option;
    const char *name = arena_printf(c->arena, "--%s", o->name);
    const char *text = g->text ? g->text : "true";      /* a switch */
    if (!*text)
        return err_input(e, name, "is empty");
    for (const char *p = o->drops; p && *p;) {
        size_t n = strcspn(p, " ");
        drop_dotted(c->arena, root, arena_strndup(c->arena, p, n));
        p += n;
        p += *p == ' ';
    }
    make_room(c->arena, root, o->key);
    if (!node_set(c->arena, root, o->key, as_yaml(c->arena, o, text), e)) {
        char what[sizeof e->what];
        snprintf(what, sizeof what, "%s", e->what);
        return err_input(e, name, "%s", what);
    }
    struct node *nd = at(root, o->key);
    if (nd) {
        nd->file = name;
        nd->path = "";
        for (size_t i = 0; i < nd->n; i++) {
            nd->item[i].file = name;
            nd->item[i].path = "";
            nd->item[i].line = 0;
        }
    }
    return true;
}

static bool apply_set(struct call *c, struct node *root, const char *text, struct err *e)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        err_input(e, "--set", "expected KEY=VALUE, got \"%.80s\"", text);
        return err_mend(e, "write --set slo.ttft.p99=1s");
    }
    return node_set(c->arena, root, arena_strndup(c->arena, text, (size_t)(equals - text)), equals + 1, e);
}

static bool default_key(struct call *c, struct node *doc, const char *key, const char *value, struct err *e)
{
    return node_get(doc, key) || node_set(c->arena, doc, key, value, e);
}

bool input_point(struct call *c, struct node *doc, struct err *e)
{
    return default_key(c, doc, "batch", "32", e) && default_key(c, doc, "isl", "1000", e) && default_key(c, doc, "osl", "200", e);
}

bool input_doc(struct call *c, const char *file, struct node **doc, struct err *e)
{
    if (file && strcmp(file, "-") == 0)
        file = "/dev/stdin";
    if (file) {
        if (!doc_file(c->arena, file, doc, e))
            return false;
        if (node_is_null(*doc))
            (*doc)->kind = NODE_MAP;
        if ((*doc)->kind != NODE_MAP)
            return err_input(e, file, "expected a scenario: a map with model, traffic, slo, ...");
    } else {
        *doc = ARENA_NEW(c->arena, struct node);
        **doc = (struct node){.kind = NODE_MAP, .file = "command line", .path = ""};
    }
    for (size_t i = 0; i < c->ngiven; i++) {
        const struct given *g = &c->given[i];
        if (g->option->key && !apply_option(c, *doc, g, e))
            return false;
        if (strcmp(g->option->name, "set") == 0 && !apply_set(c, *doc, g->text, e))
            return false;
    }
    return true;
}
