/* plain_sim.c - continuous batching with chunked prefill, one step at a time, as its documentation describes it. */
#include "plain_sim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct job {
    uint32_t id;
    int64_t in_tok, cached, target, made, blocks;
};

struct block {
    int64_t owner, index;
}; /* contents of a free block: -1 nothing of use */

struct rep {
    struct block *queue; /* (free) oldest first */
    int block_tok;
    struct job *run, *wait; /* both in order; preempted ones return to the front of wait */
    int nrun, nwait;
    int64_t free, end_ns, frac; /* end_ns: of the step that runs; -1: idle */
    int64_t *chunk;             /* (max_seqs) tokens of each running job in the step */
    int outstanding;
};

static int64_t up(int64_t tok, int b)
{
    return (tok + b - 1) / b;
}

static void take(struct rep *r, int64_t n)
{
    r->free -= n;
    memmove(r->queue, r->queue + n, (size_t)r->free * sizeof *r->queue);
}

/* Blocks n-1 .. 0 of a job go to the end of the queue, the last block first; those that are full stay readable. */
static void give(struct rep *r, int64_t owner, int64_t n, int64_t readable)
{
    for (int64_t i = n - 1; i >= 0; i--)
        r->queue[r->free++] = (struct block){i < readable ? owner : -1, i};
}

/* How many of the job's first blocks are still in the queue; with `out`, take them from it. */
static int64_t found(struct rep *r, int64_t owner, bool out)
{
    for (int64_t n = 0;; n++) {
        int64_t i = 0;
        while (i < r->free && (r->queue[i].owner != owner || r->queue[i].index != n))
            i++;
        if (i == r->free)
            return n;
        if (out)
            memmove(r->queue + i, r->queue + i + 1, (size_t)(--r->free - i) * sizeof *r->queue);
    }
}

static void preempt_last(struct rep *r, struct plain_row *rows)
{
    struct job j = r->run[--r->nrun];
    give(r, j.id, j.blocks, j.cached / r->block_tok);
    j.target = j.in_tok + j.made; /* recompute: the prompt and what was made */
    rows[j.id].preemptions++;
    j.blocks = 0;
    memmove(r->wait + 1, r->wait, (size_t)r->nwait++ * sizeof *r->wait);
    r->wait[0] = j;
}

/* Give a running job room for `cached + tok` tokens, preempting from the tail; false: it was preempted itself. */
static bool room(struct rep *r, const struct plain_config *c, int i, int64_t tok, struct plain_row *rows,
                 bool *preempted)
{
    int64_t need = up(r->run[i].cached + tok, c->block_tok) - r->run[i].blocks;
    while (need > r->free) {
        *preempted = true;
        bool self = i == r->nrun - 1;
        preempt_last(r, rows);
        if (self)
            return false;
    }
    if (need > 0)
        take(r, need);
    r->run[i].blocks += need > 0 ? need : 0;
    return true;
}

static void plan(struct rep *r, const struct plain_config *c, struct plain_row *rows)
{
    int64_t budget = c->max_tokens;
    bool preempted = false;
    memset(r->chunk, 0, sizeof *r->chunk * (size_t)c->max_seqs);
    for (int i = 0; i < r->nrun && budget > 0; i++) {
        struct job *j = &r->run[i];
        int64_t left = j->target - j->cached, tok = left > 0 ? left < budget ? left : budget : 1;
        if (!room(r, c, i, tok, rows, &preempted))
            break;
        r->chunk[i] = tok;
        budget -= tok;
    }
    int64_t keep = (int64_t)ceil(c->watermark_frac * (double)c->blocks);
    while (!preempted && r->nwait && r->nrun < c->max_seqs && budget > 0) {
        struct job j = r->wait[0];
        int64_t hit = c->prefix_cache ? found(r, j.id, false) : 0, left = j.target - hit * c->block_tok;
        int64_t tok = left < budget ? left : budget;
        if (up(j.target, c->block_tok) > r->free - (r->nrun ? keep : 0))
            break;
        memmove(r->wait, r->wait + 1, (size_t)--r->nwait * sizeof *r->wait);
        if (hit)
            found(r, j.id, true);
        j.cached = hit * c->block_tok;
        j.blocks = up(j.cached + tok, c->block_tok); /* the whole prompt must fit, but blocks are taken by chunk */
        take(r, j.blocks - hit);
        r->run[r->nrun] = j;
        r->chunk[r->nrun++] = tok;
        budget -= tok;
    }
}

