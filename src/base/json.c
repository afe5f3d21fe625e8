/* json.c - a JSON document, written as it is walked. */
#include "base/json.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"

void json_quote(struct buf *b, const char *s)
{
    static const char names[] = "\b\f\n\r\t\"\\";
    static const char letters[] = "bfnrt\"\\";
    const char *end = s + strlen(s);
    buf_add(b, "\"");
    for (;;) {
        size_t plain = 0, len = 1;
        while (s + plain < end && (unsigned char)s[plain] >= 0x20 && s[plain] != '"' && s[plain] != '\\' &&
               (len = text_utf8(s + plain, (size_t)(end - s) - plain)) > 0)
            plain += len;
        buf_addn(b, s, plain);
        s += plain;
        if (s == end)
            break;
        const char *name = strchr(names, *s);
        if (len == 0)
            buf_add(b, "\\ufffd"); /* file names need not be UTF-8 */
        else if (name)
            buf_fmt(b, "\\%c", letters[name - names]);
        else
            buf_fmt(b, "\\u%04x", (unsigned char)*s);
        s++;
    }
    buf_add(b, "\"");
}

void jw_init(struct jw *w, struct buf *out)
{
    *w = (struct jw){.out = out};
}

static void indent(struct jw *w)
{
    buf_fmt(w->out, "\n%*s", w->depth * 2, "");
}

static void begin(struct jw *w, const char *key)
{
    if (w->comma[w->depth])
        buf_add(w->out, ",");
    w->comma[w->depth] = true;
    if (w->depth)
        indent(w);
    if (key) {
        json_quote(w->out, key);
        buf_add(w->out, ": ");
    }
}

/* A document is a text file: its last value is followed by a line end. */
static void finish(struct jw *w)
{
    if (w->depth == 0)
        buf_add(w->out, "\n");
}

static void open_level(struct jw *w, const char *key, const char *mark, char close)
{
    begin(w, key);
    buf_add(w->out, mark);
    assert(w->depth < 63);
    w->close[++w->depth] = close;
    w->comma[w->depth] = false;
}

void jw_obj(struct jw *w, const char *key)
{
    open_level(w, key, "{", '}');
}

void jw_arr(struct jw *w, const char *key)
{
    open_level(w, key, "[", ']');
}

void jw_end(struct jw *w)
{
    assert(w->depth > 0);
    bool any = w->comma[w->depth];
    char close = w->close[w->depth--];
    if (any)
        indent(w);
    buf_addn(w->out, &close, 1);
    finish(w);
}

void jw_str(struct jw *w, const char *key, const char *v)
{
    begin(w, key);
    if (v)
        json_quote(w->out, v);
    else
        buf_add(w->out, "null");
    finish(w);
}

void jw_num(struct jw *w, const char *key, double v)
{
    begin(w, key);
    buf_num(w->out, v);
    finish(w);
}

void jw_int(struct jw *w, const char *key, int64_t v)
{
    begin(w, key);
    buf_fmt(w->out, "%lld", (long long)v);
    finish(w);
}

void jw_bool(struct jw *w, const char *key, bool v)
{
    begin(w, key);
    buf_add(w->out, v ? "true" : "false");
    finish(w);
}

void jw_null(struct jw *w, const char *key)
{
    jw_str(w, key, NULL);
}

void jw_raw(struct jw *w, const char *key, const char *json)
{
    size_t n = strlen(json);
    while (n && (json[n - 1] == '\n' || json[n - 1] == ' '))
        n--;
    begin(w, key);
    buf_addn(w->out, json, n);
    finish(w);
}
