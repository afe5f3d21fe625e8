/* show_predict.c - `moat predict`: one operating point, its memory, and where a decode step's time goes. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/text.h"
#include "speed/draft.h"

static const char *memory_text(struct arena *a, const struct memory *m)
{
    return arena_printf(a, "%s weights, %s activations, %s workspace, %s KV cache; %s of %s usable are taken",
                        text_gb(a, m->weight_bytes), text_gb(a, m->activation_bytes), text_gb(a, m->workspace_bytes),
                        text_gb(a, m->kv_pool_bytes > 0 ? m->kv_pool_bytes : 0), text_gb(a, m->budget_bytes),
                        text_gb(a, m->usable_bytes));
}

static void title(const struct show *s, const struct point *p)
{
    struct arena *a = s->arena;
    buf_add(s->out, ink(s, INK_BOLD));
    text_wrap(s->out, arena_printf(a, "%s at %s on %d x %s (%s, %s): %s requests at a time, %s tokens in, %s out.", p->d.model->id,
                                   p->precision.text, p->devices, p->d.acc->id, deployment_text(a, &p->d), p->d.stack.framework,
                                   text_count(a, (double)p->batch_asked), text_count(a, (double)p->isl),
                                   text_count(a, (double)p->osl)), 0, s->width, 0);
    buf_fmt(s->out, "%s\n", ink_off(s));
}

static void power_lines(const struct show *s, const struct prediction *r)
{
    struct arena *a = s->arena;
    if (!isfinite(r->power_w.at)) {
        label_line(s, "power", "not known: the vendor publishes no TDP");
        return;
    }
    label_line(s, "power", arena_printf(a, "%s on average; %s in prompts, %s decoding", text_span_watts(a, r->power_w),
                                        text_span_watts(a, r->prefill_w), text_span_watts(a, r->decode_w)));
    label_line(s, "energy", arena_printf(a, "%s an output token, %s a prompt token", text_span(a, r->output_j_tok, "J"),
                                         text_span(a, r->prompt_j_tok, "J")));
}

static void point_text(const struct show *s, const struct point *p)
{
    struct arena *a = s->arena;
    const struct prediction *r = &p->p;
    const struct memory *m = &r->memory;
    title(s, p);
    if (!r->fits) {
        buf_fmt(s->out, "%sIt does not fit:%s ", ink(s, INK_BAD), ink_off(s));
        text_wrap(s->out, arena_printf(a, "%s short on each card.", text_gb(a, m->short_by_bytes)), 17, s->width, 0);
        buf_add(s->out, "\n\n");
        label_line(s, "memory", arena_printf(a, "a card: %s", memory_text(a, m)));
        label_line(s, "KV", arena_printf(a, "%s bytes a token", text_count(a, m->kv_total_bytes_tok)));
        label_line(s, "evidence", grade_name(r->evidence));
        return;
    }
    buf_add(s->out, "\n");
    if (r->batch < p->batch_asked)
        label_line(s, "batch", arena_printf(a, "%s: %s", text_count(a, (double)r->batch),
                                            r->batch >= p->d.max_tokens ? "a step takes no more tokens (max_tokens)" : "KV memory holds no more"));
    label_line(s, "TTFT", text_span_time(a, r->ttft_s));
    label_line(s, "TPOT", text_span_time(a, r->tpot_s));
    label_line(s, "throughput", arena_printf(a, "%s, %s a card", text_span(a, r->output_tok_s, "tok/s"),
                                             text_span_in(a, r->tok_s_per_device, 1)));
    if (p->d.spec.tokens > 0)
        label_line(s, "speculation", arena_printf(a, "%s tokens a step of %d proposed and 1 of its own (%s, %s of the proposed accepted)",
                                                  text_num(a, r->step_tok), p->d.spec.tokens, draft_text(&p->d.spec),
                                                  text_percent(a, draft_accepted_frac(&p->d.spec))));
    power_lines(s, r);
    if (p->price.found)
        label_line(s, "cost", arena_printf(a, "%s per million output tokens, %s; %s%s%s", text_span_usd(a, p->usd_mtok),
                                           text_usd_h(a, p->usd_h), p->price.source, p->price.note ? "; " : "",
                                           p->price.note ? p->price.note : ""));
    else
        label_line(s, "cost", "unpriced: no price of this accelerator is in the catalog");
    label_line(s, "memory", arena_printf(a, "a card: %s", memory_text(a, m)));
    label_line(s, "KV", arena_printf(a, "%s bytes a token; %s blocks of %d = %s tokens a replica", text_count(a, m->kv_total_bytes_tok),
                                     text_count(a, (double)m->kv_blocks), m->block_tok, text_count(a, (double)m->kv_tokens)));
    label_line(s, "evidence", arena_printf(a, "%s; [..] is an 80%% interval", grade_name(r->evidence)));
    if (s->verbose && p->d.stack.interval_source)
        label_line(s, "interval", p->d.stack.interval_source);
    buf_fmt(s->out, "\n%s", ink(s, INK_BOLD));
    text_wrap(s->out, arena_printf(a, "A decode step takes %s; it reaches %s of the peak arithmetic and %s of the memory bandwidth",
                                   text_time(a, r->decode.t_s), text_percent(a, r->mfu_frac), text_percent(a, r->mbu_frac)),
              0, s->width, 0);
    buf_fmt(s->out, "%s\n\n", ink_off(s));
    step_table_text(s, &r->decode);
    if (s->verbose) {
        buf_fmt(s->out, "\n%sThe prompt takes %s:%s\n\n", ink(s, INK_BOLD), text_time(a, r->prefill.t_s), ink_off(s));
        step_table_text(s, &r->prefill);
    }
}

static void by_bound(struct jw *w, const struct step_time *t)
{
    jw_obj(w, "by_bound_us");
    for (int i = 0; i < BOUND_N; i++)
        jw_num(w, bound_name[i], t->by_bound_s[i] * 1e6);
    jw_end(w);
}

/* Peaks of one card, that operators of `breakdown` are held against: a roofline. */
static void device_json(struct jw *w, const struct point *p)
{
    const struct accelerator *acc = p->d.acc;
    jw_obj(w, "device");
    jw_str(w, "accelerator", acc->id);
    jw_num(w, "peak_flop_s", p->precision.arith < ARITH_N ? acc->peak_flop_s[p->precision.arith] : NAN);
    jw_num(w, "half_flop_s", fmax(acc->peak_flop_s[ARITH_BF16], acc->peak_flop_s[ARITH_FP16]));
    jw_num(w, "mem_bw_bytes_s", acc->mem_bw_bytes_s);
    jw_end(w);
}

