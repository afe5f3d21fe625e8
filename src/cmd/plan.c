/* plan.c - `moat plan`: which accelerators, how many, which configuration, at what cost. */

#include "base/doc.h"
#include "cmd/command.h"

static const struct option own[] = {
    {"model", "MODEL", "a catalog id, a Hugging Face name, or the path of a config.json, .gguf, .safetensors or a folder of them", "model", AS_TEXT, NULL},
    {"accelerators", "LIST", "all, or some as h100,mi300x,l40s", "accelerators", AS_LIST, "accelerator"},
    {"precision", "FORMAT", "of the weights: bf16, fp8, nvfp4, mxfp4, int8, int4; best: plan chooses", "precision", AS_TEXT, NULL},
    {"kv-cache", "FORMAT", "of the KV cache: bf16, fp8", "kv_cache", AS_TEXT, NULL},
    {"framework", "NAME", "serving framework: vllm, sglang, trtllm, habana, ..., or an older one: vllm@0.6", "framework", AS_TEXT, NULL},
    {"mig", NULL, "MIG instances of the cards that have them are candidates too", "mig", AS_YAML, NULL},
    {"power-cap", "POWER", "a card may draw so much, as 400W: slower where it would draw more", "power_cap", AS_YAML, NULL},
    {"disaggregated", NULL, "prefill and decode in pools of their own too, of the first accelerators of the ranking", NULL, AS_TEXT, NULL},
    {"spares", "N", "replicas more than needed (N+k)", "spares", AS_YAML, NULL},
    {"estimate", NULL, "a first answer from the bounds alone: nothing is simulated, promises are not verified", NULL, AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("What to serve, and on what", own);

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct scenario sc;
    struct plan p;
    if (!input_args(c, 0, 1, e))
        return false;
    if (!c->narg && !option_text(c, "model"))
        return usage_error(c, e, "name a scenario file, or --model with --trace or --preset");
    if (!input_catalog(c, &cat, e) || !input_doc(c, c->narg ? c->arg[0] : NULL, &doc, e) ||
        !scenario_read(c->arena, cat, doc, SCENARIO_PLAN, c->seed, &sc, &c->notes, e))
        return false;
    bool progress = progress_wanted(c);
    struct plan_options o = {.threads = c->threads, .estimate = option_on(c, "estimate"), .tick = progress ? progress_tick : NULL, .ctx = c,
                             .disaggregated = option_on(c, "disaggregated")};
    bool ok = plan_run(c->arena, cat, &sc, &o, &p, &c->notes, e);
    progress_clear(c);
    if (!ok)
        return false;
    c->show.inputs = sc.doc;
    c->show.seed = sc.seed;
    c->no_answer = !p.answered;
    while (call_show(c))
        show_plan(&c->show, &p);
    return true;
}

const struct command command_plan = {
    .name = "plan", .args = "SCENARIO.yaml",
    .help = "which accelerators, how many, which configuration, at what cost",
    .about = "For every accelerator: tries the ways to split the model, finds by simulation the fewest replicas that keep every "
             "promise on the traffic, prices them in whole instances, and ranks them. What is already owned (have:) is used first.\n\n"
             "Flags win over the file. Without a file, --model and --trace or --preset are needed.",
    .example = {{"moat plan examples/chat-70b.yaml", "who should serve this chat traffic?"},
                {"moat plan examples/chat-70b.yaml --set slo.tpot.p99=30ms --accelerators h100,h200,mi300x",
                 "the same with a stricter promise, among three"},
                {"moat plan --model llama-3.1-8b --preset azure-2023-conv --rate 20/s --slo-ttft-p99 1s --slo-tpot-p99 40ms",
                 "without a file"},
                {"moat plan examples/chat-70b.yaml --json --prices spot", "for a program, at spot prices"}},
    .group = {&group_own, &group_traffic, &group_slo, &group_price}, .run = run,
};
