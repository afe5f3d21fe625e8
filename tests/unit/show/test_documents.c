/* test_documents.c - documents from structs made by hand: the sentence, keys of the contract, NaN as null, CSV shape. */
#include "check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "show/show.h"
#include "show/show_plan.h"

static int up(void **state)
{
    *state = arena_new();
    return *state == NULL;
}

static int down(void **state)
{
    arena_free(*state);
    return 0;
}

struct world {
    struct accelerator acc[2];
    struct model model;
    struct slo slo[2];
    struct slo_value value[2][2];
    struct scenario sc;
    struct candidate cand[2];
    struct plan plan;
};

static struct candidate candidate(const struct world *w, int i)
{
    struct span none = {NAN, NAN, NAN};
    return (struct candidate){.rank = i + 1, .acc = &w->acc[i], .d = {.acc = &w->acc[i], .model = &w->model, .tp = 2, .pp = 1, .dp = 1, .ep = 1},
                              .scheduler = "vllm-v1", .replicas = 3, .devices = 6, .billed_devices = 6, .ttft_p50 = none, .ttft_p99 = none,
                              .tpot_p50 = none, .tpot_p99 = none, .e2e_p50 = none, .e2e_p99 = none, .usd_h = NAN, .usd_mtok = NAN,
                              .usd_mtok_total = NAN, .power_w = NAN};
}

static struct world *world(struct arena *a)
{
    struct world *w = ARENA_NEW(a, struct world);
    w->acc[0] = (struct accelerator){.id = "h100-sxm-80"};
    w->acc[1] = (struct accelerator){.id = "t4"};
    w->model = (struct model){.id = "llama-3.1-70b"};
    w->slo[0] = (struct slo){.metric = SLO_TTFT, .q = 0.99, .limit_s = 2};
    w->slo[1] = (struct slo){.metric = SLO_TPOT, .q = 0.99, .limit_s = 0.05};
    w->sc = (struct scenario){.name = "x.yaml", .model = &w->model, .slo = w->slo, .nslo = 2};
    struct candidate *c = &w->cand[0];
    *c = candidate(w, 0);
    c->feasible = c->priced = true;
    c->ttft_p99 = (struct span){0.83, 0.6, 1.1};
    c->tpot_p99 = (struct span){0.031, 0.026, 0.037};
    c->usd_h = 17.94;
    c->usd_mtok = 1.42;
    c->price = (struct price){.found = true, .kind = PRICE_ON_DEMAND, .usd_h = 2.99, .source = "median of 9 providers"};
    c->evidence = GRADE_INFERRED;
    w->value[0][0] = (struct slo_value){c->ttft_p99, true};
    w->value[0][1] = (struct slo_value){c->tpot_p99, true};
    c->slo = w->value[0];
    c = &w->cand[1];
    *c = candidate(w, 1);
    c->binding = BIND_TPOT;
    c->short_by = 2.5;
    c->slo = w->value[1];
    w->value[1][1] = (struct slo_value){{0.125, 0.1, 0.15}, false};
    snprintf(c->reason, sizeof c->reason, "misses \"TPOT\", by far");
    w->plan = (struct plan){.scenario = &w->sc, .cand = w->cand, .ncand = 2, .nfeasible = 1, .answered = true, .best = &w->cand[0]};
    return w;
}

static const char *shown(struct arena *a, const struct plan *p, enum format f, bool colour)
{
    struct buf *out = ARENA_NEW(a, struct buf);
    out->arena = a;
    struct show s = {.arena = a, .out = out, .format = f, .width = 80, .command = "plan", .seed = 1, .colour = colour};
    show_plan(&s, p);
    return buf_str(out);
}

