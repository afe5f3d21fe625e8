/* running.h - moves of a request between waiting, prefill, decoding and gone. For replica.c and running.c. */
#ifndef MOAT_SIM_RUNNING_H
#define MOAT_SIM_RUNNING_H

#include "sim/replica.h"

void running_join(struct replica *r, uint32_t slot);            /* its prefill is done: decode from the next step on */
void running_leave(struct replica *r, uint32_t slot);           /* stop decoding; KV units stay taken */
void running_remove(struct replica *r, uint32_t slot, bool keep);       /* out of the running list, KV given back; keep: to
                                                                ** be found again by this request */
void running_unlink(struct replica *r, uint32_t slot);          /* the same without its KV, which stays taken */
void running_give(struct replica *r, struct slot *s, bool keep);
void running_link(struct replica *r, uint32_t slot);            /* the last of the running list */
void running_free(struct replica *r, uint32_t slot);            /* the slot is nobody's */
void running_publish(struct replica *r, struct slot *s, int64_t tok);  /* its prompt's first tok can be found from now on */
void running_bend(struct replica *r, uint32_t slot);            /* the replica's counter reached the slot's next bend */
int64_t running_units(const struct replica *r, const struct slot *s);   /* KV units it holds now */
/* Cached tokens of a decoder, in parts like all below. */
static inline int64_t running_cached(const struct replica *r, const struct slot *s)
{
    return s->stopped ? s->cap : r->d + s->off;
}
/* Context a decoder counts with in the next step: tokens it attends to, its own included. */
static inline int64_t running_context(const struct replica *r, const struct slot *s)
{
    return running_cached(r, s) + r->parts;
}
int64_t running_full(const struct replica *r, int64_t context); /* max(context, min_kv) */
int64_t running_clip(const struct replica *r, int64_t context); /* min(max(context, min_kv), clip_window), or 0 */

#endif
