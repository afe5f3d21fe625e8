/* traffic.c - the `traffic:` map of a scenario, and what can be done to a list of requests: faster, thinner, a sample. */
#include "facts/traffic.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/rng.h"
#include "base/units.h"
#include "facts/preset.h"
#include "facts/request.h"
#include "facts/spool.h"
#include "facts/turns.h"

enum { STREAM_THIN = 0x7468696e };

/* Of requests in a spool: only the last one is looked at. One that cannot be read here cannot be read by the simulation either. */
static void close_spool(struct traffic *t)
{
    struct request last = {0};
    struct err e;
    if (!t->n || !spool_get(t->spool, t->n - 1, &last, 1, &e))
        last.arrival_ns = 0;
    t->span_s = (double)last.arrival_ns / 1e9;
    t->rate_s = t->span_s > 0 ? (double)t->n / t->span_s : 0;
}

void traffic_close(struct traffic *t)
{
    if (t->spool) {
        close_spool(t);
        return;
    }
    int64_t first = t->n ? t->req[0].arrival_ns : 0;
    if (first)
        for (size_t i = 0; i < t->n; i++)
            t->req[i].arrival_ns -= first;
    t->span_s = t->n ? (double)t->req[t->n - 1].arrival_ns / 1e9 : 0;
    t->rate_s = t->span_s > 0 ? (double)t->n / t->span_s : 0;
}

void traffic_speedup(struct traffic *t, double k)
{
    if (k == 1)
        return;
    if (t->spool)
        t->spool->speedup = k;
    /* long double: a year of nanoseconds has more digits than a double */
    for (size_t i = 0; !t->spool && i < t->n; i++)
        t->req[i].arrival_ns = (int64_t)((long double)t->req[i].arrival_ns / (long double)k);
    traffic_close(t);
}

/* In (0, 1), the same for all requests of a conversation. */
static double session_unit(uint64_t session, uint64_t seed)
{
    struct rng r;
    rng_seed(&r, seed, session);
    return rng_unit(&r);
}

struct traffic traffic_thin(struct arena *a, const struct traffic *t, double share, bool by_session, uint64_t seed)
{
    struct traffic out = *t;
    struct rng r;
    if (share >= 1)
        return out;
    if (t->turn)
        return turns_thin(a, t, share, seed);
    rng_seed(&r, seed, STREAM_THIN);
    out.n = 0;
    if (t->concurrency)
        out.concurrency = (int)fmax(1, round(t->concurrency * share));
    size_t cap = (size_t)((double)t->n * share * 1.1) + 64;
    out.req = ARENA_ARRAY(a, struct request, cap);
    for (size_t i = 0; i < t->n; i++) {
        uint64_t session = by_session ? traffic_session(t, &t->req[i]) : 0;
        if ((session ? session_unit(session, seed) : rng_unit(&r)) >= share)
            continue;
        if (out.n == cap) {
            out.req = arena_grow(a, out.req, out.n, cap * 2, sizeof *out.req);
            cap *= 2;
        }
        out.req[out.n++] = t->req[i];
    }
    traffic_close(&out);
    return out;
}

struct traffic traffic_window(struct arena *a, const struct traffic *t, size_t n)
{
    enum { STRETCHES = 8 };
    struct traffic out = *t;
    if (n >= t->n || n == 0)
        return out;
    if (t->turn)
        return turns_window(a, t, n);
    size_t each = (n + STRETCHES - 1) / STRETCHES;
    out.n = 0;
    out.req = ARENA_ARRAY(a, struct request, each * STRETCHES);
    int64_t now_ns = 0;
    for (size_t s = 0; s < STRETCHES; s++) {
        /* the middle of the s-th eighth; a stretch keeps the gap before its first request, so the mean rate holds */
        size_t lo = t->n * s / STRETCHES, hi = t->n * (s + 1) / STRETCHES;
        size_t m = each < hi - lo ? each : hi - lo, from = lo + (hi - lo - m) / 2;
        for (size_t i = from; i < from + m; i++) {
            if (i > 0 && out.n)
                now_ns += t->req[i].arrival_ns - t->req[i - 1].arrival_ns;
            out.req[out.n] = t->req[i];
            out.req[out.n++].arrival_ns = now_ns;
        }
    }
    traffic_close(&out);
    return out;
}

