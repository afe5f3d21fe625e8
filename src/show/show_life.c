/* show_life.c - `moat sim`: replicas that start, drain, fail and are lent. */
#include "show/show_life.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/units.h"
#include "plan/dynamics.h"
#include "show/document.h"
#include "show/table.h"
#include "show/text.h"
#include "sim/autoscale.h"

#define H_PER_S (1 / 3600.0)

static const char *many(struct arena *a, uint64_t n, const char *one, const char *more)
{
    return arena_printf(a, "%s %s", text_count(a, (double)n), n == 1 ? one : more);
}

const char *life_replicas(struct arena *a, const struct sim_run_out *r)
{
    const struct dynamics *x = r->dynamics;
    if (!x)
        return many(a, (uint64_t)r->replicas, "replica", "replicas");
    const struct sim_autoscale *c = &x->sim.autoscale;
    const char *spare = x->sim.spares ? arena_printf(a, " and %d spare%s", x->sim.spares, x->sim.spares == 1 ? "" : "s") : "";
    if (c->policy)
        return arena_printf(a, "%d to %d replicas%s", c->min, c->max, spare);
    return arena_printf(a, "%s%s", many(a, (uint64_t)x->sim.start, "replica", "replicas"), spare);
}

static const char *hours(struct arena *a, double replica_s)
{
    return arena_printf(a, "%s replica-hours", text_num(a, replica_s * H_PER_S));
}

static void failures_text(const struct show *s, const struct sim_run_out *r)
{
    struct arena *a = s->arena;
    const struct sim_life_result *l = &r->r.life;
    struct buf b = {.arena = a};
    buf_add(&b, l->failures ? many(a, l->failures, "replica failed", "replicas failed") : "none failed");
    if (l->reclaims)
        buf_fmt(&b, ", %s", many(a, l->reclaims, "was reclaimed", "were reclaimed"));
    if (l->lost)
        buf_fmt(&b, "; %s lost with them and %s: %s prompt and %s output tokens computed in vain", many(a, l->lost, "request", "requests"),
                l->failed ? "given up" : "sent again", text_count(a, (double)l->lost_prompt_tok),
                text_count(a, (double)l->lost_out_tok));
    if (r->dynamics->mtbf_s > 0)
        buf_fmt(&b, " (%s h a card)", text_count(a, r->dynamics->mtbf_s * H_PER_S));
    label_line(s, "failures", buf_str(&b));
}

void life_text(const struct show *s, const struct sim_run_out *r)
{
    struct arena *a = s->arena;
    const struct sim_life_result *l = &r->r.life;
    const struct dynamics *x = r->dynamics;
    if (!x)
        return;
    label_line(s, "replicas", arena_printf(a, "%s held on average, %d to %d up; %s of %s%s", text_num(a, r->held_mean), l->least_up, l->peak_up,
                                           many(a, l->starts, "cold start", "cold starts"), text_time(a, x->cold_s),
                                           x->sim.autoscale.policy ? arena_printf(a, "; autoscaled by %s", x->sim.autoscale.policy->name) : ""));
    label_line(s, "available", arena_printf(a, "%.2f%% of the replicas wanted%s%s", l->availability_frac * 100,
                                            l->none_up_s > 0 ? arena_printf(a, "; none at all for %s", text_time(a, l->none_up_s)) : "",
                                            l->held_back ? arena_printf(a, ", %s waited for one", many(a, l->held_back, "request", "requests")) : ""));
    if (x->failing)
        failures_text(s, r);
    if (x->sim.lend.nhours)
        label_line(s, "lent", arena_printf(a, "%s to training, %s of them useful; %s lost to %s", hours(a, l->lent_s), hours(a, l->lent_useful_s),
                                           hours(a, l->lent_lost_s), many(a, l->returns, "return", "returns")));
}

void life_json(struct jw *w, const struct sim_run_out *r)
{
    const struct sim_life_result *l = &r->r.life;
    const struct dynamics *x = r->dynamics;
    if (!x)
        return;
    jw_obj(w, "replicas_over_time");
    jw_str(w, "autoscaler", x->sim.autoscale.policy ? x->sim.autoscale.policy->name : NULL);
    jw_num(w, "held_mean", r->held_mean);
    jw_int(w, "up_least", l->least_up);
    jw_int(w, "up_most", l->peak_up);
    jw_num(w, "wanted_h", l->wanted_s * H_PER_S);
    jw_num(w, "held_h", l->held_s * H_PER_S);
    jw_num(w, "up_h", l->up_s * H_PER_S);
    jw_num(w, "standby_h", l->standby_s * H_PER_S);
    jw_num(w, "starting_h", l->starting_s * H_PER_S);
    jw_num(w, "draining_h", l->draining_s * H_PER_S);
    jw_num(w, "down_h", l->down_s * H_PER_S);
    jw_num(w, "none_up_s", l->none_up_s);
    jw_int(w, "cold_starts", (int64_t)l->starts);
    jw_num(w, "cold_start_s", x->cold_s);
    jw_int(w, "requests_held_back", (int64_t)l->held_back);
    jw_end(w);
    jw_num(w, "availability_frac", l->availability_frac);
    jw_obj(w, "failures");
    jw_int(w, "replicas", (int64_t)l->failures);
    jw_int(w, "reclaims", (int64_t)l->reclaims);
    jw_int(w, "requests_lost", (int64_t)l->lost);
    jw_int(w, "retries", (int64_t)l->retries);
    jw_int(w, "given_up", (int64_t)l->failed);
    jw_int(w, "prompt_tokens_lost", (int64_t)l->lost_prompt_tok);
    jw_int(w, "output_tokens_lost", (int64_t)l->lost_out_tok);
    jw_num(w, "mtbf_h", x->mtbf_s > 0 ? x->mtbf_s * H_PER_S : NAN);
    jw_end(w);
    if (!x->sim.lend.nhours)
        return;
    jw_obj(w, "lent");
    jw_num(w, "card_h", l->lent_s * H_PER_S * x->devices);
    jw_num(w, "useful_card_h", l->lent_useful_s * H_PER_S * x->devices);
    jw_num(w, "lost_card_h", l->lent_lost_s * H_PER_S * x->devices);
    jw_int(w, "returns", (int64_t)l->returns);
    jw_end(w);
}
