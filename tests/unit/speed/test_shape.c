/* test_shape.c - every model and device of the catalog: matrices weigh what the model counts, and times are sane. */
#include "fixture.h"

#include "base/arena.h"
#include "base/err.h"
#include "facts/catalog.h"
#include "speed/predict.h"
#include "speed/shape.h"

static struct catalog *opened(struct arena *a)
{
    struct catalog *c;
    struct err e = {0};
    if (!catalog_open(a, NULL, &c, NULL, &e))
        fail_msg("%s: %s", e.place, e.what);
    return c;
}

static void every_model_is_all_matrices(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = opened(a);
    struct accelerator acc = acc_h100();
    for (size_t i = 0; i < c->nmodel; i++) {
        const struct model *m = &c->model[i];
        struct deployment d = deploy(&acc, m, quant_bf16, 1);
        double table = (double)m->vocab * (double)m->hidden;
        double whole = (m->tied ? 1 : 2) * table + (double)m->hidden + m->lookup_params + m->extra_params;
        for (size_t g = 0; g < m->ngroup; g++) {
            struct matrix mat[MATRICES_MAX];
            size_t n = layer_matrices(&d, &m->group[g], mat);
            for (size_t k = 0; k < n; k++) {
                if (mat[k].op && mat[k].part != PART_EXPERTS)
                    check_close(mat[k].n * mat[k].k, mat[k].local, 1e-12);
                whole += m->group[g].count * mat[k].whole;
            }
        }
        if (fabs(whole / model_params(m) - 1) > 1e-9)
            print_error("%s: %.0f of %.0f\n", m->id, whole, model_params(m));
        check_close(whole, model_params(m), 1e-9);
    }
    arena_free(a);
}

/* A step of very many tokens reads every weight once, and no weight that is not stored. */
static void a_step_reads_what_is_stored(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = opened(a);
    struct accelerator acc = acc_h100();
    size_t moe = 0;
    for (size_t i = 0; i < c->nmodel; i++) {
        const struct model *m = &c->model[i];
        struct deployment d = deploy(&acc, m, quant_bf16, 1);
        struct step_load load = step_load_decode(&d, 1 << 20, 1);
        struct step_time t;
        step_exact(&d, &load, &t);
        for (size_t g = 0; g < m->ngroup; g++) {
            const struct layer *l = &m->group[g];
            if (!l->experts)
                continue;
            struct matrix mat[MATRICES_MAX];
            size_t n = layer_matrices(&d, l, mat), k = 0;
            while (k < n && mat[k].part != PART_EXPERTS)
                k++;
            double most = 2 * mat[k].whole, here = (double)load.decode_seqs * l->topk_experts, read = INFINITY;
            for (size_t p = 0; p < t.npart; p++)
                if (t.part[p].op == mat[k].op)
                    read = fmin(read, t.part[p].one.bytes - 4 * mat[k].k * here);
            if (read > most * (1 + 1e-9))
                print_error("%s: reads %g of %g bytes of experts\n", m->id, read, most);
            assert_true(read <= most * (1 + 1e-9));
            moe++;
        }
    }
    assert_true(moe > 10);
    arena_free(a);
}

static void sane(const struct prediction *p, const char *model, const struct accelerator *acc)
{
    bool good = isfinite(p->memory.weight_bytes) && p->memory.weight_bytes > 0 && p->memory.kv_total_bytes_tok >= 0;
    if (p->fits)
        good = good && p->tpot_s.at > 0 && isfinite(p->tpot_s.at) && p->ttft_s.at > 0 && isfinite(p->ttft_s.at) &&
               (p->power_w.at > 0) == (acc->tdp_w > 0) && isfinite(p->power_w.at) == (acc->tdp_w > 0) && p->decode.npart > 3;
    if (!good)
        print_error("%s on %s: tpot %g ttft %g power %g\n", model, acc->id, p->tpot_s.at, p->ttft_s.at, p->power_w.at);
    assert_true(good);
}

static void every_model_on_every_device(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = opened(a);
    size_t fits = 0;
    for (size_t i = 0; i < c->nmodel; i++)
        for (size_t j = 0; j < c->nacc; j++)
            for (int tp = 1; tp <= 64; tp *= 8) {
                const struct stack_file *f =
                    catalog_stack(c, catalog_default_framework(c, &c->acc[j]), &c->acc[j], "", &(struct err){0});
                struct deployment d = deploy(&c->acc[j], &c->model[i], c->model[i].quant, tp);
                struct err e = {0};
                d.stack = stack_constants(f, &c->acc[j]);
                if (!deployment_check(&d, &e))
                    continue;
                struct prediction p;
                predict_point(&d, 8, 700, 100, &p);
                sane(&p, c->model[i].id, &c->acc[j]);
                fits += p.fits;
            }
    assert_true(fits > 1000);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_model_is_all_matrices),
        cmocka_unit_test(a_step_reads_what_is_stored),
        cmocka_unit_test(every_model_on_every_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
