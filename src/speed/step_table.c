/* step_table.c - the step as integers: token-wise work on a grid, linear between; attention as slopes a token.
**
** The grid follows the GEMM's tiles. A GEMM's compute time is a staircase in m: it jumps behind each multiple of 128
** rows (and behind 64). Up to 16 tiles both ends of each stair are grid points, so interpolation runs along the
** stair and never across a jump; above, where a stair is at most 1/16 of the height, points stand in the middle of a
** stair and the error is half a stair. Rows are those of one rank: tokens / (pp * dp).
*/
#include "base/arena.h"
#include "speed/draft.h"
#include "speed/graph.h"
#include "speed/power.h"
#include "speed/walk.h"

enum { GRID_MAX = 96 };

struct grid {
    int32_t at[GRID_MAX];
    int n;
    int64_t last;
};

static void point(struct grid *g, double rows, double unit)
{
    int64_t tok = (int64_t)(rows * unit);
    if (tok > g->last)
        tok = g->last;
    if (g->n < GRID_MAX && tok > (g->n ? g->at[g->n - 1] : 0))
        g->at[g->n++] = (int32_t)tok;
}

static struct grid grid_of(double unit, int64_t last)
{
    struct grid g = {.n = 0, .last = last};
    for (double tok = 1; tok < 16 && tok < unit; tok++) /* experts see every token of all ranks */
        point(&g, tok, 1);
    for (double rows = 1; rows < 16; rows += rows < 8 ? 1 : 2)
        point(&g, rows, unit);
    for (double rows = 16; rows <= 64; rows += rows < 32 ? 4 : 8)
        point(&g, rows, unit);
    point(&g, 64 + 1 / unit, unit); /* the token behind the stair */
    for (double rows = 128; rows <= 2048; rows += 128) {
        point(&g, rows, unit);
        point(&g, rows + 1 / unit, unit);
    }
    for (double rows = 2048 + 64; rows < 1e9 && rows * unit < (double)last;
         rows += rows < 4096 ? 512 : ceil(rows / 512) * 128)
        point(&g, rows, unit);
    if (g.n == GRID_MAX)
        g.at[GRID_MAX - 1] = (int32_t)last;
    else
        point(&g, (double)last, 1);
    return g;
}

static int64_t q20(double t_s)
{
    return (int64_t)llround(t_s * 1e9 * (double)Q20);
}

typedef void sample(const struct engine *e, double n, struct step_time *t);

static void sampled(const struct engine *e, sample *f, const struct grid *g, int64_t *at_q20)
{
    struct step_time t;
    for (int i = 0; i < g->n; i++) {
        time_begin(&t);
        f(e, g->at[i], &t);
        at_q20[i] = q20(t.t_s);
    }
}

/* (last + 1) values: 0, then linear between grid points in whole numbers. */
static int64_t *filled(struct arena *a, const struct grid *g, const int64_t *at_q20)
{
    int64_t *v = ARENA_ARRAY(a, int64_t, (size_t)g->last + 1);
    for (int i = 0; i + 1 < g->n; i++) {
        int64_t from = g->at[i], span = g->at[i + 1] - from, base = at_q20[i];
        int64_t step = (at_q20[i + 1] - base) / span;
        for (int64_t k = 0; k < span; k++)
            v[from + k] = base + step * k;
    }
    if (g->n > 0)
        v[g->at[g->n - 1]] = at_q20[g->n - 1];
    return v;
}

static bool same_attention(const struct prefill_kind *a, const struct prefill_kind *b)
{
    return a->op.pair_s == b->op.pair_s && a->op.row_tok == b->op.row_tok && a->op.tok_s == b->op.tok_s &&
           a->op.t0_s == b->op.t0_s && a->op.keys_cap == b->op.keys_cap && a->full == b->full && a->clip == b->clip;
}

/* Equal layers are one kind. More kinds than there is room for: the last stands for them by its compute a pair. */
static void kinds(const struct engine *e, struct step_table *t)
{
    const struct model *m = e->d->model;
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        if (l->mixer != MIX_GQA && l->mixer != MIX_MLA)
            continue;
        struct reach r = layer_reach(e, l);
        struct prefill_kind k = {layer_prefill(e, l), r.full, r.clip, l->count};
        int at = 0;
        while (at < t->nkind && !same_attention(&t->kind[at], &k))
            at++;
        if (at < t->nkind)
            t->kind[at].count += k.count;
        else if (at < STEP_KINDS_MAX)
            t->kind[t->nkind++] = k;
        else
            t->kind[STEP_KINDS_MAX - 1].count += k.count * k.op.pair_s / t->kind[STEP_KINDS_MAX - 1].op.pair_s;
    }
    t->kind_scale = 1;
}

static double decode_s(const struct engine *e, double seqs, double full, double clip)
{
    struct step_time t;
    time_begin(&t);
    walk_decode(e, seqs, full, clip, &t);
    draft_attention(e, seqs, full, clip, &t);
    return t.t_s;
}

