/* traffic_generate.c - requests from a preset or from `arrivals`, `rate_curve`, `prompt_tokens` and `output_tokens`; same seed, same
** requests.
**
** Three streams: gaps, prompts and outputs, so that a change of one leaves the others as they were.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/rng.h"
#include "base/units.h"
#include "facts/arrivals.h"
#include "facts/clients.h"
#include "facts/length.h"
#include "facts/preset.h"
#include "facts/rate_curve.h"
#include "facts/request.h"
#include "facts/spool.h"
#include "facts/traffic.h"
#include "facts/turns.h"

#define MAX_REQUESTS 100000000  /* 3.2 GB of requests */

enum { STREAM_GAP = 0x67617021, STREAM_IN = 0x696e2121, STREAM_OUT = 0x6f757421 };

struct plan {                   /* what to generate */
    const struct preset *preset;
    struct arrivals arrivals;
    struct rate_curve curve;    /* n 0: none */
    struct length in, out;
    double duration_s;          /* 0: until count */
    int64_t count;              /* 0: until duration */
};

static bool read_preset(struct arena *a, const struct node *nd, struct plan *p, struct err *e)
{
    const char *name = NULL, *names[64];
    if (!nd)
        return true;
    if (!node_str(a, nd, &name, e))
        return false;
    p->preset = preset_find(name);
    if (p->preset)
        return true;
    struct buf list = {.arena = a};
    for (size_t i = 0; i < preset_count; i++) {
        names[i] = presets[i].name;
        buf_fmt(&list, "%s%s", i ? ", " : "", presets[i].name);
    }
    const char *close = text_closest(name, names, preset_count);
    err_input(e, node_place(a, nd), "no preset \"%s\"", name);
    return close ? err_mend(e, "did you mean \"%s\"?", close) : err_mend(e, "there are %s", buf_str(&list));
}

static bool read_lengths(struct arena *a, const struct node *spec, const char *base_dir, struct plan *p, struct err *e)
{
    const struct node *in = node_get(spec, "prompt_tokens"), *out = node_get(spec, "output_tokens");
    if (p->preset) {
        p->in = length_table(p->preset->in, p->preset->nin);
        p->out = length_table(p->preset->out, p->preset->nout);
    }
    if ((!in || !out) && !p->preset) {
        err_input(e, node_place(a, spec), "%s is missing", in ? "output_tokens" : "prompt_tokens");
        return err_mend(e, "write %s: {dist: lognormal, median: 900, p99: 7000}, or a preset or a trace",
                        in ? "output_tokens" : "prompt_tokens");
    }
    return (!in || length_read(a, in, base_dir, false, &p->in, e)) && (!out || length_read(a, out, base_dir, true, &p->out, e));
}

/* The curve takes the place of the preset's own; its rates count unless another one is given. */
static bool read_curve(struct arena *a, const struct node *spec, const char *base_dir, struct plan *p, struct err *e)
{
    const struct node *nd = node_get(spec, "rate_curve");
    if (!nd)
        return true;
    if (node_get(spec, "concurrency") || (p->arrivals.process && arrivals_all_at_once(&p->arrivals)))
        return err_input(e, node_place(a, nd), "a rate curve needs arrivals in time, not a closed loop or all at once");
    if (p->arrivals.diurnal > 0)
        return err_input(e, node_place(a, nd), "rate_curve and arrivals.diurnal exclude each other");
    if (!rate_curve_read(a, nd, base_dir, &p->curve, e))
        return false;
    p->arrivals.curve = p->curve.rel;
    p->arrivals.ncurve = p->curve.n;
    p->arrivals.cells_s = p->curve.cell_s;
    return true;
}