static void point_json(const struct show *s, const struct point *p)
{
    struct jw w;
    const struct prediction *r = &p->p;
    const struct memory *m = &r->memory;
    struct span none = {NAN, NAN, NAN};
    document_begin(&w, s, "moat.predict/1");
    jw_bool(&w, "fits", r->fits);
    jw_obj(&w, "deployment");
    jw_deployment(&w, &p->d);
    jw_int(&w, "devices", p->devices);
    jw_str(&w, "precision_run", p->precision.text);
    jw_end(&w);
    device_json(&w, p);
    jw_int(&w, "batch", r->batch);
    jw_int(&w, "batch_asked", p->batch_asked);
    jw_int(&w, "isl", p->isl);
    jw_int(&w, "osl", p->osl);
    jw_span(&w, "ttft_ms", r->fits ? r->ttft_s : none, MS_PER_S);
    jw_span(&w, "tpot_ms", r->fits ? r->tpot_s : none, MS_PER_S);
    jw_span(&w, "output_tok_s", r->fits ? r->output_tok_s : none, 1);
    jw_span(&w, "tok_s_per_accelerator", r->fits ? r->tok_s_per_device : none, 1);
    if (p->d.spec.tokens > 0)
        jw_speculation(&w, &p->d.spec, r->fits ? r->step_tok : NAN, draft_accepted_frac(&p->d.spec));
    jw_obj(&w, "memory");
    jw_num(&w, "weights_gb", m->weight_total_bytes / GIGA);
    jw_num(&w, "weights_gb_per_accelerator", m->weight_bytes / GIGA);
    jw_num(&w, "activation_gb_per_accelerator", m->activation_bytes / GIGA);
    jw_num(&w, "workspace_gb_per_accelerator", m->workspace_bytes / GIGA);
    jw_num(&w, "kv_pool_gb_per_accelerator", fmax(0, m->kv_pool_bytes) / GIGA);
    jw_num(&w, "usable_gb_per_accelerator", m->usable_bytes / GIGA);
    jw_num(&w, "budget_gb_per_accelerator", m->budget_bytes / GIGA);
    jw_num(&w, "short_by_gb_per_accelerator", m->fits ? 0 : m->short_by_bytes / GIGA);
    jw_num(&w, "kv_bytes_per_token", m->kv_total_bytes_tok);
    jw_int(&w, "kv_blocks", m->kv_blocks);
    jw_int(&w, "kv_block_tokens", m->block_tok);
    jw_int(&w, "kv_tokens", m->kv_tokens);
    jw_int(&w, "max_context", m->max_context);
    jw_end(&w);
    jw_span(&w, "power_w", r->fits ? r->power_w : none, 1);
    jw_span(&w, "prefill_power_w", r->fits ? r->prefill_w : none, 1);
    jw_span(&w, "decode_power_w", r->fits ? r->decode_w : none, 1);
    jw_span(&w, "j_per_output_tok", r->fits ? r->output_j_tok : none, 1);
    jw_span(&w, "j_per_prompt_tok", r->fits ? r->prompt_j_tok : none, 1);
    jw_num(&w, "usd_per_hour", p->usd_h);
    jw_span(&w, "usd_per_mtok", p->usd_mtok, 1);
    jw_num(&w, "usd_per_mtok_total", p->usd_mtok_total);
    jw_price(&w, "price", &p->price);
    jw_num(&w, "mfu_frac", r->fits ? r->mfu_frac : NAN);
    jw_num(&w, "mbu_frac", r->fits ? r->mbu_frac : NAN);
    jw_num(&w, "step_time_us", r->fits ? r->decode.t_s * 1e6 : NAN);
    by_bound(&w, &r->decode);
    jw_step(&w, "breakdown", &r->decode);
    jw_step(&w, "prefill_breakdown", &r->prefill);
    jw_str(&w, "evidence", grade_name(r->evidence));
    document_end(&w, s);
}

