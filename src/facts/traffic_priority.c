/* traffic_priority.c - priority classes drawn by their shares: P(class c) = share_c / sum of shares. */
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/units.h"
#include "facts/request.h"
#include "facts/traffic.h"

enum { STREAM_PRIORITY = 0x7072696f };

static bool class_of(struct arena *a, const struct node *map, size_t i, int *out, struct err *e)
{
    char *end;
    long v = strtol(map->key[i], &end, 10);
    if (*end || end == map->key[i] || v < 0 || v >= TRAFFIC_CLASSES) {
        err_input(e, node_place(a, &map->item[i]), "expected a class from 0, served first, to %d", TRAFFIC_CLASSES - 1);
        return err_mend(e, "write priorities: {0: 20%%, 1: 80%%}");
    }
    *out = (int)v;
    return true;
}

bool traffic_priorities(struct arena *a, const struct node *nd, uint64_t seed, struct traffic *t, struct err *e)
{
    double upto[TRAFFIC_CLASSES] = {0}, sum = 0;
    struct rng r;
    if (!nd)
        return true;
    if (nd->kind != NODE_MAP || !nd->n) {
        err_input(e, node_place(a, nd), "expected a map of class to share");
        return err_mend(e, "write priorities: {0: 20%%, 1: 80%%}");
    }
    t->classes = 0;
    for (size_t i = 0; i < nd->n; i++) {
        int c = 0;
        if (!class_of(a, nd, i, &c, e) || !node_unit(a, &nd->item[i], UNIT_FRAC, &upto[c], e))
            return false;
        sum += upto[c];
        t->classes = c >= t->classes ? c + 1 : t->classes;
    }
    if (!(sum > 0.999 && sum < 1.001))
        return err_input(e, node_place(a, nd), "the shares add up to %g%%, expected 100%%", sum * 100);
    for (int c = 1; c < TRAFFIC_CLASSES; c++)
        upto[c] += upto[c - 1];
    rng_seed(&r, seed, STREAM_PRIORITY);
    for (size_t i = 0; i < t->n; i++) {
        double u = rng_unit(&r) * sum;
        uint32_t c = 0;
        while (c + 1 < (uint32_t)t->classes && u >= upto[c])
            c++;
        t->req[i].priority = c & 0xf;
    }
    return true;
}