bool traffic_file(struct arena *a, const char *name, const char *place, const char *base_dir, const char **path, struct err *e)
{
    const char *there = base_dir && *base_dir && *name != '/' ? arena_printf(a, "%s/%s", base_dir, name) : name;
    *path = access(there, F_OK) == 0 || access(name, F_OK) != 0 ? there : name;
    if (access(*path, F_OK) == 0)
        return true;
    err_env(e, place, "no such file: %s", *path);
    const char *slash = strrchr(name, '/'), *stem = slash ? slash + 1 : name;
    for (size_t i = 0; i < preset_count; i++)
        if (strncmp(stem, presets[i].name, strlen(presets[i].name)) == 0)
            return err_mend(e, "without the file, write preset: %s, which carries its published statistics",
                            presets[i].name);
    return err_mend(e, "give a path from the scenario's folder or the working directory");
}

/* Requests of the first n that arrive before duration_s, one at least: arrivals never decrease. */
static bool before(const struct traffic *t, double duration_s, size_t *n, struct err *e)
{
    size_t lo = 1, hi = *n;
    struct request q;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (!traffic_get(t, mid, &q, 1, e))
            return false;
        if ((double)q.arrival_ns >= duration_s * 1e9)
            hi = mid;
        else
            lo = mid + 1;
    }
    *n = lo < *n ? lo : *n;
    return true;
}

/* Keep requests that arrive before duration_s (0: all), and at most count of them (0: all). */
static bool cut(struct traffic *t, double duration_s, int64_t count, struct err *e)
{
    size_t n = t->n;
    if (count && (size_t)count < n)
        n = (size_t)count;
    if (duration_s > 0 && !before(t, duration_s, &n, e))
        return false;
    turns_cut(t, n);
    t->ledger.over_limit += t->n - n;
    t->ledger.emitted -= t->n - n;
    t->n = n;
    traffic_close(t);
    return true;
}

/* Time runs faster or slower. Not to change the rate of a curve or of clients: their day stays a day, and the generator has
** seen to the rate. */
static bool rescale(struct arena *a, const struct node *spec, struct traffic *t, struct err *e)
{
    const struct node *up = node_get(spec, "speedup"), *rate = node_get(spec, "rate");
    double k = 1, rate_s = 0;
    if (!node_unit(a, up, UNIT_FACTOR, &k, e) || !node_unit(a, rate, UNIT_RATE_S, &rate_s, e))
        return false;
    if (up && rate)
        return err_input(e, node_place(a, rate), "speedup and rate exclude each other: both set the mean rate");
    if (up && !(k >= 1e-6 && k <= 1e6))
        return err_input(e, node_place(a, up), "expected a factor between 1e-6 and 1e6, got %s", up->text);
    if (rate && !(rate_s > 0 && rate_s <= 1e9))
        return err_input(e, node_place(a, rate), "the rate must be above 0 and at most 1e9/s");
    if (t->turn && (up || rate)) {
        err_input(e, node_place(a, up ? up : rate), "sessions cannot be played faster: people and tools take the time they take");
        return err_mend(e, "write arrivals: {rate: 2/s}, the sessions begun in a second");
    }
    if (!up && (!rate || node_get(spec, "rate_curve") || node_get(spec, "clients")))
        return true;
    if (!(t->span_s > 0))
        return err_input(e, node_place(a, up ? up : rate), "all requests arrive at once: there is no rate to change");
    if (rate)
        k = rate_s / t->rate_s;
    if (t->span_s / k > 4e9)
        return err_input(e, node_place(a, up ? up : rate), "so slow that the traffic lasts %.3g years", t->span_s / k / 31557600);
    traffic_speedup(t, k);
    return true;
}

