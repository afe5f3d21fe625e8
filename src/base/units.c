/* units.c - quantities as text: one table of unit names and one of prefixes parse and print.
**
** value = number * prefix * name, where each factor is mul / div, so that 10us is 10 / 1e6
** (the nearest double to 1e-5) and not 10 * 1e-6 (which is not).
*/
#include "base/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"

enum { P_NONE = 1, P_SMALL = 2, P_KILO = 4, P_SI = 8, P_BIN = 16, P_MANY = 32, P_ALIAS = 64 };

struct prefix {
    const char *name;
    double mul, div;
    unsigned set;               /* P_ALIAS: read, never printed */
};

static const struct prefix prefixes[] = {
    {"", 1, 1, P_NONE},
    {"n", 1, 1e9, P_SMALL},
    {"u", 1, 1e6, P_SMALL},
    {"\xc2\xb5", 1, 1e6, P_SMALL | P_ALIAS},    /* micro sign */
    {"\xce\xbc", 1, 1e6, P_SMALL | P_ALIAS},    /* Greek mu */
    {"m", 1, 1e3, P_SMALL},
    {"k", 1e3, 1, P_KILO | P_SI | P_MANY},
    {"K", 1e3, 1, P_SI | P_MANY | P_ALIAS},
    {"M", 1e6, 1, P_SI | P_MANY},
    {"G", 1e9, 1, P_SI},
    {"B", 1e9, 1, P_MANY},
    {"T", 1e12, 1, P_SI | P_MANY},
    {"P", 1e15, 1, P_SI},
    {"E", 1e18, 1, P_SI},
    {"Ki", 1024, 1, P_BIN},
    {"Mi", 1048576, 1, P_BIN},
    {"Gi", GIB, 1, P_BIN},
    {"Ti", GIB * 1024, 1, P_BIN},
    {"Pi", GIB * 1048576, 1, P_BIN},
};

struct name {
    enum unit unit;
    const char *name;
    double mul, div;
    unsigned prefixes;          /* sets of prefixes it takes when read */
    double from;                /* printed for values from here up; NEVER: only read */
};

#define NEVER HUGE_VAL

static const struct name names[] = {
    {UNIT_DURATION_S, "s", 1, 1, P_NONE | P_SMALL, 0},
    {UNIT_DURATION_S, "min", 60, 1, P_NONE, 120},
    {UNIT_DURATION_S, "h", 3600, 1, P_NONE, 3600},
    {UNIT_DURATION_S, "d", 86400, 1, P_NONE, 172800},
    {UNIT_DURATION_S, "w", 604800, 1, P_NONE, NEVER},
    {UNIT_DURATION_S, "y", 31557600, 1, P_NONE, 31557600},
    {UNIT_RATE_S, "/s", 1, 1, P_NONE | P_MANY, 0},
    {UNIT_RATE_S, "/min", 1, 60, P_NONE | P_MANY, NEVER},
    {UNIT_RATE_S, "/h", 1, 3600, P_NONE | P_MANY, NEVER},
    {UNIT_RATE_S, "/d", 1, 86400, P_NONE | P_MANY, NEVER},
    {UNIT_BYTES, "B", 1, 1, P_NONE | P_SI | P_BIN, 0},
    {UNIT_BYTES_S, "B/s", 1, 1, P_NONE | P_SI | P_BIN, 0},
    {UNIT_FLOP_S, "FLOP/s", 1, 1, P_NONE | P_SI, 0},
    {UNIT_FLOP_S, "FLOPS", 1, 1, P_NONE | P_SI, NEVER},
    {UNIT_FLOP_S, "FLOPs", 1, 1, P_NONE | P_SI, NEVER},
    {UNIT_FLOP_S, "OP/s", 1, 1, P_NONE | P_SI, NEVER},
    {UNIT_FLOP_S, "OPS", 1, 1, P_NONE | P_SI, NEVER},
    {UNIT_POWER_W, "W", 1, 1, P_NONE | P_SI | P_SMALL, 0},
    {UNIT_USD, "", 1, 1, P_NONE | P_MANY, 0},
    {UNIT_USD, "USD", 1, 1, P_NONE | P_MANY, NEVER},
    {UNIT_COUNT, "", 1, 1, P_NONE | P_MANY, 0},
    {UNIT_FRAC, "%", 1, 100, P_NONE, 0},
    {UNIT_FRAC, "", 1, 1, P_NONE, NEVER},
    {UNIT_FACTOR, "x", 1, 1, P_NONE, 0},
    {UNIT_FACTOR, "", 1, 1, P_NONE, NEVER},
    {UNIT_TOKENS, "", 1, 1, P_NONE | P_MANY, 0},
};

