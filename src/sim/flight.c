/* flight.c - the requests that the simulation has to hold: those read from a spool and not yet over.
**
** Requests have their index in the traffic as name, everywhere. Of a spooled traffic a ring holds the stretch from the oldest
** that is not over to the last one read, request i in place i mod its size:
**
**        over ....... | oldest ... in flight, some over ... next | read ahead ... loaded | on disk ....... n
**
** The ring doubles when the stretch outgrows it, so that memory follows the requests in flight and not the traffic.
*/
#include <string.h>

#include "base/arena.h"
#include "sim/cluster.h"

enum { AHEAD = 2048 };          /* requests read at once */

static void resize(struct sim *s, uint32_t cap)
{
    struct request *req = ARENA_ARRAY(s->arena, struct request, cap);
    uint8_t *gone = ARENA_ARRAY(s->arena, uint8_t, cap);
    for (size_t i = s->oldest; i < s->loaded; i++) {
        req[i & (cap - 1)] = s->req[i & s->mask];
        gone[i & (cap - 1)] = s->gone[i & s->mask];
    }
    if (s->config->rows.row) {
        struct sim_record *record = ARENA_ARRAY(s->arena, struct sim_record, cap);
        for (size_t i = s->oldest; i < s->loaded; i++)
            record[i & (cap - 1)] = *metrics_record(&s->metrics, (uint32_t)i);
        s->metrics.record = record;
        s->metrics.record_mask = cap - 1;
    }
    s->req = req;
    s->gone = gone;
    s->mask = cap - 1;
}

bool flight_read(struct sim *s, struct err *e)
{
    size_t n = s->n - s->loaded < AHEAD ? s->n - s->loaded : AHEAD;
    while (s->loaded + n - s->oldest > (size_t)s->mask + 1)
        resize(s, 2 * (s->mask + 1));
    for (size_t done = 0; done < n;) { /* to the end of the ring, and from its start */
        size_t at = (s->loaded + done) & s->mask, m = (size_t)s->mask + 1 - at < n - done ? (size_t)s->mask + 1 - at : n - done;
        if (!traffic_get(s->traffic, s->loaded + done, s->req + at, m, e))
            return false;
        done += m;
    }
    for (size_t i = s->loaded; s->metrics.record && i < s->loaded + n; i++)
        *metrics_record(&s->metrics, (uint32_t)i) = metrics_unseen(&s->req[i & s->mask]);
    s->loaded += n;
    return true;
}

bool flight_start(struct sim *s, struct err *e)
{
    s->mask = UINT32_MAX;
    s->loaded = s->n;
    s->req = s->traffic->req;
    if (!s->traffic->spool)
        return true;
    s->loaded = 0;
    resize(s, 2 * AHEAD);
    return flight_read(s, e);
}

void flight_over(struct sim *s, uint32_t request)
{
    s->gone[request & s->mask] = 1;
    for (; s->oldest < s->next && s->gone[s->oldest & s->mask]; s->oldest++) {
        s->gone[s->oldest & s->mask] = 0;
        if (s->metrics.record)
            s->config->rows.row(s->config->rows.ctx, s->oldest, metrics_record(&s->metrics, (uint32_t)s->oldest));
    }
}

bool flight_all(struct sim *s, void (*look)(struct sim *s, const struct request *q, size_t i), struct err *e)
{
    struct request row[AHEAD];
    for (size_t at = 0; at < s->n; at += AHEAD) {
        size_t n = s->n - at < AHEAD ? s->n - at : AHEAD;
        if (s->traffic->spool && !traffic_get(s->traffic, at, row, n, e))
            return false;
        for (size_t i = 0; i < n; i++)
            look(s, s->traffic->spool ? &row[i] : &s->traffic->req[at + i], at + i);
    }
    return true;
}
