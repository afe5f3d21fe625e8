/* prefix.c - the tree of cached prompts, its index by key, and the queue of free blocks.
**
**      key(m) = mix(key(m-1) + mix(id(m)))         mix: SplitMix64's finaliser, a bijection
**
** Every operation costs O(hash blocks of the prompt), whatever the pool's size; taking k blocks costs O(nodes that end).
*/
#include "sim/prefix.h"

#include <string.h>

#include "base/arena.h"
#include "sim/bug.h"

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/* ---- index ---- */

static uint32_t find(const struct prefix *p, uint64_t key)
{
    uint32_t mask = p->places - 1;
    for (uint32_t i = (uint32_t)key & mask; p->place[i] != NO_NODE; i = (i + 1) & mask)
        if (p->node[p->place[i]].key == key)
            return p->place[i];
    return NO_NODE;
}

static void put(struct prefix *p, uint32_t id)
{
    uint32_t mask = p->places - 1, i = (uint32_t)p->node[id].key & mask;
    while (p->place[i] != NO_NODE)
        i = (i + 1) & mask;
    p->place[i] = id;
}

static void drop(struct prefix *p, uint32_t id)
{
    uint32_t mask = p->places - 1, hole = (uint32_t)p->node[id].key & mask;
    while (p->place[hole] != id)
        hole = (hole + 1) & mask;
    /* Close the gap: what stands behind it moves up unless its own place lies between. */
    for (uint32_t i = (hole + 1) & mask; p->place[i] != NO_NODE; i = (i + 1) & mask) {
        uint32_t home = (uint32_t)p->node[p->place[i]].key & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            p->place[hole] = p->place[i];
            hole = i;
        }
    }
    p->place[hole] = NO_NODE;
    p->nprompt--;
}

static void widen(struct prefix *p)
{
    const uint32_t *old = p->place;
    uint32_t n = p->places;
    p->places = n ? 2 * n : 64;
    p->place = ARENA_ARRAY(p->arena, uint32_t, p->places);
    memset(p->place, 0xff, p->places * sizeof *p->place);
    for (uint32_t i = 0; i < n; i++)
        if (old[i] != NO_NODE)
            put(p, old[i]);
}

/* ---- nodes, tiers and queue ---- */

static uint32_t node_new(struct prefix *p, struct prefix_node as)
{
    uint32_t id = p->unused;
    if (id != NO_NODE) {
        p->unused = p->node[id].next;
    } else {
        if (p->nnode == p->cap) {
            p->node = arena_grow(p->arena, p->node, p->nnode, 2 * (size_t)p->cap, sizeof *p->node);
            p->cap *= 2;
        }
        id = p->nnode++;
    }
    p->node[id] = as;
    return id;
}

static void node_end(struct prefix *p, uint32_t id)
{
    p->node[id].blocks = 0;
    p->node[id].ref = 0;
    p->node[id].kind = NODE_NAMELESS;
    p->node[id].next = p->unused;
    p->unused = id;
}

static void enqueue(struct prefix *p, uint32_t id)
{
    p->node[id].sunk = false;
    p->node[id].prev = p->tail;
    p->node[id].next = NO_NODE;
    *(p->tail == NO_NODE ? &p->head : &p->node[p->tail].next) = id;
    p->tail = id;
}

static void dequeue(struct prefix *p, uint32_t id)
{
    const struct prefix_node *n = &p->node[id];
    *(n->prev == NO_NODE ? &p->head : &p->node[n->prev].next) = n->next;
    *(n->next == NO_NODE ? &p->tail : &p->node[n->next].prev) = n->prev;
}

/* A prompt's node ends when nobody has anything of it. */
static void end_if_gone(struct prefix *p, uint32_t id)
{
    const struct prefix_node *n = &p->node[id];
    if (n->blocks || n->ref || n->below[PREFIX_HOST] || n->below[PREFIX_DISK])
        return;
    drop(p, id);
    node_end(p, id);
}

static void tier_unlink(struct prefix *p, int t, uint32_t id)
{
    const struct prefix_node *n = &p->node[id];
    struct prefix_tier *tier = &p->tier[t];
    *(n->lower[t] == NO_NODE ? &tier->oldest : &p->node[n->lower[t]].upper[t]) = n->upper[t];
    *(n->upper[t] == NO_NODE ? &tier->newest : &p->node[n->upper[t]].lower[t]) = n->lower[t];
}

static void tier_link(struct prefix *p, int t, uint32_t id)
{
    struct prefix_tier *tier = &p->tier[t];
    p->node[id].lower[t] = tier->newest;
    p->node[id].upper[t] = NO_NODE;
    *(tier->newest == NO_NODE ? &tier->oldest : &p->node[tier->newest].upper[t]) = id;
    tier->newest = id;
}