static const struct {
    const char *what;           /* for errors */
    unsigned shown;             /* prefixes a person would choose */
} kinds[UNIT_N] = {
    [UNIT_DURATION_S] = {"a duration such as 500ms or 2s", P_NONE | P_SMALL},
    [UNIT_RATE_S] = {"a rate such as 20/s or 1200/min", P_NONE | P_MANY},
    [UNIT_BYTES] = {"a size such as 80GB or 80GiB", P_NONE | P_SI},
    [UNIT_BYTES_S] = {"a bandwidth such as 3350GB/s or 3.35TB/s", P_NONE | P_SI},
    [UNIT_FLOP_S] = {"a compute rate such as 989TFLOP/s or 1.9PFLOP/s", P_NONE | P_SI},
    [UNIT_POWER_W] = {"a power such as 700W or 20MW", P_NONE | P_SI},
    [UNIT_USD] = {"an amount such as $2.5, 300 USD or 8M USD", P_NONE | P_MANY},
    [UNIT_COUNT] = {"a count such as 70B, 128k or 2e6", P_NONE | P_MANY},
    [UNIT_FRAC] = {"a fraction from 0 to 1 such as 0.9 or 90%", P_NONE},
    [UNIT_FACTOR] = {"a factor such as 1.5x or 2", P_NONE},
    [UNIT_TOKENS] = {"a whole number of tokens such as 4096 or 128k", P_NONE | P_MANY},
};

#define COUNT(t) (sizeof(t) / sizeof *(t))

static const char *skip_space(const char *s)
{
    while (*s == ' ')
        s++;
    return s;
}

/* The row and prefix that text (all of it) names: "GiB", "M USD". */
static bool find_suffix(enum unit u, const char *text, const struct name **name, const struct prefix **prefix)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i].unit != u)
            continue;
        for (size_t k = 0; k < COUNT(prefixes); k++) {
            size_t n = strlen(prefixes[k].name);
            if (!(prefixes[k].set & names[i].prefixes) || strncmp(text, prefixes[k].name, n) != 0)
                continue;
            const char *rest = u == UNIT_USD ? skip_space(text + n) : text + n;
            if (strcmp(rest, names[i].name) == 0) {
                *name = &names[i];
                *prefix = &prefixes[k];
                return true;
            }
        }
    }
    return false;
}

static bool parse(const char *s, enum unit u, double *out, bool *bare)
{
    char suffix[32];
    double v;
    const struct name *name;
    const struct prefix *prefix;
    s = skip_space(s);
    bool dollar = u == UNIT_USD && *s == '$';
    s += dollar;
    size_t used = num_scan(s, strlen(s), &v);
    if (!used || *s == '-' || *s == '+')
        return false;
    s = skip_space(s + used);
    size_t n = strlen(s);
    while (n && s[n - 1] == ' ')
        n--;
    *bare = n == 0;
    if (n >= sizeof suffix)
        return false;
    memcpy(suffix, s, n);
    suffix[n] = '\0';
    if (!find_suffix(u, suffix, &name, &prefix) || (dollar && *name->name))
        return false;
    v = v * prefix->mul / prefix->div * name->mul / name->div;
    if (!isfinite(v) || (u == UNIT_FRAC && v > 1) || (u == UNIT_TOKENS && (v != floor(v) || v > 9007199254740992.0)))
        return false;
    *out = v;
    return true;
}

