/* Sweeps: cells in the order of the grid, the same for any number of threads, and the same when stopped and resumed. */
#include "check.h"

#include "base/buf.h"
#include "fixture.h"
#include "plan/sweep.h"

#define SIM "model: llama-3.1-8b\naccelerator: l40s\nslo: {ttft: {p99: 2s}, tpot: {p99: 60ms}}\n" \
            "traffic: {preset: azure-2023-conv, requests: 200, rate: 4/s}\n"

struct journal { struct buf b; size_t lines; };

static bool append(void *ctx, const char *line, size_t n, struct err *e)
{
    struct journal *j = ctx;
    (void)e;
    buf_addn(&j->b, line, n);
    j->lines++;
    return true;
}

struct ask { enum sweep_kind kind; const char *yaml, *over[3]; size_t nover; const char *journal; size_t journal_bytes; int threads; bool intervals;
             const char *program; };

static bool try_sweep(struct world *w, const struct ask *q, struct journal *j, struct sweep *out)
{
    struct node *doc;
    struct grid g;
    *j = (struct journal){.b = {.arena = w->a}};
    struct sweep_options o = {.kind = q->kind, .threads = q->threads, .program = q->program ? q->program : "test", .journal = q->journal,
                              .journal_name = "journal", .journal_bytes = q->journal_bytes, .append = append, .ctx = j, .intervals = q->intervals};
    return doc_yaml(w->a, "test.yaml", q->yaml, strlen(q->yaml), &doc, &w->e) &&
           grid_read(w->a, NULL, q->over, q->nover, 1000, &g, &w->e) && sweep_run(w->a, w->cat, &g, doc, &o, out, &w->notes, &w->e);
}

static struct sweep sweep_of(struct world *w, const struct ask *q, struct journal *j)
{
    struct sweep s;
    if (!try_sweep(w, q, j, &s))
        fail_msg("%s: %s; %s", w->e.place, w->e.what, w->e.mend);
    return s;
}

static void same_outcomes(const struct sweep *a, const struct sweep *b)
{
    assert_int_equal(a->grid.ncell, b->grid.ncell);
    for (size_t i = 0; i < a->grid.ncell; i++) {
        const struct outcome *x = &a->cell[i].out, *y = &b->cell[i].out;
        for (int k = 0; k < OUT_N; k++) {
            const double p[] = {x->v[k].at, x->v[k].lo, x->v[k].hi}, q[] = {y->v[k].at, y->v[k].lo, y->v[k].hi};
            for (int m = 0; m < 3; m++)
                assert_true(p[m] == q[m] || (isnan(p[m]) && isnan(q[m])));
        }
        assert_string_equal(x->reason, y->reason);
        assert_string_equal(x->accelerator, y->accelerator);
        assert_string_equal(x->config, y->config);
        assert_true(x->answered == y->answered && x->held == y->held && x->saturated == y->saturated && x->kept == y->kept &&
                    x->seeds == y->seeds && x->evidence == y->evidence);
    }
    assert_true(a->best == b->best && a->nanswered == b->nanswered);
}

static const struct ask grid12 = {SWEEP_SIM, SIM, {"replicas=1..3", "accelerator=l40s,t4", "traffic.rate=4..8+4/s"}, 3, NULL, 0, 1, false, NULL};

static void each_cell_is_moat_sim(void **state)
{
    (void)state;
    struct world w = world_open();
    struct journal j;
    struct sweep s = sweep_of(&w, &grid12, &j);
    assert_int_equal(s.grid.ncell, 12);
    assert_int_equal(j.lines, 12);
    /* t4 cannot hold the model: rows with a reason, and the others go on */
    assert_int_equal(s.nanswered, 6);
    for (size_t i = 0; i < 12; i++) {
        const struct outcome *o = &s.cell[i].out;
        bool t4 = i / 2 % 2;
        assert_int_equal(o->answered, !t4);
        if (t4) {
            assert_non_null(strstr(o->reason, "does not fit"));
            continue;
        }
        char yaml[400];
        snprintf(yaml, sizeof yaml, "model: llama-3.1-8b\naccelerator: l40s\nslo: {ttft: {p99: 2s}, tpot: {p99: 60ms}}\nreplicas: %zu\n"
                 "traffic: {preset: azure-2023-conv, requests: 200, rate: %zu/s}\n", i / 4 + 1, i % 2 * 4 + 4);
        struct sim_run_out *r = ARENA_NEW(w.a, struct sim_run_out);
        assert_true(plan_simulate(w.a, w.cat, world_scenario(&w, yaml, SCENARIO_SIM), (struct simulate_options){0}, r, NULL, &w.e));
        assert_true(o->v[OUT_TTFT_P99].at == sim_metric(&r->r, SLO_TTFT, 0.99));
        assert_true(o->v[OUT_USD_MTOK].at == r->usd_mtok.at);
        assert_int_equal(o->held == HELD_YES, r->r.held);
    }
    for (size_t i = 0; i < 12; i++)
        if (!isnan(outcome_cost(&s.cell[i].out)))
            assert_true(outcome_cost(&s.cell[s.best].out) <= outcome_cost(&s.cell[i].out));
    arena_free(w.a);
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    struct world w = world_open();
    struct journal j;
    struct ask q = grid12;
    struct sweep one = sweep_of(&w, &q, &j);
    q.threads = 3;
    struct sweep three = sweep_of(&w, &q, &j);
    same_outcomes(&one, &three);
    q.intervals = true;
    one = sweep_of(&w, &q, &j);
    assert_true(one.cell[0].out.v[OUT_TTFT_P99].lo < one.cell[0].out.v[OUT_TTFT_P99].hi);
    arena_free(w.a);
}

