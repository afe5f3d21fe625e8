/* test_power.c - idle, decode and prefill draw, within TDP and in the order that measurements show. */
#include "fixture.h"

#include "speed/power.h"
#include "speed/step.h"

static void bounds(void **state)
{
    (void)state;
    struct accelerator acc = acc_h100();
    check_close(power_idle_w(&acc), 0.18 * 700, 1e-12);
    acc.idle_w = 75;
    check_close(power_idle_w(&acc), 75, 0);
    check_close(power_busy_w(&acc, 0, 0), 75, 0);
    check_close(power_busy_w(&acc, 1, 1), 700, 1e-12);
    double last = 0;
    for (double u = 0; u <= 1; u += 0.05) {
        double w = power_busy_w(&acc, u, 0.3);
        assert_true(w >= last && w <= 700 * (1 + 1e-12));
        last = w;
    }
}

/* Splitwise: token generation draws about half of TDP, a long prompt close to all of it. */
static void decode_draws_half_and_prefill_all(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 4);
    double idle, decode, prefill;
    power_of_replica(&d, &idle, &decode, &prefill);
    check_close(idle, 4 * 126.0, 1e-12);
    assert_true(decode > 0.35 * 2800 && decode < 0.7 * 2800);
    assert_true(prefill > 0.7 * 2800 && prefill <= 2800 * (1 + 1e-12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds),
        cmocka_unit_test(decode_draws_half_and_prefill_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