/* Decode attention is linear, so three probes give its slopes, of the many sequences that fill all ranks and stages.
** Large probes: a slope keeps its digits. */
static void decode_slopes(const struct engine *e, struct step_table *t)
{
    const double n = 1048576;
    double fixed_s = decode_s(e, 1e-9, 0, 0), state_s = (decode_s(e, n, 0, 0) - fixed_s) / n;
    t->decode_fixed_q20 = q20(fixed_s);
    t->decode_full_q20 = q20((decode_s(e, n, n, 0) - fixed_s) / n - state_s);
    t->decode_clip_q20 = q20((decode_s(e, n, 0, n) - fixed_s) / n - state_s);
    t->decode_seq_q20 = q20(state_s);
}

static void prefill_slopes(const struct engine *e, struct step_table *t)
{
    const struct deployment *d = e->d;
    double pair_s = 0, tok_s = 0, chunk_s = 0, fixed_s = 0;
    for (size_t i = 0; i < d->model->ngroup; i++) {
        const struct layer *l = &d->model->group[i];
        pair_s += l->count * layer_indexer_pair_s(e, l);
        if (l->mixer != MIX_LINEAR)
            continue;
        struct op_time zero = layer_scan(e, l, 0, 0), tok = layer_scan(e, l, 1, 0), chunk = layer_scan(e, l, 0, 1);
        fixed_s += l->count * zero.t_s;
        tok_s += l->count * tok.work_s;
        chunk_s += l->count * chunk.work_s;
    }
    t->prefill_fixed_q20 = q20(fixed_s);
    t->prefill_tok_q20 = q20(tok_s * e->share);
    t->prefill_chunk_q20 = q20(chunk_s * e->share);
    t->prefill_pair_shift = 10;
    t->prefill_pair_q20 = q20(pair_s * e->share * 1024);
    t->prefill_floor_q20 = q20(d->stack.prefill_floor_s_per_layer * d->model->layers);
}

static void tokens(const struct engine *e, double tok, struct step_time *t)
{
    walk_tokens(e, tok * e->share, tok / e->d->pp, t);
}

static void no_expert_tokens(const struct engine *e, double tok, struct step_time *t)
{
    walk_tokens(e, tok * e->share, 1, t);
}

static void wide(const struct engine *e, double unit, struct step_table *t)
{
    double last = fmin((double)t->max_tok * unit, INT32_MAX);
    struct grid g = grid_of(unit, (int64_t)last);
    _Static_assert((int)GRID_MAX <= (int)WIDE_MAX, "a wide grid has room for a grid");
    t->wide.n = g.n;
    for (int i = 0; i < g.n; i++)
        t->wide.tok[i] = g.at[i];
    sampled(e, tokens, &g, t->wide.all_q20);
    sampled(e, no_expert_tokens, &g, t->wide.rank_q20);
}

/* Value of a wide grid, linear between its points and beyond. */
static int64_t wide_q20(const struct step_wide *g, const int64_t *v, double tok)
{
    int lo = 0, hi = g->n - 1;
    while (hi - lo > 1) {
        int mid = (lo + hi) / 2;
        *(tok >= g->tok[mid] ? &lo : &hi) = mid;
    }
    double part = (tok - g->tok[lo]) / (double)(g->tok[hi] - g->tok[lo]);
    return v[lo] + (int64_t)((double)(v[hi] - v[lo]) * fmax(0, part));
}

int64_t step_lone_q20(const struct step_table *t, const struct step_load *l, struct prefill_ways w)
{
    const struct step_wide *g = &t->wide;
    if (g->n < 2)
        return 0;
    double seqs = (double)l->decode_seqs * (1 + t->verify_tok), prompt = (double)l->prefill_tok, pp = t->pp, dp = t->dp;
    double all = seqs + prompt * pp / (double)w.pp, rank = seqs + prompt * pp * dp / (double)(w.pp * w.dp);
    double even = seqs + prompt;
    int64_t experts = wide_q20(g, g->all_q20, all) - wide_q20(g, g->rank_q20, all);
    int64_t more = experts + wide_q20(g, g->rank_q20, rank) - wide_q20(g, g->all_q20, even);
    return more > 0 ? more : 0;
}

/* Every count by itself: between two sizes nothing is linear. Sizes are few, so the walk is taken once for each. */
static void graphs(struct arena *a, const struct engine *e, int rows, struct step_table *t)
{
    const struct deployment *d = e->d;
    double last = -1;
    int64_t work = 0;
    t->graph_q20 = ARENA_ARRAY(a, int64_t, (size_t)rows + 1);
    for (int n = 1; n <= rows; n++) {
        double padded = graph_padded(&d->graphs, n);
        struct step_time s;
        if (padded != last && padded > n - 1) {
            time_begin(&s);
            tokens(e, padded, &s);
            work = q20(s.t_s);
            last = padded;
        }
        double seqs = (double)n / (1 + d->spec.tokens), host_s = d->stack.step_fixed_s + d->stack.step_per_seq_s * seqs / d->dp;
        double device_s = (double)(work + t->head_q20[n]) * 1e-9 / (double)Q20;
        t->graph_q20[n] = work + q20(graph_eager_s(d, n, device_s + host_s));
    }
}

