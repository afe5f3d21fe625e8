/* test_step.c - parts add up, the table agrees with the formulas, and nothing is faster for having more to do. */
#include "fixture.h"

#include "base/arena.h"
#include "speed/step.h"

struct set {
    struct accelerator acc;
    struct layer l[6][2];
    struct model m[6];
    struct deployment d[12];
    int n;
};

static void set_of_deployments(struct set *s)
{
    s->acc = acc_h100();
    s->m[0] = LLAMA_8B(s->l[0]);
    s->m[1] = LLAMA_70B(s->l[1]);
    s->m[2] = model_deepseek_v3(s->l[2]);
    s->m[3] = model_gpt_oss(s->l[3]);
    s->m[4] = model_hybrid(s->l[4]);
    s->m[5] = model_sparse(s->l[5]);
    int n = 0;
    for (int i = 0; i < 6; i++) {
        s->d[n++] = deploy(&s->acc, &s->m[i], i == 4 ? quant_bf16 : quant_fp8, i == 4 ? 2 : 8);
    }
    s->d[n] = s->d[1], s->d[n].tp = 4, s->d[n].pp = 2, n++;                 /* pipeline */
    s->d[n] = s->d[2], s->d[n].tp = 1, s->d[n].dp = 8, s->d[n].ep = 8, n++; /* data-parallel attention */
    s->d[n] = s->d[2], s->d[n].tp = 16, s->d[n].ep = 16, n++;               /* two nodes */
    s->d[n] = s->d[3], s->d[n].tp = 1, n++;
    s->n = n;
}

static void parts_add_up(void **state)
{
    (void)state;
    struct set s;
    set_of_deployments(&s);
    for (int i = 0; i < s.n; i++) {
        struct step_load load = step_load_decode(&s.d[i], 17, 900),
                         chunk = step_load_prefill(&s.d[i], 2, 512, 300, true);
        load.prefill_tok = chunk.prefill_tok, load.prefill_chunks = 2, load.prefill_done = 2;
        load.prefill_pairs = chunk.prefill_pairs, load.prefill_pairs_clip = chunk.prefill_pairs_clip;
        struct step_time t;
        step_exact(&s.d[i], &load, &t);
        double sum = 0, bounds = 0;
        for (size_t k = 0; k < t.npart; k++) {
            sum += t.part[k].count * t.part[k].one.t_s;
            assert_true(t.part[k].one.t_s >= t.part[k].one.work_s);
        }
        for (int b = 0; b < BOUND_N; b++)
            bounds += t.by_bound_s[b];
        check_close(sum, t.t_s, 1e-12);
        check_close(bounds, t.t_s, 1e-12);
    }
}

/* Llama-3.1-70B in bf16 on one imaginary card: 141 GB at 79 % of 3.35 TB/s is 53 ms of the step. */
static void decode_of_one_is_the_weights(void **state)
{
    (void)state;
    struct set s;
    set_of_deployments(&s);
    struct deployment d = s.d[1];
    d.tp = 1, d.quant = quant_bf16;
    struct step_load load = step_load_decode(&d, 1, 512);
    struct step_time t;
    step_exact(&d, &load, &t);
    double weights_s = (141.1e9 - 2.1e9) / (3.35e12 * 0.79);
    assert_true(t.t_s > weights_s && t.t_s < 1.12 * weights_s);
    assert_true(t.by_bound_s[BOUND_MEMORY] > 0.9 * t.t_s);
}

/* Exact value of one decode step by hand: one layer of the 70B alone would not show a slip in the counts. */
static void decode_step_by_hand(void **state)
{
    (void)state;
    struct layer l;
    struct model m = model_llama(&l, 8192, 28672, 1, 64);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 8);
    struct step_load load = step_load_decode(&d, 4, 1000);
    struct step_time t;
    step_exact(&d, &load, &t);
    struct device_rate r = {989.4e12, 989.4e12, 3.35e12, 132, 64};
    const struct op_const *c = &d.stack.gemm[PREC_BF16];
    double want = op_gemm(&r, c, 4, 1280, 8192, 2, 2).t_s + op_gemm(&r, c, 4, 8192, 1024, 2, 2).t_s +
                  op_gemm(&r, c, 4, 7168, 8192, 2, 2).t_s + op_gemm(&r, c, 4, 8192, 3584, 2, 2).t_s;
    want += 4000 * 2.0 * 128 * 2 / (3.35e12 * 0.85) + 9e-6;                          /* one KV head */
    want += 2 * (4.8e-6 + 3 * 0.45e-6 + 2 * 4 * 8192 * 2 * 7.0 / 8 / (450e9 * 0.6)); /* all-reduces */
    want += 10e-6 + 10 * 4 * 8192 * 2 / 3.35e12;
    want += op_gemm(&r, c, 4, 16032, 8192, 2, 2).t_s; /* LM head */
    want += 5.4e-6 + 3 * 2.7e-6 + 4 * 128256 * 2 * 7.0 / 8 / (450e9 * 0.48) + 4 * 128256 * 6 / 3.35e12;
    want += 0.3e-3 + 4 * 5e-6;
    check_close(t.t_s, want, 1e-9);
}

