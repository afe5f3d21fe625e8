/* date.c - dates as yyyymmdd, and days since 1970 (Hinnant, "chrono-compatible low-level date algorithms"). */
#include <string.h>

#include "base/err.h"
#include "base/units.h"

static int days_in_month(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[m - 1] + (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
}

/* n digits as a number, -1 when one is something else. */
static int digits(const char *s, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

/* First and last day of what s names. */
static bool parse(const char *s, int32_t *first, int32_t *last)
{
    size_t n = strlen(s);
    if (n != 4 && n != 7 && n != 10)
        return false;
    int y = digits(s, 4), m0 = 1, m1 = 12, d0 = 1, d1 = 0;
    if (y < 1900 || y > 2999)
        return false;
    if (n > 4 && s[4] != '-')
        return false;
    if (n == 7 && s[5] == 'Q') {
        if (s[6] < '1' || s[6] > '4')
            return false;
        m0 = (s[6] - '1') * 3 + 1;
        m1 = m0 + 2;
    } else if (n >= 7) {
        m0 = m1 = digits(s + 5, 2);
        if (m0 < 1 || m0 > 12)
            return false;
    }
    if (n == 10) {
        d0 = d1 = digits(s + 8, 2);
        if (s[7] != '-' || d0 < 1 || d0 > days_in_month(y, m0))
            return false;
    }
    if (!d1)
        d1 = days_in_month(y, m1);
    *first = y * 10000 + m0 * 100 + d0;
    *last = y * 10000 + m1 * 100 + d1;
    return true;
}

static bool complain(const char *s, const char *place, struct err *e)
{
    return err_input(e, place, "expected a date such as 2024, 2024-Q3, 2024-07 or 2024-07-15, got \"%.80s\"", s);
}

bool date_parse(const char *s, int32_t *out, const char *place, struct err *e)
{
    int32_t last;
    return parse(s, out, &last) || complain(s, place, e);
}

bool date_parse_end(const char *s, int32_t *out, const char *place, struct err *e)
{
    int32_t first;
    return parse(s, &first, out) || complain(s, place, e);
}

int32_t date_to_days(int32_t yyyymmdd)
{
    int y = yyyymmdd / 10000, m = yyyymmdd / 100 % 100, d = yyyymmdd % 100;
    y -= m <= 2;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

int32_t date_from_days(int32_t days)
{
    int64_t z = (int64_t)days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int day_of_era = (int)(z - era * 146097);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int mp = (5 * day_of_year + 2) / 153, d = day_of_year - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
    return ((int32_t)(era * 400) + year_of_era + (m <= 2)) * 10000 + m * 100 + d;
}