static bool read_arrivals(struct arena *a, const struct node *spec, const char *base_dir, struct plan *p, struct err *e)
{
    const struct node *nd = node_get(spec, "arrivals"), *closed = node_get(spec, "concurrency"), *curve = node_get(spec, "rate_curve");
    double rate_s = 0;
    if (!node_unit(a, node_get(spec, "rate"), UNIT_RATE_S, &rate_s, e))
        return false;
    if (node_get(spec, "sessions") && !nd && !closed && !curve) {
        err_input(e, node_place(a, node_get(spec, "sessions")), "how often does a session begin?");
        return err_mend(e, "write arrivals: {rate: 2/s} beside it, or concurrency: 64 for so many at a time");
    }
    if (nd) {
        if (!arrivals_read(a, nd, &p->arrivals, e))
            return false;
    } else if (closed && !curve) {      /* a closed loop draws from a pile */
        arrivals_pile(&p->arrivals);
        return true;
    } else if (p->preset)
        arrivals_preset(a, p->preset, &p->arrivals);
    else if (curve)
        arrivals_poisson(&p->arrivals);
    else {
        err_input(e, node_place(a, spec), "no trace, preset or arrivals");
        return err_mend(e, "write preset: azure-2023-conv, or arrivals: {process: poisson, rate: 20/s}");
    }
    if (!read_curve(a, spec, base_dir, p, e))
        return false;
    if (curve && (rate_s > 0 || !nd))
        p->arrivals.rate_s = rate_s;    /* the rate asked for, then the curve's, then the preset's */
    if (!(p->arrivals.rate_s > 0))
        p->arrivals.rate_s = rate_s > 0 ? rate_s : p->curve.mean_s > 0 ? p->curve.mean_s : p->preset ? p->preset->rate_s : 0;
    if (!(p->arrivals.rate_s > 0) && !arrivals_all_at_once(&p->arrivals))
        return err_input(e, node_place(a, nd ? nd : curve), "the rate is missing: write rate: 20/s");
    return true;
}

/* How many times faster the result will be played: what is generated must last that much longer. */
static bool read_speed(struct arena *a, const struct node *spec, const struct plan *p, double *k, struct err *e)
{
    double rate_s = 0;
    *k = 1;
    if (!node_unit(a, node_get(spec, "speedup"), UNIT_FACTOR, k, e) ||
        !node_unit(a, node_get(spec, "rate"), UNIT_RATE_S, &rate_s, e))
        return false;
    if (rate_s > 0 && p->arrivals.rate_s > 0 && !p->curve.n && !node_get(spec, "sessions"))
        *k = rate_s / p->arrivals.rate_s;
    return true;
}

/* How long, and how many. A preset lasts as long as it was observed. */
static bool read_extent(struct arena *a, const struct node *spec, struct plan *p, struct err *e)
{
    const struct node *dur = node_get(spec, "duration"), *req = node_get(spec, "requests");
    double k;
    if (!req)
        req = node_get(spec, "num_requests");
    if (!node_unit(a, dur, UNIT_DURATION_S, &p->duration_s, e) || !node_int(a, req, 1, MAX_REQUESTS, &p->count, e) ||
        !read_speed(a, spec, p, &k, e))
        return false;
    if (dur && !(p->duration_s > 0))
        return err_input(e, node_place(a, dur), "the duration must be above 0");
    if (arrivals_all_at_once(&p->arrivals)) {
        if (!p->count)
            return err_input(e, node_place(a, spec), "say how many: requests: 1000 is missing");
        p->duration_s = 0;
        return true;
    }
    p->duration_s *= k;
    if (!dur && !req) {
        if (p->curve.n) {
            p->duration_s = p->curve.span_s;
        } else if (!p->preset) {
            err_input(e, node_place(a, spec), "neither duration nor requests is given");
            return err_mend(e, "write duration: 1h or requests: 10000");
        } else
            p->duration_s = p->preset->span_s;
    }
    if (p->duration_s > 1e9 || (double)p->count / p->arrivals.rate_s > 1e9)
        return err_input(e, node_place(a, dur ? dur : req), "the traffic would last more than 30 years");
    if (p->duration_s * p->arrivals.rate_s > MAX_REQUESTS && !p->count)
        return err_input(e, node_place(a, dur ? dur : spec), "%.3g requests are more than the %d that can be held",
                         p->duration_s * p->arrivals.rate_s, MAX_REQUESTS);
    return true;
}

