/* compare.c - `moat compare`: two scenarios side by side, and why they differ. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"

struct side {
    struct node *doc;
    struct scenario sc;
    struct plan plan;
    struct sim_run_out *sim;
};

/* A scenario that names one accelerator, or pools, is a deployment, to be simulated. */
static bool is_deployment(const struct node *doc)
{
    return node_get(doc, "accelerator") || node_get(doc, "pools");
}

static bool answer(struct call *c, struct catalog *cat, struct side *s, bool simulate, struct err *e)
{
    if (!scenario_read(c->arena, cat, s->doc, simulate ? SCENARIO_SIM : SCENARIO_PLAN, c->seed, &s->sc, &c->notes, e))
        return false;
    if (simulate) {
        s->sim = ARENA_NEW(c->arena, struct sim_run_out);
        return plan_simulate(c->arena, cat, &s->sc, (struct simulate_options){0}, s->sim, &c->notes, e);
    }
    bool progress = progress_wanted(c);
    struct plan_options o = {.threads = c->threads, .tick = progress ? progress_tick : NULL, .ctx = c};
    bool ok = plan_run(c->arena, cat, &s->sc, &o, &s->plan, &c->notes, e);
    progress_clear(c);
    return ok;
}

#define ALONE_MAX 8

/* Each differing key by itself in the first scenario: what it does alone. A mixture that cannot be asked says why. */
static bool one_by_one(struct call *c, struct catalog *cat, const struct side *a, const struct side *b, bool simulate,
                       struct comparison *x, struct err *e)
{
    const char *key[ALONE_MAX];
    size_t n = diff_keys(x, key, ALONE_MAX, c->arena);
    if (n < 2)
        return true;
    x->alone = ARENA_ARRAY(c->arena, struct alone, n);
    struct notes notes = c->notes;              /* said already for the whole scenarios */
    for (size_t i = 0; i < n; i++) {
        struct side *mix = ARENA_NEW(c->arena, struct side);
        struct alone *out = &x->alone[x->nalone++];
        *out = (struct alone){.key = key[i], .usd_h = NAN, .usd_mtok = NAN, .ttft_p99_s = NAN, .tpot_p99_s = NAN, .usd_mtok_ratio = NAN};
        if (!input_doc(c, c->arg[0], &mix->doc, e))
            return false;
        input_replace(c, mix->doc, key[i], node_get(b->doc, key[i]));
        if (!answer(c, cat, mix, simulate, e)) {
            if (e->kind == ERR_ENV)
                return false;
            out->failed = arena_strdup(c->arena, e->what);
        } else if (simulate) {
            diff_alone_sim(out, a->sim, mix->sim);
        } else {
            diff_alone_plan(out, &a->plan, &mix->plan);
        }
    }
    c->notes = notes;
    return true;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    if (!input_args(c, 2, 2, e) || !input_catalog(c, &cat, e))
        return false;
    struct side *a = ARENA_NEW(c->arena, struct side), *b = ARENA_NEW(c->arena, struct side);
    if (!input_doc(c, c->arg[0], &a->doc, e) || !input_doc(c, c->arg[1], &b->doc, e))
        return false;
    bool simulate = is_deployment(a->doc);
    if (simulate != is_deployment(b->doc)) {
        err_input(e, simulate ? c->arg[0] : c->arg[1], "names one accelerator, so it is a deployment; the other is a question for plan");
        return err_mend(e, "compare two of a kind");
    }
    if (!answer(c, cat, a, simulate, e) || !answer(c, cat, b, simulate, e))
        return false;
    struct comparison x = {.name_a = base_name(c->arg[0]), .name_b = base_name(c->arg[1])};
    if (strcmp(x.name_a, x.name_b) == 0) {
        x.name_a = c->arg[0];
        x.name_b = c->arg[1];
    }
    diff_inputs(c->arena, a->doc, b->doc, &x);
    if (simulate)
        diff_sims(a->sim, b->sim, &x);
    else
        diff_plans(c->arena, &a->plan, &b->plan, &x);
    if (!one_by_one(c, cat, a, b, simulate, &x, e))
        return false;
    struct node *both = ARENA_NEW(c->arena, struct node);
    struct node *item = ARENA_ARRAY(c->arena, struct node, 2);
    const char **key = ARENA_ARRAY(c->arena, const char *, 2);
    item[0] = *a->doc;
    item[1] = *b->doc;
    key[0] = "a";
    key[1] = "b";
    *both = (struct node){.kind = NODE_MAP, .path = "", .file = "", .n = 2, .item = item, .key = key};
    c->show.inputs = both;
    c->show.seed = a->sc.seed;
    c->no_answer = !simulate && !a->plan.answered && !b->plan.answered;
    while (call_show(c))
        show_compare(&c->show, &x);
    return true;
}

const struct command command_compare = {
    .name = "compare", .args = "A.yaml B.yaml",
    .help = "two scenarios or deployments side by side, and why they differ",
    .about = "Lists the keys that differ, then what comes out of each: the best accelerator, cost and latency, with the ratio of the second "
             "to the first, what each differing key does alone, and the accelerators by rank. Two scenarios that name one `accelerator` each are simulated; others are planned. "
             "--set and the flags apply to both.",
    .example = {{"moat compare examples/chat-8b.yaml examples/chat-70b.yaml", "what does the bigger model cost?"},
                {"moat compare examples/sim-70b-h100.yaml examples/sim-70b-h100.yaml --seed 7", "twice the same: nothing differs"}},
    .group = {&group_traffic, &group_slo, &group_price}, .run = run,
};
