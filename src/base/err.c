/* err.c - fill in an error; what the user sees never holds control characters. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

/* Input text is quoted in errors, and an escape sequence in it must not reach the terminal. */
static void printable(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = *s == '\n' || *s == '\t' || *s == '\r' ? ' ' : '?';
}

static void fill(struct err *e, enum err_kind kind, const char *place, const char *fmt, va_list ap)
{
    /* place may point into e itself when an error is said again with another text */
    char at[sizeof e->place];
    char what[sizeof e->what];
    snprintf(at, sizeof at, "%s", place ? place : "");
    vsnprintf(what, sizeof what, fmt, ap);
    e->kind = kind;
    snprintf(e->place, sizeof e->place, "%s", at);
    snprintf(e->what, sizeof e->what, "%s", what);
    e->mend[0] = '\0';
    printable(e->place);
    printable(e->what);
}

bool err_input(struct err *e, const char *place, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fill(e, ERR_INPUT, place, fmt, ap);
    va_end(ap);
    return false;
}

bool err_env(struct err *e, const char *place, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fill(e, ERR_ENV, place, fmt, ap);
    va_end(ap);
    return false;
}

bool err_mend(struct err *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->mend, sizeof e->mend, fmt, ap);
    va_end(ap);
    printable(e->mend);
    return false;
}
