/* trace_azure.c - Azure LLM inference traces: 2023 (Splitwise, ISCA 2024), 2024 (DynamoLLM, HPCA 2025), 2025 (multimodal).
**
** TIMESTAMP is `2023-11-16 18:15:46.6805900` in UTC; the 2024 files add `+00:00` and leave the fraction out when it is
** zero; the multimodal file writes `T...Z` and has NumImages. ContextTokens of that file already counts image tokens.
*/
#include <string.h>

#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/trace.h"

struct clock {                  /* the day last seen, so that a calendar is walked once a day, not once a row */
    char day[10];
    int64_t day_s;
    bool set;
};

static bool two(const char *s, int max, int64_t *out)
{
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
        return false;
    *out = (s[0] - '0') * 10 + (s[1] - '0');
    return *out <= max;
}

static bool day_seconds(struct clock *c, const char *s)
{
    int64_t century, year, month, day;
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (c->set && memcmp(c->day, s, 10) == 0)
        return true;
    if (!two(s, 99, &century) || !two(s + 2, 99, &year) || s[4] != '-' || !two(s + 5, 12, &month) || s[7] != '-' ||
        !two(s + 8, 31, &day) || month < 1 || day < 1)
        return false;
    year += century * 100;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1970 || year > 2090 || day > days[month - 1] + (month == 2 && leap))
        return false;
    c->day_s = (int64_t)date_to_days((int32_t)(year * 10000 + month * 100 + day)) * 86400;
    memcpy(c->day, s, 10);
    c->set = true;
    return true;
}

/* Z, +00:00, -0530 or nothing (UTC); seconds to take off. */
static bool zone(const char *s, size_t n, int64_t *off_s)
{
    int64_t h, m = 0;
    *off_s = 0;
    if (n == 0 || (n == 1 && *s == 'Z'))
        return true;
    if (n < 3 || (*s != '+' && *s != '-') || !two(s + 1, 14, &h))
        return false;
    const char *rest = s + 3;
    n -= 3;
    if (n && *rest == ':') {
        rest++;
        n--;
    }
    if (n && (n != 2 || !two(rest, 59, &m)))
        return false;
    *off_s = (h * 60 + m) * (*s == '-' ? -60 : 60);
    return true;
}

static bool stamp_ns(struct clock *c, struct cell v, int64_t *t_ns)
{
    int64_t h, m, s, off_s, frac_ns = 0, unit_ns = 100000000;
    const char *p = v.at;
    if (v.n < 19 || !day_seconds(c, p) || (p[10] != ' ' && p[10] != 'T') || !two(p + 11, 23, &h) || p[13] != ':' ||
        !two(p + 14, 59, &m) || p[16] != ':' || !two(p + 17, 60, &s))
        return false;
    size_t at = 19;
    if (at < v.n && p[at] == '.') {
        for (at++; at < v.n && p[at] >= '0' && p[at] <= '9'; at++, unit_ns /= 10)
            frac_ns += (p[at] - '0') * unit_ns;
        if (at == 20)
            return false;
    }
    if (!zone(p + at, v.n - at, &off_s))
        return false;
    *t_ns = (c->day_s + h * 3600 + m * 60 + s - off_s) * NS_PER_S + frac_ns;
    return true;
}

static bool azure_is(const struct trace_in *in)
{
    return !in->json && csv_column(&in->csv, "TIMESTAMP") >= 0 && csv_column(&in->csv, "ContextTokens") >= 0 &&
           csv_column(&in->csv, "GeneratedTokens") >= 0;
}

static bool azure_read(struct trace_in *in, struct err *e)
{
    struct csv *c = &in->csv;
    int time = csv_column(c, "TIMESTAMP"), prompt = csv_column(c, "ContextTokens"),
        answer = csv_column(c, "GeneratedTokens"), images = csv_column(c, "NumImages");
    struct clock clock = {.set = false};
    uint64_t with_image = 0;
    (void)e;
    while (csv_next(c)) {
        int64_t t_ns;
        if (c->ragged) {
            trace_ragged(in);
            continue;
        }
        bool ok = stamp_ns(&clock, *csv_cell(c, time), &t_ns);
        trace_emit(in, c->line, ok ? &t_ns : NULL, trace_count(csv_cell(c, prompt)), trace_count(csv_cell(c, answer)));
        with_image += images >= 0 && trace_count(csv_cell(c, images)) > 0;
    }
    if (with_image)
        note_add(in->notes, "%s: %llu requests carry images: their tokens count as prompt, the vision encoder is left out",
                 in->name, (unsigned long long)with_image);
    return true;
}

const struct trace_format trace_azure = {
    .name = "azure",
    .help = "Azure LLM inference traces 2023, 2024 and 2025 (multimodal)",
    .units = "CSV: TIMESTAMP (date and time, UTC), ContextTokens, GeneratedTokens; NumImages may stand between",
    .is = azure_is,
    .read = azure_read,
};