static bool draw(struct arena *a, const struct plan *p, uint64_t seed, size_t keep, struct traffic *t, struct err *e)
{
    struct rng gap, in, out;
    struct arrival_clock clock;
    double mean = p->arrivals.rate_s * p->duration_s;
    size_t cap = p->count && (p->duration_s <= 0 || (double)p->count < mean) ? (size_t)p->count : (size_t)(mean * 1.05) + 64;
    rng_seed(&gap, seed, STREAM_GAP);
    rng_seed(&in, seed, STREAM_IN);
    rng_seed(&out, seed, STREAM_OUT);
    arrival_start(&clock, &p->arrivals, &gap);
    cap = cap < keep ? cap : keep;
    t->req = ARENA_ARRAY(a, struct request, cap);
    for (size_t n = 0; !p->count || n < (size_t)p->count; n++) {
        double t_s = arrival_next(&clock);
        if (p->duration_s > 0 && t_s >= p->duration_s)
            break;
        if (t->n == keep || (t->spool && t->n == SPOOL_ROWS)) {
            if (!traffic_spool(a, t, e))
                return false;
        } else if (t->n == cap) {
            t->req = arena_grow(a, t->req, t->n, cap * 2, sizeof *t->req);
            cap *= 2;
        }
        t->req[t->n] = (struct request){
            .arrival_ns = (int64_t)(t_s * 1e9),
            .in_tok = (int32_t)length_draw(&p->in, &in),
            .out_tok = (int32_t)length_draw(&p->out, &out),
            .row = (uint32_t)n + 1,
        };
        t->n++;
    }
    return traffic_spooled(a, t, e);
}

/* Sessions begin where requests would arrive; `requests` counts their calls. In a closed loop all are there from the start. */
static bool draw_sessions(struct arena *a, const struct node *nd, const char *base_dir, const struct plan *p, uint64_t seed, struct traffic *t, struct err *e)
{
    struct session_spec s = {.user = p->in, .answer = p->out};
    struct rng gap;
    struct arrival_clock clock;
    if (!turns_read(a, nd, base_dir, &s, e))
        return false;
    struct turn_list *l = turns_open(a, &s, seed);
    rng_seed(&gap, seed, STREAM_GAP);
    arrival_start(&clock, &p->arrivals, &gap);
    for (size_t n = 0, empty = 0; !p->count || n < (size_t)p->count;) {
        double t_s = arrival_next(&clock);
        if (p->duration_s > 0 && t_s >= p->duration_s)
            break;
        size_t now = turns_add(l, (int64_t)(t_s * 1e9));
        empty = now > n ? 0 : empty + 1;
        if (empty == 10000)
            return err_input(e, node_place(a, nd), "no session fits into its context: not even the first prompt and its answer");
        if (now > MAX_REQUESTS || turns_full(l))
            return err_input(e, node_place(a, nd), "the sessions make more requests or blocks than can be held (%d, %u)", MAX_REQUESTS,
                             UINT32_MAX);
        n = now;
    }
    turns_close(l, t);
    return true;
}

/* A part of a curve has another mean than the whole: the rate is that of the whole. */
static void note_curve(const struct plan *p, struct notes *notes)
{
    const struct rate_curve *c = &p->curve;
    if (!c->n)
        return;
    double mean = p->duration_s > 0 ? rate_curve_mean(c, p->duration_s) : 1;
    note_add(notes, "traffic.rate_curve: %s: a mean of %.4g/s over %.4g days", c->name, p->arrivals.rate_s, c->span_s / 86400);
    if (fabs(mean - 1) > 0.01)
        note_add(notes, "traffic.rate_curve: the %.4g hours played have a mean of %.4g/s", p->duration_s / 3600, mean * p->arrivals.rate_s);
}

