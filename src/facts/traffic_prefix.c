/* traffic_prefix.c - the best a prefix cache could do: hits without bounds, and of LRU caches of any size in one pass.
**
** The stack distance of an access is the number of different blocks used since the same block was used last; an LRU cache of c
** blocks hits exactly when it is below c (Mattson et al., IBM Systems Journal 1970). A Fenwick tree over the accesses, with a mark at
** the last use of each block, counts them in O(log n).
*/
#include "base/arena.h"
#include "base/map.h"
#include "facts/traffic.h"

const int64_t traffic_lru_blocks[TRAFFIC_LRU_N] = {1000, 3000, 10000, 30000, 50000, 100000};

struct fenwick { uint32_t *sum; size_t n; };

static void add(struct fenwick *f, size_t at, uint32_t by)
{
    for (size_t i = at + 1; i <= f->n; i += i & (~i + 1))
        f->sum[i - 1] += by;
}

/* Marks in [0, at). */
static uint32_t below(const struct fenwick *f, size_t at)
{
    uint32_t s = 0;
    for (size_t i = at; i; i -= i & (~i + 1))
        s += f->sum[i - 1];
    return s;
}

/* Tokens that the k-th block of a prompt stands for: the last one may be cut. */
static int64_t tokens_of(const struct traffic *t, const struct request *q, uint32_t k)
{
    int64_t from = (int64_t)k * t->block_tok, left = q->in_tok - from;
    return left < 0 ? 0 : left < t->block_tok ? left : t->block_tok;
}

bool traffic_prefix(struct arena *a, const struct traffic *t, struct traffic_prefix *out)
{
    struct map last = {.arena = a};     /* block to its last access */
    struct fenwick mark = {.n = 0};
    uint64_t hits = 0, within[TRAFFIC_LRU_N] = {0};
    int64_t hit_tok = 0, tok = 0;
    size_t now = 0;
    *out = (struct traffic_prefix){.unique = 0};
    for (size_t i = 0; i < t->n; i++)
        mark.n += t->req[i].nblock;
    if (!mark.n || mark.n >= MAP_NONE)
        return false;
    mark.sum = ARENA_ARRAY(a, uint32_t, mark.n);
    for (size_t i = 0; i < t->n; i++) {
        const struct request *q = &t->req[i];
        tok += q->in_tok;
        for (uint32_t k = 0; k < q->nblock; k++, now++) {
            uint64_t id = t->block[q->block + k];
            uint32_t seen = map_get_u64(&last, id);
            if (seen != MAP_NONE) {
                int64_t distance = (int64_t)below(&mark, now) - below(&mark, (size_t)seen + 1);
                for (int c = 0; c < TRAFFIC_LRU_N; c++)
                    within[c] += distance < traffic_lru_blocks[c];
                add(&mark, seen, UINT32_MAX);   /* -1 */
                hits++;
                hit_tok += tokens_of(t, q, k);
            }
            add(&mark, now, 1);
            map_put_u64(&last, id, (uint32_t)now);
        }
    }
    out->blocks = now;
    out->unique = now - hits;
    out->hit_frac = (double)hits / (double)now;
    out->hit_tok_frac = (double)hit_tok / (double)tok;
    for (int c = 0; c < TRAFFIC_LRU_N; c++)
        out->lru_hit_frac[c] = (double)within[c] / (double)now;
    return true;
}
