/* kvpool.c - blocks of Kwon et al., "Efficient memory management for LLM serving with PagedAttention", SOSP 2023,
** counted.
**
** growth(d, k) = floor(k/b) * grow_all + sum of grow over the last k mod b places of the wheel, b = block_parts.
*/
#include "sim/kvpool.h"

#include <math.h>

#include "base/arena.h"
#include "sim/prefix.h"

static void count_by(struct kvpool *p, int64_t parts)
{
    int64_t b = p->block_parts = p->block_tok * parts;
    p->parts = parts;
    p->shift = (b & (b - 1)) == 0 ? __builtin_ctzll((unsigned long long)b) : -1;
}

struct kvpool kvpool_of(const struct memory *m, int held_back)
{
    int64_t block_tok = m->block_tok > 0 ? m->block_tok : 1;
    int64_t groups = m->kv_blocks > 0 ? m->kv_tokens / (m->kv_blocks * block_tok) : 1; /* dp copies of the attention */
    if (groups < 1)
        groups = 1;
    struct kvpool p = {.block_tok = block_tok, .full = 1};
    count_by(&p, 1);
    p.one = m->kv_blocks - held_back;
    if (m->kv_window > 0 || m->state_bytes_seq > 0) {
        p.full = llround(m->kv_full_bytes_tok * (double)block_tok);
        p.clip = m->kv_window > 0 ? llround(m->kv_clip_bytes_tok * (double)block_tok) : 0;
        p.state = (int64_t)ceil(m->state_bytes_seq);
        p.window = p.clip ? m->kv_window : 0;
        p.one = (int64_t)floor(fmax(m->kv_pool_bytes, 0));
    }
    if (p.one < 0)
        p.one = 0;
    p.freed = p.capacity = p.one * groups;
    return p;
}

void kvpool_init(struct kvpool *p, struct arena *a, const struct memory *m, int held_back, int64_t parts)
{
    *p = kvpool_of(m, held_back);
    count_by(p, parts);
    p->window *= parts;
    p->grow = ARENA_ARRAY(a, int64_t, (size_t)p->block_parts);
}

/* floor(n / block_parts) and its rest: shifts when they can be, for these are most of the divisions of a run. */
static int64_t turns(const struct kvpool *p, int64_t n)
{
    return p->shift >= 0 ? n >> p->shift : n / p->block_parts;
}

static int64_t rest(const struct kvpool *p, int64_t n)
{
    return p->shift >= 0 ? n & (p->block_parts - 1) : n % p->block_parts;
}

static int64_t blocks(const struct kvpool *p, int64_t n)
{
    return turns(p, n + p->block_parts - 1);
}

int64_t kvpool_need_parts(const struct kvpool *p, int64_t n)
{
    if (n <= 0)
        return 0;
    int64_t need = p->full * blocks(p, n) + p->state;
    if (p->clip)
        need += p->clip * blocks(p, n < p->window ? n : p->window);
    return need;
}

int64_t kvpool_need(const struct kvpool *p, int64_t tok)
{
    return kvpool_need_parts(p, tok * p->parts);
}

void kvpool_take(struct kvpool *p, int64_t units)
{
    kvpool_hold(p, units);
    if (p->prefix)
        prefix_take(p->prefix, units);
}

void kvpool_give(struct kvpool *p, int64_t units)
{
    p->used -= units;
    p->freed += units;
    if (p->prefix)
        prefix_give(p->prefix, units);
}

/* The head of the queue has come to freed - free; it began with all of the pool. */
int64_t kvpool_left(const struct kvpool *p, int64_t end, int64_t units)
{
    int64_t left = end - (p->freed - kvpool_free(p));
    return left < 0 ? 0 : left < units ? left : units;
}

void kvpool_rescue(struct kvpool *p, int64_t units)
{
    p->freed -= units;
}

/* The place on the wheel at which a sequence with n tokens at counter d opens blocks: x with x - d + n = 0 (mod b). */
static int64_t *place(const struct kvpool *p, int64_t d, int64_t n)
{
    int64_t i = rest(p, d - n);
    return &p->grow[i < 0 ? i + p->block_parts : i];
}

static int64_t fill_of(const struct kvpool *p, int64_t n)
{
    return p->full * n + p->clip * (n < p->window ? n : p->window) + p->state * p->block_parts;
}

static int64_t step_of(const struct kvpool *p, int64_t n)
{
    return p->full + (n < p->window ? p->clip : 0);
}

void kvpool_join(struct kvpool *p, int64_t d, int64_t n)
{
    *place(p, d, n) += step_of(p, n);
    p->grow_all += step_of(p, n);
    p->fill += fill_of(p, n);
}

void kvpool_leave(struct kvpool *p, int64_t d, int64_t n)
{
    *place(p, d, n) -= step_of(p, n);
    p->grow_all -= step_of(p, n);
    p->fill -= fill_of(p, n);
}

int64_t kvpool_fill_window(struct kvpool *p, int64_t d, int64_t n)
{
    *place(p, d, n) -= p->clip;
    p->grow_all -= p->clip;
    p->fill -= p->clip * (n - p->window);
    return p->clip * (blocks(p, n) - blocks(p, p->window));
}

int64_t kvpool_stop(struct kvpool *p, int64_t d, int64_t n, int64_t cap)
{
    kvpool_leave(p, d, n);
    p->fill += fill_of(p, cap);
    return kvpool_need_parts(p, n) - kvpool_need_parts(p, cap);
}

void kvpool_leave_stopped(struct kvpool *p, int64_t cap)
{
    p->fill -= fill_of(p, cap);
}

int64_t kvpool_growth(const struct kvpool *p, int64_t d, int64_t k)
{
    int64_t units = turns(p, k) * p->grow_all;
    for (int64_t i = rest(p, d), left = rest(p, k); left > 0; left--) {
        units += p->grow[i];
        if (++i == p->block_parts)
            i = 0;
    }
    return units;
}

int64_t kvpool_steps(const struct kvpool *p, int64_t d, int64_t most)
{
    int64_t room = kvpool_free(p);
    if (most <= 0 || (turns(p, most) + 1) * p->grow_all <= room)
        return most; /* the usual case: far from full */
    int64_t k = room / p->grow_all * p->block_parts;
    if (k >= most)
        return most;
    room %= p->grow_all;
    for (int64_t i = rest(p, d); k < most && room >= p->grow[i]; k++) {
        room -= p->grow[i];
        if (++i == p->block_parts)
            i = 0;
    }
    return k;
}
