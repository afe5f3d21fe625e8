/* router.h - which replica gets a request. Rows of one table, one file each. */
#ifndef MOAT_SIM_ROUTER_H
#define MOAT_SIM_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;
struct replica_set;             /* sim/cluster.h */

struct router {
    const char *name, *help, *paper;
    /* One of the set (at least two), by its index in sim.replica; ties go to the lowest index. */
    uint32_t (*pick)(struct sim *s, struct replica_set *among, uint32_t request);
    bool reads_kv;              /* it looks at sim.kv_low */
    bool keeps_sessions;        /* requests of a conversation go together: a sample of its load has whole ones */
};

extern const struct router *const router_table[];
extern const size_t router_count;
const struct router *router_find(const char *name);

#endif
