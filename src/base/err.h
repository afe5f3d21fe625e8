/* err.h - one error: where, what is wrong, how to mend it.
**
** A function that can fail for a reason outside the program returns bool and fills
** a struct err on false. Nothing below cmd/ prints or exits. The program prints
**
**     moat: <place>: <what>; <mend>
**
** and exits with the kind: 2 for the content of an input or the usage, 3 for the
** environment (missing file, no memory, no disk).
*/
#ifndef MOAT_BASE_ERR_H
#define MOAT_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum err_kind { ERR_NONE = 0, ERR_INPUT = 2, ERR_ENV = 3 };

struct err {
    enum err_kind kind;
    char place[256];            /* "chat.yaml:7: slo.ttft.p99", or "" */
    char what[512];             /* "expected a duration such as 500ms or 2s, got \"fast\"" */
    char mend[256];             /* "did you mean \"tp\"?", or "" */
};

/* Fill e and return false, so that a caller can write `return err_input(...)`. */
bool err_input(struct err *e, const char *place, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool err_env(struct err *e, const char *place, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Add or replace the mend of an error already set; returns false too. */
bool err_mend(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
