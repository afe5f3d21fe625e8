/* units.c - quantities as text: one table of unit names and one of prefixes parse and print.
**
** value = number * 10^exp10 * mul / div. Powers of ten are put into the number before it is
** rounded, so that 16.4M is 16400000 and 10us is 1e-5, which 16.4 * 1e6 and 10 * 1e-6 are not.
*/
#include "base/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"

enum { P_NONE = 1, P_SMALL = 2, P_SI = 4, P_BIN = 8, P_MANY = 16, P_ALIAS = 32 };

struct prefix {
    const char *name;
    int exp10;
    double mul;
    unsigned set; /* P_ALIAS: read, never printed */
};

static const struct prefix prefixes[] = {
    {"", 0, 1, P_NONE},
    {"n", -9, 1, P_SMALL},
    {"u", -6, 1, P_SMALL},
    {"\xc2\xb5", -6, 1, P_SMALL | P_ALIAS}, /* micro sign */
    {"\xce\xbc", -6, 1, P_SMALL | P_ALIAS}, /* Greek mu */
    {"m", -3, 1, P_SMALL},
    {"k", 3, 1, P_SI | P_MANY},
    {"K", 3, 1, P_SI | P_MANY | P_ALIAS},
    {"M", 6, 1, P_SI | P_MANY},
    {"G", 9, 1, P_SI},
    {"B", 9, 1, P_MANY},
    {"T", 12, 1, P_SI | P_MANY},
    {"P", 15, 1, P_SI},
    {"E", 18, 1, P_SI},
    {"Ki", 0, 1024, P_BIN},
    {"Mi", 0, 1048576, P_BIN},
    {"Gi", 0, GIB, P_BIN},
    {"Ti", 0, GIB * 1024, P_BIN},
    {"Pi", 0, GIB * 1048576, P_BIN},
};

struct name {
    enum unit unit;
    const char *name;
    double mul, div;
    unsigned prefixes; /* sets of prefixes it takes when read */
    double from;       /* printed for values from here up; NEVER: only read */
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
    {UNIT_LEAD_MONTHS, "mo", 1, 1, P_NONE, 0},
    {UNIT_LEAD_MONTHS, "q", 3, 1, P_NONE, NEVER},
    {UNIT_LEAD_MONTHS, "w", 12 * 7, 365.25, P_NONE, NEVER},
    {UNIT_LEAD_MONTHS, "y", 12, 1, P_NONE, 12},
};

static const struct {
    const char *what; /* for errors */
    unsigned shown;   /* prefixes a person would choose */
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
    [UNIT_LEAD_MONTHS] = {"a time such as 2q, 6mo, 8w or 1y", P_NONE},
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

/* *bare: a number and nothing behind it. */
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
    const char *rest = skip_space(s + used);
    size_t n = strlen(rest);
    while (n && rest[n - 1] == ' ')
        n--;
    *bare = used && n == 0;
    if (!used || *s == '-' || *s == '+' || n >= sizeof suffix)
        return false;
    memcpy(suffix, rest, n);
    suffix[n] = '\0';
    if (!find_suffix(u, suffix, &name, &prefix) || (dollar && *name->name))
        return false;
    if (!num_scan_scaled(s, used, prefix->exp10, &v))
        return false;
    v = v * prefix->mul * name->mul / name->div;
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

static double power_of_ten(int e)
{
    double p = 1;
    for (int i = e < 0 ? -e : e; i > 0; i--)
        p *= 10;
    return e < 0 ? 1 / p : p;
}

/* $2.50 and $0.32, in every locale. */
static void cents(char out[NUM_TEXT], double v)
{
    int whole = (int)floor(v * 100 + 0.5);
    snprintf(out, NUM_TEXT, "%d.%02d", whole / 100, whole % 100);
}

/* How a quantity is written: text, prefix, name. */
struct shape {
    const struct name *name;
    const struct prefix *prefix;
    double scale;
    char text[NUM_TEXT];
};

/* The scale a person would write v with, among the prefixes in `shown`: the largest one that
** leaves at least 1 before it, else the smallest. */
static void choose(struct shape *c, enum unit u, double v, unsigned shown)
{
    bool found = false;
    c->scale = HUGE_VAL;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i].unit != u || v < names[i].from)
            continue;
        for (size_t k = 0; k < COUNT(prefixes); k++) {
            const struct prefix *p = &prefixes[k];
            if (!(p->set & names[i].prefixes & shown) || p->set & P_ALIAS)
                continue;
            double scale = power_of_ten(p->exp10) * p->mul * names[i].mul / names[i].div;
            bool fits = scale <= v * (1 + 1e-12);
            if (fits ? !found || scale > c->scale : !found && scale < c->scale) {
                c->name = &names[i];
                c->prefix = p;
                c->scale = scale;
                found = fits;
            }
        }
    }
}

static double read_back(const struct shape *c)
{
    double v = 0;
    num_scan_scaled(c->text, strlen(c->text), c->prefix->exp10, &v);
    return v * c->prefix->mul;
}

/* Three significant digits, and no exponent from 1000 up. */
static void digits3(struct shape *c, double v)
{
    double x = v / c->scale;
    if (x >= 999.5 && x < 1e15)
        snprintf(c->text, sizeof c->text, "%.0f", x);
    else
        num_digits(c->text, 3, x);
}

static void shape(struct shape *c, enum unit u, double v)
{
    char three[NUM_TEXT];
    double rounded = v;
    num_scan(three, num_digits(three, 3, v), &rounded); /* so that 999.9996 ms prints as 1 s */
    choose(c, u, v > 0 ? rounded : 1, kinds[u].shown);
    digits3(c, v);
    if ((u == UNIT_BYTES || u == UNIT_BYTES_S) && v >= 1024 && read_back(c) != v) {
        struct shape bin; /* 85899345920 is 80 GiB rather than 85.9 GB, when that is exact */
        choose(&bin, u, v, P_BIN);
        digits3(&bin, v);
        if (read_back(&bin) == v)
            *c = bin;
    }
    if (u == UNIT_USD && c->scale <= 1 && v >= 0.1 && v != floor(v))
        cents(c->text, v);
}

void unit_format(char *buf, size_t n, enum unit u, double v)
{
    struct shape c;
    const char *sign = v < 0 ? "-" : "";
    if (!isfinite(v)) {
        snprintf(buf, n, "%s%s", sign, isnan(v) ? "nan" : "inf");
        return;
    }
    shape(&c, u, fabs(v));
    bool money = u == UNIT_USD,
         tight = money || u == UNIT_COUNT || u == UNIT_TOKENS || u == UNIT_FRAC || u == UNIT_FACTOR || u == UNIT_RATE_S;
    snprintf(buf, n, "%s%s%s%s%s%s", sign, money ? "$" : "", c.text, tight ? "" : " ", c.prefix->name, c.name->name);
}
