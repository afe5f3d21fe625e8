/* lend.c - replicas whose cards train at night.
**
**      of a card lent for T:   useful = T - min(T, restart + checkpoint / 2)
**
** When the service takes it back training goes on with fewer cards from its last checkpoint: it loses a restart, and on average
** half an interval of work. What a cold start takes afterwards is the service's loss, not training's. Failures of cards that train are
** the training job's own (moat train). Lending by the calendar is what DeepSeek does: 278 nodes serve by day, 68 in the small hours
** (open-infra-index, 2025-02, day 6).
*/
#include <limits.h>

#include "sim/cluster.h"
#include "sim/life.h"

int lend_keep(const struct life_pool *p, int64_t t_ns)
{
    const struct sim_lend *d = &p->dyn->lend;
    int keep = d->nhours ? hours_at(d->hours, d->nhours, p->dyn->clock_ns, t_ns) : -1;
    return keep < 0 ? INT_MAX : keep;
}

void lend_give(struct life *l, uint32_t replica, int64_t t_ns)
{
    l->rep[replica].lent_ns = t_ns;
    life_move(l, replica, LIFE_LENT, t_ns);
}

void lend_take(struct life *l, uint32_t replica, int64_t t_ns)
{
    const struct sim_lend *d = &life_pool_of(l, replica)->dyn->lend;
    struct sim_life_result *out = &l->sim->metrics.out->life;
    int64_t begin = l->sim->metrics.begin_ns, from = l->rep[replica].lent_ns;
    from = from > begin ? from : begin;
    int64_t had = t_ns > from && begin >= 0 ? t_ns - from : 0, cost = d->restart_ns + d->checkpoint_ns / 2;
    int64_t lost = had < cost ? had : cost;
    out->lent_lost_s += (double)lost * 1e-9;
    out->lent_useful_s += (double)(had - lost) * 1e-9;
    out->returns += had > 0;
}

void lend_next(struct life *l, struct life_pool *p, int64_t t_ns)
{
    const struct sim_lend *d = &p->dyn->lend;
    int64_t next = hours_next_ns(d->hours, d->nhours, p->dyn->clock_ns, t_ns);
    if (next != INT64_MAX)
        life_timer_put(l, TIMER_HOURS, (uint32_t)(p - l->pool), next);
}
