/* bug.h - a broken invariant of the simulator stops the program: one line with event time and request, then abort(). */
#ifndef MOAT_SIM_BUG_H
#define MOAT_SIM_BUG_H

#include <stdint.h>

#define NO_REQUEST UINT32_MAX

_Noreturn void sim_bug(int64_t t_ns, uint32_t request, const char *what);

#endif
