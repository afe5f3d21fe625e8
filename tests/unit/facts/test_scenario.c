/* test_scenario.c - scenario files: every key with its unit and default, every refusal with its exact words. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/scenario.h"

struct world { struct arena *a; struct catalog *c; struct notes notes; struct err e; struct scenario s; };

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->notes.arena = w->a;
    if (!catalog_open(w->a, NULL, &w->c, &w->notes, &w->e))
        fail_msg("%s: %s", w->e.place, w->e.what);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    arena_free(w->a);
    free(w);
    return 0;
}

static bool load(struct world *w, const char *yaml, enum scenario_use use)
{
    struct node *nd;
    memset(&w->e, 0, sizeof w->e);
    assert_true(doc_yaml(w->a, "t.yaml", yaml, strlen(yaml), &nd, &w->e));
    return scenario_read(w->a, w->c, nd, use, 0, &w->s, &w->notes, &w->e);
}

static void accepted(struct world *w, const char *yaml, enum scenario_use use)
{
    if (!load(w, yaml, use))
        fail_msg("%s: %s; %s", w->e.place, w->e.what, w->e.mend);
}

static void refused(struct world *w, enum scenario_use use, const char *yaml, const char *place, const char *what,
                    const char *mend)
{
    assert_false(load(w, yaml, use));
    assert_int_equal(w->e.kind, ERR_INPUT);
    assert_string_equal(w->e.place, place);
    assert_string_equal(w->e.what, what);
    assert_string_equal(w->e.mend, mend);
}

#define TRAFFIC "traffic: {preset: azure-2023-conv, requests: 100}\n"

static void the_demo(void **state)
{
    struct world *w = *state;
    accepted(w,
             "title: chat\nmodel: llama-3.1-70b\nprecision: fp8\ntraffic: {preset: azure-2023-conv, rate: 40/s}\n"
             "slo:\n  ttft: {p99: 2s}\n  tpot: {p99: 50ms, p50: 30ms}\naccelerators: all\nprices: reserved-1y\n"
             "as_of: 2026-Q3\nregion: us\nhave: {a10: 8, rtx-4090: 4}\nspares: 1\nseed: 9\nmax_context: 128k\n"
             "limits: {power: 20kW, usd_per_hour: 120 USD, cards: 64, region: cn}\n",
             SCENARIO_PLAN);
    const struct scenario *s = &w->s;
    assert_string_equal(s->title, "chat");
    assert_string_equal(s->model->id, "llama-3.1-70b");
    assert_true(s->precision_given && !s->precision_exact && !s->precision_best && s->precision == PREC_FP8);
    assert_true(s->quant.linear == PREC_FP8 && s->quant.attention == PREC_FP8 && s->quant.lm_head == PREC_BF16);
    assert_true(s->quant.kv == PREC_BF16);
    check_close(s->traffic->rate_s, 40, 1e-6);
    assert_int_equal(s->nslo, 3);
    assert_true(s->slo[0].metric == SLO_TTFT && s->slo[0].q == 0.99 && s->slo[0].limit_s == 2);
    assert_true(s->slo[2].metric == SLO_TPOT && s->slo[2].q == 0.5 && s->slo[2].limit_s == 0.03);
    assert_string_equal(s->slo[1].place, "t.yaml:7: slo.tpot.p99");
    assert_true(s->all_accs && s->naccs > 30);
    assert_true(s->price.kind == PRICE_RESERVED_1Y && s->price.as_of == 20260930);
    assert_string_equal(s->price.region, "us");
    assert_true(s->nhave == 2 && s->have[0].cards == 8);
    assert_string_equal(s->have[1].acc->id, "rtx-4090");
    assert_true(s->spares == 1 && s->seed == 9 && s->max_context == 128000);
    assert_true(s->max_power_w == 20000 && s->max_usd_h == 120 && s->max_cards == 64 && s->export_cn);
}

static void defaults(void **state)
{
    struct world *w = *state;
    accepted(w, "model: llama-3.1-8b\n" TRAFFIC, SCENARIO_PLAN);
    assert_true(w->s.all_accs && w->s.seed == 1 && w->s.price.kind == PRICE_ON_DEMAND && w->s.nslo == 0);
    assert_true(!w->s.precision_given && w->s.precision == PREC_BF16 && w->s.max_context == 0 && !w->s.router);
    for (size_t i = 0; i < w->s.naccs; i++)
        assert_true(w->s.accs[i]->available);
}

static void one_deployment(void **state)
{
    struct world *w = *state;
    accepted(w,
             "model: llama-3.1-70b\nprecision: {exact: fp8}\nkv_cache: fp8\naccelerator: h100-sxm-80\ntp: 4\nreplicas: 2\n"
             "framework: vllm\nscheduler: {policy: vllm-v1, max_seqs: 256, max_tokens: 8192}\nrouter: least-outstanding\n"
             "memory_fraction: 90%\n" TRAFFIC "slo: chat\n",
             SCENARIO_SIM);
    const struct deployment_keys *d = &w->s.deploy;
    assert_string_equal(d->acc->id, "h100-sxm-80");
    assert_true(w->s.naccs == 1 && w->s.accs[0] == d->acc && !w->s.all_accs);
    assert_true(d->tp == 4 && d->pp == 0 && d->replicas == 2 && d->max_seqs == 256 && d->max_tokens == 8192);
    assert_true(d->memory_frac == 0.9 && w->s.precision_exact && w->s.quant.kv == PREC_FP8);
    assert_string_equal(d->scheduler, "vllm-v1");
    assert_string_equal(d->scheduler_place, "t.yaml:8: scheduler.policy");
    assert_string_equal(w->s.router, "least-outstanding");
    assert_true(w->s.nslo == 2 && w->s.slo[1].limit_s == 0.05);
}

static void predict_needs_no_traffic(void **state)
{
    struct world *w = *state;
    accepted(w, "model: llama-3.1-8b\naccelerator: l40s\nbatch: 32\nisl: 1k\nosl: 128\n", SCENARIO_PREDICT);
    assert_null(w->s.traffic);
    assert_true(w->s.batch == 32 && w->s.isl == 1000 && w->s.osl == 128);
}

static void precisions(void **state)
{
    struct world *w = *state;
    accepted(w, "model: llama-3.1-8b\nprecision: best\n" TRAFFIC, SCENARIO_PLAN);
    assert_true(w->s.precision_best && w->s.quant.linear == PREC_BF16);
    accepted(w, "model: mixtral-8x7b\nprecision: {weights: fp8, attention: bf16, kv_cache: int8}\n" TRAFFIC, SCENARIO_PLAN);
    assert_true(w->s.quant.experts == PREC_FP8 && w->s.quant.attention == PREC_BF16 && w->s.quant.kv == PREC_INT8);
    accepted(w, "model: gpt-oss-120b\n" TRAFFIC, SCENARIO_PLAN);
    assert_true(w->s.precision == PREC_MXFP4 && !w->s.precision_given);
    accepted(w, "model: llama-3.1-8b\nprecision: awq\nkv_cache: auto\n" TRAFFIC, SCENARIO_PLAN);
    assert_true(w->s.quant.linear == PREC_INT4 && w->s.quant.kv == PREC_BF16);
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nprecision: fp7\n" TRAFFIC, "t.yaml:2: precision",
            "no number format \"fp7\"", "there are bf16, fp16, fp32, fp8, fp8_block, nvfp4, mxfp4, int8, int4, q8_0, q6_k, q5_k, q4_k_m, q3_k, q2_k, bfp8");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nkv_cache: q4_k_m\n" TRAFFIC, "t.yaml:2: kv_cache",
            "q4_k_m is a format of weights, not of a KV cache", "write bf16, fp16, fp8, int8, nvfp4 or int4");
}

static void slos(void **state)
{
    struct world *w = *state;
    accepted(w, "model: llama-3.1-8b\nslo: {preset: chat, ttft: {p99: 1s, mean: 500ms}, e2e: {p99.9: 1min}}\n" TRAFFIC,
             SCENARIO_PLAN);
    assert_int_equal(w->s.nslo, 4);
    assert_true(w->s.slo[0].limit_s == 1);          /* replaces the preset's */
    assert_true(w->s.slo[2].q == -1 && w->s.slo[3].metric == SLO_E2E && fabs(w->s.slo[3].q - 0.999) < 1e-12);
    for (size_t i = 0; slo_preset(i, NULL, NULL); i++) {
        const char *help, *source;
        char yaml[200];
        snprintf(yaml, sizeof yaml, "model: llama-3.1-8b\nslo: %s\n" TRAFFIC, slo_preset(i, &help, &source));
        accepted(w, yaml, SCENARIO_PLAN);
        assert_true(w->s.nslo > 0 && *help && *source);
    }
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nslo: {ttft: {p99: fast}}\n" TRAFFIC, "t.yaml:2: slo.ttft.p99",
            "expected a duration such as 500ms or 2s, got \"fast\"", "");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nslo: {ttft: 2s}\n" TRAFFIC, "t.yaml:2: slo.ttft", "at which quantile?",
            "write ttft: {p99: 2s}");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nslo: {ttft: {q99: 2s}}\n" TRAFFIC, "t.yaml:2: slo.ttft.q99",
            "expected p50, p90, p95, p99, p99.9 or mean, got \"q99\"", "");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nslo: {ttft: {p99: 0s}}\n" TRAFFIC, "t.yaml:2: slo.ttft.p99",
            "a limit of 0 cannot be met", "");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nslo: chatt\n" TRAFFIC, "t.yaml:2: slo", "no SLO preset \"chatt\"",
            "did you mean \"chat\"?");
}

