/* num.h - decimal text to double and back, the same in every locale.
**
** The grammar is [+-] digits [. digits] [e [+-] digits], with digits on at least one side
** of the point. No hexadecimal, no "inf", no "nan", no blanks.
*/
#ifndef MOAT_BASE_NUM_H
#define MOAT_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUM_TEXT 32             /* room for any number num_print writes */

/* Read the number that s (n bytes) begins with; returns the bytes it takes, 0 when there is
** none or it is too large for a double. Correctly rounded. */
size_t num_scan(const char *s, size_t n, double *out);
/* The same times 10^exp10, rounded once: 16.4 with 6 is 16400000, which 16.4 * 1e6 is not. */
size_t num_scan_scaled(const char *s, size_t n, int exp10, double *out);
/* All of s (n bytes) is a whole number that fits. */
bool num_int(const char *s, size_t n, int64_t *out);
/* The fewest digits that read back the same; whole numbers below 1e15 without exponent.
** v is finite. Returns the length. */
size_t num_print(char out[NUM_TEXT], double v);
/* snprintf("%.*g") with a point in every locale. */
size_t num_digits(char out[NUM_TEXT], int digits, double v);

#endif
