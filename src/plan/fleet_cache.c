/* fleet_cache.c - rates on disk: one small JSON file under the hash of what the rate depends on.
**
** A cache never changes an answer: the key holds everything, a file that cannot be read counts as absent, and a disk
*that
** cannot be written is no error. Files are written whole under another name and then renamed.
*/
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/json.h"
#include "plan/fleet_rate.h"

#define SCHEMA "moat.fleet_rate/1"

static const char *file_of(struct arena *a, const char *folder, uint64_t key)
{
    return arena_printf(a, "%s/%016llx.json", folder, (unsigned long long)key);
}

struct number {
    const char *key;
    double *real;
    int *whole;
};

/* Every number of a rate, for reading and writing alike. */
static size_t numbers(struct fleet_rate *r, struct number *out)
{
    const struct number all[] = {{"units_s", &r->units_s, NULL},
                                 {"lo_units_s", &r->lo_units_s, NULL},
                                 {"cards", &r->cards, NULL},
                                 {"hi_cards", &r->hi_cards, NULL},
                                 {"devices", NULL, &r->devices},
                                 {"tp", NULL, &r->tp},
                                 {"pp", NULL, &r->pp},
                                 {"dp", NULL, &r->dp},
                                 {"ep", NULL, &r->ep},
                                 {"max_seqs", NULL, &r->max_seqs},
                                 {"max_tokens", NULL, &r->max_tokens},
                                 {"linear", NULL, &r->linear},
                                 {"experts", NULL, &r->experts},
                                 {"attention", NULL, &r->attention},
                                 {"replicas", NULL, &r->replicas},
                                 {"fitted_day", NULL, (int *)&r->fitted_day}};
    memcpy(out, all, sizeof all);
    return sizeof all / sizeof *all;
}
#define NUMBERS 16

static bool text(struct arena *a, const struct node *doc, const char *key, char *to, size_t cap)
{
    const char *s = NULL;
    struct err e = {0};
    return node_str(a, node_get(doc, key), &s, &e) && s && (size_t)snprintf(to, cap, "%s", s) < cap;
}

bool fleet_cache_get(struct arena *a, const char *folder, uint64_t key, struct fleet_rate *out)
{
    struct err e = {0};
    struct node *doc;
    const char *path = file_of(a, folder, key);
    int64_t grade = 0;
    struct fleet_rate r = {.cached = true};
    struct number n[NUMBERS];
    if (access(path, R_OK) != 0 || !doc_file(a, path, &doc, &e))
        return false;
    char schema[64];
    if (!text(a, doc, "schema", schema, sizeof schema) || strcmp(schema, SCHEMA) != 0 ||
        !text(a, doc, "config", r.config, sizeof r.config) || !text(a, doc, "reason", r.reason, sizeof r.reason) ||
        !node_int(a, node_get(doc, "evidence"), 0, 8, &grade, &e) ||
        !node_bool(a, node_get(doc, "fitted"), &r.fitted, &e))
        return false;
    r.evidence = (enum grade)grade;
    for (size_t i = 0, many = numbers(&r, n); i < many; i++) {
        const struct node *nd = node_get(doc, n[i].key);
        double v = NAN;
        if (!nd || (!node_is_null(nd) && !node_f64(a, nd, &v, &e)))
            return false;
        if (n[i].real)
            *n[i].real = v;
        else if (isfinite(v))
            *n[i].whole = (int)v;
    }
    *out = r;
    return true;
}

static void make_folders(struct arena *a, const char *path)
{
    char *s = arena_strdup(a, path);
    for (char *p = s + 1; *p; p++)
        if (*p == '/') {
            *p = '\0';
            mkdir(s, 0777);
            *p = '/';
        }
    mkdir(s, 0777);
}

void fleet_cache_put(struct arena *a, const char *folder, uint64_t key, const struct fleet_rate *r)
{
    struct buf b = {.arena = a};
    struct jw w;
    struct fleet_rate copy = *r;
    struct number n[NUMBERS];
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_str(&w, "schema", SCHEMA);
    jw_str(&w, "config", r->config);
    jw_str(&w, "reason", r->reason);
    jw_int(&w, "evidence", (int64_t)r->evidence);
    jw_bool(&w, "fitted", r->fitted);
    for (size_t i = 0, many = numbers(&copy, n); i < many; i++)
        jw_num(&w, n[i].key, n[i].real ? *n[i].real : (double)*n[i].whole);
    jw_end(&w);
    make_folders(a, folder);
    const char *path = file_of(a, folder, key), *tmp = arena_printf(a, "%s.%ld", path, (long)getpid());
    FILE *f = fopen(tmp, "w");
    if (!f)
        return;
    bool ok = fwrite(buf_str(&b), 1, b.n, f) == b.n;
    ok = fclose(f) == 0 && ok;
    if (!ok || rename(tmp, path) != 0)
        unlink(tmp);
}
