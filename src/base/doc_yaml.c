/* doc_yaml.c - YAML into the tree, event by event (libyaml), so that limits hold before memory is spent.
**
** Anchors name finished nodes; an alias copies one, which makes it impossible for a node to
** contain itself and lets the node limit stop an alias bomb. Merge keys are refused.
*/
#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "base/arena.h"
#include "base/doc_tree.h"
#include "base/err.h"
#include "base/map.h"

struct anchor {
    const char *name;
    const struct node *node;
};

/* Lives in the arena; released by the deferred call when memory ends in the middle. */
struct reader {
    struct tree t;
    yaml_parser_t parser;
    bool open;
    yaml_event_t event;
    const char *bytes;
    size_t n;
    struct anchor *anchor; /* (anchors) later ones hide earlier ones of the same name */
    size_t anchors, anchor_cap;
};

static void drop_event(struct reader *r)
{
    yaml_event_delete(&r->event);
    memset(&r->event, 0, sizeof r->event);
}

static void close_reader(void *arg)
{
    struct reader *r = arg;
    if (!r->open)
        return;
    r->open = false;
    drop_event(r);
    yaml_parser_delete(&r->parser);
}

static uint32_t event_line(const struct reader *r)
{
    return (uint32_t)r->event.start_mark.line + 1;
}

static const char *place(struct reader *r, uint32_t line)
{
    return arena_printf(r->t.arena, "%s:%u", r->t.file, line);
}

/* Is a tab the first thing that is not a space in this line (1-based)? */
static bool tab_indented(const struct reader *r, size_t line)
{
    const char *at = r->bytes, *end = r->bytes + r->n;
    for (size_t i = 1; i < line && at; i++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    while (at && at < end && *at == ' ')
        at++;
    return at && at < end && *at == '\t';
}

static bool parser_error(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    size_t line = p->problem_mark.line + 1;
    if (p->error == YAML_MEMORY_ERROR)
        return err_env(r->t.e, r->t.file, "no memory left while reading YAML");
    if (p->error == YAML_READER_ERROR) {
        line = 1;
        for (size_t i = 0; i < p->problem_offset && i < r->n; i++)
            line += r->bytes[i] == '\n';
    } else if (tab_indented(r, line)) {
        return err_input(r->t.e, place(r, (uint32_t)line), "a tab in the indentation: YAML wants spaces");
    }
    bool context = p->context && p->context_mark.line != p->problem_mark.line;
    char begun[64] = "";
    if (context)
        snprintf(begun, sizeof begun, " begun in line %zu", p->context_mark.line + 1);
    return err_input(r->t.e, place(r, (uint32_t)line), "bad YAML: %s%s%s%s", p->problem ? p->problem : "unreadable",
                     p->context ? " " : "", p->context ? p->context : "", begun);
}

static bool next_event(struct reader *r)
{
    drop_event(r);
    return yaml_parser_parse(&r->parser, &r->event) || parser_error(r);
}

static void keep_anchor(struct reader *r, const char *name, const struct node *nd)
{
    if (!name)
        return;
    if (r->anchors == r->anchor_cap) {
        size_t cap = r->anchor_cap ? r->anchor_cap * 2 : 8;
        r->anchor = arena_grow(r->t.arena, r->anchor, r->anchors, cap, sizeof *r->anchor);
        r->anchor_cap = cap;
    }
    /* a copy of the node itself: nd moves when its parent grows */
    struct node *kept = ARENA_NEW(r->t.arena, struct node);
    *kept = *nd;
    r->anchor[r->anchors++] = (struct anchor){name, kept};
}

static const char *own(struct reader *r, const yaml_char_t *s)
{
    return s ? arena_strdup(r->t.arena, (const char *)s) : NULL;
}

/* Tags of the core schema say nothing new; others would be silently wrong. */
static bool check_tag(struct reader *r, const yaml_char_t *tag, bool *text)
{
    static const char core[] = "tag:yaml.org,2002:";
    static const char *const known[] = {"int", "float", "bool", "null", "map", "seq", "str"};
    if (!tag)
        return true;
    const char *s = (const char *)tag;
    if (strcmp(s, "!") == 0) {
        *text = true;
        return true;
    }
    if (strncmp(s, core, sizeof core - 1) == 0)
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strcmp(s + sizeof core - 1, known[i]) == 0) {
                *text = *text || i == 6;
                return true;
            }
    return err_input(r->t.e, place(r, event_line(r)), "the tag \"%.80s\" is not supported", s);
}

static bool plain_null(const char *s)
{
    return !*s || strcmp(s, "~") == 0 || strcmp(s, "null") == 0 || strcmp(s, "Null") == 0 || strcmp(s, "NULL") == 0;
}

static bool read_scalar(struct reader *r, struct node *nd, const char *path)
{
    bool quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    const char *text = (const char *)r->event.data.scalar.value;
    if (!check_tag(r, r->event.data.scalar.tag, &quoted) || !tree_node(&r->t, nd, NODE_SCALAR, event_line(r), path))
        return false;
    if (strlen(text) != r->event.data.scalar.length)
        return err_input(r->t.e, place(r, nd->line), "a NUL character in a quoted text");
    nd->quoted = quoted;
    if (!quoted && plain_null(text))
        nd->kind = NODE_NULL;
    else
        nd->text = arena_strdup(r->t.arena, text);
    keep_anchor(r, own(r, r->event.data.scalar.anchor), nd);
    return true;
}

static bool read_node(struct reader *r, struct node *nd, const char *path, int depth);

