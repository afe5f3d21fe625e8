/* sweep.c - grid -> scenarios -> what they share -> journal -> jobs on threads -> outcomes in the order of the grid. */
#include "plan/sweep.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/map.h"
#include "base/note.h"
#include "base/pool.h"
#include "plan/seeds.h"
#include "sim/router.h"
#include "sim/sched.h"

#define SHARED_REQUESTS 16000000        /* requests kept for several cells (0.5 GB); traffic beyond is read by each cell */

const char *const sweep_kind_name[SWEEP_KIND_N] = {"sim", "predict", "plan"};
static const enum scenario_use use_of[SWEEP_KIND_N] = {SCENARIO_SIM, SCENARIO_PREDICT, SCENARIO_PLAN};

struct shared {                 /* traffic as one or more cells ask for it */
    const char *spec;           /* its tree as JSON, and the seed where it is drawn */
    struct traffic *traffic;    /* NULL: not kept */
    size_t cells;
    uint64_t hash;              /* of the trace's requests; 0 for what is drawn */
};

struct work {
    struct catalog *c;
    const struct sweep_options *o;
    struct sweep *s;
    struct shared *shared; size_t nshared;
    size_t *todo, ntodo;        /* cells to compute */
    pthread_mutex_t lock;       /* of the next ones and of o->append */
    size_t broken;              /* the lowest cell that met an error that ends the sweep; SIZE_MAX: none */
    struct err why;
};

/* The policies are known to this floor, not to the reader of scenarios. */
static bool check_policies(const struct scenario *s, struct err *e)
{
    if (s->deploy.scheduler && !sched_find(s->deploy.scheduler))
        return err_input(e, s->deploy.scheduler_place, "unknown scheduler \"%s\"", s->deploy.scheduler);
    if (s->router && !router_find(s->router))
        return err_input(e, s->deploy.router_place, "unknown router \"%s\"", s->router);
    return true;
}

static const struct node *trace_of(const struct scenario *s)
{
    return node_get(node_get(s->doc, "traffic"), "trace");
}

/* The requests of a whole trace, before anything is done to them: a file that was changed is another input. */
static bool trace_hash(struct arena *a, const struct scenario *s, uint64_t *out, struct err *e)
{
    struct arena *scratch = arena_child(a);
    struct node map = {.kind = NODE_MAP, .file = s->doc->file, .path = "", .n = 1}, top = map, item = *trace_of(s);
    const char *key = "trace", *traffic = "traffic";
    struct scenario bare = *s;
    struct traffic t;
    map.item = &item, map.key = &key;
    top.item = &map, top.key = &traffic;
    bare.doc = &top;
    bool ok = scenario_traffic(scratch, &bare, s->seed, &t, NULL, e);
    if (ok)
        *out = XXH64(t.req, t.n * sizeof *t.req, XXH64(t.block, t.nblock * sizeof *t.block, (uint64_t)t.block_tok));
    arena_reset(scratch);
    return ok;
}

/* Which cells have the same traffic. */
static bool group(struct arena *a, struct work *w, struct err *e)
{
    struct map by_spec = {.arena = a}, by_trace = {.arena = a};
    w->shared = ARENA_ARRAY(a, struct shared, w->s->grid.ncell);
    for (size_t i = 0; i < w->s->grid.ncell; i++) {
        struct sweep_cell *cell = &w->s->cell[i];
        const struct node *nd = node_get(cell->s.doc, "traffic"), *trace = trace_of(&cell->s);
        struct buf b = {.arena = a};
        if (nd)
            node_json(&b, nd);
        if (nd && !trace)
            buf_fmt(&b, " %llu", (unsigned long long)cell->s.seed);
        uint32_t k = map_get(&by_spec, buf_str(&b));
        if (k == MAP_NONE) {
            k = (uint32_t)w->nshared++;
            w->shared[k].spec = buf_str(&b);
            map_put(&by_spec, w->shared[k].spec, k);
            uint32_t same = trace && trace->text ? map_get(&by_trace, trace->text) : MAP_NONE;
            if (same != MAP_NONE)
                w->shared[k].hash = w->shared[same].hash;
            else if (trace && trace->text && !trace_hash(a, &cell->s, &w->shared[k].hash, e))
                return false;
            if (trace && trace->text)
                map_put(&by_trace, trace->text, k);
        }
        cell->traffic = k;
        w->shared[k].cells++;
    }
    return true;
}