/* A node's first blocks go into tier t, or the next one that there is; what has no room any more goes down further. */
static void sink(struct prefix *p, int t, uint32_t id, int32_t blocks)
{
    while (t < PREFIX_TIERS && !p->tier[t].room)
        t++;
    if (t == PREFIX_TIERS)
        return;
    struct prefix_tier *tier = &p->tier[t];
    struct prefix_node *n = &p->node[id];
    if (n->below[t])
        tier_unlink(p, t, id);
    if (n->below[t] < blocks) {
        tier->used += blocks - n->below[t];
        n->below[t] = blocks;
    }
    tier_link(p, t, id);
    while (tier->used > tier->room) {
        uint32_t old = tier->oldest;
        int32_t had = p->node[old].below[t];
        tier_unlink(p, t, old);
        tier->used -= had;
        p->node[old].below[t] = 0;
        sink(p, t + 1, old, had);
        if (old != id)
            end_if_gone(p, old);
    }
}

void prefix_touch(struct prefix *p, const struct prefix_path *path)
{
    for (uint32_t id = path->leaf; id != NO_NODE; id = p->node[id].parent)
        for (int t = 0; t < PREFIX_TIERS; t++)
            if (p->node[id].below[t]) {
                tier_unlink(p, t, id);
                tier_link(p, t, id);
            }
}

void prefix_take(struct prefix *p, int64_t blocks)
{
    while (blocks > 0) {
        uint32_t id = p->head;
        if (id == NO_NODE)
            sim_bug(0, NO_REQUEST, "more KV blocks are taken than the free queue has");
        struct prefix_node *n = &p->node[id];
        int64_t part = n->blocks < blocks ? n->blocks : blocks;
        if (n->kind == NODE_PROMPT && !n->sunk) /* all of it with its first block, in whatever portions it goes */
            sink(p, PREFIX_HOST, id, (int32_t)n->blocks);
        n->sunk = true;
        n->blocks -= part;
        blocks -= part;
        p->version += n->kind != NODE_NAMELESS;
        if (n->blocks)
            return;
        dequeue(p, id);
        if (n->kind == NODE_PROMPT)
            end_if_gone(p, id);
        else if (n->kind == NODE_NAMELESS) /* one that is kept ends with its request's return */
            node_end(p, id);
    }
}

void prefix_give(struct prefix *p, int64_t blocks)
{
    if (blocks <= 0)
        return;
    if (p->tail != NO_NODE && p->node[p->tail].kind == NODE_NAMELESS)
        p->node[p->tail].blocks += blocks;
    else
        enqueue(p, node_new(p, (struct prefix_node){.kind = NODE_NAMELESS, .blocks = blocks}));
}

uint32_t prefix_keep(struct prefix *p, int64_t blocks)
{
    if (blocks <= 0)
        return NO_NODE;
    uint32_t id = node_new(p, (struct prefix_node){.kind = NODE_KEPT, .blocks = blocks});
    enqueue(p, id);
    return id;
}

int64_t prefix_kept(const struct prefix *p, uint32_t kept)
{
    return kept == NO_NODE ? 0 : p->node[kept].blocks;
}

void prefix_rescue(struct prefix *p, uint32_t kept, int64_t blocks)
{
    if (kept == NO_NODE)
        return;
    struct prefix_node *n = &p->node[kept];
    bool queued = n->blocks > 0;
    n->blocks -= blocks;
    n->kind = NODE_NAMELESS; /* what it does not take back keeps its turn */
    if (n->blocks)
        return;
    if (queued)
        dequeue(p, kept);
    node_end(p, kept);
}

void prefix_init(struct prefix *p, struct arena *a, const struct traffic *t, int64_t block_tok, int64_t blocks)
{
    *p = (struct prefix){.arena = a, .id = t->block, .hash_tok = t->block_tok, .block_tok = block_tok, .cap = 64,
                         .unused = NO_NODE, .head = NO_NODE, .tail = NO_NODE};
    for (int i = 0; i < PREFIX_TIERS; i++)
        p->tier[i].oldest = p->tier[i].newest = NO_NODE;
    p->node = ARENA_ARRAY(a, struct prefix_node, p->cap);
    widen(p);
    prefix_give(p, blocks);
}

void prefix_clear(struct prefix *p, int64_t blocks)
{
    memset(p->place, 0xff, p->places * sizeof *p->place);
    p->nnode = p->nprompt = 0;
    p->unused = p->head = p->tail = NO_NODE;
    p->held = 0;
    for (int i = 0; i < PREFIX_TIERS; i++) {
        p->tier[i].used = 0;
        p->tier[i].oldest = p->tier[i].newest = NO_NODE;
    }
    p->version++;
    prefix_give(p, blocks);
}

/* ---- paths ---- */

static uint64_t key_of(const struct prefix *p, const struct request *q, uint64_t above, uint32_t m)
{
    return mix(above + mix(p->id[q->block + m]));
}

/* Engine blocks that end within the first m hash blocks. */
static int64_t blocks_to(const struct prefix *p, int64_t m)
{
    return m * p->hash_tok / p->block_tok;
}