static bool read_seq(struct reader *r, struct node *nd, const char *path, int depth)
{
    const char *anchor = own(r, r->event.data.sequence_start.anchor);
    bool text = false;
    size_t cap = 0;
    if (!check_tag(r, r->event.data.sequence_start.tag, &text) || !tree_node(&r->t, nd, NODE_SEQ, event_line(r), path))
        return false;
    for (;;) {
        char index[24];
        if (!next_event(r))
            return false;
        if (r->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        snprintf(index, sizeof index, "%zu", nd->n);
        const char *below = tree_path(&r->t, path, index);
        if (!below || !read_node(r, tree_child(&r->t, nd, &cap, NULL), below, depth + 1))
            return false;
    }
    keep_anchor(r, anchor, nd);
    return true;
}

/* The key that the current event is; NULL with an error when it cannot be one. */
static const char *read_key(struct reader *r)
{
    const char *at = place(r, event_line(r));
    if (r->event.type != YAML_SCALAR_EVENT) {
        err_input(r->t.e, at, "a key must be plain text");
        return NULL;
    }
    const char *key = own(r, r->event.data.scalar.value);
    bool plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (plain && strcmp(key, "<<") == 0) {
        err_input(r->t.e, at, "merge keys (<<) are not supported: write the keys out");
        return NULL;
    }
    if (!*key || strlen(key) != r->event.data.scalar.length) {
        err_input(r->t.e, at, "a key is missing before the colon");
        return NULL;
    }
    return key;
}

/* Has the map this key already? Few keys are compared, many are hashed. */
static bool seen_key(struct map *seen, const struct node *nd, const char *key)
{
    if (nd->n < 16) {
        for (size_t i = 0; i < nd->n; i++)
            if (strcmp(nd->key[i], key) == 0)
                return true;
        return false;
    }
    for (size_t i = seen->n; i < nd->n; i++)
        map_put(seen, nd->key[i], (uint32_t)i);
    return map_get(seen, key) != MAP_NONE;
}

static bool read_map(struct reader *r, struct node *nd, const char *path, int depth)
{
    const char *anchor = own(r, r->event.data.mapping_start.anchor);
    struct map seen = {.arena = r->t.arena};
    bool text = false;
    size_t cap = 0;
    if (!check_tag(r, r->event.data.mapping_start.tag, &text) || !tree_node(&r->t, nd, NODE_MAP, event_line(r), path))
        return false;
    for (;;) {
        if (!next_event(r))
            return false;
        if (r->event.type == YAML_MAPPING_END_EVENT)
            break;
        uint32_t line = event_line(r);
        const char *key = read_key(r);
        if (!key)
            return false;
        if (seen_key(&seen, nd, key))
            return err_input(r->t.e, place(r, line), "the key \"%.80s\" is given twice", key);
        keep_anchor(r, own(r, r->event.data.scalar.anchor),
                    &(struct node){.kind = NODE_SCALAR, .line = line, .file = r->t.file, .path = path, .text = key});
        const char *below = tree_path(&r->t, path, key);
        if (!below || !next_event(r) || !read_node(r, tree_child(&r->t, nd, &cap, key), below, depth + 1))
            return false;
    }
    keep_anchor(r, anchor, nd);
    return true;
}

static bool read_alias(struct reader *r, struct node *nd, const char *path, int depth)
{
    const char *name = (const char *)r->event.data.alias.anchor;
    for (size_t i = r->anchors; i-- > 0;)
        if (strcmp(r->anchor[i].name, name) == 0)
            return tree_copy(&r->t, nd, r->anchor[i].node, path, depth);
    return err_input(r->t.e, place(r, event_line(r)), "the alias *%.80s has no anchor before it", name);
}

/* nd from the current event on; afterwards the current event is the last one of nd. */
static bool read_node(struct reader *r, struct node *nd, const char *path, int depth)
{
    if (depth > DOC_DEPTH)
        return tree_too_deep(&r->t, event_line(r));
    switch (r->event.type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(r, nd, path);
    case YAML_SEQUENCE_START_EVENT:
        return read_seq(r, nd, path, depth);
    case YAML_MAPPING_START_EVENT:
        return read_map(r, nd, path, depth);
    case YAML_ALIAS_EVENT:
        return read_alias(r, nd, path, depth);
    default:
        return err_input(r->t.e, place(r, event_line(r)), "bad YAML: a value is missing");
    }
}

static bool read_stream(struct reader *r, struct node *root)
{
    if (!next_event(r) || !next_event(r)) /* stream start, document start */
        return false;
    if (r->event.type == YAML_STREAM_END_EVENT)
        return tree_node(&r->t, root, NODE_NULL, 1, "");
    if (!next_event(r) || !read_node(r, root, "", 0) || !next_event(r) || !next_event(r))
        return false;
    if (r->event.type != YAML_STREAM_END_EVENT)
        return err_input(r->t.e, place(r, event_line(r)), "a second YAML document begins here: one a file is read");
    return true;
}

bool doc_yaml(struct arena *a, const char *name, const char *bytes, size_t n, struct node **root, struct err *e)
{
    struct reader *r = ARENA_NEW(a, struct reader);
    r->t = (struct tree){.arena = a, .file = arena_strdup(a, name), .e = e};
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        n -= 3;
    }
    if (!tree_check_text(&r->t, bytes, n))
        return false;
    r->bytes = bytes;
    r->n = n;
    if (!yaml_parser_initialize(&r->parser))
        return err_env(e, name, "no memory left while reading YAML");
    r->open = true;
    arena_defer(a, close_reader, r);
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)bytes, n);
    struct node *top = ARENA_NEW(a, struct node);
    bool ok = read_stream(r, top);
    close_reader(r);
    if (ok)
        *root = top;
    return ok;
}