static bool cells(struct arena *a, struct work *w, const struct node *base, struct notes *notes, struct err *e)
{
    struct sweep *s = w->s;
    s->cell = ARENA_ARRAY(a, struct sweep_cell, s->grid.ncell);
    for (size_t i = 0; i < s->grid.ncell; i++) {
        struct sweep_cell *cell = &s->cell[i];
        struct node *doc;
        if (!grid_doc(a, &s->grid, base, i, &doc, e) ||
            !scenario_keys(a, w->c, doc, use_of[s->kind], w->o->seed, &cell->s, notes, e) || !check_policies(&cell->s, e))
            return false;
        s->seeds = cell->s.seeds > s->seeds ? cell->s.seeds : s->seeds;
    }
    return true;
}

static void keys(struct arena *a, struct work *w)
{
    for (size_t i = 0; i < w->s->grid.ncell; i++) {
        struct sweep_cell *cell = &w->s->cell[i];
        struct buf b = {.arena = a};
        node_json(&b, cell->s.doc);
        buf_fmt(&b, "\n%s %llu %d %016llx %016llx %s", sweep_kind_name[w->s->kind], (unsigned long long)cell->s.seed,
                (int)w->s->intervals, (unsigned long long)w->shared[cell->traffic].hash, (unsigned long long)w->c->hash, w->o->program);
        cell->key = XXH64(buf_str(&b), b.n, 0);
    }
}

static bool load(struct arena *a, struct work *w, const struct sweep_cell *cell, struct notes *notes, struct err *e)
{
    struct shared *h = &w->shared[cell->traffic];
    h->traffic = ARENA_NEW(a, struct traffic);
    return scenario_traffic(a, &cell->s, cell->s.seed, h->traffic, notes, e);
}

/* Traffic that is wanted more than once is read once, before the threads start. The first cell's always is: its notes stand for all,
** whatever a journal holds. */
static bool share(struct arena *a, struct work *w, struct notes *notes, struct err *e)
{
    struct sweep_cell *first = &w->s->cell[0];
    size_t kept = 0;
    if (node_get(first->s.doc, "traffic")) {
        if (!load(a, w, first, notes, e))
            return false;
        struct scenario s = first->s;
        s.traffic = w->shared[first->traffic].traffic;
        plan_context_note(&s, notes);
    }
    for (size_t k = 0; k < w->ntodo; k++) {
        const struct sweep_cell *cell = &w->s->cell[w->todo[k]];
        const struct shared *h = &w->shared[cell->traffic];
        if (h->traffic || !node_get(cell->s.doc, "traffic") || h->cells < 2 || kept > SHARED_REQUESTS)
            continue;
        if (!load(a, w, cell, NULL, e))
            return false;
        kept += h->traffic->n;
    }
    return true;
}

static bool run_seeds(struct arena *a, struct work *w, const struct scenario *s, struct outcome *out, struct err *e)
{
    struct seeds *all = ARENA_NEW(a, struct seeds);
    if (!seeds_run(a, w->c, s, (size_t)s->seeds, 1, NULL, NULL, all, e))
        return false;
    *out = all->run;
    memcpy(out->v, all->over, sizeof out->v);
    out->seeds = (int)all->n, out->kept = (int)all->held;
    out->saturated = all->saturated > 0;
    out->held = !s->nslo ? HELD_UNKNOWN : all->held == all->n ? HELD_YES : HELD_NO;
    return true;
}

static bool run_sim(struct arena *a, struct work *w, const struct scenario *s, struct outcome *out, struct err *e)
{
    struct sim_run_out *r = ARENA_NEW(a, struct sim_run_out);
    if (s->seeds > 1)
        return run_seeds(a, w, s, out, e);
    if (!plan_simulate(a, w->c, s, (struct simulate_options){.point_only = !w->s->intervals}, r, NULL, e))
        return false;
    outcome_sim(r, s->nslo, w->s->intervals, out);
    return true;
}

static bool run_cell(struct arena *a, struct work *w, const struct scenario *s, struct outcome *out, struct err *e)
{
    if (w->s->kind == SWEEP_SIM)
        return run_sim(a, w, s, out, e);
    if (w->s->kind == SWEEP_PREDICT) {
        struct point *p = ARENA_NEW(a, struct point);
        if (!plan_point(a, w->c, s, s->batch, s->isl, s->osl, p, e))
            return false;
        outcome_point(p, w->s->intervals, out);
        return true;
    }
    int inner = w->o->threads / (int)(w->ntodo < 1024 ? w->ntodo : 1024);
    struct plan_options o = {.threads = inner < 1 ? 1 : inner};
    struct plan p;
    if (!plan_run(a, w->c, s, &o, &p, NULL, e))
        return false;
    outcome_plan(&p, w->s->intervals, out);
    return true;
}