static struct step_load random_load(const struct deployment *d, struct rng *r, int64_t tok)
{
    int64_t seqs = (int64_t)rng_below(r, (uint64_t)(tok < 200 ? tok : 200) + 1), chunk = tok - seqs;
    struct step_load load = step_load_decode(d, seqs, (int64_t)(1 + rng_below(r, 8000)));
    if (chunk > 0) {
        struct step_load p = step_load_prefill(d, 1, (int64_t)rng_below(r, 4000), chunk, rng_below(r, 2) == 1);
        load.prefill_tok = chunk, load.prefill_chunks = 1, load.prefill_done = p.prefill_done;
        load.prefill_pairs = p.prefill_pairs, load.prefill_pairs_clip = p.prefill_pairs_clip;
    }
    return load;
}

static double table_s(const struct step_table *t, const struct step_load *l)
{
    return (double)step_q20(t, l) / (double)Q20 * 1e-9;
}

static void table_agrees_with_formulas(void **state)
{
    (void)state;
    struct set s;
    set_of_deployments(&s);
    struct arena *a = arena_new();
    for (int i = 0; i < s.n; i++) {
        struct deployment d = s.d[i];
        d.stack.prefill_floor_s_per_layer = i % 2 ? 0 : d.stack.prefill_floor_s_per_layer; /* a floor hides errors */
        struct step_table t;
        step_table_build(a, &d, &t);
        assert_true(t.ngrid <= 96);
        struct rng r;
        rng_seed(&r, 7, (uint64_t)i);
        double worst = 0;
        for (int k = 0; k < 4000; k++) {
            bool grid = k % 2;
            int64_t tok =
                grid ? t.grid_tok[rng_below(&r, (uint64_t)t.ngrid)] : (int64_t)(1 + rng_below(&r, (uint64_t)t.max_tok));
            struct step_load load = random_load(&d, &r, tok);
            struct step_time exact;
            step_exact(&d, &load, &exact);
            double err = fabs(table_s(&t, &load) / exact.t_s - 1);
            worst = !grid && err > worst ? err : worst;
            if (err > (grid ? 0.01 : 0.03))
                print_error("deployment %d, %lld tokens, %lld decode: off by %g\n", i, (long long)tok,
                            (long long)load.decode_seqs, err);
            assert_true(err <= (grid ? 0.01 : 0.03));
        }
        print_message("# deployment %d: grid %d, worst between points %.2f %%\n", i, t.ngrid, 100 * worst);
    }
    arena_free(a);
}

/* Growing any one thing in a load never makes the step shorter, in the formulas and in the table. */
static void more_is_never_faster(void **state)
{
    (void)state;
    struct set s;
    set_of_deployments(&s);
    struct arena *a = arena_new();
    for (int i = 0; i < s.n; i++) {
        struct deployment *d = &s.d[i];
        d->stack.prefill_floor_s_per_layer = 0;
        struct step_table t;
        step_table_build(a, d, &t);
        struct rng r;
        rng_seed(&r, 8, (uint64_t)i);
        for (int k = 0; k < 1500; k++) {
            int64_t seqs = (int64_t)(1 + rng_below(&r, 200)), context = (int64_t)(1 + rng_below(&r, 20000));
            int64_t chunk = (int64_t)(1 + rng_below(&r, 4000)), past = (int64_t)rng_below(&r, 20000);
            struct step_load base = step_load_decode(d, seqs, context), more = step_load_decode(d, seqs + 1, context);
            struct step_load longer = step_load_decode(d, seqs, context + 700);
            assert_true(step_q20(&t, &more) > step_q20(&t, &base));
            assert_true(step_q20(&t, &longer) >= step_q20(&t, &base));
            struct step_load p = step_load_prefill(d, 1, past, chunk, true),
                             q = step_load_prefill(d, 1, past, chunk + 1, true);
            struct step_load two = step_load_prefill(d, 2, past, chunk, true),
                             far = step_load_prefill(d, 1, past + 500, chunk, true);
            assert_true(step_q20(&t, &q) >= step_q20(&t, &p));
            assert_true(step_q20(&t, &two) >= step_q20(&t, &p));
            assert_true(step_q20(&t, &far) >= step_q20(&t, &p));
            struct step_time exact_p, exact_q;
            step_exact(d, &p, &exact_p);
            step_exact(d, &q, &exact_q);
            assert_true(exact_q.t_s >= exact_p.t_s * (1 - 1e-12));
        }
        for (int64_t n = 1; n <= t.max_tok; n++)
            assert_true(t.tok_q20[n] >= t.tok_q20[n - 1]);
        for (int n = 1; n <= t.max_seqs; n++)
            assert_true(t.head_q20[n] >= t.head_q20[n - 1]);
    }
    arena_free(a);
}

