/* step.c - step = tokens(n) + head(sequences) + decode attention + prompt attention + host, at least the floor. */
#include "speed/step.h"

#include "speed/draft.h"
#include "speed/graph.h"
#include "speed/walk.h"

static struct op_time host(double t_s)
{
    return (struct op_time){.t_s = t_s, .work_s = t_s, .bound = BOUND_HOST};
}

void step_exact(const struct deployment *d, const struct step_load *load, struct step_time *out)
{
    struct engine e;
    engine_init(&e, d);
    time_begin(out);
    struct prefill_ways w = step_prefill_ways(load, d->pp, d->dp);
    double decode = (double)load->decode_seqs * (1 + d->spec.tokens), prompt = (double)load->prefill_tok;
    double asked = decode;
    if (load->prefill_tok == 0)
        decode = graph_padded(&d->graphs, decode);
    walk_tokens(&e, decode * e.share + prompt / (double)(w.pp * w.dp), decode / d->pp + prompt / (double)w.pp, out);
    walk_head(&e, asked + (double)load->prefill_done, out);
    double device_s = out->t_s;
    draft_walk(&e, (double)load->decode_seqs, (double)load->decode_full, (double)load->decode_clip, out);
    walk_decode(&e, (double)load->decode_seqs, (double)load->decode_full, (double)load->decode_clip, out);
    walk_prefill(&e, (double)load->prefill_tok, (double)load->prefill_chunks, load->prefill_pairs,
                 load->prefill_pairs_clip, w, out);
    double seqs = (double)(load->decode_seqs + load->prefill_chunks);
    time_add(out, "host", 1, host(d->stack.step_fixed_s + d->stack.step_per_seq_s * seqs / d->dp), BOUND_HOST);
    if (load->prefill_tok == 0) {
        double host_s = d->stack.step_fixed_s + d->stack.step_per_seq_s * seqs / d->dp;
        time_add(out, "host.launches", 1, host(graph_eager_s(d, asked, device_s + host_s)), BOUND_HOST);
    }
    double floor_s = load->prefill_tok > 0 ? d->stack.prefill_floor_s_per_layer * d->model->layers : 0;
    if (out->t_s < floor_s)
        time_add(out, "host.launches", 1, host(floor_s - out->t_s), BOUND_HOST);
}

struct step_load step_load_decode(const struct deployment *d, int64_t seqs, int64_t context)
{
    struct engine e;
    engine_init(&e, d);
    int64_t kv = context > (int64_t)e.min_kv ? context : (int64_t)e.min_kv;
    int64_t clip = kv < (int64_t)e.window ? kv : (int64_t)e.window;
    return (struct step_load){.decode_seqs = seqs, .decode_full = seqs * kv, .decode_clip = seqs * clip};
}

/* Pairs of a chunk behind `past` tokens when no query sees more than `window`: sum of min(past + i, window). */
double step_pairs(int64_t past, int64_t chunk, int64_t window)
{
    double p = (double)past, c = (double)chunk, w = (double)window;
    if (window <= 0 || past + chunk <= window)
        return c * p + c * (c + 1) / 2;
    double ramp = past < window ? w - p : 0; /* queries that still see everything */
    return ramp * p + ramp * (ramp + 1) / 2 + (c - ramp) * w;
}

struct step_load step_load_prefill(const struct deployment *d, int64_t seqs, int64_t past, int64_t chunk, bool last)
{
    struct engine e;
    engine_init(&e, d);
    double n = (double)seqs, window = e.window;
    return (struct step_load){.prefill_tok = seqs * chunk,
                              .prefill_chunks = seqs,
                              .prefill_first = past == 0 ? seqs : 0,
                              .prefill_done = last ? seqs : 0,
                              .prefill_pairs = n * step_pairs(past, chunk, 0),
                              .prefill_pairs_clip = window > 0 ? n * step_pairs(past, chunk, (int64_t)window) : 0};
}