static void point_csv(const struct show *s, const struct point *p)
{
    struct buf *b = s->out;
    const struct prediction *r = &p->p;
    buf_add(b, "model,accelerator,devices,tp,pp,dp,ep,precision,kv_cache,framework,fits,batch,isl,osl,ttft_ms,ttft_ms_lo,ttft_ms_hi,"
               "tpot_ms,tpot_ms_lo,tpot_ms_hi,output_tok_s,tok_s_per_accelerator,kv_tokens,power_w,usd_per_hour,usd_per_mtok,"
               "evidence\n");
    csv_text(b, p->d.model->id);
    csv_text(b, p->d.acc->id);
    const int n[] = {p->devices, p->d.tp, p->d.pp, p->d.dp, p->d.ep};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        csv_int(b, n[i]);
    csv_text(b, precision_table[p->d.quant.linear].name);
    csv_text(b, precision_table[p->d.quant.kv].name);
    csv_text(b, p->d.stack.framework);
    csv_text(b, r->fits ? "true" : "false");
    csv_int(b, r->batch);
    csv_int(b, p->isl);
    csv_int(b, p->osl);
    const double v[] = {r->ttft_s.at * MS_PER_S, r->ttft_s.lo * MS_PER_S, r->ttft_s.hi * MS_PER_S, r->tpot_s.at * MS_PER_S,
                        r->tpot_s.lo * MS_PER_S, r->tpot_s.hi * MS_PER_S, r->output_tok_s.at, r->tok_s_per_device.at};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        csv_num(b, r->fits ? v[i] : NAN);
    csv_int(b, r->memory.kv_tokens);
    csv_num(b, r->fits ? r->power_w.at : NAN);
    csv_num(b, p->usd_h);
    csv_num(b, p->usd_mtok.at);
    csv_text(b, grade_name(r->evidence));
    csv_end(b);
}

void show_point(const struct show *s, const struct point *p)
{
    if (s->format == FORMAT_JSON)
        point_json(s, p);
    else if (s->format == FORMAT_CSV)
        point_csv(s, p);
    else
        point_text(s, p);
}
