/* hours.c - parts of the day: which one is it, and when does the next begin or end. */
#include "sim/dynamics.h"

#define DAY_NS (INT64_C(86400) * 1000000000)

static int64_t of_day(int64_t t_ns)
{
    int64_t d = t_ns % DAY_NS;
    return d < 0 ? d + DAY_NS : d;
}

static bool within(const struct sim_hours *h, int64_t now)
{
    if (h->from_ns == h->to_ns)
        return true;
    return h->from_ns < h->to_ns ? now >= h->from_ns && now < h->to_ns : now >= h->from_ns || now < h->to_ns;
}

int hours_at(const struct sim_hours *h, size_t n, int64_t clock_ns, int64_t t_ns)
{
    int64_t now = of_day(clock_ns + t_ns);
    for (size_t i = 0; i < n; i++)
        if (within(&h[i], now))
            return h[i].replicas;
    return -1;
}

int64_t hours_next_ns(const struct sim_hours *h, size_t n, int64_t clock_ns, int64_t t_ns)
{
    int64_t now = of_day(clock_ns + t_ns), least = INT64_MAX;
    for (size_t i = 0; i < n; i++)
        for (int end = 0; end < 2; end++) {
            int64_t ahead = of_day((end ? h[i].to_ns : h[i].from_ns) - now);
            if (ahead == 0)
                ahead = DAY_NS;
            least = ahead < least ? ahead : least;
        }
    return least == INT64_MAX ? INT64_MAX : t_ns + least;
}
