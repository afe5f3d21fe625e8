/* router.c - the table of routers, in the order they are listed to the user. */
#include "sim/router.h"

#include <string.h>

extern const struct router router_least_outstanding, router_power_of_two, router_round_robin, router_random,
    router_least_kv, router_prefix_aware, router_session_affine, router_shortest_delay;

const struct router *const router_table[] = {
    &router_least_outstanding, &router_power_of_two, &router_round_robin, &router_random, &router_least_kv,
    &router_prefix_aware, &router_session_affine, &router_shortest_delay,
};
const size_t router_count = sizeof router_table / sizeof router_table[0];

const struct router *router_find(const char *name)
{
    for (size_t i = 0; i < router_count; i++)
        if (!strcmp(router_table[i]->name, name))
            return router_table[i];
    return NULL;
}
