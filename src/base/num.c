/* num.c - numbers as text: exact fast path (Clinger 1990), strtod in the "C" locale for the rest.
**
** A mantissa of at most 2^53 times 10^k with |k| <= 22 is one correctly rounded operation on
** two exact doubles, and covers nearly every number in a trace or a catalog.
*/
#include "base/num.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 1000 /* characters of one number; 768 digits decide every rounding */

static const double pow10_exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct decimal {
    bool negative;
    uint64_t mantissa; /* the digits, when `digits` <= 18 */
    int point;         /* digits behind the point */
    int exponent;      /* as written */
    unsigned digits;   /* significant ones */
    size_t end;        /* of the digits */
    size_t used;       /* with the exponent */
};

static size_t scan_exponent(const char *s, size_t n, size_t i, int *exponent)
{
    size_t j = i + 1;
    bool minus = false;
    if (j < n && (s[j] == '+' || s[j] == '-'))
        minus = s[j++] == '-';
    if (j >= n || !is_digit(s[j]))
        return i; /* an E that is no exponent: "2EB" */
    int e = 0;
    for (; j < n && is_digit(s[j]); j++)
        if (e < 100000)
            e = e * 10 + (s[j] - '0');
    *exponent = minus ? -e : e;
    return j;
}

static bool scan_decimal(const char *s, size_t n, struct decimal *d)
{
    size_t i = 0;
    bool any = false, point = false;
    *d = (struct decimal){0};
    if (n && (s[0] == '+' || s[0] == '-'))
        d->negative = s[i++] == '-';
    for (; i < n; i++) {
        if (s[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(s[i]))
            break;
        any = true;
        if (point)
            d->point++;
        if (!d->digits && s[i] == '0')
            continue;
        if (d->digits++ < 18)
            d->mantissa = d->mantissa * 10 + (uint64_t)(s[i] - '0');
    }
    if (!any)
        return false;
    d->end = d->used = i;
    if (i < n && (s[i] == 'e' || s[i] == 'E'))
        d->used = scan_exponent(s, n, i, &d->exponent);
    return d->end <= LONGEST;
}

static double slow_value(const char *digits, size_t n, int exponent)
{
    char text[LONGEST + 16];
    memcpy(text, digits, n);
    snprintf(text + n, sizeof text - n, "e%d", exponent);
    /* For "C" glibc and musl hand out a constant object: no allocation, nothing to free. */
    return strtod_l(text, NULL, newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

size_t num_scan_scaled(const char *s, size_t n, int exp10, double *out)
{
    struct decimal d;
    if (!scan_decimal(s, n, &d))
        return 0;
    double v;
    int e = d.exponent + exp10 - d.point;
    if (d.digits <= 18 && d.mantissa <= (1ULL << 53) && e >= -22 && e <= 22) {
        v = (double)d.mantissa;
        v = e < 0 ? v / pow10_exact[-e] : v * pow10_exact[e];
        v = d.negative ? -v : v;
    } else {
        v = slow_value(s, d.end, d.exponent + exp10);
        if (!isfinite(v))
            return 0;
    }
    *out = v;
    return d.used;
}

size_t num_scan(const char *s, size_t n, double *out)
{
    return num_scan_scaled(s, n, 0, out);
}

bool num_int(const char *s, size_t n, int64_t *out)
{
    size_t i = 0;
    bool negative = n && s[0] == '-';
    int64_t v = 0;
    if (n && (s[0] == '+' || s[0] == '-'))
        i++;
    if (i == n)
        return false;
    for (; i < n; i++) {
        int digit = s[i] - '0';
        if (!is_digit(s[i]) || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, negative ? -digit : digit, &v))
            return false;
    }
    *out = v;
    return true;
}

size_t num_digits(char out[NUM_TEXT], int digits, double v)
{
    int n = snprintf(out, NUM_TEXT, "%.*g", digits, v);
    /* A locale may put another, perhaps longer, text in place of the point. */
    size_t to = 0;
    bool odd = false;
    for (size_t i = 0; i < (size_t)n && out[i]; i++) {
        bool plain = is_digit(out[i]) || out[i] == '-' || out[i] == '+' || out[i] == 'e';
        if (plain)
            out[to++] = out[i];
        else if (!odd)
            out[to++] = '.';
        odd = !plain;
    }
    out[to] = '\0';
    return to;
}

size_t num_print(char out[NUM_TEXT], double v)
{
    if (fabs(v) < 1e15 && v == floor(v))
        return (size_t)snprintf(out, NUM_TEXT, "%lld", (long long)v);
    size_t n = 0;
    for (int digits = 15; digits <= 17; digits++) {
        double back = 0;
        n = num_digits(out, digits, v);
        if (num_scan(out, n, &back) == n && back == v)
            break;
    }
    return n;
}
