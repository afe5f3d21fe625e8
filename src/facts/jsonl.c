/* jsonl.c - a recursive-descent check of one line, keeping slices of the top level. */
#include "facts/jsonl.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"

#define MAX_DEPTH 64

struct scan {
    const char *at, *end;       /* of the line */
    const char *why;            /* what was expected where the scan stopped */
};

static bool stop(struct scan *s, const char *why)
{
    if (!s->why)
        s->why = why;
    return false;
}

static void blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

static bool take(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* Past the closing quote; the escape \uXXXX is checked for its four digits. */
static bool string(struct scan *s)
{
    if (!take(s, '"'))
        return stop(s, "a string");
    while (s->at < s->end) {
        unsigned char c = (unsigned char)*s->at++;
        if (c == '"')
            return true;
        if (c < 0x20)
            return stop(s, "no control character in a string");
        if (c != '\\')
            continue;
        if (s->at == s->end || !strchr("\"\\/bfnrtu", *s->at))
            return stop(s, "an escape such as \\n");
        if (*s->at++ == 'u')
            for (int i = 0; i < 4; i++, s->at++)
                if (s->at == s->end || !strchr("0123456789abcdefABCDEF", *s->at) || !*s->at)
                    return stop(s, "four hexadecimal digits");
    }
    return stop(s, "the end of a string");
}

static bool digits(struct scan *s)
{
    const char *from = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > from;
}

static bool number(struct scan *s)
{
    take(s, '-');
    if (take(s, '0')) {
        if (s->at < s->end && *s->at >= '0' && *s->at <= '9')
            return stop(s, "no digit after a leading 0");
    } else if (!digits(s))
        return stop(s, "a value");
    if (take(s, '.') && !digits(s))
        return stop(s, "a digit after the point");
    if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
        s->at++;
        if (!take(s, '+'))
            take(s, '-');
        if (!digits(s))
            return stop(s, "an exponent");
    }
    return true;
}

static bool word(struct scan *s, const char *w)
{
    size_t n = strlen(w);
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, w, n) != 0)
        return stop(s, "a value");
    s->at += n;
    return true;
}

static bool value(struct scan *s, int depth, struct jval *v);

static bool array(struct scan *s, int depth)
{
    struct jval skip;
    s->at++;
    blanks(s);
    if (take(s, ']'))
        return true;
    for (;;) {
        if (!value(s, depth + 1, &skip))
            return false;
        blanks(s);
        if (take(s, ']'))
            return true;
        if (!take(s, ','))
            return stop(s, "\",\" or \"]\"");
    }
}

/* m (max) takes the members at the top level; deeper, max is 0. */
static bool object(struct scan *s, int depth, struct jmember *m, size_t max, size_t *n)
{
    s->at++;
    *n = 0;
    blanks(s);
    if (take(s, '}'))
        return true;
    for (;;) {
        struct jmember one;
        blanks(s);
        one.key = s->at + 1;
        if (!string(s))
            return false;
        one.nkey = (size_t)(s->at - 1 - one.key);
        blanks(s);
        if (!take(s, ':'))
            return stop(s, "\":\"");
        if (!value(s, depth + 1, &one.v))
            return false;
        if (*n < max)
            m[(*n)++] = one;
        blanks(s);
        if (take(s, '}'))
            return true;
        if (!take(s, ','))
            return stop(s, "\",\" or \"}\"");
    }
}

static bool value(struct scan *s, int depth, struct jval *v)
{
    size_t n;
    bool ok;
    if (depth > MAX_DEPTH)
        return stop(s, "no more than 64 levels");
    blanks(s);
    v->at = s->at;
    switch (s->at < s->end ? *s->at : '\0') {
    case '{': v->kind = JVAL_OBJECT; ok = object(s, depth, NULL, 0, &n); break;
    case '[': v->kind = JVAL_ARRAY; ok = array(s, depth); break;
    case '"': v->kind = JVAL_STRING; ok = string(s); break;
    case 't': v->kind = JVAL_BOOL; ok = word(s, "true"); break;
    case 'f': v->kind = JVAL_BOOL; ok = word(s, "false"); break;
    case 'n': v->kind = JVAL_NULL; ok = word(s, "null"); break;
    default: v->kind = JVAL_NUMBER; ok = number(s); break;
    }
    v->n = (size_t)(s->at - v->at);
    if (ok && v->kind == JVAL_STRING) {
        v->at++;
        v->n -= 2;
    }
    return ok;
}

static bool complain(const struct jsonl *j, const struct scan *s, const char *from, struct err *e)
{
    char place[200];
    snprintf(place, sizeof place, "%s:%llu:%zu", j->name, (unsigned long long)j->line, (size_t)(s->at - from) + 1);
    if (s->at == s->end)
        err_input(e, place, "the line ends where %s was expected", s->why);
    else
        err_input(e, place, "expected %s, got \"%.1s\"", s->why, s->at);
    return err_mend(e, "a trace in JSONL has one whole JSON object a line");
}

bool jsonl_next(struct jsonl *j, struct jmember *m, size_t max, size_t *n, bool *more, struct err *e)
{
    *n = 0;
    *more = false;
    while (j->at < j->end) {
        const char *nl = memchr(j->at, '\n', (size_t)(j->end - j->at));
        const char *from = j->at;
        struct scan s = {.at = j->at, .end = nl ? nl : j->end};
        j->at = nl ? nl + 1 : j->end;
        j->line++;
        blanks(&s);
        if (s.at == s.end)
            continue;
        if (*s.at != '{')
            stop(&s, "\"{\"");
        else if (object(&s, 1, m, max, n)) {
            blanks(&s);
            if (s.at == s.end) {
                *more = true;
                return true;
            }
            stop(&s, "the end of the line");
        }
        return complain(j, &s, from, e);
    }
    return true;
}

const struct jval *jsonl_get(const struct jmember *m, size_t n, const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < n; i++)
        if (m[i].nkey == len && memcmp(m[i].key, key, len) == 0)
            return &m[i].v;
    return NULL;
}

bool jval_f64(const struct jval *v, double *out)
{
    return v && v->kind == JVAL_NUMBER && num_scan(v->at, v->n, out) == v->n;
}

bool jval_i64(const struct jval *v, int64_t *out)
{
    return v && v->kind == JVAL_NUMBER && num_int(v->at, v->n, out);
}

int jval_next_u64(const struct jval *v, const char **at, uint64_t *out)
{
    const char *p = *at, *end = v->at + v->n;
    uint64_t x = 0;
    bool minus;
    while (p < end && (*p == ' ' || *p == '\t' || *p == ',' || *p == '['))
        p++;
    if (p == end || *p == ']')
        return 0;
    minus = *p == '-';
    p += minus;
    const char *from = p;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t d = (uint64_t)(*p - '0');
        if (x > (UINT64_MAX - d) / 10)
            return -1;
        x = x * 10 + d;
    }
    if (p == from || (*p != ',' && *p != ']' && *p != ' ' && *p != '\t'))
        return -1;
    *out = minus ? 0 - x : x;
    *at = p;
    return 1;
}