static void more_bandwidth_is_never_slower(void **state)
{
    (void)state;
    struct set s;
    set_of_deployments(&s);
    for (int i = 0; i < s.n; i++) {
        struct accelerator fast = s.acc;
        struct deployment d = s.d[i];
        d.acc = &fast;
        double last = INFINITY;
        for (double x = 1; x < 5; x *= 1.3) {
            fast.mem_bw_bytes_s = x * s.acc.mem_bw_bytes_s;
            struct step_load load = step_load_decode(&d, 1, 2000);
            struct step_time t;
            step_exact(&d, &load, &t);
            assert_true(t.t_s < last);
            last = t.t_s;
        }
    }
}

/* A pipeline of two over the same devices halves the layers a token waits for only when there is work for both. */
static void pairs_of_windows(void **state)
{
    (void)state;
    check_close(step_pairs(0, 100, 0), 5050, 0);
    check_close(step_pairs(50, 100, 0), 5000 + 5050, 0);
    check_close(step_pairs(0, 100, 128), 5050, 0);
    for (int64_t past = 0; past < 300; past += 37)
        for (int64_t chunk = 1; chunk < 400; chunk += 23) {
            double sum = 0;
            for (int64_t i = 1; i <= chunk; i++)
                sum += past + i < 128 ? (double)(past + i) : 128;
            check_close(step_pairs(past, chunk, 128), sum, 1e-12);
        }
}

static void windows_stop_growing(void **state)
{
    (void)state;
    struct layer l[2];
    struct model m = model_gpt_oss(l);
    l[1].window = 128; /* every layer clipped: context beyond the window costs nothing */
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 1);
    struct step_load near = step_load_decode(&d, 8, 1000), far = step_load_decode(&d, 8, 100000);
    struct step_time a, b;
    step_exact(&d, &near, &a);
    step_exact(&d, &far, &b);
    check_close(a.t_s, b.t_s, 1e-12);
}

static void floor_of_a_prefill_step(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 1);
    struct step_load p = step_load_prefill(&d, 1, 0, 16, true);
    struct step_time t;
    step_exact(&d, &p, &t);
    check_close(t.t_s, 32 * 0.4e-3, 1e-12);
    struct arena *a = arena_new();
    struct step_table table;
    step_table_build(a, &d, &table);
    check_close(table_s(&table, &p), 32 * 0.4e-3, 1e-9);
    arena_free(a);
}

static void scaled_table_is_the_step_scaled(void **state)
{
    (void)state;
    struct set s;
    set_of_deployments(&s);
    struct arena *a = arena_new();
    for (int i = 0; i < s.n; i++) {
        struct step_table t, u;
        step_table_build(a, &s.d[i], &t);
        u = step_table_scale(a, &t, 1.25);
        struct rng r;
        rng_seed(&r, 9, (uint64_t)i);
        for (int k = 0; k < 200; k++) {
            struct step_load load = random_load(&s.d[i], &r, (int64_t)(1 + rng_below(&r, 8192)));
            check_close(table_s(&u, &load), 1.25 * table_s(&t, &load), 1e-5);
        }
    }
    arena_free(a);
}

