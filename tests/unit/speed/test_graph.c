/* test_graph.c - decode steps in captured CUDA graphs: padding, launches beyond the largest, the table like the formulas. */
#include "fixture.h"

#include "base/arena.h"
#include "speed/graph.h"
#include "speed/step.h"

static double step_s(const struct deployment *d, int64_t seqs)
{
    struct step_load l = step_load_decode(d, seqs, 1000);
    struct step_time t;
    step_exact(d, &l, &t);
    return t.t_s;
}

static void padding(void **state)
{
    (void)state;
    struct graph_sizes g = {.n = 4, .size = {1, 2, 4, 8}};
    static const double want[][2] = {{1, 1}, {2, 2}, {3, 4}, {5, 8}, {8, 8}, {9, 9}, {100, 100}};
    for (int i = 0; i < 7; i++)
        check_close(graph_padded(&g, want[i][0]), want[i][1], 1e-12);
    check_close(graph_padded(&(struct graph_sizes){0}, 3), 3, 1e-12);
}

static void padded_and_eager_steps(void **state)
{
    (void)state;
    struct accelerator acc = acc_h100();
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct deployment plain = deploy(&acc, &m, quant_bf16, 1), d = plain;
    d.graphs = (struct graph_sizes){.n = 3, .size = {1, 64, 128}};
    struct arena *a = arena_new();
    struct step_table t;
    step_table_build(a, &d, &t);
    for (int64_t n = 1; n <= 256; n += 5) {
        struct step_load load = step_load_decode(&d, n, 1000);
        check_close((double)step_q20(&t, &load) / (double)Q20 * 1e-9, step_s(&d, n), 0.01);
    }
    /* A size is as before; in between it computes as many tokens as the next one, with its own contexts and logits. */
    check_close(step_s(&d, 64), step_s(&plain, 64), 1e-12);
    assert_true(step_s(&d, 33) > step_s(&plain, 33) && step_s(&d, 33) < step_s(&plain, 64));
    /* Beyond the largest: the floor of 0.4 ms a layer, and the contexts on top of it. */
    struct step_load load = step_load_decode(&d, 129, 0), far = step_load_decode(&d, 129, 1000);
    check_close((double)(step_q20(&t, &far) - step_q20(&t, &load)), (double)(t.decode_full_q20 * 129 * (1000 - t.min_kv)), 1e-9);
    assert_true(step_s(&d, 129) >= 0.4e-3 * 32 && step_s(&d, 129) > step_s(&plain, 129));
    /* Steps with prompts never ran in a graph. */
    struct step_load prompt = step_load_prefill(&d, 1, 0, 33, true);
    struct step_time with, without;
    step_exact(&d, &prompt, &with);
    step_exact(&plain, &prompt, &without);
    check_close(with.t_s, without.t_s, 1e-12);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(padding),
        cmocka_unit_test(padded_and_eager_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
