/* net.h - transfers between replicas that share their NICs, max-min fair.
**
** Each replica has one NIC with a capacity in one direction; a flow goes from one NIC to another, has a cap of its own (the
** devices that hold the sequence), and after a latency moves at the max-min fair rate:
**
**      raise all rates together until a NIC is full or a flow is at its cap; those flows stay there, the others go on
**
** (progressive filling: Bertsekas and Gallager, Data Networks, 2nd ed. 1992, section 6.5.2; flow-level models of TCP and
** RDMA fabrics use the same, as SimGrid: Casanova et al. 2014). The fabric between the NICs is taken as non-blocking.
** Bytes and rates are integers, 2^-20 bytes and 2^-20 bytes a nanosecond; rates change only when a flow begins or ends.
*/
#ifndef MOAT_SIM_NET_H
#define MOAT_SIM_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/heap.h"

struct arena;

struct flow {
    uint32_t from, to;          /* NICs */
    int64_t cap_q20;            /* bytes a nanosecond */
    int64_t left_q20, rate_q20; /* bytes still to go at `at_ns`; rate since then */
    int64_t at_ns;
    uint32_t place;             /* in `moving`; NET_IDLE: not moving */
    bool frozen;                /* inside net_share */
};

#define NET_IDLE UINT32_MAX
#define NET_MOST_BYTES 8e12     /* of one flow: Q20 in 63 bits */

struct net {
    int64_t *nic_q20;           /* (nics) bytes a nanosecond */
    struct flow *flow;          /* (flows) */
    uint32_t *moving, nmoving;  /* flows that share now */
    struct heap due;            /* by flow: the end of its latency, or its last byte */
    int64_t *room_q20;          /* (nics) inside net_share: capacity not given yet, and flows that want some */
    uint32_t *want;
};

void net_init(struct net *n, struct arena *a, uint32_t nics, uint32_t flows);
int64_t net_rate_q20(double bytes_s);   /* at least 1 */
/* Flow `id` begins at now_ns: from, to and cap_q20 are set. */
void net_start(struct net *n, uint32_t id, double bytes, int64_t latency_ns, int64_t now_ns);
int64_t net_next_ns(const struct net *n);
/* The next event, at net_next_ns. true: flow *id is over; false: one began to move. */
bool net_event(struct net *n, uint32_t *id);

#endif