void step_table_build(struct arena *a, const struct deployment *d, struct step_table *out)
{
    struct engine e;
    engine_init(&e, d);
    int rows = d->max_seqs * (1 + d->spec.tokens);
    *out = (struct step_table){.max_tok = d->max_tokens > rows ? d->max_tokens : rows,
                               .verify_tok = d->spec.tokens,
                               .max_seqs = d->max_seqs,
                               .pp = d->pp,
                               .dp = d->dp};
    double unit = d->pp * d->dp;
    struct grid g = grid_of(unit, out->max_tok), h = grid_of(unit, rows);
    out->ngrid = g.n;
    out->grid_tok = ARENA_ARRAY(a, int32_t, (size_t)g.n);
    out->grid_q20 = ARENA_ARRAY(a, int64_t, (size_t)g.n);
    for (int i = 0; i < g.n; i++)
        out->grid_tok[i] = g.at[i];
    sampled(&e, tokens, &g, out->grid_q20);
    out->tok_q20 = filled(a, &g, out->grid_q20);
    int64_t head[GRID_MAX];
    sampled(&e, walk_head, &h, head);
    out->head_q20 = filled(a, &h, head);

    if (d->graphs.n)
        graphs(a, &e, rows, out);
    if (d->spec.tokens > 0 && d->spec.draft != DRAFT_NGRAM) {
        struct grid n = grid_of(unit, out->max_seqs);
        sampled(&e, draft_tokens, &n, head);
        out->draft_q20 = filled(a, &n, head);
    }
    if (unit > 1)
        wide(&e, unit, out);
    decode_slopes(&e, out);
    prefill_slopes(&e, out);
    kinds(&e, out);
    out->clip_window = (int64_t)e.window;
    out->min_kv = (int64_t)e.min_kv;
    out->step_fixed_q20 = q20(d->stack.step_fixed_s);
    out->step_per_seq_q20 = q20(d->stack.step_per_seq_s / d->dp); /* each rank schedules its own */
    power_of_replica(d, out);
    enum tier tier = engine_tier(&e);
    out->interval_lo = d->stack.interval[tier].step_lo;
    out->interval_hi = d->stack.interval[tier].step_hi;
    out->ttft_fixed_s = d->stack.request_fixed_s;
    out->evidence = engine_evidence(&e);
}

double step_decode_w(const struct step_table *t, double seqs)
{
    if (t->npower < 1) /* a table made by hand, without power */
        return 0;
    double at = seqs > 1 ? log(seqs) / log(STEP_POWER_RATIO) : 0;
    int i = (int)at;
    if (i >= t->npower - 1)
        return t->power_decode_w[t->npower - 1];
    return t->power_decode_w[i] + (at - i) * (t->power_decode_w[i + 1] - t->power_decode_w[i]);
}

static int64_t *scaled(struct arena *a, const int64_t *v, size_t n, double f)
{
    int64_t *out = ARENA_ARRAY(a, int64_t, n);
    for (size_t i = 0; i < n; i++)
        out[i] = (int64_t)((double)v[i] * f);
    return out;
}

struct step_table step_table_scale(struct arena *a, const struct step_table *t, double f)
{
    struct step_table s = *t;
    int64_t *one[] = {&s.decode_fixed_q20,  &s.decode_full_q20, &s.decode_clip_q20,   &s.decode_seq_q20,
                      &s.prefill_fixed_q20, &s.prefill_tok_q20, &s.prefill_chunk_q20, &s.prefill_pair_q20,
                      &s.prefill_floor_q20, &s.step_fixed_q20,  &s.step_per_seq_q20};
    s.grid_q20 = scaled(a, t->grid_q20, (size_t)t->ngrid, f);
    s.tok_q20 = scaled(a, t->tok_q20, (size_t)t->max_tok + 1, f);
    if (t->graph_q20)
        s.graph_q20 = scaled(a, t->graph_q20, (size_t)t->max_seqs * (size_t)(1 + t->verify_tok) + 1, f);
    s.head_q20 = scaled(a, t->head_q20, (size_t)t->max_seqs * (size_t)(1 + t->verify_tok) + 1, f);
    if (t->draft_q20)
        s.draft_q20 = scaled(a, t->draft_q20, (size_t)t->max_seqs + 1, f);
    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        *one[i] = (int64_t)((double)*one[i] * f);
    for (int i = 0; i < s.wide.n; i++) {
        s.wide.all_q20[i] = (int64_t)((double)s.wide.all_q20[i] * f);
        s.wide.rank_q20[i] = (int64_t)((double)s.wide.rank_q20[i] * f);
    }
    s.kind_scale = t->kind_scale * f;
    return s;
}

struct step_table step_table_shared(struct arena *a, const struct step_table *t, double models, double active)
{
    struct step_table s = step_table_scale(a, t, active);
    s.step_fixed_q20 = t->step_fixed_q20;
    s.step_per_seq_q20 = t->step_per_seq_q20;
    s.prefill_floor_q20 = t->prefill_floor_q20;
    s.power_prefill_w /= active;
    s.power_idle_w /= models;
    for (int i = 0; i < s.npower; i++)
        s.power_decode_w[i] /= active;
    return s;
}