/* Cut the journal of a whole run at twenty places, and at the ends of lines: what is left resumes to the same outcomes, and computes just the rest. */
static void a_cut_journal_resumes(void **state)
{
    (void)state;
    struct world w = world_open();
    struct journal j, rest;
    struct ask q = grid12;
    q.intervals = true;
    struct sweep whole = sweep_of(&w, &q, &j);
    struct buf all = {.arena = w.a};
    buf_add(&all, sweep_journal_head);
    buf_addn(&all, buf_str(&j.b), j.b.n);
    for (size_t cut = 0; cut < 40; cut++) {
        size_t ends = 0, n = all.n * (cut / 2 + 1) / 20;
        if (cut % 2)
            n = sweep_journal_whole(all.at, n);
        if (!cut)
            n = 5;              /* in the head */
        for (size_t i = 0; i < n; i++)
            ends += all.at[i] == '\n';
        q.journal = arena_strndup(w.a, all.at, n);
        q.journal_bytes = n;
        struct sweep s = sweep_of(&w, &q, &rest);
        same_outcomes(&whole, &s);
        assert_int_equal(s.nresumed, ends ? ends - 1 : 0);
        assert_int_equal(rest.lines, 12 - s.nresumed);
        /* the whole lines and those that followed: a journal that holds everything */
        struct buf mended = {.arena = w.a};
        size_t keep = sweep_journal_whole(q.journal, n);
        buf_addn(&mended, keep ? q.journal : sweep_journal_head, keep ? keep : strlen(sweep_journal_head));
        buf_addn(&mended, buf_str(&rest.b), rest.b.n);
        q.journal = buf_str(&mended);
        q.journal_bytes = mended.n;
        s = sweep_of(&w, &q, &rest);
        same_outcomes(&whole, &s);
        assert_int_equal(rest.lines, 0);
    }
    arena_free(w.a);
}

/* What is another input, or another program, is not taken from the journal. */
static void only_the_same_inputs_are_taken(void **state)
{
    (void)state;
    struct world w = world_open();
    struct journal j, rest;
    struct ask q = {SWEEP_PREDICT, "model: llama-3.1-8b\naccelerator: l40s\nisl: 1000\nosl: 200\nbatch: 1\n", {"batch=1..8*2"}, 1, NULL, 0, 1, false,
                    NULL};
    sweep_of(&w, &q, &j);
    q.journal = arena_printf(w.a, "%s%s", sweep_journal_head, buf_str(&j.b));
    q.journal_bytes = strlen(q.journal);
    struct ask same = q, more = q, other = q, program = q, wider = q;
    more.over[0] = "batch=1..16*2";
    other.yaml = "model: llama-3.1-8b\naccelerator: l40s\nisl: 1001\nosl: 200\nbatch: 1\n";
    program.program = "another";
    wider.intervals = true;
    assert_int_equal(sweep_of(&w, &same, &rest).nresumed, 4);
    assert_int_equal(sweep_of(&w, &more, &rest).nresumed, 4);
    assert_int_equal(rest.lines, 1);
    assert_int_equal(sweep_of(&w, &other, &rest).nresumed, 0);
    assert_int_equal(sweep_of(&w, &program, &rest).nresumed, 0);
    assert_int_equal(sweep_of(&w, &wider, &rest).nresumed, 0);
    struct sweep s;
    struct ask wrong = q;
    wrong.journal = "model: llama\nand more than one head line would take\n";
    wrong.journal_bytes = strlen(wrong.journal);
    assert_false(try_sweep(&w, &wrong, &rest, &s));
    assert_non_null(strstr(w.e.what, "no journal"));
    /* A line of rubbish in the middle costs that line only. */
    char *broken = arena_strdup(w.a, q.journal);
    char *line = strchr(broken, '\n') + 1;
    memset(line, 'x', 9);
    q.journal = broken;
    assert_int_equal(sweep_of(&w, &q, &rest).nresumed, 3);
    arena_free(w.a);
}