static void pools(void **state)
{
    struct world *w = *state;
    assert_true(load(w, "model: llama-3.1-8b\naccelerator: l40s\ntp: 2\nlink: 25GB/s\npools:\n"
                        "  prefill: {accelerator: h100, tp: 1, replicas: 3, link: 50GB/s}\n"
                        "  dec: {role: decode, max_context: 9000, precision: fp8, link_latency: 1ms}\n" TRAFFIC, SCENARIO_SIM));
    assert_int_equal(w->s.npool, 2);
    const struct pool_keys *p = &w->s.pool[0], *d = &w->s.pool[1];
    assert_string_equal(p->own->deploy.acc->id, "h100-sxm-80");
    assert_string_equal(d->own->deploy.acc->id, "l40s");        /* the top's, as its tp */
    assert_true(p->role == POOL_PREFILL && d->role == POOL_DECODE);
    assert_true(p->own->deploy.tp == 1 && d->own->deploy.tp == 2 && p->own->deploy.replicas == 3);
    assert_true(p->link_bytes_s == 50e9 && d->link_bytes_s == 25e9 && d->link_latency_s == 0.001);
    assert_true(d->own->max_context == 9000 && p->own->max_context == 0);
    assert_true(d->own->precision == PREC_FP8 && !p->own->precision_given);
    assert_ptr_equal(w->s.deploy.acc, p->own->deploy.acc);
}