static void the_answer_is_a_sentence(void **state)
{
    struct world *w = world(*state);
    assert_string_equal(plan_answer(*state, &w->plan),
                        "Rent 6 x h100-sxm-80 (3 replicas, tp 2) at $17.94/h: p99 TTFT 830 ms [600-1,100], p99 TPOT 31 ms [26-37], "
                        "$1.42 per million output tokens (inferred).");
    w->cand[0].billed_devices = 8;
    assert_non_null(strstr(plan_answer(*state, &w->plan), "Rent 8 x h100-sxm-80 (6 used: 3 replicas, tp 2)"));
    w->cand[0].priced = false;
    w->cand[0].usd_h = w->cand[0].usd_mtok = NAN;
    w->cand[0].price.found = false;
    assert_non_null(strstr(plan_answer(*state, &w->plan), "Use (unpriced) 8 x h100-sxm-80"));
}

static void no_answer_names_the_limit(void **state)
{
    struct world *w = world(*state);
    w->plan.answered = false;
    w->plan.best = NULL;
    w->plan.nfeasible = 0;
    w->plan.cand = &w->cand[1];
    w->plan.ncand = 1;
    assert_string_equal(plan_answer(*state, &w->plan), "No accelerator keeps every promise. The closest, t4 (tp 2), has a p99 TPOT of 125 ms "
                                                       "[100-150], 2.50x the limit of 50 ms.");
    w->cand[1].binding = BIND_MEMORY;
    assert_non_null(strstr(plan_answer(*state, &w->plan), "over by a factor of 2.5"));
    w->plan.ncand = 0;
    assert_non_null(strstr(plan_answer(*state, &w->plan), "No accelerator"));
}

static void json_keeps_the_contract(void **state)
{
    struct world *w = world(*state);
    struct node *doc;
    struct err e;
    const char *text = shown(*state, &w->plan, FORMAT_JSON, false);
    assert_true(doc_json(*state, "plan", text, strlen(text), &doc, &e));
    static const char *const key[] = {"schema", "moat", "command", "seed", "inputs", "notes", "best", "candidates", "evidence", "run.wall_s",
                                      "best.ttft_ms.p99_lo", "best.tpot_ms.p99_hi", "best.usd_per_hour", "best.usd_per_mtok", "best.power_kw",
                                      "best.max_seqs", "best.max_tokens", "best.mode", "best.scheduler"};
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        if (!node_at(doc, key[i]))
            fail_msg("no key %s", key[i]);
    assert_string_equal(node_at(doc, "schema")->text, "moat.plan/1");
    assert_string_equal(node_at(doc, "best.tpot_ms.p99")->text, "31");
    assert_int_equal(node_at(doc, "best.ttft_ms.p50")->kind, NODE_NULL);
    const struct node *loser = &node_get(doc, "candidates")->item[1];
    assert_string_equal(node_get(loser, "reason")->text, "misses \"TPOT\", by far");
    assert_string_equal(node_get(loser, "binding")->text, binding_name[BIND_TPOT]);
    assert_string_equal(node_get(loser, "short_by")->text, "2.5");
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf,"));
}

static void csv_has_one_row_a_candidate(void **state)
{
    struct world *w = world(*state);
    const char *text = shown(*state, &w->plan, FORMAT_CSV, false);
    int lines = 0;
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 3);
    assert_non_null(strstr(text, "\"misses \"\"TPOT\"\", by far\"\n"));
}

static void text_fits_eighty_columns(void **state)
{
    struct world *w = world(*state);
    const char *text = shown(*state, &w->plan, FORMAT_TEXT, false);
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        if (n > 80)
            fail_msg("%zu columns: %.*s", n, (int)n, line);
        if (n && line[n - 1] == ' ')
            fail_msg("blank at the end: %.*s", (int)n, line);
        line += n + (line[n] == '\n');
    }
    assert_null(strchr(text, '\033'));
    assert_non_null(strchr(shown(*state, &w->plan, FORMAT_TEXT, true), '\033'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_a_sentence), cmocka_unit_test(no_answer_names_the_limit), cmocka_unit_test(json_keeps_the_contract),
        cmocka_unit_test(csv_has_one_row_a_candidate), cmocka_unit_test(text_fits_eighty_columns)};
    return cmocka_run_group_tests(tests, up, down);
}
