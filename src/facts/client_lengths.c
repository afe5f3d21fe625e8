/* client_lengths.c - prompts and outputs of each client of its own, by tables of quantiles that change over time.
**
** ServeGen's data as rows of client, t_s, field (input_tokens, output_tokens), mean, p1 .. p99, max: a table holds from its time on, the
** first one also before. Between p99 and max one more point is set so that the mean of the table is the published one: a straight line
** to the longest prompt of a million would double it.
**
**      mean = body + 0.01 tail;    0.009 (p99 + p999) / 2 + 0.001 (p999 + max) / 2 = 0.01 tail
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/rng.h"
#include "facts/clients.h"
#include "facts/request.h"
#include "facts/trace.h"

enum { POINTS = 10, COLUMNS = 8, STREAM_IN = 0x636c6969, STREAM_OUT = 0x636c696f };

static const char *const column_name[COLUMNS] = {"p1", "p5", "p25", "p50", "p75", "p95", "p99", "max"};
static const double column_p[COLUMNS] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1};

struct client_table { uint32_t client; bool output; double t_s; struct quantile q[POINTS]; };

struct client_lengths { struct client_table *table; size_t n; };

static int by_client(const void *va, const void *vb)
{
    const struct client_table *a = va, *b = vb;
    if (a->client != b->client)
        return a->client < b->client ? -1 : 1;
    if (a->output != b->output)
        return a->output ? 1 : -1;
    return (a->t_s > b->t_s) - (a->t_s < b->t_s);
}

/* v: p1 .. max. */
static void fill(struct quantile *q, const double *v, double mean)
{
    double body = 0, p99 = v[6], max = v[7];
    q[0] = (struct quantile){0, v[0]};
    for (int i = 0; i < 7; i++)
        q[i + 1] = (struct quantile){column_p[i], v[i]};
    for (int i = 0; i < 7; i++)
        body += (q[i + 1].p - q[i].p) * (q[i].v + q[i + 1].v) / 2;
    double tail = (mean - body) / 0.01, p999 = 2 * tail - 0.9 * p99 - 0.1 * max;
    q[8] = (struct quantile){0.999, fmin(fmax(p999, p99), max)};
    q[9] = (struct quantile){1, max};
}

static bool read_row(struct csv *c, const int *col, struct client_table *out, const char *place, struct err *e)
{
    double v[COLUMNS], mean;
    for (int i = 0; i < COLUMNS; i++)
        if (!cell_f64(*csv_cell(c, col[i]), &v[i]) || !(v[i] >= 0 && v[i] <= TRACE_MAX_TOK) || (i && v[i] < v[i - 1]))
            return err_input(e, place, "%s: expected a count of tokens that is not below the quantile before", column_name[i]);
    if (!cell_f64(*csv_cell(c, csv_column(c, "mean")), &mean) || !(mean >= 0 && mean <= TRACE_MAX_TOK))
        return err_input(e, place, "mean: expected a count of tokens");
    fill(out->q, v, mean);
    return true;
}

static bool find_columns(struct csv *c, int *col, const char *path, struct err *e)
{
    static const char *const need[] = {"client", "t_s", "field", "mean"};
    const char *missing = NULL;
    for (int i = 0; i < 4; i++)
        if (csv_column(c, need[i]) < 0)
            missing = need[i];
    for (int i = 0; i < COLUMNS; i++)
        if ((col[i] = csv_column(c, column_name[i])) < 0)
            missing = column_name[i];
    return !missing || err_input(e, path, "no column %s: these are not the lengths of clients", missing);
}

bool client_lengths_read(struct arena *a, const struct clients *c, const char *path, const char *model, struct client_lengths **out,
                         struct err *e)
{
    struct csv f;
    char *bytes;
    size_t n, cap = 0;
    int col[COLUMNS];
    *out = ARENA_NEW(a, struct client_lengths);
    if (!file_read(a, path, 0, &bytes, &n, e) || !csv_open(&f, a, path, bytes, n, e) || !find_columns(&f, col, path, e))
        return false;
    int model_column = csv_column(&f, "model");
    if (model_column >= 0 && !model) {
        err_input(e, path, "the file tells models apart: whose clients are these?");
        return err_mend(e, "write model: m-large beside lengths");
    }
    while (csv_next(&f)) {
        const char *place = arena_printf(a, "%s:%llu", path, (unsigned long long)f.line);
        const struct cell *field = csv_cell(&f, csv_column(&f, "field"));
        struct client_table t = {.output = cell_is(*field, "output_tokens")};
        if (f.ragged)
            return err_input(e, place, "another number of cells than the header");
        if ((!t.output && !cell_is(*field, "input_tokens")) || (model_column >= 0 && !cell_is(*csv_cell(&f, model_column), model)))
            continue;
        t.client = clients_find(c, cell_dup(a, *csv_cell(&f, csv_column(&f, "client"))));
        if (t.client == UINT32_MAX)
            continue;
        if (!cell_f64(*csv_cell(&f, csv_column(&f, "t_s")), &t.t_s))
            return err_input(e, place, "t_s: expected a time in seconds");
        if (!read_row(&f, col, &t, place, e))
            return false;
        struct client_lengths *l = *out;
        if (l->n == cap) {
            cap = cap ? cap * 2 : 256;
            l->table = arena_grow(a, l->table, l->n, cap, sizeof *l->table);
        }
        l->table[l->n++] = t;
    }
    if (!(*out)->n)
        return err_input(e, path, model ? "no lengths of these clients for model \"%s\"" : "no lengths of these clients", model);
    qsort((*out)->table, (*out)->n, sizeof *(*out)->table, by_client);
    return true;
}

/* The last table of the client that has begun; NULL: it has none. */
static const struct client_table *find(const struct client_lengths *l, uint32_t client, bool output, double t_s)
{
    struct client_table key = {.client = client, .output = output, .t_s = t_s};
    size_t lo = 0, hi = l->n;           /* tables before lo are at most key */
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (by_client(&l->table[mid], &key) <= 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo && l->table[lo - 1].client == client && l->table[lo - 1].output == output)
        return &l->table[lo - 1];
    return lo < l->n && l->table[lo].client == client && l->table[lo].output == output ? &l->table[lo] : NULL;
}

size_t client_lengths_draw(const struct clients *c, const struct client_lengths *l, uint64_t seed, struct traffic *t)
{
    struct rng in, out;
    size_t drawn = 0;
    rng_seed(&in, seed, STREAM_IN);
    rng_seed(&out, seed, STREAM_OUT);
    for (size_t i = 0; i < t->n; i++) {
        struct request *q = &t->req[i];
        double t_s = c->from_s + (double)q->arrival_ns / 1e9;
        const struct client_table *a = find(l, q->row, false, t_s), *b = find(l, q->row, true, t_s);
        if (!a || !b)
            continue;
        struct length la = length_table(a->q, POINTS), lb = length_table(b->q, POINTS);
        q->in_tok = (int32_t)length_draw(&la, &in);
        q->out_tok = (int32_t)length_draw(&lb, &out);
        drawn++;
    }
    return drawn;
}
