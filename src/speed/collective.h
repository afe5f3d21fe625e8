/* collective.h - time of all-reduce, all-gather, all-to-all and point-to-point over scale-up and scale-out.
**
**      t = a0 + a1*log2(n) + f*bytes*(n-1)/n / (link*e),  f = 2 for all-reduce, else 1
**
** On a full mesh a ring over all n devices uses n-1 links of per_peer each; two devices see per_peer only. Groups
** larger than the scale-up domain are hierarchical: inside each domain, then across over scale-out. Bandwidth lower
** bound: Thakur, Rabenseifner and Gropp 2005.
*/
#ifndef MOAT_SPEED_COLLECTIVE_H
#define MOAT_SPEED_COLLECTIVE_H

#include "facts/accelerator.h"
#include "facts/stack.h"
#include "speed/op.h"

enum collective { COLL_ALL_REDUCE, COLL_ALL_GATHER, COLL_REDUCE_SCATTER, COLL_ALL_TO_ALL, COLL_P2P };

double link_bytes_s(const struct accelerator *acc, int n);      /* one direction, each of n devices inside a node */
int link_node(const struct accelerator *acc);   /* devices that reach each other without scale-out: domain or node */
struct op_time op_collective(const struct accelerator *acc, const struct stack *s, enum collective kind, int n,
                             double bytes);

#endif
