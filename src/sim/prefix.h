/* prefix.h - the prefix cache of a replica: which blocks of prompts its KV pool still holds, and in which order it
** forgets them.
**
** A prompt is a path down a tree. Each step is one hash block of the trace (hash_tok tokens, named by the chain of ids
** from the root), and its node holds the engine's KV blocks (block_tok tokens) that end inside it:
**
**      engine blocks of node m of a path   floor((m+1)*hash_tok / block_tok) - floor(m*hash_tok / block_tok)
**
** so that any two block sizes go together. Running sequences hold every node of their path (`ref`). What nobody holds
** stands in the free queue with its contents, between blocks without any of use, and is reused from the front:
**
**      head -> [nameless 900] -> [node F: 32] -> [node B: 32] -> [kept by a preempted request: 7] -> ... <- tail
**
** A sequence gives its blocks back from the last to the first, so that a node always goes before its parent, and a
** node's last blocks before its first: a hit is never broken in the middle. Blocks of nodes that somebody holds, of
** running sequences themselves and of the queue add up to the pool; kvpool.h counts them.
**
** vLLM's block_pool.py and kv_cache_utils.py (FreeKVCacheBlockQueue); Zheng et al., SGLang, NeurIPS 2024 (RadixAttention).
*/
#ifndef MOAT_SIM_PREFIX_H
#define MOAT_SIM_PREFIX_H

#include <stdint.h>

#include "facts/traffic.h"

struct arena;

#define NO_NODE UINT32_MAX
enum { PREFIX_HOST, PREFIX_DISK, PREFIX_TIERS };

enum node_kind { NODE_PROMPT, NODE_NAMELESS, NODE_KEPT };

struct prefix_node {
    uint64_t key;               /* chain of ids from the root (NODE_PROMPT) */
    uint32_t parent;            /* NO_NODE: the first of its path */
    uint32_t prev, next;        /* free queue; next also links the free nodes */
    uint32_t ref;               /* running sequences that hold it; 0: it stands in the queue */
    int64_t blocks;             /* engine blocks with contents */
    enum node_kind kind;
    bool sunk;                  /* its blocks are in the tiers, or were, since it came into the queue: they go there once */
    int32_t below[PREFIX_TIERS];        /* blocks that the tiers have of it; the node lives while anybody has any */
    uint32_t lower[PREFIX_TIERS], upper[PREFIX_TIERS];  /* neighbours in a tier's list, the older and the newer */
};

/* How far down the tree a sequence is. */
struct prefix_path {
    uint64_t key;
    uint32_t leaf, depth;       /* its last node; hash blocks of the prompt up to and with it */
    int64_t blocks;             /* engine blocks of the nodes that it uses */
};
#define PREFIX_ROOT ((struct prefix_path){.leaf = NO_NODE})

/* Memory below the device: what the queue forgets is put into the host's, what that forgets onto the disk; least recently
** used first. What is loaded again stays there too. */
struct prefix_tier { int64_t room, used; uint32_t oldest, newest; };    /* blocks; room 0: there is none */

struct prefix {
    struct arena *arena;
    const uint64_t *id;         /* traffic.block */
    int64_t hash_tok, block_tok;
    struct prefix_node *node;   /* (cap) */
    uint32_t nnode, cap, unused;
    uint32_t *place;            /* (places) of NODE_PROMPT by key: linear probing */
    uint32_t places, nprompt;
    uint32_t head, tail;
    int64_t held;               /* blocks of nodes with ref > 0 */
    struct prefix_tier tier[PREFIX_TIERS];
    uint64_t version;           /* changes whenever what prefix_find says may change */
};

/* The pool's `blocks` begin in the queue, nameless. */
void prefix_init(struct prefix *p, struct arena *a, const struct traffic *t, int64_t block_tok, int64_t blocks);

/* Everything is forgotten, the tiers too; nobody may hold anything. The pool's `blocks` are in the queue, nameless. */
void prefix_clear(struct prefix *p, int64_t blocks);

/* The longest cached prefix of the prompt within its first most_tok tokens. *idle: blocks of its nodes that nobody holds;
** holding the path takes them out of the queue. */
struct prefix_path prefix_find(const struct prefix *p, const struct request *q, int64_t most_tok, int64_t *idle);
/* Hold all nodes of a path that was just found. Gives the blocks that left the queue. */
int64_t prefix_hold(struct prefix *p, const struct prefix_path *path);
/* Let the path go, last node first. Gives the blocks that went back to the queue. */
int64_t prefix_release(struct prefix *p, struct prefix_path *path);

/* Blocks that the tiers have behind the path, of the prompt's first most_tok tokens. */
void prefix_below(const struct prefix *p, const struct request *q, int64_t most_tok, const struct prefix_path *path,
                  int64_t load[PREFIX_TIERS]);
/* The nodes of the path were used now: the tiers keep them longest, the first of the path longest of all. */
void prefix_touch(struct prefix *p, const struct prefix_path *path);

/* The sequence has computed the first tok tokens of its prompt: the engine blocks among them become nodes' blocks.
** woken: blocks of idle nodes that it holds from here on; spare: its own blocks whose contents were there already. */
struct prefix_change { int64_t woken, spare; };
struct prefix_change prefix_publish(struct prefix *p, struct prefix_path *path, const struct request *q, int64_t tok);

/* --- the queue --- */
void prefix_take(struct prefix *p, int64_t blocks);     /* from the front, whatever is in them */
void prefix_give(struct prefix *p, int64_t blocks);     /* to the end, without contents of use */
/* To the end, for one request to find again: the first `blocks` of it, and they are reused last block first. */
uint32_t prefix_keep(struct prefix *p, int64_t blocks);
int64_t prefix_kept(const struct prefix *p, uint32_t kept);     /* of them, still there; 0 for NO_NODE */
void prefix_rescue(struct prefix *p, uint32_t kept, int64_t blocks);    /* the first blocks back; ends the node */

#endif
