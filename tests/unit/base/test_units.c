/* test_units.c - the table of units both ways, what is refused, and dates. */
#include "fixture.h"

#include "base/rng.h"
#include "base/units.h"

static void parses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum unit u;
        double v;
    } table[] = {
        {"500ms", UNIT_DURATION_S, 0.5},
        {"2s", UNIT_DURATION_S, 2},
        {"10us", UNIT_DURATION_S, 1e-5},
        {"10\xc2\xb5s", UNIT_DURATION_S, 1e-5},
        {"10\xce\xbcs", UNIT_DURATION_S, 1e-5},
        {"7ns", UNIT_DURATION_S, 7e-9},
        {"3h", UNIT_DURATION_S, 10800},
        {"2d", UNIT_DURATION_S, 172800},
        {"1w", UNIT_DURATION_S, 604800},
        {"1.8y", UNIT_DURATION_S, 1.8 * 31557600},
        {"5 min", UNIT_DURATION_S, 300},
        {"  2 s  ", UNIT_DURATION_S, 2},
        {"1e-3s", UNIT_DURATION_S, 1e-3},
        {"0s", UNIT_DURATION_S, 0},
        {"20/s", UNIT_RATE_S, 20},
        {"1200/min", UNIT_RATE_S, 20},
        {"1e6/h", UNIT_RATE_S, 1e6 / 3600},
        {"1e9/d", UNIT_RATE_S, 1e9 / 86400},
        {"1M/d", UNIT_RATE_S, 1e6 / 86400},
        {"2k/s", UNIT_RATE_S, 2000},
        {"80GB", UNIT_BYTES, 80e9},
        {"80GiB", UNIT_BYTES, 80 * GIB},
        {"64KiB", UNIT_BYTES, 65536},
        {"512MB", UNIT_BYTES, 512e6},
        {"80 GB", UNIT_BYTES, 80e9},
        {"5B", UNIT_BYTES, 5},
        {"1kB", UNIT_BYTES, 1000},
        {"1KB", UNIT_BYTES, 1000},
        {"2EB", UNIT_BYTES, 2e18},
        {"1.5TiB", UNIT_BYTES, 1536 * GIB},
        {"3350GB/s", UNIT_BYTES_S, 3350e9},
        {"3.35TB/s", UNIT_BYTES_S, 3.35e12},
        {"989TFLOP/s", UNIT_FLOP_S, 989e12},
        {"1.9PFLOP/s", UNIT_FLOP_S, 1.9e15},
        {"989 TFLOPS", UNIT_FLOP_S, 989e12},
        {"989TFLOPs", UNIT_FLOP_S, 989e12},
        {"1979TOPS", UNIT_FLOP_S, 1979e12},
        {"2TOP/s", UNIT_FLOP_S, 2e12},
        {"700W", UNIT_POWER_W, 700},
        {"20MW", UNIT_POWER_W, 20e6},
        {"10.2kW", UNIT_POWER_W, 10200},
        {"5mW", UNIT_POWER_W, 0.005},
        {"8M USD", UNIT_USD, 8e6},
        {"300 USD", UNIT_USD, 300},
        {"$2.5", UNIT_USD, 2.5},
        {"2.5", UNIT_USD, 2.5},
        {"$8M", UNIT_USD, 8e6},
        {"8 M USD", UNIT_USD, 8e6},
        {"8MUSD", UNIT_USD, 8e6},
        {"1.2B USD", UNIT_USD, 1.2e9},
        {"15.6T", UNIT_COUNT, 15.6e12},
        {"2e6", UNIT_COUNT, 2e6},
        {"70B", UNIT_COUNT, 70e9},
        {"128k", UNIT_COUNT, 128e3},
        {"128K", UNIT_COUNT, 128e3},
        {"1M", UNIT_COUNT, 1e6},
        {"12", UNIT_COUNT, 12},
        {"0.5", UNIT_COUNT, 0.5},
        {"0.9", UNIT_FRAC, 0.9},
        {"90%", UNIT_FRAC, 0.9},
        {"90 %", UNIT_FRAC, 0.9},
        {"1", UNIT_FRAC, 1},
        {"100%", UNIT_FRAC, 1},
        {"0", UNIT_FRAC, 0},
        {"7%", UNIT_FRAC, 0.07},
        {"10x", UNIT_FACTOR, 10},
        {"1.5x", UNIT_FACTOR, 1.5},
        {"2", UNIT_FACTOR, 2},
        {"4096", UNIT_TOKENS, 4096},
        {"128k", UNIT_TOKENS, 128000},
        {"1.5k", UNIT_TOKENS, 1500},
        {"0", UNIT_TOKENS, 0},
        {"2q", UNIT_LEAD_MONTHS, 6},
        {"6mo", UNIT_LEAD_MONTHS, 6},
        {"1y", UNIT_LEAD_MONTHS, 12},
        {"8w", UNIT_LEAD_MONTHS, 8 * 12 * 7 / 365.25},
    };
    bool covered[UNIT_N] = {false};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double v = -1;
        struct err e = {0};
        if (!unit_parse(table[i].text, table[i].u, &v, "x", &e))
            fail_msg("%s: %s", table[i].text, e.what);
        check_close(v, table[i].v, 3e-16);
        covered[table[i].u] = true;
    }
    for (int u = 0; u < UNIT_N; u++)
        assert_true(covered[u]);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum unit u;
    } table[] = {
        {"fast", UNIT_DURATION_S},
        {"", UNIT_DURATION_S},
        {"5", UNIT_DURATION_S},
        {"5m", UNIT_DURATION_S},
        {"-5s", UNIT_DURATION_S},
        {"+5s", UNIT_DURATION_S},
        {"infs", UNIT_DURATION_S},
        {"inf", UNIT_DURATION_S},
        {"nan", UNIT_DURATION_S},
        {"nans", UNIT_DURATION_S},
        {"0x10s", UNIT_DURATION_S},
        {"1e999s", UNIT_DURATION_S},
        {"5s 3", UNIT_DURATION_S},
        {"5s3ms", UNIT_DURATION_S},
        {"1,000s", UNIT_DURATION_S},
        {"5S", UNIT_DURATION_S},
        {"5kmin", UNIT_DURATION_S},
        {"5ks", UNIT_DURATION_S},
        {"5 m s", UNIT_DURATION_S},
        {"20", UNIT_RATE_S},
        {"20/y", UNIT_RATE_S},
        {"20/", UNIT_RATE_S},
        {"20s", UNIT_RATE_S},
        {"80", UNIT_BYTES},
        {"80gb", UNIT_BYTES},
        {"80Gb", UNIT_BYTES},
        {"80G", UNIT_BYTES},
        {"80mB", UNIT_BYTES},
        {"3TB", UNIT_BYTES_S},
        {"3", UNIT_BYTES_S},
        {"9TFLOP", UNIT_FLOP_S},
        {"9", UNIT_FLOP_S},
        {"7", UNIT_POWER_W},
        {"-2.5", UNIT_USD},
        {"$", UNIT_USD},
        {"$-1", UNIT_USD},
        {"$5 USD", UNIT_USD},
        {"5 EUR", UNIT_USD},
        {"$$5", UNIT_USD},
        {"1e308T", UNIT_COUNT},
        {"70 B B", UNIT_COUNT},
        {"seventy", UNIT_COUNT},
        {"1G", UNIT_COUNT},
        {"1.1", UNIT_FRAC},
        {"101%", UNIT_FRAC},
        {"-1%", UNIT_FRAC},
        {"1.5x%", UNIT_FRAC},
        {"10X", UNIT_FACTOR},
        {"x", UNIT_FACTOR},
        {"1.5", UNIT_TOKENS},
        {"2", UNIT_LEAD_MONTHS},
        {"0.1k1", UNIT_TOKENS},
        {"1e300", UNIT_TOKENS},
        {"5 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", UNIT_COUNT},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct err e = {0};
        double v = -7;
        if (unit_parse(table[i].text, table[i].u, &v, "here", &e))
            fail_msg("\"%s\" was read as %g", table[i].text, v);
        assert_true(v == -7);
        check_err(&e, ERR_INPUT, "here: expected ");
    }
}

