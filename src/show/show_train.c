/* show_train.c - `moat train`: days, failures, dollars and energy of a campaign, its best split, and where a step's
 * time goes. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_train.h"
#include "show/table.h"
#include "show/text.h"

#define H_PER_S (1.0 / 3600)
#define TERA 1e12

static const char *split_text(struct arena *a, const struct train_split *s)
{
    struct buf b = {.arena = a};
    buf_fmt(&b, "tp %d, pp %d", s->tp, s->pp);
    if (s->vp > 1)
        buf_fmt(&b, " x %d chunks", s->vp);
    if (s->cp > 1)
        buf_fmt(&b, ", cp %d", s->cp);
    buf_fmt(&b, ", dp %d", s->dp);
    if (s->ep > 1)
        buf_fmt(&b, ", ep %d", s->ep);
    buf_fmt(&b, ", micro-batch %lld, %s", (long long)s->micro_batch, train_shard_name[s->shard]);
    if (s->recompute == RECOMPUTE_FULL && s->recompute_layers > 0)
        buf_fmt(&b, ", %d layers a stage recomputed", s->recompute_layers);
    else if (s->recompute != RECOMPUTE_NONE)
        buf_fmt(&b, ", %s recomputation", train_recompute_name[s->recompute]);
    return buf_str(&b);
}

static const char *memory_text(struct arena *a, const struct train_memory *m)
{
    return arena_printf(a,
                        "a card: %s weights, %s gradients, %s optimizer, %s activations, %s workspace; %s of %s usable",
                        text_gb(a, m->weight_bytes), text_gb(a, m->gradient_bytes), text_gb(a, m->optimizer_bytes),
                        text_gb(a, m->activation_bytes), text_gb(a, m->workspace_bytes), text_gb(a, m->total_bytes),
                        text_gb(a, m->usable_bytes));
}

static const char *percent_span(struct arena *a, struct span v)
{
    return arena_printf(a, "%s [%s-%s]", text_percent(a, v.at), text_percent(a, v.lo), text_percent(a, v.hi));
}

static void parts(const struct show *s, const struct train_plan *p)
{
    static const struct column col[] = {
        {"part", COL_LEFT, 0, 0}, {"time", COL_LEFT, 0, 0}, {"share", COL_RIGHT, 0, 0}, {"", COL_LEFT, 1, 0}};
    struct arena *a = s->arena;
    const struct train_step *t = &p->found.step;
    struct table tab;
    table_init(&tab, s, col, 4);
    for (int i = 0; i < TRAIN_PART_N; i++) {
        if (t->part_s[i] <= 0)
            continue;
        double share = t->part_s[i] / t->t_s;
        const char *cell[] = {train_part_name[i], text_time(a, t->part_s[i]), text_percent(a, share),
                              text_bar(a, share, 24)};
        table_row(&tab, NULL, cell);
    }
    table_print(&tab);
}

static void title(const struct show *s, const struct train_plan *p)
{
    struct arena *a = s->arena;
    const struct train_question *q = p->q;
    const char *lora = q->lora_rank > 0 ? arena_printf(a, ", LoRA of rank %d", q->lora_rank) : "";
    buf_add(s->out, ink(s, INK_BOLD));
    text_wrap(s->out,
              arena_printf(a, "%s in %s on %s x %s (%s): %s tokens%s, %s sequences of %s a step.", q->model->id,
                           precision_table[q->precision].name, text_count(a, q->devices), q->acc->id,
                           p->found.job.c.stack, text_big(a, q->tokens), lora, text_count(a, (double)q->global_batch),
                           text_count(a, (double)q->seq_tok)),
              0, s->width, 0);
    buf_fmt(s->out, "%s\n", ink_off(s));
}

static void no_answer(const struct show *s, const struct train_plan *p)
{
    struct arena *a = s->arena;
    const struct train_found *f = &p->found;
    buf_fmt(s->out, "%sNothing fits:%s ", ink(s, INK_BAD), ink_off(s));
    if (p->binding == TRAIN_BINDS_MEMORY) {
        text_wrap(s->out,
                  arena_printf(a, "the closest of %s splits lacks %s a card, it needs %s of the memory there is.",
                               text_count(a, (double)f->tried), text_gb(a, f->memory.short_by_bytes),
                               text_times(a, p->short_by)),
                  14, s->width, 0);
        buf_add(s->out, "\n\n");
        label_line(s, "closest", split_text(a, &f->split));
        label_line(s, "memory", memory_text(a, &f->memory));
    } else {
        text_wrap(s->out, arena_printf(a, "no split divides it; %s.", f->why), 14, s->width, 0);
        buf_add(s->out, "\n");
    }
}

static void reliability(const struct show *s, const struct train_plan *p)
{
    struct arena *a = s->arena;
    label_line(
        s, "failures",
        arena_printf(a, "%s expected, one every %s (%s h a card); checkpoint every %s, written in %s, restart in %s",
                     text_num(a, p->failures), text_time(a, p->job_mtbf_s), text_count(a, p->mtbf_s * H_PER_S),
                     text_time(a, p->checkpoint_interval_s), text_time(a, p->checkpoint_write_s),
                     text_time(a, p->restart_s)));
    label_line(s, "effective",
               arena_printf(a, "%s of the time is training; MFU over all hours %s", text_percent(a, p->effective_frac),
                            percent_span(a, p->mfu_all_hours_frac)));
}

static void text(const struct show *s, const struct train_plan *p)
{
    struct arena *a = s->arena;
    const struct train_found *f = &p->found;
    title(s, p);
    if (!f->any) {
        no_answer(s, p);
        label_line(s, "evidence", grade_name(p->evidence));
        return;
    }
    buf_add(s->out, "\n");
    if (p->binding == TRAIN_BINDS_FAILURES) {
        buf_fmt(s->out, "%sFailures leave no progress:%s ", ink(s, INK_BAD), ink_off(s));
        text_wrap(s->out,
                  arena_printf(a, "one every %s, and checkpoints every %s take %s to write and %s to restart from.",
                               text_time(a, p->job_mtbf_s), text_time(a, p->checkpoint_interval_s),
                               text_time(a, p->checkpoint_write_s), text_time(a, p->restart_s)),
                  28, s->width, 0);
        buf_add(s->out, "\n");
        return;
    }
    if (p->binding != TRAIN_BINDS_NOTHING)
        label_line(
            s, "over limit",
            arena_printf(a, "%s: %s of what is allowed", train_binding_name[p->binding], text_times(a, p->short_by)));
    label_line(s, "days",
               arena_printf(a, "%s; %s steps, %s accelerator-hours", text_span_in(a, p->days, 1),
                            text_count(a, p->steps), text_span_in(a, p->accelerator_hours, 1)));
    label_line(s, "step", text_span_time(a, p->step_s));
    label_line(s, "throughput", arena_printf(a, "%s a card", text_span(a, p->tok_s_device, "tok/s")));
    label_line(
        s, "MFU",
        arena_printf(a, "%s; %s counting 6N alone", percent_span(a, p->mfu_frac), text_percent(a, p->mfu_6nd_frac)));
    reliability(s, p);
    if (p->price.found)
        label_line(s, "cost",
                   arena_printf(a, "%s for %s cards at %s; %s%s%s", text_span_usd(a, p->usd), text_count(a, p->billed),
                                text_usd_h(a, p->price.usd_h), p->price.source, p->price.note ? "; " : "",
                                p->price.note ? p->price.note : ""));
    else
        label_line(s, "cost", "unpriced: no price of this accelerator is in the catalog");
    label_line(s, "energy",
               arena_printf(a, "%s MWh, servers and cooling included; %s a card", text_span_in(a, p->energy_mwh, 1),
                            text_watts(a, f->step.power_w)));
    label_line(s, "split", split_text(a, &f->split));
    label_line(s, "memory", memory_text(a, &f->memory));
    label_line(s, "evidence", arena_printf(a, "%s; [..] is an 80%% interval", grade_name(p->evidence)));
    if (s->verbose)
        label_line(
            s, "searched",
            arena_printf(a, "%s splits, %s fit", text_count(a, (double)f->tried), text_count(a, (double)f->fitting)));
    buf_fmt(s->out, "\n%s", ink(s, INK_BOLD));
    text_wrap(s->out,
              arena_printf(a, "A step of %lld micro-batches takes %s", (long long)f->step.micro_batches,
                           text_time(a, f->step.t_s)),
              0, s->width, 0);
    buf_fmt(s->out, "%s\n\n", ink_off(s));
    parts(s, p);
}

static void split_json(struct jw *w, const struct train_split *s)
{
    jw_obj(w, "parallelism");
    jw_int(w, "tp", s->tp);
    jw_int(w, "pp", s->pp);
    jw_int(w, "vp", s->vp);
    jw_int(w, "cp", s->cp);
    jw_int(w, "ep", s->ep);
    jw_int(w, "dp", s->dp);
    jw_int(w, "micro_batch", s->micro_batch);
    jw_str(w, "shard", train_shard_name[s->shard]);
    jw_str(w, "recompute", train_recompute_name[s->recompute]);
    jw_int(w, "recompute_layers", s->recompute == RECOMPUTE_FULL ? s->recompute_layers : 0);
    jw_end(w);
}

static void memory_json(struct jw *w, const struct train_memory *m)
{
    jw_obj(w, "memory");
    jw_num(w, "weight_gb", m->weight_bytes / GIGA);
    jw_num(w, "gradient_gb", m->gradient_bytes / GIGA);
    jw_num(w, "optimizer_gb", m->optimizer_bytes / GIGA);
    jw_num(w, "activation_gb", m->activation_bytes / GIGA);
    jw_num(w, "workspace_gb", m->workspace_bytes / GIGA);
    jw_num(w, "total_gb", m->total_bytes / GIGA);
    jw_num(w, "usable_gb", m->usable_bytes / GIGA);
    jw_num(w, "short_by_gb", m->short_by_bytes / GIGA);
    jw_end(w);
}

static void breakdown_json(struct jw *w, const struct train_plan *p)
{
    const struct train_step *t = &p->found.step;
    jw_arr(w, "breakdown");
    for (int i = 0; p->found.any && i < TRAIN_PART_N; i++) {
        double v = t->part_s[i];
        if (v <= 0)
            continue;
        struct span s = {v, v * p->step_s.lo / p->step_s.at, v * p->step_s.hi / p->step_s.at};
        jw_obj(w, NULL);
        jw_str(w, "part", train_part_name[i]);
        jw_span(w, "time_s", s, 1);
        jw_num(w, "share_frac", v / t->t_s);
        jw_end(w);
    }
    jw_end(w);
}

static void json(const struct show *s, const struct train_plan *p)
{
    struct jw w;
    const struct train_question *q = p->q;
    const struct train_found *f = &p->found;
    document_begin(&w, s, "moat.train/1");
    jw_bool(&w, "answered", f->any && p->binding == TRAIN_BINDS_NOTHING);
    jw_bool(&w, "fits", f->any);
    jw_str(&w, "binding", train_binding_name[p->binding]);
    jw_num(&w, "short_by", p->short_by);
    jw_str(&w, "reason", f->any || p->binding == TRAIN_BINDS_MEMORY ? NULL : f->why);
    jw_str(&w, "model", q->model->id);
    jw_str(&w, "accelerator", q->acc->id);
    jw_int(&w, "devices", q->devices);
    jw_str(&w, "stack", f->job.c.stack);
    jw_str(&w, "precision", precision_table[q->precision].name);
    jw_num(&w, "tokens", q->tokens);
    jw_int(&w, "global_batch", q->global_batch);
    jw_int(&w, "sequence", q->seq_tok);
    jw_num(&w, "steps", p->steps);
    jw_span(&w, "step_time_s", p->step_s, 1);
    jw_span(&w, "mfu_frac", p->mfu_frac, 1);
    jw_num(&w, "mfu_6nd_frac", p->mfu_6nd_frac);
    jw_span(&w, "mfu_all_hours_frac", p->mfu_all_hours_frac, 1);
    jw_span(&w, "tokens_per_s_per_accelerator", p->tok_s_device, 1);
    jw_span(&w, "days", p->days, 1);
    jw_span(&w, "accelerator_hours", p->accelerator_hours, 1);
    jw_num(&w, "failures", p->failures);
    jw_num(&w, "effective_frac", f->any ? p->effective_frac : NAN);
    jw_num(&w, "mtbf_h", p->mtbf_s * H_PER_S);
    jw_num(&w, "checkpoint_interval_s", p->checkpoint_interval_s);
    jw_num(&w, "checkpoint_write_s", p->checkpoint_write_s);
    jw_num(&w, "checkpoint_tb", p->checkpoint_bytes / TERA);
    jw_num(&w, "restart_s", p->restart_s);
    jw_span(&w, "usd", p->usd, 1);
    jw_num(&w, "usd_per_hour", p->usd_h);
    jw_int(&w, "billed_devices", p->billed);
    jw_price(&w, "price", &p->price);
    jw_span(&w, "energy_mwh", p->energy_mwh, 1);
    jw_num(&w, "power_w_per_accelerator", f->any ? f->step.power_w : NAN);
    split_json(&w, &f->split);
    jw_num(&w, "bubble_frac", f->any ? f->step.bubble_frac : NAN);
    jw_int(&w, "micro_batches", f->any ? f->step.micro_batches : 0);
    memory_json(&w, &f->memory);
    breakdown_json(&w, p);
    jw_int(&w, "splits_tried", (int64_t)f->tried);
    jw_str(&w, "evidence", grade_name(p->evidence));
    document_end(&w, s);
}

static void csv_span(struct buf *b, struct span v)
{
    csv_num(b, v.at);
    csv_num(b, v.lo);
    csv_num(b, v.hi);
}

static void csv(const struct show *s, const struct train_plan *p)
{
    struct buf *b = s->out;
    const struct train_question *q = p->q;
    const struct train_split *t = &p->found.split;
    buf_add(
        b,
        "model,accelerator,devices,precision,tokens,global_batch,sequence,fits,binding,short_by,tp,pp,vp,cp,ep,dp,"
        "micro_batch,shard,"
        "recompute,step_time_s,step_time_s_lo,step_time_s_hi,mfu_frac,mfu_frac_lo,mfu_frac_hi,tokens_per_s_per_"
        "accelerator,"
        "tokens_per_s_per_accelerator_lo,tokens_per_s_per_accelerator_hi,days,days_lo,days_hi,accelerator_hours,"
        "accelerator_hours_lo,accelerator_hours_hi,failures,effective_frac,usd,usd_lo,usd_hi,energy_mwh,energy_mwh_lo,"
        "energy_mwh_hi,evidence\n");
    csv_text(b, q->model->id);
    csv_text(b, q->acc->id);
    csv_int(b, q->devices);
    csv_text(b, precision_table[q->precision].name);
    csv_num(b, q->tokens);
    csv_int(b, q->global_batch);
    csv_int(b, q->seq_tok);
    csv_text(b, p->found.any ? "true" : "false");
    csv_text(b, train_binding_name[p->binding] ? train_binding_name[p->binding] : "");
    csv_num(b, p->short_by);
    const int n[] = {t->tp, t->pp, t->vp, t->cp, t->ep, t->dp};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        csv_int(b, n[i]);
    csv_int(b, t->micro_batch);
    csv_text(b, train_shard_name[t->shard]);
    csv_text(b, train_recompute_name[t->recompute]);
    csv_span(b, p->step_s);
    csv_span(b, p->mfu_frac);
    csv_span(b, p->tok_s_device);
    csv_span(b, p->days);
    csv_span(b, p->accelerator_hours);
    csv_num(b, p->failures);
    csv_num(b, p->found.any ? p->effective_frac : NAN);
    csv_span(b, p->usd);
    csv_span(b, p->energy_mwh);
    csv_text(b, grade_name(p->evidence));
    csv_end(b);
}

void show_train(const struct show *s, const struct train_plan *p)
{
    if (s->format == FORMAT_JSON)
        json(s, p);
    else if (s->format == FORMAT_CSV)
        csv(s, p);
    else
        text(s, p);
}
