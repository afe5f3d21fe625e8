/* traffic_spool.c - requests into a spool and out of it, and what is asked of all of them, wherever they are. */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "facts/request.h"
#include "facts/spool.h"
#include "facts/traffic.h"

enum { ROWS = 4096 };

bool traffic_spool(struct arena *a, struct traffic *t, struct err *e)
{
    if (!t->spool && !(t->spool = spool_new(a, e)))
        return false;
    size_t n = t->n;
    t->n = 0;
    return spool_add(t->spool, t->req, n, e);
}

bool traffic_spooled(struct arena *a, struct traffic *t, struct err *e)
{
    if (!t->spool)
        return true;
    if (!traffic_spool(a, t, e))
        return false;
    t->req = NULL;
    t->n = t->spool->n;
    return true;
}

bool traffic_unspool(struct arena *a, struct traffic *t, struct err *e)
{
    struct spool *s = t->spool;
    if (!s)
        return true;
    size_t n = s->n, more = t->n;
    int64_t first_ns = s->first_ns;
    struct request *all = ARENA_ARRAY(a, struct request, n + more);
    s->first_ns = 0;
    if (!spool_get(s, 0, all, n, e))
        return false;
    s->first_ns = first_ns;
    if (more)
        memcpy(all + n, t->req, more * sizeof *all);
    t->req = all;
    t->n = n + more;
    t->spool = NULL;
    return true;
}

bool traffic_get(const struct traffic *t, size_t from, struct request *out, size_t n, struct err *e)
{
    if (t->spool)
        return spool_get(t->spool, from, out, n, e);
    memcpy(out, t->req + from, n * sizeof *out);
    return true;
}

int64_t traffic_longest(const struct traffic *t)
{
    int64_t longest = t->spool ? t->spool->longest_tok : 0;
    for (size_t i = 0; !t->spool && i < t->n; i++) {
        int64_t len = (int64_t)t->req[i].in_tok + t->req[i].out_tok;
        longest = len > longest ? len : longest;
    }
    return longest;
}

bool traffic_longer(const struct traffic *t, int64_t tok, size_t *n, struct err *e)
{
    struct request row[ROWS];
    *n = 0;
    for (size_t at = 0; at < t->n; at += ROWS) {
        size_t m = t->n - at < ROWS ? t->n - at : ROWS;
        if (!traffic_get(t, at, row, m, e))
            return false;
        for (size_t i = 0; i < m; i++)
            *n += (int64_t)row[i].in_tok + row[i].out_tok > tok;
    }
    return true;
}