/* By turns: what the device does takes as many times as long as models compute, and the host no longer; energy of a step is what it is
** alone. */
static void shared_table(void **state)
{
    (void)state;
    struct set s;
    set_of_deployments(&s);
    struct arena *a = arena_new();
    for (int i = 0; i < s.n; i++) {
        struct step_table t, u;
        step_table_build(a, &s.d[i], &t);
        u = step_table_shared(a, &t, 4, 2.5);
        for (int64_t n = 1; n < 200; n += 7) {
            struct step_load load = step_load_decode(&s.d[i], n, 2000);
            double host_s = (double)(t.step_fixed_q20 + n * t.step_per_seq_q20) / (1e9 * (double)Q20);
            check_close(table_s(&u, &load) - host_s, 2.5 * (table_s(&t, &load) - host_s), 1e-5);
        }
        check_close(step_decode_w(&u, 8) * 2.5, step_decode_w(&t, 8), 1e-12);
        check_close(u.power_idle_w * 4, t.power_idle_w, 1e-12);
        assert_true(u.prefill_floor_q20 == t.prefill_floor_q20);
    }
    arena_free(a);
}

static double part_s(const struct step_time *t, const char *op)
{
    double s = 0;
    for (size_t i = 0; i < t->npart; i++)
        if (strcmp(t->part[i].op, op) == 0)
            s += t->part[i].count * t->part[i].one.t_s;
    return s;
}

/* With data-parallel attention every rank schedules its own sequences, at the same time as the others; and tokens go to a
** few ranks as a whole, to many only where their experts are. */
static void ranks_of_data_parallel_attention(void **state)
{
    (void)state;
    struct accelerator acc = acc_h100();
    acc.scaleup.domain = 64;
    struct layer l[2];
    struct model m = model_deepseek_v3(l);
    struct deployment d = deploy(&acc, &m, quant_fp8, 1);
    struct step_load load = step_load_decode(&d, 4096, 1500);
    struct step_time t;
    d.dp = d.ep = 32;
    step_exact(&d, &load, &t);
    check_close(part_s(&t, "host"), 0.3e-3 + 5e-6 * 128, 1e-9);
    struct arena *a = arena_new();
    struct step_table table;
    d.max_seqs = 8192;
    step_table_build(a, &d, &table);
    check_close((double)table.step_per_seq_q20 / (double)Q20 / 1e9, 5e-6 / 32, 1e-6);
    arena_free(a);
    /* 128 tokens to 32 * (1 - (31/32)^8) = 7.2 ranks each, 14,336 B a token, 31/32 over 450 GB/s * 0.5, and 11 + 0.8*5 us. */
    double copies = 32 * (1 - pow(31.0 / 32, 8));
    double each_s = 15e-6 + 128 * copies * 14336 * 31 / 32 / (450e9 * 0.5);
    check_close(part_s(&t, "comm.dispatch"), 58 * each_s, 1e-9);
    check_close(part_s(&t, "comm.combine"), 58 * each_s, 1e-9);
    assert_true(part_s(&t, "comm.gather") == 0);
    d.dp = d.ep = 2;
    step_exact(&d, &load, &t);
    assert_true(part_s(&t, "comm.gather") > 0 && part_s(&t, "comm.scatter") > 0 && part_s(&t, "comm.dispatch") == 0);
}

/* One sequence is not divided: at batch 1 more ranks or stages of the same tp never make its attention or prompt faster. */
static void one_sequence_is_not_divided(void **state)
{
    (void)state;
    struct set s;
    set_of_deployments(&s);
    struct arena *a = arena_new();
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 3; k++) {
            struct deployment one = s.d[i], many;
            one.tp = one.ep = 1, one.stack.prefill_floor_s_per_layer = 0;
            many = one;
            many.pp = k == 0 ? 1 : 4, many.dp = many.ep = k == 1 ? 1 : 8;
            struct step_table t1, tn;
            step_table_build(a, &one, &t1);
            step_table_build(a, &many, &tn);
            for (int64_t n = 1; n <= 8192; n *= 2) {
                struct step_load dec = step_load_decode(&one, 1, n * 12),
                                 pre = step_load_prefill(&one, 1, n > 99 ? 0 : n, n, true);
                struct step_time u, v;
                step_exact(&one, &dec, &u);
                step_exact(&many, &dec, &v);
                check_close(part_s(&v, "attention.decode"), part_s(&u, "attention.decode"), 1e-12);
                check_close(part_s(&v, "attention.mla_decode"), part_s(&u, "attention.mla_decode"), 1e-12);
                check_close(part_s(&v, "linear.decode"), part_s(&u, "linear.decode"), 1e-12);
                check_close(part_s(&v, "attention.indexer"), part_s(&u, "attention.indexer"), 1e-12);
                int64_t f = 10000; /* the same of the table, by the growth with context */
                struct step_load far = dec;
                far.decode_full += f;
                check_close((double)(step_q20(&tn, &far) - step_q20(&tn, &dec)),
                            (double)(step_q20(&t1, &far) - step_q20(&t1, &dec)), 1e-3);
                step_exact(&one, &pre, &u);
                step_exact(&many, &pre, &v);
                bool moe = one.model->group[1 % one.model->ngroup].experts > 0; /* experts are spread over all ranks */
                if (pre.prefill_first)
                    assert_true(part_s(&v, "attention.prefill") + part_s(&v, "attention.mla_prefill") >=
                                (part_s(&u, "attention.prefill") + part_s(&u, "attention.mla_prefill")) * (1 - 1e-12));
                if (pre.prefill_first && !moe) {
                    assert_true(v.t_s >= u.t_s - 5e-6); /* the host shares its time a sequence among ranks */
                    assert_true(table_s(&tn, &pre) >= table_s(&t1, &pre) * 0.97);
                }
                if (pre.prefill_first)
                    assert_true(part_s(&v, "gemm.qkv") + part_s(&v, "gemm.q_b") >=
                                (part_s(&u, "gemm.qkv") + part_s(&u, "gemm.q_b")) * (1 - 1e-12));
                if (fabs(table_s(&tn, &pre) / v.t_s - 1) > 0.03)
                    print_error("deployment %d/%d, %lld tokens alone: off by %g\n", i, k, (long long)n,
                                table_s(&tn, &pre) / v.t_s - 1);
                assert_true(fabs(table_s(&tn, &pre) / v.t_s - 1) <= 0.03);
            }
        }
    arena_free(a);
}