static void errors_tell_how_to_mend(void **state)
{
    (void)state;
    struct err e;
    double v;
    unit_parse("fast", UNIT_DURATION_S, &v, "chat.yaml:7: slo", &e);
    assert_string_equal(e.place, "chat.yaml:7: slo");
    assert_string_equal(e.what, "expected a duration such as 500ms or 2s, got \"fast\"");
    assert_string_equal(e.mend, "");
    unit_parse("5", UNIT_DURATION_S, &v, "", &e);
    check_err(&e, ERR_INPUT, "write the unit behind the number");
    unit_parse("-5s", UNIT_DURATION_S, &v, "", &e);
    check_err(&e, ERR_INPUT, "it cannot be negative");
    char longer[500];
    memset(longer, 'q', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    unit_parse(longer, UNIT_BYTES, &v, "", &e);
    assert_true(strlen(e.what) < 150);
}

static void prints(void **state)
{
    (void)state;
    static const struct {
        double v;
        enum unit u;
        const char *text;
    } table[] = {
        {1.25, UNIT_DURATION_S, "1.25 s"},
        {0.0005, UNIT_DURATION_S, "500 us"},
        {0.9999996, UNIT_DURATION_S, "1 s"},
        {90, UNIT_DURATION_S, "90 s"},
        {600, UNIT_DURATION_S, "10 min"},
        {5400, UNIT_DURATION_S, "1.5 h"},
        {3.2e-9, UNIT_DURATION_S, "3.2 ns"},
        {86400 * 30, UNIT_DURATION_S, "30 d"},
        {31557600 * 1.8, UNIT_DURATION_S, "1.8 y"},
        {0, UNIT_DURATION_S, "0 s"},
        {20, UNIT_RATE_S, "20/s"},
        {12345, UNIT_RATE_S, "12.3k/s"},
        {0.25, UNIT_RATE_S, "0.25/s"},
        {80 * GIB, UNIT_BYTES, "80 GiB"},
        {80e9, UNIT_BYTES, "80 GB"},
        {2097152, UNIT_BYTES, "2 MiB"},
        {512, UNIT_BYTES, "512 B"},
        {141.123e9, UNIT_BYTES, "141 GB"},
        {4096, UNIT_BYTES, "4 KiB"},
        {4000, UNIT_BYTES, "4 kB"},
        {3.35e12, UNIT_BYTES_S, "3.35 TB/s"},
        {989e12, UNIT_FLOP_S, "989 TFLOP/s"},
        {1.979e15, UNIT_FLOP_S, "1.98 PFLOP/s"},
        {700, UNIT_POWER_W, "700 W"},
        {20e6, UNIT_POWER_W, "20 MW"},
        {0.5, UNIT_POWER_W, "0.5 W"},
        {8e6, UNIT_USD, "$8M"},
        {2.5, UNIT_USD, "$2.50"},
        {300, UNIT_USD, "$300"},
        {0.0032, UNIT_USD, "$0.0032"},
        {999.999, UNIT_USD, "$1k"},
        {70.6e9, UNIT_COUNT, "70.6B"},
        {15.6e12, UNIT_COUNT, "15.6T"},
        {4e16, UNIT_COUNT, "40000T"},
        {0.9, UNIT_FRAC, "90%"},
        {0.4567, UNIT_FRAC, "45.7%"},
        {0, UNIT_FRAC, "0%"},
        {1.5, UNIT_FACTOR, "1.5x"},
        {1234, UNIT_FACTOR, "1234x"},
        {128000, UNIT_TOKENS, "128k"},
        {-2.5, UNIT_USD, "-$2.50"},
        {-1.5, UNIT_DURATION_S, "-1.5 s"},
        {NAN, UNIT_BYTES, "nan"},
        {HUGE_VAL, UNIT_BYTES, "inf"},
        {-HUGE_VAL, UNIT_BYTES, "-inf"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[64];
        unit_format(text, sizeof text, table[i].u, table[i].v);
        assert_string_equal(text, table[i].text);
    }
    char small[4];
    unit_format(small, sizeof small, UNIT_BYTES, 80e9);
    assert_string_equal(small, "80 ");
}

static void what_is_printed_parses_back(void **state)
{
    (void)state;
    struct rng r;
    struct err e = {0};
    rng_seed(&r, 9, 1);
    for (int u = 0; u < UNIT_N; u++)
        for (int i = 0; i < 20000; i++) {
            char text[64];
            double back, v = exp((rng_unit(&r) - 0.3) * 50);
            if (u == UNIT_FRAC)
                v = rng_unit(&r);
            if (u == UNIT_TOKENS)
                v = (double)rng_below(&r, 1000000000);
            unit_format(text, sizeof text, (enum unit)u, v);
            if (!unit_parse(text, (enum unit)u, &back, "", &e))
                fail_msg("%.17g: %s", v, e.what);
            check_close(back, v, v < 1 && u == UNIT_USD ? 0.05 : 0.00501);
        }
}

static void dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t first, last;
    } good[] = {
        {"2024", 20240101, 20241231},       {"2024-Q1", 20240101, 20240331}, {"2024-Q3", 20240701, 20240930},
        {"2024-02", 20240201, 20240229},    {"2023-02", 20230201, 20230228}, {"2024-07-15", 20240715, 20240715},
        {"2000-02-29", 20000229, 20000229},
    };
    static const char *const bad[] = {"",           "24",         "2024-",       "2024-Q5",    "2024-Q0",
                                      "2024-13",    "2024-00",    "2024-7",      "2024-02-30", "2023-02-29",
                                      "1900-02-29", "2024/07/15", "2024-07-15 ", "yesterday",  "20240715",
                                      "3000",       "2024-q3",    "2024-07-1x"};
    struct err e;
    int32_t d;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(date_parse(good[i].text, &d, "", &e));
        assert_int_equal(d, good[i].first);
        assert_true(date_parse_end(good[i].text, &d, "", &e));
        assert_int_equal(d, good[i].last);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        d = -1;
        if (date_parse(bad[i], &d, "p", &e))
            fail_msg("\"%s\" was read as %d", bad[i], d);
        check_err(&e, ERR_INPUT, "p: expected a date such as");
        assert_false(date_parse_end(bad[i], &d, "p", &e));
        assert_int_equal(d, -1);
    }
}

static void days(void **state)
{
    (void)state;
    assert_int_equal(date_to_days(19700101), 0);
    assert_int_equal(date_to_days(19691231), -1);
    assert_int_equal(date_to_days(20000301), 11017);
    assert_int_equal(date_to_days(20240715), 19919);
    /* every day of two centuries follows the one before */
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t expect = date_to_days(19000101);
    for (int y = 1900; y < 2101; y++)
        for (int m = 1; m <= 12; m++)
            for (int d = 1; d <= length[m - 1] + (m == 2 && y % 4 == 0 && (y % 100 != 0 || y == 2000)); d++)
{
                assert_int_equal(date_from_days(expect), y * 10000 + m * 100 + d);
                assert_int_equal(date_to_days(y * 10000 + m * 100 + d), expect++);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parses), TEST(refuses), TEST(errors_tell_how_to_mend), TEST(prints), TEST(what_is_printed_parses_back),
        TEST(dates),  TEST(days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
