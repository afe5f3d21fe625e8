/* clients.c - the sum of renewal processes, one a client, whose rate and burstiness change from window to window.
**
** ServeGen (Xiang et al., 2025): a few clients make most of the requests of a service, and each is bursty in its own way, so that the
** sum is neither Poisson nor one gamma process. In its window of 600 s a client's gaps are gamma or Weibull of a published
** shape; the mean gap is 1/rate of that window, so that counts add up to the published rates. A window begins in equilibrium, with the
** rest of a gap that is already running:
**
**      first = U * (a gap drawn in proportion to its length)     gamma(k): gamma(k + 1);  Weibull(k): scale * gamma(1 + 1/k)^(1/k)
**
** so that the expected count is rate * window for any burstiness; starting with a whole gap would give (CV^2 - 1)/2 requests too many
** (Cox, Renewal Theory, 1962).
*/
#include "facts/clients.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/rng.h"
#include "facts/request.h"
#include "facts/traffic.h"

enum { STREAM_CLIENT = 0x636c6965, MAX_ROWS = 50000000 };
#define PUBLISHED_WINDOW_S 600.0

static int by_client(const void *va, const void *vb)
{
    const struct client_window *a = va, *b = vb;
    if (a->client != b->client)
        return a->client < b->client ? -1 : 1;
    return (a->t_s > b->t_s) - (a->t_s < b->t_s);
}

static bool number(const struct csv *c, int column, double lo, double hi, double *out, const char *place, struct err *e)
{
    const struct cell *v = csv_cell(c, column);
    if (cell_f64(*v, out) && *out >= lo && *out <= hi)
        return true;
    return err_input(e, place, "%.*s: expected a number from %g to %g, got \"%.*s\"", (int)c->head[column].n, c->head[column].at, lo, hi,
                     v->n < 40 ? (int)v->n : 40, v->at);
}

static bool pattern(struct csv *c, int column, struct client_window *w, const char *place, struct err *e)
{
    const struct cell *v = csv_cell(c, column);
    w->weibull = cell_is(*v, "Weibull");
    return w->weibull || cell_is(*v, "Gamma") ||
           err_input(e, place, "pattern: expected Gamma or Weibull, got \"%.*s\"", v->n < 40 ? (int)v->n : 40, v->at);
}

static bool read_rows(struct arena *a, struct csv *c, const char *path, struct clients *out, struct err *e)
{
    static const char *const name[] = {"client", "t_s", "rate_rps", "pattern", "arg1"};
    int col[5];
    size_t cap = 0;
    out->ids.arena = a;
    for (int i = 0; i < 5; i++)
        if ((col[i] = csv_column(c, name[i])) < 0) {
            err_input(e, path, "no column %s: these are not the windows of clients", name[i]);
            return err_mend(e, "ServeGen's have client, t_s, rate_rps, cv, pattern, arg1 (the shape), arg2");
        }
    while (csv_next(c)) {
        const char *place = arena_printf(a, "%s:%llu", path, (unsigned long long)c->line);
        struct client_window w;
        if (c->ragged)
            return err_input(e, place, "another number of cells than the header");
        if (!number(c, col[1], 0, 4e9, &w.t_s, place, e) || !number(c, col[2], 0, 1e9, &w.rate_s, place, e) ||
            !pattern(c, col[3], &w, place, e) || !number(c, col[4], w.weibull ? 0.05 : 1e-4, 1e6, &w.shape, place, e))
            return false;
        const char *client = cell_dup(a, *csv_cell(c, col[0]));
        w.client = map_get(&out->ids, client);
        if (w.client == MAP_NONE)
            map_put(&out->ids, client, w.client = out->count++);
        if (out->n == MAX_ROWS)
            return err_input(e, place, "more than %d rows", MAX_ROWS);
        if (out->n == cap) {
            cap = cap ? cap * 2 : 4096;
            out->row = arena_grow(a, out->row, out->n, cap, sizeof *out->row);
        }
        out->row[out->n++] = w;
    }
    return out->n || err_input(e, path, "no rows: there is a header only");
}

/* The step of the windows is the shortest between two of one client. */
static bool find_window(struct clients *c, const char *path, struct err *e)
{
    double step = (double)INFINITY, last_s = 0;
    qsort(c->row, c->n, sizeof *c->row, by_client);
    for (size_t i = 0; i < c->n; i++) {
        last_s = fmax(last_s, c->row[i].t_s);
        if (!i || c->row[i].client != c->row[i - 1].client)
            continue;
        double d = c->row[i].t_s - c->row[i - 1].t_s;
        if (d <= 0)
            return err_input(e, path, "a client has two rows for t_s %g", c->row[i].t_s);
        step = fmin(step, d);
    }
    c->window_s = isfinite(step) ? step : PUBLISHED_WINDOW_S;
    c->end_s = last_s + c->window_s;
    return true;
}

