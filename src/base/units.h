/* units.h - the one place where written quantities become base units and back.
**
** Base units: seconds, 1/s, bytes, flop/s, bytes/s, watts, joules, US dollars, counts,
** fractions. GB is 1e9 bytes, GiB 2^30. One table parses and prints every unit.
*/
#ifndef MOAT_BASE_UNITS_H
#define MOAT_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum unit {
    UNIT_DURATION_S,            /* 500ms 2s 10us 3h 2d 1.8y (y = 365.25 d); a bare number is refused */
    UNIT_RATE_S,                /* 20/s 1200/min 1e6/h 1e9/d */
    UNIT_BYTES,                 /* 80GB 80GiB 64KiB 512MB */
    UNIT_BYTES_S,               /* 3350GB/s 3.35TB/s */
    UNIT_FLOP_S,                /* 989TFLOP/s 1.9PFLOP/s (also TFLOPS, TOPS, TOP/s as vendors write) */
    UNIT_POWER_W,               /* 700W 20MW 10.2kW */
    UNIT_USD,                   /* 8M USD, 300 USD, $2.5, 2.5 */
    UNIT_COUNT,                 /* 15.6T 2e6 70B 128k 1M (k = 1e3) */
    UNIT_FRAC,                  /* 0.9 90% */
    UNIT_FACTOR,                /* 10x 1.5x 2 */
    UNIT_TOKENS,                /* like UNIT_COUNT, whole and >= 0 */
    UNIT_LEAD_MONTHS,           /* 2q 6mo 1y 8w: time on a calendar of quarters; a bare number is refused */
    UNIT_N
};

/* Parse all of s. what names an example of the unit in the error ("a duration such as 500ms or 2s").
** Refuses NaN, infinity, negative values, trailing text, a bare number where the unit has a dimension
** (also 0; USD may be bare), a fraction above 1. Case counts; spaces before the unit do not. */
bool unit_parse(const char *s, enum unit u, double *out, const char *place, struct err *e);
/* Print with a prefix a person would choose and about three significant digits: "1.25 s", "80 GiB". */
void unit_format(char *buf, size_t n, enum unit u, double v);

/* A date as yyyymmdd; quarters and months mean their first day (2024-Q3 -> 20240701), for
** as_of limits use date_end (2024-Q3 -> 20240930). Written 2024, 2024-Q3, 2024-07, 2024-07-15. */
bool date_parse(const char *s, int32_t *out, const char *place, struct err *e);
bool date_parse_end(const char *s, int32_t *out, const char *place, struct err *e);
int32_t date_to_days(int32_t yyyymmdd);         /* days since 1970-01-01 */
int32_t date_from_days(int32_t days);           /* and back */

#define GIB 1073741824.0
#define NS_PER_S 1000000000LL

#endif