/* Engine blocks of the first tok tokens whose contents the ids name. */
static int64_t named(const struct prefix *p, const struct request *q, int64_t tok)
{
    int64_t known = (int64_t)q->nblock * p->hash_tok;
    known = known < q->in_tok ? known : q->in_tok;
    return (known < tok ? known : tok) / p->block_tok;
}

struct prefix_path prefix_find(const struct prefix *p, const struct request *q, int64_t most_tok, int64_t *idle)
{
    struct prefix_path path = PREFIX_ROOT;
    int64_t end = named(p, q, most_tok), to = 0;
    uint64_t key = 0;
    *idle = 0;
    for (uint32_t m = 0; path.blocks == to && path.blocks < end; m++) {
        key = key_of(p, q, key, m);
        to = blocks_to(p, m + 1);
        if (to == path.blocks)
            continue; /* no engine block ends in this one */
        uint32_t id = find(p, key);
        if (id == NO_NODE || !p->node[id].blocks)
            break;
        const struct prefix_node *n = &p->node[id];
        int64_t want = (to < end ? to : end) - path.blocks, got = n->blocks < want ? n->blocks : want;
        path = (struct prefix_path){key, id, m + 1, path.blocks + got};
        *idle += n->ref ? 0 : n->blocks;
    }
    return path;
}

void prefix_below(const struct prefix *p, const struct request *q, int64_t most_tok, const struct prefix_path *path,
                  int64_t load[PREFIX_TIERS])
{
    int64_t end = named(p, q, most_tok), done = path->blocks;
    uint64_t key = path->key;
    uint32_t id = path->leaf, m = path->depth;
    load[PREFIX_HOST] = load[PREFIX_DISK] = 0;
    if (!p->tier[PREFIX_HOST].room && !p->tier[PREFIX_DISK].room)
        return;
    while (done < end) {
        if (done == blocks_to(p, m)) {
            key = key_of(p, q, key, m++);
            if (done == blocks_to(p, m))
                continue;
            id = find(p, key);
        }
        if (id == NO_NODE)
            return;
        int64_t from = blocks_to(p, m - 1), to = blocks_to(p, m), was = done;
        for (int t = 0; t < PREFIX_TIERS; t++) {
            int64_t has = from + p->node[id].below[t];
            has = has < end ? has : end;
            load[t] += has > done ? has - done : 0;
            done = has > done ? has : done;
        }
        if (done == was || done < to)
            return;
    }
}

/* One more sequence holds the node. Gives the blocks that left the queue. */
static int64_t hold(struct prefix *p, uint32_t id)
{
    struct prefix_node *n = &p->node[id];
    if (n->ref++)
        return 0;
    if (n->blocks)
        dequeue(p, id);
    p->held += n->blocks;
    return n->blocks;
}

int64_t prefix_hold(struct prefix *p, const struct prefix_path *path)
{
    int64_t woken = 0;
    for (uint32_t id = path->leaf; id != NO_NODE; id = p->node[id].parent)
        woken += hold(p, id);
    p->version++;
    return woken;
}

int64_t prefix_release(struct prefix *p, struct prefix_path *path)
{
    int64_t back = 0;
    for (uint32_t id = path->leaf; id != NO_NODE; id = p->node[id].parent) {
        struct prefix_node *n = &p->node[id];
        if (--n->ref)
            continue;
        enqueue(p, id);
        back += n->blocks;
    }
    p->held -= back;
    p->version++;
    *path = PREFIX_ROOT;
    return back;
}

static uint32_t child(struct prefix *p, uint64_t key, uint32_t parent)
{
    uint32_t id = find(p, key);
    if (id != NO_NODE) {
        p->node[id].parent = parent; /* another one, where only a tier has had it */
        return id;
    }
    if (2 * (uint64_t)p->nprompt >= p->places)
        widen(p);
    id = node_new(p, (struct prefix_node){.kind = NODE_PROMPT, .key = key, .parent = parent});
    put(p, id);
    p->nprompt++;
    return id;
}

struct prefix_change prefix_publish(struct prefix *p, struct prefix_path *path, const struct request *q, int64_t tok)
{
    struct prefix_change c = {0, 0};
    int64_t end = named(p, q, tok);
    while (path->blocks < end) {
        int64_t to = blocks_to(p, path->depth);
        if (path->blocks == to) { /* on to the next hash block */
            path->key = key_of(p, q, path->key, path->depth++);
            if (blocks_to(p, path->depth) == to)
                continue;
            path->leaf = child(p, path->key, path->leaf);
            c.woken += hold(p, path->leaf);
            to = blocks_to(p, path->depth);
        }
        struct prefix_node *n = &p->node[path->leaf];
        int64_t from = blocks_to(p, path->depth - 1), most = (to < end ? to : end) - from, used = path->blocks - from;
        if (n->blocks < most) {
            c.spare += n->blocks - used;
            p->held += most - n->blocks;
            n->blocks = most;
        } else {
            c.spare += most - used;
        }
        path->blocks = from + most;
    }
    p->version++;
    return c;
}
