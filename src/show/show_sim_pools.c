/* show_sim_pools.c - `moat sim` with `pools:`: a row a pool in text, an object in JSON, columns in CSV. */
#include "show/show_sim_pools.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/units.h"
#include "show/document.h"
#include "show/table.h"
#include "show/text.h"

bool sim_has_pools(const struct sim_run_out *r)
{
    return r->pool[0].name != NULL;
}

const char *sim_pools_cards(struct arena *a, const struct sim_run_out *r)
{
    struct buf b = {.arena = a};
    for (int i = 0; i < r->npool; i++)
        buf_fmt(&b, "%s%d x %s", !i ? "" : i + 1 < r->npool ? ", " : " and ", r->pool[i].devices, r->pool[i].d.acc->id);
    return buf_str(&b);
}

const char *sim_accelerators(struct arena *a, const struct sim_run_out *r)
{
    struct buf b = {.arena = a};
    for (int i = 0; i < r->npool; i++) {
        int k = 0;
        while (k < i && r->pool[k].d.acc != r->pool[i].d.acc)
            k++;
        if (k == i)
            buf_fmt(&b, "%s%s", i ? "+" : "", r->pool[i].d.acc->id);
    }
    return buf_str(&b);
}

static const char *energy_text(struct arena *a, const struct pool_out *p)
{
    return isfinite(p->energy_kwh.at) ? arena_printf(a, "%s kWh", text_num(a, p->energy_kwh.at)) : "-";
}

void sim_pools_text(const struct show *s, const struct sim_run_out *r)
{
    static const struct column col[] = {{"pool", COL_LEFT, 0, 0},     {"replicas", COL_LEFT, 0, 0}, {"requests", COL_RIGHT, 0, 0},
                                        {"busy", COL_RIGHT, 0, 0},    {"batch", COL_RIGHT, 3, 0},   {"KV\npeak", COL_RIGHT, 0, 0},
                                        {"pre-\nempted", COL_RIGHT, 4, 0}, {"energy", COL_RIGHT, 2, 0}, {"cost", COL_RIGHT, 1, 0}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (int i = 0; i < r->npool; i++) {
        const struct pool_out *p = &r->pool[i];
        const struct sim_pool_result *x = &r->r.pool[i];
        const char *cell[] = {p->name, arena_printf(a, "%d of %s on %s", p->replicas, deployment_text(a, &p->d), p->d.acc->id),
                              text_count(a, (double)x->requests), text_percent(a, x->busy_frac), text_num(a, x->batch_mean),
                              text_percent(a, x->kv_peak_frac), text_count(a, (double)x->preemptions), energy_text(a, p),
                              p->price.found ? text_usd_h(a, p->usd_h) : "-"};
        table_row(&t, NULL, cell);
    }
    buf_add(s->out, "\n");
    table_print(&t);
}

void sim_transfer_text(const struct show *s, const struct sim_run_out *r)
{
    const struct sim_transfer_result *x = &r->r.transfer;
    struct arena *a = s->arena;
    double fullest = 0;
    if (!x->n)
        return;
    for (int i = 0; i < r->npool; i++)
        fullest = fmax(fullest, r->r.pool[i].nic_frac);
    label_line(s, "transfers", arena_printf(a, "%s from prefill to decode, %s in all: %s each on average, %s at most; before it %s for room there, "
                                            "%s at most; links %s used in the busier pool",
                                            text_count(a, (double)x->n), text_gb(a, x->bytes), text_time(a, x->moving_mean_s),
                                            text_time(a, x->moving_max_s), text_time(a, x->room_mean_s), text_time(a, x->room_max_s),
                                            text_percent(a, fullest)));
}

static void pool_json(struct jw *w, const struct pool_out *p, const struct sim_pool_result *x)
{
    jw_obj(w, NULL);
    jw_str(w, "name", p->name);
    jw_str(w, "role", pool_role_name[p->role]);
    jw_deployment(w, &p->d);
    jw_int(w, "replicas", p->replicas);
    jw_int(w, "devices", p->devices);
    jw_str(w, "scheduler", p->scheduler);
    jw_str(w, "precision_run", p->precision.text);
    jw_int(w, "requests", (int64_t)x->requests);
    jw_int(w, "requests_good", (int64_t)x->good);
    jw_int(w, "input_tokens", (int64_t)x->tok_in);
    jw_int(w, "output_tokens", (int64_t)x->tok_out);
    jw_num(w, "utilisation_frac", x->busy_frac);
    jw_num(w, "batch_mean", x->batch_mean);
    jw_obj(w, "kv");
    jw_int(w, "blocks", p->memory.kv_blocks);
    jw_int(w, "block_tokens", p->memory.block_tok);
    jw_num(w, "peak_frac", x->kv_peak_frac);
    jw_num(w, "mean_frac", x->kv_mean_frac);
    jw_end(w);
    jw_int(w, "preemptions", (int64_t)x->preemptions);
    jw_span(w, "energy_kwh", p->energy_kwh, 1);
    jw_num(w, "usd_per_hour", p->usd_h);
    jw_price(w, "price", &p->price);
    if (p->link_bytes_s > 0) {
        jw_num(w, "link_gb_s", p->link_bytes_s / GIGA);
        jw_num(w, "link_utilisation_frac", x->nic_frac);
    }
    jw_str(w, "evidence", grade_name(p->evidence));
    jw_end(w);
}

void sim_pools_json(struct jw *w, const struct sim_run_out *r)
{
    const struct sim_transfer_result *x = &r->r.transfer;
    if (!sim_has_pools(r))
        return;
    jw_arr(w, "pools");
    for (int i = 0; i < r->npool; i++)
        pool_json(w, &r->pool[i], &r->r.pool[i]);
    jw_end(w);
    if (!r->disaggregated)
        return;
    jw_obj(w, "transfer");
    jw_int(w, "n", (int64_t)x->n);
    jw_num(w, "gb", x->bytes / GIGA);
    jw_num(w, "room_mean_ms", x->room_mean_s * MS_PER_S);
    jw_num(w, "room_max_ms", x->room_max_s * MS_PER_S);
    jw_num(w, "moving_mean_ms", x->moving_mean_s * MS_PER_S);
    jw_num(w, "moving_max_ms", x->moving_max_s * MS_PER_S);
    jw_end(w);
}

void sim_pools_csv_head(struct buf *b, const struct sim_run_out *r)
{
    static const char *const key[] = {"accelerator", "role", "replicas", "devices", "requests", "utilisation_frac", "kv_peak_frac",
                                      "preemptions", "energy_kwh", "usd_per_hour"};
    for (int i = 0; sim_has_pools(r) && i < r->npool; i++)
        for (size_t k = 0; k < sizeof key / sizeof *key; k++)
            csv_text(b, arena_printf(b->arena, "%s_%s", r->pool[i].name, key[k]));
}

void sim_pools_csv(struct buf *b, const struct sim_run_out *r)
{
    for (int i = 0; sim_has_pools(r) && i < r->npool; i++) {
        const struct pool_out *p = &r->pool[i];
        const struct sim_pool_result *x = &r->r.pool[i];
        csv_text(b, p->d.acc->id);
        csv_text(b, pool_role_name[p->role]);
        csv_int(b, p->replicas);
        csv_int(b, p->devices);
        csv_int(b, (int64_t)x->requests);
        csv_num(b, x->busy_frac);
        csv_num(b, x->kv_peak_frac);
        csv_int(b, (int64_t)x->preemptions);
        csv_num(b, p->energy_kwh.at);
        csv_num(b, p->usd_h);
    }
}
