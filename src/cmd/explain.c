/* explain.c - `moat explain`: why an accelerator won or lost, and what would flip it. */
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"

static const struct option own[] = {
    {"model", "MODEL", "a catalog id, a Hugging Face name, or the path of a config.json, .gguf, .safetensors or a folder of them", "model", AS_TEXT, NULL},
    {"accelerators", "LIST", "whom it competes with: all, or some as h100,mi300x,l40s", "accelerators", AS_LIST, "accelerator"},
    {"precision", "FORMAT", "of the weights: bf16, fp8, nvfp4, mxfp4, int8, int4; best: plan chooses", "precision", AS_TEXT, NULL},
    {"kv-cache", "FORMAT", "of the KV cache: bf16, fp8", "kv_cache", AS_TEXT, NULL},
    {"framework", "NAME", "serving framework: vllm, sglang, trtllm, habana, ..., or an older one: vllm@0.6", "framework", AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("What to serve, and on what", own);

/* One more competitor, when the scenario's list leaves the accelerator out. */
static void compete(struct call *c, struct scenario *sc, const struct accelerator *acc)
{
    for (size_t i = 0; i < sc->naccs; i++)
        if (sc->accs[i] == acc)
            return;
    sc->accs = arena_grow(c->arena, sc->accs, sc->naccs, sc->naccs + 1, sizeof *sc->accs);
    sc->accs[sc->naccs++] = acc;
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct scenario sc;
    struct plan p;
    if (!input_args(c, 3, 3, e))
        return false;
    if (strcmp(c->arg[1], "in") != 0)
        return usage_error(c, e, "expected ACCELERATOR in SCENARIO.yaml");
    struct explanation *x = ARENA_NEW(c->arena, struct explanation);
    if (!input_catalog(c, &cat, e) || !input_doc(c, c->arg[2], &doc, e))
        return false;
    const struct accelerator *acc = catalog_accelerator(cat, c->arg[0], "accelerator", &c->notes, e);
    if (!acc || !scenario_read(c->arena, cat, doc, SCENARIO_PLAN, c->seed, &sc, &c->notes, e))
        return false;
    compete(c, &sc, acc);
    bool progress = progress_wanted(c);
    struct plan_options o = {.threads = c->threads, .tick = progress ? progress_tick : NULL, .ctx = c};
    bool ok = plan_run(c->arena, cat, &sc, &o, &p, &c->notes, e) && plan_explain(c->arena, &p, acc, x, e);
    progress_clear(c);
    if (!ok)
        return false;
    c->show.inputs = sc.doc;
    c->show.seed = sc.seed;
    c->no_answer = !p.answered;
    while (call_show(c))
        show_explain(&c->show, &p, x);
    return true;
}

const struct command command_explain = {
    .name = "explain", .args = "ACCELERATOR in SCENARIO.yaml",
    .help = "why it won or lost, and what would flip it",
    .about = "Runs the plan, puts the accelerator beside the winner, says which promise or limit decided, at what price, speed or memory it "
             "would tie, and where the time of its decode step goes.",
    .example = {{"moat explain l40s in examples/chat-70b.yaml", "why not the mid card?"},
                {"moat explain mi300x in examples/chat-70b.yaml --accelerators h100,h200", "against two only"}},
    .group = {&group_own, &group_traffic, &group_slo, &group_price}, .run = run,
};