bool unit_parse(const char *s, enum unit u, double *out, const char *place, struct err *e)
{
    bool bare = false;
    if (parse(s, u, out, &bare))
        return true;
    err_input(e, place, "expected %s, got \"%.80s%s\"", kinds[u].what, s, strlen(s) > 80 ? "..." : "");
    if (*skip_space(s) == '-')
        err_mend(e, "it cannot be negative");
    else if (bare && u != UNIT_FRAC && u != UNIT_TOKENS)
        err_mend(e, "write the unit behind the number");
    return false;
}

/* The scale (name and prefix) a person would write v with, among the prefixes in `shown`:
** the largest one that leaves at least 1 before it, else the smallest. */
static double choose(enum unit u, double v, unsigned shown, const struct name **name, const struct prefix **prefix)
{
    double best = -1, least = HUGE_VAL;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i].unit != u || v < names[i].from)
            continue;
        for (size_t k = 0; k < COUNT(prefixes); k++) {
            const struct prefix *p = &prefixes[k];
            if (!(p->set & names[i].prefixes & shown) || p->set & P_ALIAS)
                continue;
            double scale = p->mul / p->div * names[i].mul / names[i].div;
            bool fits = scale <= v * (1 + 1e-12);
            if (fits ? scale > best : best < 0 && scale < least) {
                *name = &names[i];
                *prefix = p;
                if (fits)
                    best = scale;
                else
                    least = scale;
            }
        }
    }
    return best > 0 ? best : least;
}

static double read_back(const char *text, double scale)
{
    double v = 0;
    num_scan(text, strlen(text), &v);
    return v * scale;
}

/* Three significant digits, and no exponent from 1000 up. */
static void digits3(char out[NUM_TEXT], double x)
{
    if (x >= 999.5 && x < 1e15)
        snprintf(out, NUM_TEXT, "%.0f", x);
    else
        num_digits(out, 3, x);
}

void unit_format(char *buf, size_t n, enum unit u, double v)
{
    char text[NUM_TEXT], rounded[NUM_TEXT];
    const struct name *name = NULL;
    const struct prefix *prefix = NULL;
    if (!isfinite(v) || v < 0) {
        /* -x prints as x with a sign; what is not a number says so */
        if (isfinite(v)) {
            char positive[64];
            unit_format(positive, sizeof positive, u, -v);
            snprintf(buf, n, "-%s", positive);
        } else {
            snprintf(buf, n, "%s", isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
        }
        return;
    }
    /* round first, so that 999.9996 ms prints as 1 s */
    num_digits(rounded, 3, v);
    double scale = choose(u, v > 0 ? read_back(rounded, 1) : 1, kinds[u].shown, &name, &prefix);
    digits3(text, v / scale);
    if ((u == UNIT_BYTES || u == UNIT_BYTES_S) && v >= 1024 && read_back(text, scale) != v) {
        /* 85899345920 is 80 GiB rather than 85.9 GB, when that is exact */
        const struct name *bin_name = NULL;
        const struct prefix *bin = NULL;
        double bin_scale = choose(u, v, P_BIN, &bin_name, &bin);
        digits3(rounded, v / bin_scale);
        if (read_back(rounded, bin_scale) == v) {
            memcpy(text, rounded, sizeof text);
            prefix = bin;
        }
    }
    if (u == UNIT_USD && scale <= 1 && v >= 0.1 && v != floor(v) && v < 999.995)
        snprintf(text, sizeof text, "%.2f", v);         /* cents */
    if (u == UNIT_USD || u == UNIT_COUNT || u == UNIT_TOKENS)
        snprintf(buf, n, "%s%s%s", u == UNIT_USD ? "$" : "", text, prefix->name);
    else if (u == UNIT_FRAC || u == UNIT_FACTOR || u == UNIT_RATE_S)
        snprintf(buf, n, "%s%s%s", text, prefix->name, name->name);
    else
        snprintf(buf, n, "%s %s%s", text, prefix->name, name->name);
}