/* A prompt of c chunks alone takes c + pp - 1 stages; many prompts at once take as long as on a full pipeline. */
static void a_prompt_fills_the_pipeline(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator acc = acc_h100();
    struct deployment one = deploy(&acc, &m, quant_bf16, 1), many = one;
    one.stack.prefill_floor_s_per_layer = many.stack.prefill_floor_s_per_layer = 0, many.pp = 8;
    double alone = 0, staged = 0;
    struct step_time u, v;
    for (int64_t past = 0; past < 12 * 8192; past += 8192) {
        struct step_load p = step_load_prefill(&one, 1, past, 8192, past == 11 * 8192);
        step_exact(&one, &p, &u);
        step_exact(&many, &p, &v);
        alone += u.t_s, staged += v.t_s;
    }
    assert_true(staged >= alone * (1.0 / 8 + 7.0 / 8 / 12) * 0.6); /* the first chunk is the cheapest: it sees least */
    struct step_load p = step_load_prefill(&one, 1, 0, 8192, true), q = p;
    step_exact(&one, &p, &u);
    step_exact(&many, &p, &v);
    assert_true(v.t_s >= u.t_s);
    p = step_load_prefill(&many, 8, 0, 1024, true), q = step_load_prefill(&one, 1, 0, 1024, true);
    step_exact(&one, &q, &u);
    step_exact(&many, &p, &v);
    check_close(v.t_s, u.t_s, 0.02); /* eight prompts, one in each stage */
}

/* Within a stretch the set of decoders is fixed and their steps grow by the same whole number: what the simulator adds. */
static void decode_steps_grow_evenly(void **state)
{
    (void)state;
    struct set s;
    set_of_deployments(&s);
    struct arena *a = arena_new();
    for (int i = 0; i < s.n; i++) {
        struct step_table t;
        step_table_build(a, &s.d[i], &t);
        for (int64_t n = 1; n < 40; n++) {
            struct step_load l = step_load_decode(&s.d[i], n, 3000), m = l;
            m.decode_full += n, m.decode_clip += n / 2;
            assert_true(step_q20(&t, &m) - step_q20(&t, &l) == step_decode_q20(&t, n, n, n / 2, 0));
        }
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_of_data_parallel_attention),
        cmocka_unit_test(one_sequence_is_not_divided),
        cmocka_unit_test(a_prompt_fills_the_pipeline),
        cmocka_unit_test(decode_steps_grow_evenly),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(decode_of_one_is_the_weights),
        cmocka_unit_test(decode_step_by_hand),
        cmocka_unit_test(table_agrees_with_formulas),
        cmocka_unit_test(more_is_never_faster),
        cmocka_unit_test(more_bandwidth_is_never_slower),
        cmocka_unit_test(pairs_of_windows),
        cmocka_unit_test(windows_stop_growing),
        cmocka_unit_test(floor_of_a_prefill_step),
        cmocka_unit_test(scaled_table_is_the_step_scaled),
        cmocka_unit_test(shared_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