/* An error that ends the sweep: of the environment, or a value of the grid that no traffic may have. The lowest cell's is told,
** so cells below it still run. */
static void broken(struct work *w, size_t i, const struct err *e)
{
    if (i >= w->broken)
        return;
    w->broken = i;
    w->why = *e;
}

static bool too_late(struct work *w, size_t i)
{
    pthread_mutex_lock(&w->lock);
    bool late = i > w->broken;
    pthread_mutex_unlock(&w->lock);
    return late;
}

static void job(void *ctx, size_t k, struct arena *a)
{
    struct work *w = ctx;
    struct sweep_cell *cell = &w->s->cell[w->todo[k]];
    struct scenario s = cell->s;
    struct err e = {0};
    bool ok = true, traffic = true;
    if (too_late(w, w->todo[k]))
        return;
    s.traffic = w->shared[cell->traffic].traffic;
    if (!s.traffic && node_get(s.doc, "traffic")) {
        s.traffic = ARENA_NEW(a, struct traffic);
        ok = traffic = scenario_traffic(a, &s, s.seed, s.traffic, NULL, &e);
    }
    ok = ok && run_cell(a, w, &s, &cell->out, &e);
    if (!ok)
        outcome_none(&cell->out, *e.mend ? arena_printf(a, "%s; %s", e.what, e.mend) : e.what);
    size_t n;
    const char *line = sweep_journal_line(a, cell, &n);
    pthread_mutex_lock(&w->lock);
    if (!ok && (e.kind == ERR_ENV || !traffic))
        broken(w, w->todo[k], &e);
    else if (w->o->append && w->broken == SIZE_MAX && !w->o->append(w->o->ctx, line, n, &e))
        broken(w, w->todo[k], &e);
    pthread_mutex_unlock(&w->lock);
}

static bool compute(struct work *w, struct err *e)
{
    if (pthread_mutex_init(&w->lock, NULL) != 0)
        return err_env(e, "sweep", "no lock for the threads");
    size_t failed = pool_run_arena(w->ntodo, w->o->threads, job, w, w->o->tick, w->o->ctx);
    pthread_mutex_destroy(&w->lock);
    if (failed < w->ntodo)
        return err_env(e, "sweep", "no memory left at cell %zu", w->todo[failed] + 1);
    if (w->broken == SIZE_MAX)
        return true;
    *e = w->why;
    return false;
}

const char *sweep_program(struct arena *a, const char *path)
{
    struct arena *scratch = arena_child(a);
    char *bytes;
    size_t n;
    struct err e;
    const char *name = MOAT_VERSION;
    if (file_read(scratch, path, 0, &bytes, &n, &e))
        name = arena_printf(a, "%s %016llx", MOAT_VERSION, (unsigned long long)XXH64(bytes, n, 0));
    arena_reset(scratch);
    return name;
}

static void sum_up(struct sweep *s)
{
    double least = INFINITY;
    s->best = SIZE_MAX;
    for (size_t i = 0; i < s->grid.ncell; i++) {
        const struct sweep_cell *cell = &s->cell[i];
        s->nanswered += cell->out.answered;
        s->nresumed += cell->from_journal;
        if (outcome_cost(&cell->out) < least) {
            least = outcome_cost(&cell->out);
            s->best = i;
        }
    }
}

bool sweep_run(struct arena *a, struct catalog *c, const struct grid *g, const struct node *base, const struct sweep_options *o,
               struct sweep *out, struct notes *notes, struct err *e)
{
    struct work w = {.c = c, .o = o, .s = out, .broken = SIZE_MAX};
    *out = (struct sweep){.kind = o->kind, .grid = *g, .seeds = 1, .intervals = o->intervals};
    if (!cells(a, &w, base, notes, e) || !group(a, &w, e))
        return false;
    keys(a, &w);
    if (o->journal && !sweep_journal_read(a, o->journal_name, o->journal, o->journal_bytes, out, notes, e))
        return false;
    w.todo = ARENA_ARRAY(a, size_t, g->ncell);
    for (size_t i = 0; i < g->ncell; i++)
        if (!out->cell[i].from_journal)
            w.todo[w.ntodo++] = i;
    if (!share(a, &w, notes, e) || (w.ntodo && !compute(&w, e)))
        return false;
    sum_up(out);
    return true;
}
