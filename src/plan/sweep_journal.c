/* sweep_journal.c - outcomes as lines of text and back, so that a sweep can be stopped and go on. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/json.h"
#include "base/map.h"
#include "base/note.h"
#include "plan/sweep.h"

#define HEAD "{\"schema\":\"moat.sweep_journal/1\"}\n"
const char sweep_journal_head[] = HEAD;

static void text(struct buf *b, const char *key, const char *v)
{
    buf_fmt(b, ",\"%s\":", key);
    json_quote(b, v);
}

const char *sweep_journal_line(struct arena *a, const struct sweep_cell *c, size_t *n)
{
    const struct outcome *o = &c->out;
    struct buf b = {.arena = a};
    buf_fmt(&b, "{\"key\":\"%016llx\",\"answered\":%s,\"saturated\":%s,\"held\":%d,\"seeds\":%d,\"kept\":%d,\"evidence\":%d",
            (unsigned long long)c->key, o->answered ? "true" : "false", o->saturated ? "true" : "false", (int)o->held, o->seeds, o->kept,
            (int)o->evidence);
    text(&b, "accelerator", o->accelerator);
    text(&b, "config", o->config);
    text(&b, "reason", o->reason);
    for (int i = 0; i < OUT_N; i++) {
        const double v[] = {o->v[i].at, o->v[i].lo, o->v[i].hi};
        if (isnan(v[0]))
            continue;           /* absent: there is none */
        buf_fmt(&b, ",\"%s\":[", outcome_table[i].name);
        for (int k = 0; k < (isnan(v[1]) && isnan(v[2]) ? 1 : 3); k++) {
            buf_add(&b, k ? "," : "");
            buf_num(&b, v[k]);
        }
        buf_add(&b, "]");
    }
    buf_add(&b, "}\n");
    *n = b.n;
    return buf_str(&b);
}

static bool number(struct arena *a, const struct node *nd, double *out, struct err *e)
{
    *out = NAN;
    return node_is_null(nd) || node_f64(a, nd, out, e);
}

static bool figures(struct arena *a, const struct node *doc, struct outcome *o, struct err *e)
{
    for (int i = 0; i < OUT_N; i++) {
        const struct node *nd = node_get(doc, outcome_table[i].name);
        if (!nd)
            continue;
        if (nd->kind != NODE_SEQ || (nd->n != 1 && nd->n != 3) || !number(a, &nd->item[0], &o->v[i].at, e))
            return false;
        if (nd->n == 3 && (!number(a, &nd->item[1], &o->v[i].lo, e) || !number(a, &nd->item[2], &o->v[i].hi, e)))
            return false;
    }
    return true;
}

static bool copy(const struct node *doc, const char *key, char *to, size_t cap)
{
    const struct node *nd = node_get(doc, key);
    return nd && nd->kind == NODE_SCALAR && (size_t)snprintf(to, cap, "%s", nd->text) < cap;
}

/* false: this line is no use. */
static bool line_read(struct arena *a, const char *line, size_t n, uint64_t *key, struct outcome *o)
{
    struct node *doc;
    struct err e = {0};
    const char *hex = NULL;
    char *end;
    int64_t held = -1, seeds = 0, kept = -1, evidence = -1;
    outcome_none(o, "");
    if (!doc_json(a, "journal", line, n, &doc, &e) || !node_get(doc, "key") || !node_str(a, node_get(doc, "key"), &hex, &e) ||
        strlen(hex) != 16)
        return false;
    *key = strtoull(hex, &end, 16);
    if (*end || !node_bool(a, node_get(doc, "answered"), &o->answered, &e) ||
        !node_bool(a, node_get(doc, "saturated"), &o->saturated, &e) || !node_int(a, node_get(doc, "held"), 0, HELD_UNKNOWN, &held, &e) ||
        !node_int(a, node_get(doc, "seeds"), 1, INT32_MAX, &seeds, &e) || !node_int(a, node_get(doc, "kept"), 0, INT32_MAX, &kept, &e) ||
        !node_int(a, node_get(doc, "evidence"), 0, GRADE_ASSUMED, &evidence, &e) || held < 0 || seeds < 1 || kept < 0 || evidence < 0)
        return false;
    o->held = (enum held)held, o->seeds = (int)seeds, o->kept = (int)kept, o->evidence = (enum grade)evidence;
    return copy(doc, "accelerator", o->accelerator, sizeof o->accelerator) &&
           copy(doc, "config", o->config, sizeof o->config) && copy(doc, "reason", o->reason, sizeof o->reason) &&
           figures(a, doc, o, &e);
}

/* A head that was cut short is a journal with nothing in it. */
static bool head_begun(const char *bytes, size_t n)
{
    return n < sizeof HEAD - 1 && memcmp(bytes, HEAD, n) == 0;
}

size_t sweep_journal_whole(const char *bytes, size_t n)
{
    while (n && bytes[n - 1] != '\n')
        n--;
    return n;
}

bool sweep_journal_read(struct arena *a, const char *name, const char *bytes, size_t n, struct sweep *s, struct notes *notes,
                        struct err *e)
{
    if (head_begun(bytes, n))
        return true;
    if (n < sizeof HEAD - 1 || memcmp(bytes, HEAD, sizeof HEAD - 1) != 0) {
        err_input(e, name, "this is no journal of moat sweep");
        return err_mend(e, "name a file that is not there yet, or one that --journal wrote");
    }
    struct arena *scratch = arena_child(a);
    struct map by_key = {.arena = a};
    size_t nout = 0, cap = 0, unread = 0;
    struct outcome *out = NULL;
    for (const char *p = bytes + sizeof HEAD - 1, *end = bytes + n, *eol; p < end; p = eol + 1) {
        uint64_t key;
        if (!(eol = memchr(p, '\n', (size_t)(end - p))))
            break;              /* cut short */
        if (nout == cap) {
            cap = cap ? cap * 2 : 64;
            out = arena_grow(a, out, nout, cap, sizeof *out);
        }
        arena_reset(scratch);
        if (!line_read(scratch, p, (size_t)(eol - p), &key, &out[nout])) {
            unread++;
            continue;
        }
        map_put_u64(&by_key, key, (uint32_t)nout++);
    }
    if (unread)
        note_add(notes, "%s: %zu line%s cannot be read and count%s as not computed", name, unread, unread == 1 ? "" : "s",
                 unread == 1 ? "s" : "");
    for (size_t i = 0; i < s->grid.ncell; i++) {
        uint32_t k = map_get_u64(&by_key, s->cell[i].key);
        if (k == MAP_NONE)
            continue;
        s->cell[i].out = out[k];
        s->cell[i].from_journal = true;
    }
    return true;
}