bool clients_read(struct arena *a, const struct node *nd, const char *base_dir, struct clients *out, struct err *e)
{
    static const char *const keys[] = {"file", "from", "lengths", "model"};
    const char *file = NULL, *lengths = NULL, *path;
    struct csv csv;
    char *bytes;
    size_t n;
    *out = (struct clients){.count = 0};
    if (nd->kind == NODE_MAP ? !node_keys(a, nd, keys, 4, e) || !node_str(a, node_get(nd, "file"), &file, e) ||
                                   !node_str(a, node_get(nd, "lengths"), &lengths, e) ||
                                   !node_str(a, node_get(nd, "model"), &out->model, e) ||
                                   !node_unit(a, node_get(nd, "from"), UNIT_DURATION_S, &out->from_s, e)
                             : !node_str(a, nd, &file, e))
        return false;
    if (!file)
        return err_input(e, node_place(a, nd), "expected a file with the windows of clients, or {file: ..., from: 2h}");
    if (!traffic_file(a, file, node_place(a, nd), base_dir, &path, e) || !file_read(a, path, 0, &bytes, &n, e) ||
        !csv_open(&csv, a, path, bytes, n, e) || !read_rows(a, &csv, path, out, e) || !find_window(out, path, e))
        return false;
    out->name = path;
    if (lengths && !traffic_file(a, lengths, node_place(a, node_get(nd, "lengths")), base_dir, &out->lengths, e))
        return false;
    if (out->from_s >= out->end_s)
        return err_input(e, node_place(a, node_get(nd, "from")), "the file ends at %g h", out->end_s / 3600);
    double span_s = out->end_s - out->from_s;
    out->mean_s = clients_expect(out, 1, span_s) / span_s;
    return out->mean_s > 0 || err_input(e, path, "no client sends anything");
}

uint32_t clients_find(const struct clients *c, const char *name)
{
    return map_get(&c->ids, name);
}

/* The part of a row that is played, from the start of the traffic. */
static double part(const struct clients *c, const struct client_window *w, double duration_s, double *begin_s)
{
    *begin_s = fmax(0, w->t_s - c->from_s);
    return fmin(duration_s, w->t_s + c->window_s - c->from_s) - *begin_s;
}

double clients_expect(const struct clients *c, double scale, double duration_s)
{
    double sum = 0, begin_s;
    for (size_t i = 0; i < c->n; i++)
        sum += fmax(0, part(c, &c->row[i], duration_s, &begin_s)) * c->row[i].rate_s * scale;
    return sum;
}

static double gap(const struct client_window *w, double weibull_scale, struct rng *r)
{
    return w->weibull ? rng_weibull(r, w->shape, weibull_scale) : rng_gamma(r, w->shape, 1 / w->shape);
}

static double rest_of_gap(const struct client_window *w, double weibull_scale, struct rng *r)
{
    double u = rng_unit(r);
    if (!w->weibull)
        return u * rng_gamma(r, w->shape + 1, 1 / w->shape);
    return u * weibull_scale * exp(log(rng_gamma(r, 1 + 1 / w->shape, 1)) / w->shape);
}

static int by_time(const void *va, const void *vb)
{
    const struct request *a = va, *b = vb;
    if (a->arrival_ns != b->arrival_ns)
        return a->arrival_ns < b->arrival_ns ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

void clients_draw(struct arena *a, const struct clients *c, double scale, double duration_s, uint64_t seed, struct traffic *t)
{
    size_t cap = (size_t)(clients_expect(c, scale, duration_s) * 1.2) + 1024;
    struct rng r;
    t->req = ARENA_ARRAY(a, struct request, cap);
    for (size_t i = 0; i < c->n; i++) {
        const struct client_window *w = &c->row[i];
        double begin_s, length_s = part(c, w, duration_s, &begin_s), rate_s = w->rate_s * scale;
        if (!(length_s > 0) || !(rate_s > 0))
            continue;
        /* a stream for each window: it stays the same when others are left out */
        rng_seed(&r, seed, STREAM_CLIENT + ((uint64_t)w->client << 32) + (uint64_t)w->t_s);
        double k = w->weibull ? 1 / tgamma(1 + 1 / w->shape) : 0;
        for (double s = rest_of_gap(w, k, &r) / rate_s; s < length_s; s += gap(w, k, &r) / rate_s) {
            if (t->n == cap) {
                t->req = arena_grow(a, t->req, t->n, cap * 2, sizeof *t->req);
                cap *= 2;
            }
            t->req[t->n++] = (struct request){.arrival_ns = (int64_t)((begin_s + s) * 1e9), .row = w->client};
        }
    }
    qsort(t->req, t->n, sizeof *t->req, by_time);
}
