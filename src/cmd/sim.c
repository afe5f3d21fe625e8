/* sim.c - `moat sim`: one deployment on one trace, request by request. */

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"

static const struct option own[] = {
    {"replicas", "N", "equal copies behind the router", "replicas", AS_YAML, NULL},
    {"scheduler", "POLICY", "who runs in the next step, as vllm-v1", "scheduler.policy", AS_TEXT, NULL},
    {"max-seqs", "N", "most sequences in a step", "scheduler.max_seqs", AS_YAML, NULL},
    {"max-tokens", "N", "most tokens in a step", "scheduler.max_tokens", AS_YAML, NULL},
    {"router", "POLICY", "which replica gets a request, as least-outstanding, prefix-aware", "router", AS_TEXT, NULL},
    {"requests", "FILE.csv", "write one row a request here", NULL, AS_TEXT, NULL},
    {"seeds", "N", "so many seeds, with intervals over them: what is the draw, what is the deployment?", "seeds", AS_YAML, NULL},
    {"step", NULL, "take every decode step by itself (slow; the result is the same)", NULL, AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Simulation", own);

#define PART ((size_t)1 << 20)

/* Rows written while the simulation goes on: of traffic that is not held in memory. */
struct part { struct show show; struct buf rows; const char *path; int fd; bool ok; struct err e; };

static void write_part(struct part *p)
{
    p->ok = p->ok && output_write(p->fd, p->path, p->rows.at, p->rows.n, &p->e);
    p->rows.n = 0;
}

static void add_row(void *ctx, size_t i, const struct sim_record *q)
{
    struct part *p = ctx;
    show_sim_row(&p->show, i, q);
    if (p->rows.n > PART)
        write_part(p);
}

static bool open_part(struct call *c, struct part *p, struct err *e)
{
    *p = (struct part){.show = c->show, .rows = {.arena = c->arena}, .path = option_text(c, "requests"), .ok = true};
    p->show.out = &p->rows;
    p->fd = output_open(p->path, e);
    buf_fmt(&p->rows, "%*s", (int)PART + 4096, "");     /* room for all that is ever in it: no thread may ask for memory here */
    p->rows.n = 0;
    show_sim_head(&p->show);
    return p->fd >= 0;
}

/* *ran as the simulation went; the file is closed however it went. */
static bool close_part(struct part *p, bool ran, struct err *e)
{
    write_part(p);
    if (ran && !p->ok)
        *e = p->e;
    return output_close(p->fd, p->path, ran && p->ok, e);
}

static bool simulate(struct call *c, struct catalog *cat, const struct scenario *sc, struct simulate_options o,
                     struct sim_run_out *r, struct err *e)
{
    struct part p;
    bool apart = o.records && sc->traffic && sc->traffic->spool;
    if (!apart)
        return plan_simulate(c->arena, cat, sc, o, r, &c->notes, e);
    if (!open_part(c, &p, e))
        return false;
    o.records = false;
    o.rows = (struct sim_rows){add_row, &p};
    return close_part(&p, plan_simulate(c->arena, cat, sc, o, r, &c->notes, e), e);
}

static bool write_requests(struct call *c, const struct sim_run_out *r, struct err *e)
{
    const char *path = option_text(c, "requests");
    if (!path || !r->r.record)
        return true;
    struct buf rows = {.arena = c->arena};
    struct show s = c->show;
    s.out = &rows;
    show_sim_requests(&s, r);
    return output_file(path, buf_str(&rows), rows.n, e);
}

/* *out stays NULL for one seed. */
static bool over_seeds(struct call *c, struct catalog *cat, const struct scenario *sc, struct seeds **out, struct err *e)
{
    if (sc->seeds < 2)
        return true;
    bool progress = progress_wanted(c);
    *out = ARENA_NEW(c->arena, struct seeds);
    c->counting = "seeds";
    bool ok = seeds_run(c->arena, cat, sc, (size_t)sc->seeds, c->threads, progress ? progress_tick : NULL, c, *out, e);
    progress_clear(c);
    return ok;
}

static bool run_services(struct call *c, struct catalog *cat, const struct scenario *sc, struct simulate_options o, struct err *e)
{
    struct services_out *r = ARENA_NEW(c->arena, struct services_out);
    if (sc->seeds > 1 || o.records) {
        err_input(e, sc->name, "services have no %s", o.records ? "--requests" : "--seeds");
        return err_mend(e, "ask for one service by itself");
    }
    if (!services_run(c->arena, cat, sc, o, r, &c->notes, e))
        return false;
    c->show.inputs = sc->doc;
    c->show.seed = sc->seed;
    while (call_show(c))
        show_sim_services(&c->show, r);
    return true;
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct scenario sc;
    if (!input_args(c, 0, 1, e))
        return false;
    if (!c->narg && !option_text(c, "model"))
        return usage_error(c, e, "name a scenario file, or --model, --accelerator and --trace or --preset");
    struct simulate_options o = {.records = option_text(c, "requests") != NULL, .step_by_step = option_on(c, "step"), .threads = c->threads};
    struct seeds *all = NULL;
    struct sim_run_out *r = ARENA_NEW(c->arena, struct sim_run_out);
    if (!input_catalog(c, &cat, e) || !input_doc(c, c->narg ? c->arg[0] : NULL, &doc, e) ||
        !scenario_read_up_to(c->arena, cat, doc, SCENARIO_SIM, c->seed, SIMULATE_KEEP, &sc, &c->notes, e))
        return false;
    if (sc.nservice)
        return run_services(c, cat, &sc, o, e);
    if (!simulate(c, cat, &sc, o, r, e) || !over_seeds(c, cat, &sc, &all, e) ||
        !write_requests(c, r, e))
        return false;
    c->show.inputs = sc.doc;
    c->show.seed = sc.seed;
    while (call_show(c))
        show_sim(&c->show, &sc, r, all);
    return true;
}

const struct command command_sim = {
    .name = "sim", .args = "SCENARIO.yaml",
    .help = "one deployment on one trace: latency, use of the cards, cost, energy",
    .about = "Simulates every request: arrival, router, waiting queue, continuous batching with chunked prefill, paged KV cache, "
             "prefix cache (scenario key prefix_cache), preemption by recomputing or swapping (scheduler.preemption), speculative decoding (speculative), "
             "priorities and admission control (scheduler.order, admission); pools of unlike replicas or prefill and decode apart (key pools), several "
             "models (key services); and, where the scenario says so (autoscale, failures, spares, lend), replicas that start, fail, come back and are "
             "lent to training. Times of steps come from the performance model, so latencies carry its 80% interval.\n\n"
             "Flags win over the file. Without a file, --model, --accelerator and --trace or --preset are needed.",
    .example = {{"moat sim examples/sim-70b-h100.yaml", "two replicas of four H100"},
                {"moat sim examples/sim-70b-h100.yaml --replicas 1 --max-seqs 64", "what happens with one, and a smaller batch?"},
                {"moat sim examples/sim-70b-disaggregated.yaml", "prompts on two pools' worth of cards, answers on others: prefill/decode disaggregation"},
                {"moat sim examples/sim-70b-h100.yaml --seeds 10", "how much of it is the luck of the draw?"},
                {"moat sim examples/sim-autoscale-day.yaml --set autoscale.policy=kpa", "a day on spot instances, autoscaled"},
                {"moat sim --model llama-3.1-8b --accelerator l40s --preset azure-2023-conv --rate 4/s --requests requests.csv",
                 "without a file; one row a request besides"}},
    .group = {&group_deploy, &group_own, &group_traffic, &group_slo, &group_price}, .run = run,
};
