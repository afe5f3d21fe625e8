/* check.h - what every unit test includes: cmocka with its headers, and a check for reals.
**
** cmocka 1.1.5 compares floats by casting to float; check_close compares doubles by
** relative error. check_data() is the folder of the bigger data sets, or NULL: then say skip().
*/
#ifndef MOAT_TESTS_CHECK_H
#define MOAT_TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static inline void check_close_at(double got, double want, double rel, const char *file, int line)
{
    double scale = fmax(fabs(want), 1e-300);
    if (!(fabs(got - want) <= rel * scale)) {
        print_error("%.17g is not within %g of %.17g\n", got, rel, want);
        _fail(file, line);
    }
}
#define check_close(got, want, rel) check_close_at((got), (want), (rel), __FILE__, __LINE__)

static inline const char *check_data(void)
{
    const char *d = getenv("MOAT_DATA");
    static char path[4096];
    if (!d || !*d) {
        const char *root = getenv("MOAT_SOURCE");
        snprintf(path, sizeof path, "%s/../shared/data", root ? root : ".");
        d = path;
    }
    return access(d, R_OK) == 0 ? d : NULL;
}

#endif
