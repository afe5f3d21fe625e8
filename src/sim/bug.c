/* bug.c - the one place of this floor that writes to stderr: the program is wrong and must not go on. */
#include "sim/bug.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void sim_bug(int64_t t_ns, uint32_t request, const char *what)
{
    if (request == NO_REQUEST)
        fprintf(stderr, "moat: bug in the simulator at t=%lld ns: %s\n", (long long)t_ns, what);
    else
        fprintf(stderr, "moat: bug in the simulator at t=%lld ns, request %lu: %s\n", (long long)t_ns,
                (unsigned long)request, what);
    abort();
}