static void refusals(void **state)
{
    struct world *w = *state;
    assert_false(load(w, "model: llama-3.1-8b\nacelerators: all\n" TRAFFIC, SCENARIO_PLAN));
    assert_string_equal(w->e.place, "t.yaml:2: acelerators");
    assert_non_null(strstr(w->e.mend, "accelerators"));
    refused(w, SCENARIO_PLAN, TRAFFIC, "t.yaml: model", "is missing",
            "write model: llama-3.1-70b, or the path of a config.json, a .gguf or a .safetensors");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\n", "t.yaml: traffic", "is missing",
            "write traffic: {preset: azure-2023-conv}, or {trace: FILE.csv}");
    refused(w, SCENARIO_SIM, "model: llama-3.1-8b\n" TRAFFIC, "t.yaml: accelerator", "is missing",
            "write accelerator: h100-sxm-80");
    refused(w, SCENARIO_SIM, "model: llama-3.1-8b\naccelerators: all\n" TRAFFIC, "t.yaml:2: accelerators",
            "moat sim does not take this key", "name one device with accelerator");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\npools: {prefill: {tp: 1}}\n" TRAFFIC, "t.yaml:2: pools", "moat plan does not take this key",
            "it belongs to sim; here name one deployment: accelerator, tp, replicas");
    refused(w, SCENARIO_SIM, "model: llama-3.1-8b\npools: {prefill: {accelerator: l4}}\n" TRAFFIC, "t.yaml:2: pools",
            "prefill and decode go together: there is no pool that does decode",
            "write pools: {prefill: {accelerator: ..}, decode: {accelerator: ..}}, or role: prefill in a pool of another name");
    refused(w, SCENARIO_SIM, "model: llama-3.1-8b\naccelerator: l4\nlink: 50GB/s\n" TRAFFIC, "t.yaml:3: link",
            "KV moves between pools, and there are none",
            "write pools: {prefill: {accelerator: ..}, decode: {accelerator: ..}}, or take it out");
    refused(w, SCENARIO_SIM, "model: llama-3.1-8b\naccelerator: l4\npools: {a: {}, b: {role: prefil}}\n" TRAFFIC, "t.yaml:3: pools.b.role",
            "expected prefill, decode or both, got \"prefil\"", "");
    refused(w, SCENARIO_SIM, "model: llama-3.1-8b\naccelerator: l4\npools: {a: {}, prefill: {}, decode: {}}\n" TRAFFIC, "t.yaml:3: pools",
            "a pool that does both cannot stand beside prefill and decode pools", "");
    refused(w, SCENARIO_SIM, "model: llama-3.1-8b\npools: {a: {accelerator: l4, tpp: 2}}\n" TRAFFIC, "t.yaml:2: pools.a.tpp",
            "unknown key \"tpp\"", "did you mean \"tp\"?");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nprices: spott\n" TRAFFIC, "t.yaml:2: prices",
            "expected on-demand, reserved-1y, reserved-3y, spot, survey or owned, got \"spott\"", "did you mean \"spot\"?");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\naccelerators: []\n" TRAFFIC, "t.yaml:2: accelerators",
            "expected all, or a list such as [h100, l40s]", "");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\naccelerators: [l4]\naccelerator: l4\n" TRAFFIC, "t.yaml:2: accelerators",
            "accelerator and accelerators exclude each other", "");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nlimits: {usd_per_hour: 1, budget: 2}\n" TRAFFIC, "t.yaml:2: limits.budget",
            "usd_per_hour and budget are the same limit: write one", "");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nmemory_fraction: 0\n" TRAFFIC, "t.yaml:2: memory_fraction",
            "without memory nothing can run: expected a fraction such as 0.9 or 90%", "");
    refused(w, SCENARIO_PLAN, "model: llama-3.1-8b\nhave: {h100: 1, h100-sxm-80: 2}\n" TRAFFIC, "t.yaml:2: have.h100-sxm-80",
            "h100-sxm-80 is already listed under another name", "");
    assert_false(load(w, "model: llama-3.1-8b\ntp: 0\n" TRAFFIC, SCENARIO_PLAN));
    assert_string_equal(w->e.place, "t.yaml:2: tp");
    assert_false(load(w, "model: lama-3.1-8b\n" TRAFFIC, SCENARIO_PLAN));
    assert_string_equal(w->e.place, "t.yaml:1: model");
    assert_false(load(w, "- 1\n", SCENARIO_PLAN));
    assert_string_equal(w->e.what, "expected a scenario: a map with model, traffic, slo, ...");
}