static bool from_trace(struct arena *a, const struct node *spec, const char *base_dir, size_t keep, struct traffic *t,
                       struct notes *notes, struct err *e)
{
    static const char *const generator[] = {"arrivals", "prompt_tokens", "output_tokens", "preset", "rate_curve", "clients", "sessions"};
    const struct node *req = node_get(spec, "requests") ? node_get(spec, "requests") : node_get(spec, "num_requests");
    const struct node *trace = node_get(spec, "trace");
    const char *name = NULL, *path;
    double duration_s = 0;
    int64_t count = 0;
    for (size_t i = 0; i < sizeof generator / sizeof *generator; i++)
        if (node_get(spec, generator[i]))
            return err_input(e, node_place(a, node_get(spec, generator[i])),
                             "a trace has its own arrivals and lengths: leave out trace or %s", generator[i]);
    if (!node_str(a, trace, &name, e) || !traffic_file(a, name, node_place(a, trace), base_dir, &path, e) || !traffic_read_up_to(a, path, keep, t, notes, e) ||
        !rescale(a, spec, t, e) || !node_unit(a, node_get(spec, "duration"), UNIT_DURATION_S, &duration_s, e) ||
        !node_int(a, req, 1, INT64_MAX, &count, e))
        return false;
    return cut(t, duration_s, count, e);
}

/* `traffic: NAME` is a preset or a trace file. */
static const struct node *spelled_out(struct arena *a, const struct node *spec)
{
    if (spec->kind != NODE_SCALAR)
        return spec;
    struct node *map = ARENA_NEW(a, struct node), *item = ARENA_NEW(a, struct node);
    const char **key = ARENA_NEW(a, const char *);
    *item = *spec;
    *key = spec->text && preset_find(spec->text) ? "preset" : "trace";
    *map = *spec;
    map->kind = NODE_MAP;
    map->text = NULL;
    map->n = 1;
    map->item = item;
    map->key = key;
    return map;
}

bool traffic_load(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, struct traffic *out,
                  struct notes *notes, struct err *e)
{
    return traffic_load_up_to(a, spec, base_dir, seed, SIZE_MAX, out, notes, e);
}

bool traffic_load_up_to(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, size_t keep,
                        struct traffic *out, struct notes *notes, struct err *e)
{
    static const char *const keys[] = {"trace", "preset", "arrivals", "prompt_tokens", "output_tokens", "duration",
                                       "requests", "num_requests", "speedup", "rate", "limit", "window", "concurrency", "rate_curve",
                                       "clients", "sessions", "priorities"};
    int64_t limit = 0, window = 0, concurrency = 0;
    spec = spelled_out(a, spec);
    if (spec->kind != NODE_MAP)
        return err_input(e, node_place(a, spec), "expected a map with trace, preset or arrivals");
    if (!node_keys(a, spec, keys, sizeof keys / sizeof *keys, e) ||
        !node_int(a, node_get(spec, "limit"), 1, INT64_MAX, &limit, e) ||
        !node_int(a, node_get(spec, "window"), 1, INT64_MAX, &window, e) ||
        !node_int(a, node_get(spec, "concurrency"), 1, 10000000, &concurrency, e))
        return false;
    if (concurrency || window) /* a client waits for an answer, a window is taken from all of it: neither is read in one go */
        keep = SIZE_MAX;
    if (node_get(spec, "trace") ? !from_trace(a, spec, base_dir, keep, out, notes, e)
                                : !(traffic_generate_up_to(a, spec, base_dir, seed, keep, out, notes, e) && rescale(a, spec, out, e)))
        return false;
    if (!cut(out, 0, limit, e))
        return false;
    if (out->spool && out->classes > 1 && !traffic_unspool(a, out, e)) /* classes are told apart in memory */
        return false;
    if (!traffic_priorities(a, node_get(spec, "priorities"), seed, out, e))
        return false;
    if (window)
        *out = traffic_window(a, out, (size_t)window);
    out->concurrency = (int)concurrency;
    if (out->n < 2 && !concurrency)
        note_add(notes, "traffic: only one request: there is no rate to speak of");
    return true;
}
