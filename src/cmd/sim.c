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

static bool write_requests(struct call *c, const struct sim_run_out *r, struct err *e)
{
    const char *path = option_text(c, "requests");
    if (!path)
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

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct scenario sc;
    if (!input_args(c, 0, 1, e))
        return false;
    if (!c->narg && !option_text(c, "model"))
        return usage_error(c, e, "name a scenario file, or --model, --accelerator and --trace or --preset");
    struct simulate_options o = {.records = option_text(c, "requests") != NULL, .step_by_step = option_on(c, "step")};
    struct seeds *all = NULL;
    struct sim_run_out *r = ARENA_NEW(c->arena, struct sim_run_out);
    if (!input_catalog(c, &cat, e) || !input_doc(c, c->narg ? c->arg[0] : NULL, &doc, e) ||
        !scenario_read(c->arena, cat, doc, SCENARIO_SIM, c->seed, &sc, &c->notes, e) ||
        !plan_simulate(c->arena, cat, &sc, o, r, &c->notes, e) || !over_seeds(c, cat, &sc, &all, e) ||
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
             "prefix cache (scenario key prefix_cache), preemption. Times of steps come from the performance model, so latencies carry its 80% interval.\n\n"
             "Flags win over the file. Without a file, --model, --accelerator and --trace or --preset are needed.",
    .example = {{"moat sim examples/sim-70b-h100.yaml", "two replicas of four H100"},
                {"moat sim examples/sim-70b-h100.yaml --replicas 1 --max-seqs 64", "what happens with one, and a smaller batch?"},
                {"moat sim examples/sim-70b-h100.yaml --seeds 10", "how much of it is the luck of the draw?"},
                {"moat sim --model llama-3.1-8b --accelerator l40s --preset azure-2023-conv --rate 4/s --requests requests.csv",
                 "without a file; one row a request besides"}},
    .group = {&group_deploy, &group_own, &group_traffic, &group_slo, &group_price}, .run = run,
};