static void aliases_and_doubles(void **state)
{
    struct world *w = *state;
    accepted(w, "model: meta-llama/Llama-3.1-8B-Instruct\naccelerators: [h100, h100-sxm-80, l40s]\n" TRAFFIC, SCENARIO_PLAN);
    assert_int_equal(w->s.naccs, 2);
    accepted(w, "model: llama-3.1-8b\naccelerators: l40s\n" TRAFFIC, SCENARIO_PLAN);
    assert_true(w->s.naccs == 1 && !w->s.all_accs);
}

/* The examples are scenario files that run as they are. */
static void examples(void **state)
{
    struct world *w = *state;
    static const struct { const char *file; enum scenario_use use; } files[] = {
        {"chat-70b.yaml", SCENARIO_PLAN},        {"chat-8b.yaml", SCENARIO_PLAN},
        {"moe-trillion.yaml", SCENARIO_PLAN},    {"long-context-1m.yaml", SCENARIO_PLAN},
        {"realtime-driving.yaml", SCENARIO_PLAN}, {"realtime-defence.yaml", SCENARIO_PLAN},
        {"realtime-trading.yaml", SCENARIO_PLAN}, {"batch-offline.yaml", SCENARIO_PLAN},
        {"inference-only-buyer.yaml", SCENARIO_PLAN}, {"have-8xa10-4x4090.yaml", SCENARIO_PLAN},
        {"sim-70b-h100.yaml", SCENARIO_SIM}, {"sim-70b-disaggregated.yaml", SCENARIO_SIM}, {"sim-two-models.yaml", SCENARIO_SIM},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[5000];
        struct node *nd;
        snprintf(path, sizeof path, "%s/examples/%s", getenv("MOAT_SOURCE"), files[i].file);
        assert_true(doc_file(w->a, path, &nd, &w->e));
        bool ok = scenario_read(w->a, w->c, nd, files[i].use, 0, &w->s, &w->notes, &w->e);
        if (!ok && w->e.kind == ERR_ENV && strstr(w->e.place, "traffic.trace"))
            continue;                   /* the one that names a download */
        if (!ok)
            fail_msg("%s: %s; %s", w->e.place, w->e.what, w->e.mend);
        assert_non_null(w->s.title);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_demo), T(defaults), T(one_deployment), T(predict_needs_no_traffic), T(precisions), T(slos), T(pools), T(refusals),
        T(aliases_and_doubles), T(examples),
    };
    return cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
}
