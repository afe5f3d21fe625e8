/* plain_sim.c - continuous batching with chunked prefill, one step at a time, as its documentation describes it. */
#include "plain_sim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct job {
    uint32_t id;
    int64_t in_tok, cached, target, made, hit;
    int64_t *list, blocks; /* its blocks in the pool, in order */
};

struct block {
    uint64_t name; /* of the contents; 0 nothing of use */
    int ref;
};

struct rep {
    struct block *pool;  /* (blocks) */
    int64_t *queue;      /* (free) blocks that nobody uses, oldest first */
    const struct traffic *traffic;
    int block_tok;
    bool shares;
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

/* What block j of a request contains: the tokens of all ids up to its end, if the trace names them; else its own text. */
static uint64_t name_of(const struct rep *r, const struct job *j, int64_t block)
{
    const struct traffic *t = r->traffic;
    const struct request *q = &t->req[j->id];
    int64_t end = (block + 1) * r->block_tok, known = (int64_t)q->nblock * t->block_tok;
    uint64_t h = 14695981039346656037u, own[2] = {0xabcdef, j->id};
    bool named = t->block_tok && end <= known && end <= q->in_tok;
    const uint64_t *part = named ? t->block + q->block : own;
    for (int64_t i = 0, n = named ? up(end, t->block_tok) : 2; i < n; i++)
        for (int k = 0; k < 64; k += 8)
            h = (h ^ (part[i] >> k & 255)) * 1099511628211u;
    return (h ^ (uint64_t)block) * 1099511628211u | 1;
}

/* The block of that name that the pool has, or -1. */
static int64_t find(const struct rep *r, int64_t blocks, uint64_t name)
{
    for (int64_t i = 0; i < blocks; i++)
        if (r->pool[i].name == name)
            return i;
    return -1;
}

/* The first blocks of a job's text that can be found, and how many of them nobody uses; the last token is never one. */
static int64_t found(const struct rep *r, const struct job *j, int64_t blocks, int64_t *idle)
{
    int64_t n = 0;
    for (*idle = 0; r->shares && (n + 1) * r->block_tok < j->target; n++) {
        int64_t at = find(r, blocks, name_of(r, j, n));
        if (at < 0)
            break;
        *idle += r->pool[at].ref == 0;
    }
    return n;
}

static void take_found(struct rep *r, struct job *j, int64_t blocks, int64_t n)
{
    for (j->blocks = 0; j->blocks < n; j->blocks++) {
        int64_t at = find(r, blocks, name_of(r, j, j->blocks)), i = 0;
        if (r->pool[at].ref++ == 0) {
            while (r->queue[i] != at)
                i++;
            memmove(r->queue + i, r->queue + i + 1, (size_t)(--r->free - i) * sizeof *r->queue);
        }
        j->list[j->blocks] = at;
    }
}

static void take(struct rep *r, struct job *j, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        r->pool[r->queue[i]] = (struct block){0, 1};
        j->list[j->blocks++] = r->queue[i];
    }
    r->free -= n;
    memmove(r->queue, r->queue + n, (size_t)r->free * sizeof *r->queue);
}

/* Full blocks among the first tok tokens can be found from now on. */
static void name_blocks(struct rep *r, struct job *j, int64_t tok)
{
    for (int64_t i = 0; r->shares && (i + 1) * r->block_tok <= tok; i++)
        r->pool[j->list[i]].name = name_of(r, j, i);
}

/* The last block goes to the end of the queue first. */
static void give(struct rep *r, struct job *j)
{
    for (; j->blocks > 0; j->blocks--) {
        struct block *b = &r->pool[j->list[j->blocks - 1]];
        if (--b->ref == 0)
            r->queue[r->free++] = j->list[j->blocks - 1];
    }
}

static void preempt_last(struct rep *r, struct plain_row *rows)
{
    struct job j = r->run[--r->nrun];
    name_blocks(r, &j, j.cached);
    give(r, &j);
    j.target = j.in_tok + j.made; /* recompute: the prompt and what was made */
    rows[j.id].preemptions++;
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
        take(r, &r->run[i], need);
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
        if (left > 0)
            name_blocks(r, &r->run[i], r->run[i].cached + tok);
        r->chunk[i] = tok;
        budget -= tok;
    }
    int64_t keep = (int64_t)ceil(c->watermark_frac * (double)c->blocks);
    while (!preempted && r->nwait && r->nrun < c->max_seqs && budget > 0) {
        struct job j = r->wait[0];
        int64_t idle, hit = found(r, &j, c->blocks, &idle), left = j.target - hit * c->block_tok;
        int64_t tok = left < budget ? left : budget;
        if (up(j.target, c->block_tok) - hit + idle > r->free - (r->nrun ? keep : 0))
            break;
        memmove(r->wait, r->wait + 1, (size_t)--r->nwait * sizeof *r->wait);
        take_found(r, &j, c->blocks, hit);
        j.cached = hit * c->block_tok;
        if (!rows[j.id].preemptions)
            rows[j.id].hit_tok = j.cached;
        take(r, &j, up(j.cached + tok, c->block_tok) - hit); /* the whole prompt must fit, but blocks are taken by chunk */
        name_blocks(r, &j, j.cached + tok < j.in_tok ? j.cached + tok : j.in_tok);
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
            give(r, &j);
            free(j.list);
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
        rep[k].pool = calloc((size_t)c->blocks, sizeof(struct block));
        rep[k].queue = calloc((size_t)c->blocks, sizeof(int64_t));
        rep[k].traffic = t;
        rep[k].block_tok = c->block_tok;
        rep[k].shares = c->prefix_cache;
        for (; rep[k].free < c->blocks; rep[k].free++)
            rep[k].queue[rep[k].free] = rep[k].free;
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
            int64_t most = up((int64_t)q->in_tok + q->out_tok, c->block_tok);
            r->wait[r->nwait++] = (struct job){.id = (uint32_t)next, .in_tok = q->in_tok, .target = q->in_tok,
                                               .list = calloc((size_t)most, sizeof(int64_t))};
            r->outstanding++;
            rows[next] = (struct plain_row){q->arrival_ns, -1, -1, 0, 0};
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
        free(rep[k].run), free(rep[k].wait), free(rep[k].chunk), free(rep[k].queue),
            free(rep[k].pool);
    free(rep);
}
