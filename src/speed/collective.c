/* collective.c - t = a0 + a1*log2(n) + f*bytes*(n-1)/n / (link*e); across g nodes on 1/d of the bytes.
**
**      g nodes of d devices:
**      all-reduce over g*d   reduce-scatter(d, bytes) + all-reduce(g, bytes/d, scale-out) + all-gather(d, bytes)
**      gather, scatter       the part inside a node + (g, bytes/d, scale-out)
**      all-to-all            the part inside a node, and bytes*(1 - 1/g) through scale-out
**
** bytes is the whole vector for all-reduce, the gathered vector for all-gather and reduce-scatter, what one device
** sends for all-to-all and point-to-point.
*/
#include "speed/collective.h"

int link_node(const struct accelerator *acc)
{
    int node = acc->node_cards > acc->host_cards ? acc->node_cards : acc->host_cards;
    return acc->scaleup.domain > node ? acc->scaleup.domain : node > 1 ? node : 1;
}

double link_bytes_s(const struct accelerator *acc, int n)
{
    const struct link *l = &acc->scaleup;
    double peer = l->per_peer_bytes_s;
    if (l->topology == TOPO_NONE || l->total_bytes_s <= 0 || n > l->domain)
        return acc->pcie_bytes_s;
    if (l->topology == TOPO_MESH) {
        if (peer <= 0)
            peer = l->total_bytes_s / (l->domain > 1 ? l->domain - 1 : 1);
        return fmin(l->total_bytes_s, peer * (n > 1 ? n - 1 : 1));
    }
    return l->total_bytes_s;
}

static struct op_time over(const struct comm_const *c, double link, double factor, int n, double bytes)
{
    struct op_time t = {.bytes = bytes};
    if (n < 2)
        return t;
    double fixed = c->a0_s + c->a1_s * log2(n);
    t.work_s = factor * bytes / (link * c->e);
    t.t_s = fixed + t.work_s;
    t.bound = t.work_s > fixed ? BOUND_LINK : BOUND_FIXED;
    return t;
}

static struct op_time inside(const struct accelerator *acc, const struct stack *s, enum collective kind, int n,
                             double bytes)
{
    double link = link_bytes_s(acc, n), share = n > 1 ? (n - 1.0) / n : 0;
    switch (kind) {
    case COLL_ALL_REDUCE:
        return over(&s->all_reduce, link, 2 * share, n, bytes);
    case COLL_ALL_GATHER:
        return over(&s->all_gather, link, share, n, bytes);
    case COLL_REDUCE_SCATTER:
        return over(&s->reduce_scatter, link, share, n, bytes);
    case COLL_ALL_TO_ALL:
        return over(&s->all_to_all, link, share, n, bytes);
    case COLL_P2P:
        break;
    }
    return over(&s->p2p, link_bytes_s(acc, 2), 1, 2, bytes);
}

static struct op_time sum(struct op_time a, struct op_time b)
{
    a.bound = a.t_s > b.t_s ? a.bound : b.bound;
    a.t_s += b.t_s;
    a.work_s += b.work_s;
    a.bytes = fmax(a.bytes, b.bytes);
    return a;
}

struct op_time op_collective(const struct accelerator *acc, const struct stack *s, enum collective kind, int n,
                             double bytes)
{
    int node = link_node(acc);
    if (n <= node)
        return inside(acc, s, kind, n, bytes);
    int groups = (n + node - 1) / node; /* a collective inside a node of one is nothing: inside() of n = 1 is 0 */
    double link = acc->scaleout_bytes_s > 0 ? acc->scaleout_bytes_s : acc->pcie_bytes_s;
    double share = (groups - 1.0) / groups;
    switch (kind) {
    case COLL_ALL_REDUCE:
        return sum(sum(inside(acc, s, COLL_REDUCE_SCATTER, node, bytes), inside(acc, s, COLL_ALL_GATHER, node, bytes)),
                   over(&s->net, link, 2 * share, groups, bytes / node));
    case COLL_ALL_GATHER:
    case COLL_REDUCE_SCATTER:
        return sum(inside(acc, s, kind, node, bytes), over(&s->net, link, share, groups, bytes / node));
    case COLL_ALL_TO_ALL:
        return sum(inside(acc, s, kind, node, bytes / groups), over(&s->net, link, share, groups, bytes));
    case COLL_P2P:
        break;
    }
    return over(&s->net, link, 1, 2, bytes);
}
