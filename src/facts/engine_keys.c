/* engine_keys.c - the keys of an engine beside its policy, read and checked. */
#include "facts/engine_keys.h"

#include <string.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/units.h"

/* One of n words; a key that is absent leaves *out alone. */
static bool word(struct arena *a, const struct node *nd, const char *const *words, size_t n, const char *expected, int *out, struct err *e)
{
    const char *text = NULL;
    if (!node_str(a, nd, &text, e))
        return false;
    for (size_t i = 0; text && i < n; i++)
        if (!strcmp(text, words[i])) {
            *out = (int)i;
            return true;
        }
    if (!text)
        return true;
    const char *close = text_closest(text, words, n);
    err_input(e, node_place(a, nd), "expected %s, got \"%s\"", expected, text);
    return close ? err_mend(e, "did you mean \"%s\"?", close) : false;
}

bool engine_keys_scheduler(struct arena *a, const struct node *map, struct engine_keys *out, struct err *e)
{
    static const char *const preemptions[] = {"recompute", "swap"};
    const struct node *space = node_get(map, "swap_space");
    int p = PREEMPT_RECOMPUTE;
    if (!word(a, node_get(map, "preemption"), preemptions, 2, "recompute or swap", &p, e) ||
        !node_unit(a, space, UNIT_BYTES, &out->swap_bytes, e))
        return false;
    out->preemption = (enum preemption)p;
    if (space && p != PREEMPT_SWAP) {
        err_input(e, node_place(a, space), "nothing is swapped");
        return err_mend(e, "write scheduler: {preemption: swap, swap_space: %s}", space->text ? space->text : "64GB");
    }
    if (space && !(out->swap_bytes > 0))
        return err_input(e, node_place(a, space), "expected the host memory of a replica, such as 64GB");
    return true;
}