static void a_trace_that_changed_is_another_input(void **state)
{
    (void)state;
    struct world w = world_open();
    struct journal j, rest;
    char path[] = "/tmp/moat-sweep-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    fputs("arrival_s,input_tokens,output_tokens\n0,100,10\n1,100,10\n2,100,10\n", f);
    fflush(f);
    struct ask q = {SWEEP_SIM, arena_printf(w.a, "model: llama-3.1-8b\naccelerator: l40s\ntraffic: {trace: %s}\n", path), {"replicas=1..2"}, 1, NULL,
                    0, 2, false, NULL};
    sweep_of(&w, &q, &j);
    q.journal = arena_printf(w.a, "%s%s", sweep_journal_head, buf_str(&j.b));
    q.journal_bytes = strlen(q.journal);
    assert_int_equal(sweep_of(&w, &q, &rest).nresumed, 2);
    fputs("3,100,10\n", f);
    fclose(f);
    assert_int_equal(sweep_of(&w, &q, &rest).nresumed, 0);
    unlink(path);
    arena_free(w.a);
}

static void values_that_no_scenario_may_have(void **state)
{
    (void)state;
    struct world w = world_open();
    struct journal j;
    struct sweep s;
    static const struct { const char *over, *what, *mend; } row[] = {
        {"replcias=1,2", "unknown key", "replicas"}, {"replicas=[1, nan]", "whole number", ""}, {"accelerator=h100,h1000", "unknown accelerator", ""},
        {"scheduler=vlm", "unknown scheduler", ""}, {"router=[nowhere]", "unknown router", ""}, {"traffic.rate=[4/s, nan]", "rate", ""},
        {"batch=1,2", "does not take", "predict"}, {"model.size=1", "not a map", ""}, {"sweep=1,2", "does not take", ""},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct ask q = {SWEEP_SIM, SIM, {row[i].over}, 1, NULL, 0, 2, false, NULL};
        w.e = (struct err){0};
        assert_false(try_sweep(&w, &q, &j, &s));
        if (!strstr(w.e.what, row[i].what) || !strstr(w.e.mend, row[i].mend) || w.e.kind != ERR_INPUT || strncmp(w.e.place, "--over", 6))
            fail_msg("%s: %s: %s; %s", row[i].over, w.e.place, w.e.what, w.e.mend);
    }
    arena_free(w.a);
}

static void plans_and_seeds(void **state)
{
    (void)state;
    struct world w = world_open();
    struct journal j;
    struct ask q = {SWEEP_PLAN, "model: llama-3.1-8b\naccelerators: [l4, l40s, h100]\ntraffic: {preset: azure-2023-conv, requests: 500, rate: 5/s}\n",
                    {"slo.tpot.p99=[10us, 60ms]"}, 1, NULL, 0, 2, false, NULL};
    struct sweep s = sweep_of(&w, &q, &j);
    assert_false(s.cell[0].out.answered);
    assert_non_null(strstr(s.cell[0].out.reason, "the closest is"));
    assert_true(s.cell[1].out.answered && s.cell[1].out.held == HELD_YES && s.best == 1);
    struct ask seeds = {SWEEP_SIM, SIM, {"seeds=1,4"}, 1, NULL, 0, 1, false, NULL};
    s = sweep_of(&w, &seeds, &j);
    assert_true(isnan(s.cell[0].out.v[OUT_TTFT_P99].lo));
    assert_true(s.cell[1].out.v[OUT_TTFT_P99].lo < s.cell[1].out.v[OUT_TTFT_P99].hi);
    assert_int_equal(s.cell[1].out.seeds, 4);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_is_moat_sim), cmocka_unit_test(threads_do_not_matter), cmocka_unit_test(a_cut_journal_resumes),
        cmocka_unit_test(only_the_same_inputs_are_taken), cmocka_unit_test(a_trace_that_changed_is_another_input),
        cmocka_unit_test(values_that_no_scenario_may_have), cmocka_unit_test(plans_and_seeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