/* The sum of clients: their file says when, the scenario or preset how long the prompts are. */
static bool from_clients(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, struct plan *p,
                         struct traffic *t, struct notes *notes, struct err *e)
{
    static const char *const other[] = {"arrivals", "rate_curve", "concurrency", "sessions"};
    const struct node *nd = node_get(spec, "clients"), *dur = node_get(spec, "duration");
    struct clients c;
    struct client_lengths *own = NULL;
    struct rng in, out;
    double k = 1, rate_s = 0;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (node_get(spec, other[i]))
            return err_input(e, node_place(a, node_get(spec, other[i])), "clients have their own arrivals: leave out clients or %s", other[i]);
    if (!read_lengths(a, spec, base_dir, p, e) || !clients_read(a, nd, base_dir, &c, e) ||
        !node_unit(a, node_get(spec, "rate"), UNIT_RATE_S, &rate_s, e) || !node_unit(a, dur, UNIT_DURATION_S, &p->duration_s, e) ||
        !node_unit(a, node_get(spec, "speedup"), UNIT_FACTOR, &k, e) || !node_int(a, node_get(spec, "requests"), 1, MAX_REQUESTS, &p->count, e))
        return false;
    if (c.lengths && !client_lengths_read(a, &c, c.lengths, c.model, &own, e))
        return false;
    double span_s = c.end_s - c.from_s, scale = rate_s > 0 ? rate_s / c.mean_s : 1;
    p->duration_s = dur ? fmin(p->duration_s * k, span_s) : span_s;
    double expect = clients_expect(&c, scale, p->duration_s);
    if (expect > MAX_REQUESTS) {
        err_input(e, node_place(a, nd), "%.3g requests are more than the %d that can be held", expect, MAX_REQUESTS);
        return err_mend(e, "write duration: 1h, or rate: 20/s");
    }
    clients_draw(a, &c, scale, p->duration_s, seed, t);
    if (!t->n)
        return err_input(e, node_place(a, nd), "no request arrives in %g s", p->duration_s);
    t->n = p->count && (size_t)p->count < t->n ? (size_t)p->count : t->n;
    rng_seed(&in, seed, STREAM_IN);
    rng_seed(&out, seed, STREAM_OUT);
    for (size_t i = 0; i < t->n; i++) {
        t->req[i].in_tok = (int32_t)length_draw(&p->in, &in);
        t->req[i].out_tok = (int32_t)length_draw(&p->out, &out);
    }
    if (own)
        note_add(notes, "traffic.clients: %zu of %zu requests are of clients with lengths of their own; the others draw from the preset or "
                        "from prompt_tokens and output_tokens", client_lengths_draw(&c, own, seed, t), t->n);
    for (size_t i = 0; i < t->n; i++)
        t->req[i].row = (uint32_t)i + 1;
    note_add(notes, "traffic.clients: %s: %u clients, %.4g/s over %.4g h; %.4g h of it played at %.4gx: %.4g requests expected, %zu drawn",
             c.name, c.count, c.mean_s, span_s / 3600, p->duration_s / 3600, scale, expect, t->n);
    return true;
}

static bool from_process(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, size_t keep, struct plan *p,
                         struct traffic *t, struct notes *notes, struct err *e)
{
    if (!read_arrivals(a, spec, base_dir, p, e) || !read_lengths(a, spec, base_dir, p, e) || !read_extent(a, spec, p, e))
        return false;
    arrivals_curve(a, &p->arrivals, p->duration_s);
    if (p->arrivals.diurnal > 0 && p->duration_s > 0 && p->duration_s < 86400)
        note_add(notes, "traffic.arrivals.diurnal: the duration is shorter than a day, so one whole cycle is squeezed into it");
    note_curve(p, notes);
    const struct node *sessions = node_get(spec, "sessions");
    if (sessions && !draw_sessions(a, sessions, base_dir, p, seed, t, e))
        return false;
    if (!sessions && !draw(a, p, seed, keep, t, e))
        return false;
    return t->n || err_input(e, node_place(a, spec), "no request arrives in %g s at %g/s", p->duration_s, p->arrivals.rate_s);
}

bool traffic_generate(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, struct traffic *out,
                      struct notes *notes, struct err *e)
{
    return traffic_generate_up_to(a, spec, base_dir, seed, SIZE_MAX, out, notes, e);
}

bool traffic_generate_up_to(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, size_t keep,
                            struct traffic *out, struct notes *notes, struct err *e)
{
    struct plan p = {.preset = NULL};
    *out = (struct traffic){.format = "generated", .name = "generated"};
    if (!read_preset(a, node_get(spec, "preset"), &p, e) ||
        !(node_get(spec, "clients") ? from_clients(a, spec, base_dir, seed, &p, out, notes, e)
                                    : from_process(a, spec, base_dir, seed, keep, &p, out, notes, e)))
        return false;
    if (p.preset) {
        out->name = p.preset->name;
        note_add(notes, "traffic: generated from the published statistics of %s (%s)", p.preset->name, p.preset->source);
    }
    out->ledger.read = out->ledger.emitted = out->n;
    traffic_close(out);
    return true;
}