static int64_t duration_q20(const struct rep *r, const struct plain_config *c)
{
    struct step_load l = {0};
    const struct step_table *t = c->table;
    for (int i = 0; i < r->nrun; i++) {
        const struct job *j = &r->run[i];
        int64_t tok = r->chunk[i], ctx = j->cached + 1;
        if (!tok)
            continue;
        if (j->cached >= j->target) {
            int64_t full = ctx > t->min_kv ? ctx : t->min_kv;
            l.decode_seqs++, l.decode_full += full;
            l.decode_clip += full < t->clip_window ? full : t->clip_window;
        } else {
            l.prefill_tok += tok, l.prefill_chunks++, l.prefill_done += j->cached + tok == j->target;
            l.prefill_pairs += step_pairs(j->cached, tok, 0);
            l.prefill_pairs_clip += t->clip_window ? step_pairs(j->cached, tok, t->clip_window) : 0;
        }
    }
    return l.decode_seqs + l.prefill_tok ? step_q20(t, &l) : 0;
}

static void start(struct rep *r, const struct plain_config *c, int64_t now, struct plain_row *rows)
{
    plan(r, c, rows);
    int64_t q = duration_q20(r, c);
    if (!q) {
        r->end_ns = -1, r->frac = 0;
        return;
    }
    q += r->frac;
    r->end_ns = now + q / Q20, r->frac = q % Q20;
}

static void finish(struct rep *r, const struct traffic *t, struct plain_row *rows)
{
    int keep = 0;
    for (int i = 0; i < r->nrun; i++) {
        struct job j = r->run[i];
        if (r->chunk[i]) {
            j.cached += r->chunk[i];
            if (j.cached >= j.target) { /* a prompt's last chunk gives a token too */
                j.made++;
                if (j.made == 1)
                    rows[j.id].first_ns = r->end_ns;
            }
        }
        if (j.made == t->req[j.id].out_tok && j.cached >= j.target) {
            rows[j.id].done_ns = r->end_ns;
            give(r, j.id, j.blocks, 0);
            r->outstanding--;
        } else {
            r->run[keep++] = j;
        }
    }
    r->nrun = keep;
}

void plain_run(const struct plain_config *c, const struct traffic *t, struct plain_row *rows)
{
    struct rep *rep = calloc((size_t)c->replicas, sizeof *rep);
    for (int k = 0; k < c->replicas; k++) {
        rep[k].run = calloc((size_t)c->max_seqs + 1, sizeof(struct job));
        rep[k].wait = calloc(t->n + 1, sizeof(struct job));
        rep[k].chunk = calloc((size_t)c->max_seqs + 1, sizeof(int64_t));
        rep[k].queue = calloc((size_t)c->blocks, sizeof(struct block));
        rep[k].block_tok = c->block_tok;
        for (; rep[k].free < c->blocks; rep[k].free++)
            rep[k].queue[rep[k].free].owner = -1;
        rep[k].end_ns = -1;
    }
    for (size_t next = 0;;) {
        int at = -1;
        for (int k = 0; k < c->replicas; k++)
            if (rep[k].end_ns >= 0 && (at < 0 || rep[k].end_ns < rep[at].end_ns))
                at = k;
        bool arrival = next < t->n && (at < 0 || t->req[next].arrival_ns <= rep[at].end_ns);
        if (!arrival && at < 0)
            break;
        if (arrival) {
            const struct request *q = &t->req[next];
            int pick = 0;
            for (int k = 1; k < c->replicas; k++)
                if (rep[k].outstanding < rep[pick].outstanding)
                    pick = k;
            struct rep *r = &rep[pick];
            r->wait[r->nwait++] = (struct job){.id = (uint32_t)next, .in_tok = q->in_tok, .target = q->in_tok};
            r->outstanding++;
            rows[next] = (struct plain_row){q->arrival_ns, -1, -1, 0};
            next++;
            /* Requests of the same instant are all seen before a step starts. */
            if (!(next < t->n && t->req[next].arrival_ns == q->arrival_ns))
                for (int k = 0; k < c->replicas; k++)
                    if (rep[k].end_ns < 0 && rep[k].nwait)
                        start(&rep[k], c, q->arrival_ns, rows);
        } else {
            finish(&rep[at], t, rows);
            start(&rep[at], c, rep[at].end_ns, rows);
        }
    }
    for (int k = 0; k < c->replicas; k++)
        free(rep[k].run), free(rep[k].wait), free(rep[k].chunk), free(rep[k].queue);
    free(rep);
}
