/* text.c - widths of UTF-8 text, and figures with as many digits as they deserve. */
#include "show/text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/units.h"

/* One code point from s; returns its bytes. A byte that is no UTF-8 counts as itself. */
static int decode(const char *s, uint32_t *cp)
{
    const unsigned char *u = (const unsigned char *)s;
    int n = u[0] < 0x80 ? 1 : (u[0] & 0xe0) == 0xc0 ? 2 : (u[0] & 0xf0) == 0xe0 ? 3 : (u[0] & 0xf8) == 0xf0 ? 4 : 1;
    if (n == 1) {
        *cp = u[0];
        return 1;
    }
    uint32_t v = u[0] & (0x7fU >> n);
    for (int i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            *cp = u[0];
            return 1;
        }
        v = v << 6 | (u[i] & 0x3fU);
    }
    *cp = v;
    return n;
}

/* Columns of a code point: the ranges of Unicode 15 that matter in names, not all of them. */
static int columns(uint32_t cp)
{
    static const struct { uint32_t lo, hi; } zero[] = {{0x300, 0x36f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
    static const struct { uint32_t lo, hi; } wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xac00, 0xd7a3},
                                                       {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},
                                                       {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++)
        if (cp >= zero[i].lo && cp <= zero[i].hi)
            return 0;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (cp >= wide[i].lo && cp <= wide[i].hi)
            return 2;
    return 1;
}

/* Bytes of a colour sequence (ESC [ ... m) at s; 0: none. */
static int sequence(const char *s)
{
    if (s[0] != '\033' || s[1] != '[')
        return 0;
    int n = 2;
    while (s[n] && s[n] != 'm')
        n++;
    return s[n] ? n + 1 : n;
}

int text_width(const char *s)
{
    int w = 0;
    while (*s) {
        int skip = sequence(s);
        if (!skip) {
            uint32_t cp;
            skip = decode(s, &cp);
            w += columns(cp);
        }
        s += skip;
    }
    return w;
}

const char *text_cut(struct arena *a, const char *s, int n)
{
    if (text_width(s) <= n)
        return s;
    int w = 0;
    const char *end = s;
    while (*end) {
        uint32_t cp;
        int bytes = sequence(end), more = 0;
        if (!bytes) {
            bytes = decode(end, &cp);
            more = columns(cp);
        }
        if (w + more > n - 1)
            break;
        w += more;
        end += bytes;
    }
    return arena_printf(a, "%.*s~", (int)(end - s), s);
}

void text_wrap(struct buf *out, const char *s, int from, int width, int indent)
{
    int at = from;
    bool first = true;          /* of its line */
    while (*s) {
        size_t n = strcspn(s, " \n");
        char word[256];
        snprintf(word, sizeof word, "%.*s", (int)n, s);
        int w = text_width(word);
        if (!first && at + 1 + w > width) {
            buf_fmt(out, "\n%*s", indent, "");
            at = indent;
            first = true;
        }
        if (!first) {
            buf_add(out, " ");
            at++;
        }
        buf_addn(out, s, n);
        at += w;
        first = false;
        s += n;
        if (*s == '\n') {
            buf_fmt(out, "\n%*s", indent, "");
            at = indent;
            first = true;
        }
        if (*s)
            s++;
    }
}

/* Digits before the point get commas in threes. */
static const char *commas(struct arena *a, const char *digits)
{
    size_t whole = strcspn(digits, "."), sign = digits[0] == '-';
    char out[64];
    size_t n = 0;
    for (size_t i = 0; digits[i] && n + 2 < sizeof out; i++) {
        if (i > sign && i < whole && (whole - i) % 3 == 0)
            out[n++] = ',';
        out[n++] = digits[i];
    }
    out[n] = '\0';
    return arena_strdup(a, out);
}

const char *text_num(struct arena *a, double v)
{
    if (!isfinite(v))
        return "-";
    double m = fabs(v);
    char s[40];
    if (m >= 9.95 && m < 1e15)
        snprintf(s, sizeof s, "%.0f", v);
    else if (m >= 0.995)
        snprintf(s, sizeof s, "%.1f", v);
    else
        snprintf(s, sizeof s, "%.2g", v);
    return strchr(s, 'e') ? arena_strdup(a, s) : commas(a, s);
}

const char *text_count(struct arena *a, double v)
{
    if (!isfinite(v))
        return "-";
    char s[40];
    snprintf(s, sizeof s, fabs(v) < 1e15 ? "%.0f" : "%.4g", v);
    return commas(a, s);
}

const char *text_figure(struct arena *a, double v)
{
    char s[40];
    if (!isfinite(v))
        return "-";
    snprintf(s, sizeof s, fabs(v) >= 1e4 && fabs(v) < 1e15 ? "%.0f" : "%.4g", v);
    return commas(a, s);
}

/* v with three digits and the largest prefix that keeps it at least 1. */
static const char *scaled(struct arena *a, double v, const char *before, const char *const *suffix, size_t n)
{
    size_t i = 0;
    while (i + 1 < n && fabs(v) >= 999.5) {
        v /= 1e3;
        i++;
    }
    double m = fabs(v);
    int digits = m >= 99.95 || v == floor(v) ? 0 : m >= 9.995 ? 1 : 2;
    return arena_printf(a, "%s%.*f%s", before, digits, v, suffix[i]);
}

const char *text_big(struct arena *a, double v)
{
    static const char *const suffix[] = {"", "k", "M", "B", "T"};
    return isfinite(v) ? scaled(a, v, "", suffix, 5) : "-";
}

const char *text_percent(struct arena *a, double frac)
{
    if (!isfinite(frac))
        return "-";
    double p = frac * 100;
    return arena_printf(a, "%.*f%%", fabs(p) < 0.95 && p != 0 ? 1 : 0, p);
}

const char *text_times(struct arena *a, double factor)
{
    if (!isfinite(factor))
        return "-";
    return arena_printf(a, "%.*fx", factor < 9.995 ? 2 : 0, factor);
}

const char *text_usd(struct arena *a, double v)
{
    static const char *const suffix[] = {"", "k", "M", "B", "T"};
    if (!isfinite(v))
        return "-";
    double m = fabs(v);
    if (m != 0 && m < 0.0995)
        return arena_printf(a, "$%.2g", v);
    if (m < 999.5)
        return arena_printf(a, "$%.2f", v);
    if (m < 99999.5) {
        char s[40];
        snprintf(s, sizeof s, "%.0f", v);
        return arena_printf(a, "$%s", commas(a, s));
    }
    return scaled(a, v, "$", suffix, 5);
}

const char *text_usd_h(struct arena *a, double v)
{
    return isfinite(v) ? arena_printf(a, "%s/h", text_usd(a, v)) : "-";
}

const char *text_watts(struct arena *a, double w)
{
    if (!isfinite(w))
        return "-";
    double k = w < 999.5 ? 1 : w < 999.5e3 ? 1e3 : 1e6;
    return arena_printf(a, "%s %s", text_num(a, w / k), k == 1 ? "W" : k == 1e3 ? "kW" : "MW");
}

const char *text_gb(struct arena *a, double bytes)
{
    if (!isfinite(bytes))
        return "-";
    double gb = bytes / 1e9;
    if (fabs(gb) >= 9999.5)
        return arena_printf(a, "%.1f TB", gb / 1e3);
    return arena_printf(a, "%.*f GB", fabs(gb) < 0.095 && gb != 0 ? 3 : 1, gb);
}

const char *text_size(struct arena *a, double bytes)
{
    double gib = bytes / GIB, mib = gib * 1024;
    if (!isfinite(bytes))
        return "-";
    if (gib >= 1 && fabs(gib - round(gib)) < 1e-6)
        return arena_printf(a, "%s GiB", text_figure(a, round(gib)));
    if (bytes < 1e9)
        return mib == floor(mib) ? arena_printf(a, "%s MiB", text_figure(a, mib)) : arena_printf(a, "%s MB", text_figure(a, bytes / 1e6));
    return arena_printf(a, "%s GB", text_figure(a, bytes / 1e9));
}

const char *text_date(struct arena *a, int yyyymmdd)
{
    if (!yyyymmdd)
        return "-";
    return arena_printf(a, "%04d-%02d-%02d", yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100);
}

const char *text_month(struct arena *a, int yyyymmdd)
{
    return yyyymmdd ? arena_printf(a, "%04d-%02d", yyyymmdd / 10000, yyyymmdd / 100 % 100) : "-";
}

struct time_unit text_time_unit(double s)
{
    static const struct { double below; struct time_unit unit; } row[] = {
        {0.9995e-3, {"us", 1e6}}, {0.9995, {"ms", 1e3}}, {119.5, {"s", 1}}, {7170, {"min", 1.0 / 60}}, {172800, {"h", 1.0 / 3600}}};
    double m = fabs(s);
    if (m == 0 || !isfinite(m))
        return row[2].unit;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (m < row[i].below)
            return row[i].unit;
    return (struct time_unit){"d", 1.0 / 86400};
}

const char *text_time(struct arena *a, double s)
{
    if (!isfinite(s))
        return "-";
    struct time_unit u = text_time_unit(s);
    return arena_printf(a, "%s %s", text_num(a, s * u.per_s), u.name);
}

const char *text_limit(struct arena *a, double s)
{
    if (!isfinite(s))
        return "-";
    struct time_unit u = text_time_unit(s);
    return arena_printf(a, "%s %s", text_figure(a, s * u.per_s), u.name);
}

static bool has_interval(struct span v)
{
    return isfinite(v.lo) && isfinite(v.hi) && (v.lo != v.at || v.hi != v.at) && v.hi > 0;
}

const char *text_span_in(struct arena *a, struct span v, double per_unit)
{
    const char *at = text_num(a, v.at * per_unit);
    if (!isfinite(v.at) || !has_interval(v))
        return at;
    return arena_printf(a, "%s [%s-%s]", at, text_num(a, v.lo * per_unit), text_num(a, v.hi * per_unit));
}

const char *text_span_time(struct arena *a, struct span v)
{
    if (!isfinite(v.at))
        return "-";
    struct time_unit u = text_time_unit(v.at);
    struct span in = {v.at * u.per_s, v.lo * u.per_s, v.hi * u.per_s};
    return text_span(a, in, u.name);
}

const char *text_span(struct arena *a, struct span v, const char *unit)
{
    if (!isfinite(v.at))
        return "-";
    const char *at = arena_printf(a, "%s%s%s", text_num(a, v.at), *unit ? " " : "", unit);
    if (!has_interval(v))
        return at;
    return arena_printf(a, "%s [%s-%s]", at, text_num(a, v.lo), text_num(a, v.hi));
}

const char *text_span_watts(struct arena *a, struct span v)
{
    if (!isfinite(v.at) || !has_interval(v))
        return text_watts(a, v.at);
    double k = v.at < 999.5 ? 1 : v.at < 999.5e3 ? 1e3 : 1e6;
    return arena_printf(a, "%s [%s-%s]", text_watts(a, v.at), text_num(a, v.lo / k), text_num(a, v.hi / k));
}

const char *text_span_usd(struct arena *a, struct span v)
{
    if (!isfinite(v.at) || !has_interval(v) || strcmp(text_usd(a, v.lo), text_usd(a, v.hi)) == 0)
        return text_usd(a, v.at);
    return arena_printf(a, "%s [%s-%s]", text_usd(a, v.at), text_usd(a, v.lo) + 1, text_usd(a, v.hi) + 1);
}

const char *text_bar(struct arena *a, double frac, int n)
{
    int k = isfinite(frac) && frac > 0 ? (int)lround(fmin(frac, 1) * n) : 0;
    char *s = arena_alloc(a, (size_t)k + 1);
    memset(s, '#', (size_t)k);
    return s;
}
