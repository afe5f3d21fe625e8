/* show_sim_services.c - `moat sim` of several services: each as if it were alone, and the sums. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_sim_pools.h"
#include "show/text.h"

static void services_text(const struct show *s, const struct services_out *r)
{
    struct arena *a = s->arena;
    for (size_t i = 0; i < r->n; i++) {
        const struct service_keys *k = &r->scenario->service[i];
        buf_fmt(s->out, "%s%s%s%s\n", i ? "\n" : "", ink(s, INK_BOLD), k->name, ink_off(s));
        sim_text(s, k->own, &r->run[i], NULL);
    }
    buf_fmt(s->out, "\n%sAll %zu services%s\n", ink(s, INK_BOLD), r->n, ink_off(s));
    label_line(s, "cards", arena_printf(a, "%d, busy %s of the time", r->devices, text_percent(a, r->busy_frac)));
    label_line(s, "requests", arena_printf(a, "%s offered, %s completed, %s rejected; %s/s, %s/s within the limits",
                                           text_count(a, (double)r->offered), text_count(a, (double)r->completed),
                                           text_count(a, (double)r->rejected), text_num(a, r->req_s), text_num(a, r->goodput_req_s)));
    if (r->saturated)
        label_line(s, "saturated", "a queue grew over its whole trace");
    label_line(s, "cost", isfinite(r->usd_h) ? arena_printf(a, "%s, %s per million output tokens (%s with the prompts counted)",
                                                            text_usd_h(a, r->usd_h), text_usd(a, r->usd_mtok), text_usd(a, r->usd_mtok_total))
                                             : "unpriced: no price of one of the accelerators is in the catalog");
    if (isfinite(r->energy_kwh.at))
        label_line(s, "energy", arena_printf(a, "%s, %s on average", text_span(a, r->energy_kwh, "kWh"), text_span_watts(a, r->power_w)));
}

static void services_json(const struct show *s, const struct services_out *r)
{
    struct jw w;
    document_begin(&w, s, "moat.sim_services/1");
    jw_str(&w, "scenario", r->scenario->name);
    jw_int(&w, "devices", r->devices);
    jw_int(&w, "replicas", r->replicas);
    jw_obj(&w, "requests");
    jw_int(&w, "offered", (int64_t)r->offered);
    jw_int(&w, "completed", (int64_t)r->completed);
    jw_int(&w, "rejected", (int64_t)r->rejected);
    jw_int(&w, "failed", (int64_t)r->failed);
    jw_end(&w);
    jw_obj(&w, "throughput");
    jw_num(&w, "req_s", r->req_s);
    jw_num(&w, "output_tok_s", r->output_tok_s);
    jw_num(&w, "total_tok_s", r->total_tok_s);
    jw_end(&w);
    jw_num(&w, "goodput_req_s", r->goodput_req_s);
    jw_bool(&w, "saturated", r->saturated);
    jw_num(&w, "utilisation_frac", r->busy_frac);
    jw_int(&w, "preemptions", (int64_t)r->preemptions);
    jw_obj(&w, "misses_by_cause");
    for (int i = 0; i < MISS_N; i++)
        jw_int(&w, miss_cause_name[i], (int64_t)r->miss[i]);
    jw_end(&w);
    jw_span(&w, "energy_kwh", r->energy_kwh, 1);
    jw_span(&w, "power_w", r->power_w, 1);
    jw_num(&w, "usd_per_hour", r->usd_h);
    jw_num(&w, "usd_per_mtok", r->usd_mtok);
    jw_num(&w, "usd_per_mtok_total", r->usd_mtok_total);
    jw_str(&w, "evidence", grade_name(r->evidence));
    jw_arr(&w, "services");
    for (size_t i = 0; i < r->n; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "name", r->scenario->service[i].name);
        sim_json_body(&w, s, r->scenario->service[i].own, &r->run[i]);
        jw_end(&w);
    }
    jw_end(&w);
    document_notes(&w, s);
    jw_obj(&w, "run");
    jw_num(&w, "wall_s", s->wall_s);
    jw_int(&w, "events", (int64_t)r->events);
    jw_num(&w, "requests_per_s", (double)r->offered / s->wall_s);
    jw_num(&w, "peak_rss_mb", s->peak_rss_mb);
    jw_end(&w);
    jw_end(&w);
    buf_add(s->out, "\n");
}

/* A row a service; the columns of pools are left out, since services may have different ones. */
static void services_csv(const struct show *s, const struct services_out *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct buf one = {.arena = s->arena};
        struct show to = *s;
        struct sim_run_out *plain = ARENA_NEW(s->arena, struct sim_run_out);
        to.out = &one;
        *plain = r->run[i];
        for (int k = 0; k < plain->npool; k++)
            plain->pool[k].name = NULL;
        sim_csv(&to, plain, NULL);
        const char *text = buf_str(&one), *row = text;
        while (*row && *row++ != '\n')
            ;
        if (i == 0)
            buf_fmt(s->out, "service,%.*s", (int)(row - text), text);
        csv_text(s->out, r->scenario->service[i].name);
        buf_fmt(s->out, ",%s", row);
    }
}

void show_sim_services(const struct show *s, const struct services_out *r)
{
    if (s->format == FORMAT_JSON)
        services_json(s, r);
    else if (s->format == FORMAT_CSV)
        services_csv(s, r);
    else
        services_text(s, r);
}
