/* show.h - everything people see: each document as text for a terminal, as JSON, and as CSV.
**
** A caller fills one struct show and calls the function of its document; the document is appended to `out`. Nothing is
** computed here and nothing is written anywhere: cmd/ writes `out` once, when all went well.
*/
#ifndef MOAT_SHOW_SHOW_H
#define MOAT_SHOW_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/diff.h"
#include "plan/plan.h"
#include "plan/point.h"
#include "plan/seeds.h"
#include "plan/services.h"

struct arena;
struct buf;
struct node;
struct notes;
struct trace_writer;

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };

struct show {
    struct arena *arena;
    struct buf *out;
    enum format format;
    int width;                  /* columns of the screen; 80 where it is none */
    bool colour, verbose;
    const char *command;        /* "plan" */
    uint64_t seed;
    const struct node *inputs;  /* what was asked; NULL: {} */
    const struct notes *notes;
    double wall_s, peak_rss_mb; /* of this run: the JSON's `run` only */
};

void show_plan(const struct show *s, const struct plan *p);
/* all: several seeds, r being the first; NULL: one. */
void show_sim(const struct show *s, const struct scenario *sc, const struct sim_run_out *r, const struct seeds *all);
void show_sim_services(const struct show *s, const struct services_out *r);
void show_sim_head(const struct show *s);
void show_sim_row(const struct show *s, size_t i, const struct sim_record *q);
void show_sim_requests(const struct show *s, const struct sim_run_out *r);     /* CSV, one row a request, whatever the format */
void show_point(const struct show *s, const struct point *p);
void show_compare(const struct show *s, const struct comparison *c);
void show_explain(const struct show *s, const struct plan *p, const struct explanation *e);

void show_accelerators(const struct show *s, const struct catalog *c, const struct price_query *q);
void show_models(const struct show *s, const struct catalog *c);
void show_prices(const struct show *s, const struct catalog *c);
void show_stacks(const struct show *s, const struct catalog *c);
void show_accelerator(const struct show *s, const struct catalog *c, const struct accelerator *acc, const struct price_query *q);
void show_model(const struct show *s, const struct catalog *c, const struct model *m);
void show_stack(const struct show *s, const struct stack_file *f);
void show_check(const struct show *s, const struct catalog *c, const char *dir);

/* p NULL: no prefix blocks are known. */
void show_trace(const struct show *s, const struct traffic *t, const struct traffic_stat *st, const struct traffic_prefix *p);
void show_trace_written(const struct show *s, const struct traffic *t, const struct trace_writer *w, const char *file);
void show_trace_formats(const struct show *s);

#endif
