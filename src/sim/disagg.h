/* disagg.h - prefill and decode in pools of their own: a sequence leaves one replica with its first token and goes on in another.
**
**      prefill replica            | queue of the decode replica | link          | decode replica
**      last chunk: first token -> | waits for a seat and KV  -> | its KV moves -> | joins the next step
**      KV held ---------------------------------------------------------------^ given back
**                                                KV held ----------------------------------------->
**
** The first token is computed where the prompt is, and reaches the client when the sequence joins the decode replica: TTFT
** contains the wait and the transfer. So do SGLang (its router streams from the decode server), NVIDIA Dynamo and vLLM's
** NixlConnector behind its proxy; DistServe (Zhong et al., OSDI 2024) and Splitwise (Patel et al., ISCA 2024) count the first
** token before the transfer and the wait in the second one. The sum, E2E, is the same.
**
** The decode replica is chosen when the prompt is done, by the service's router. It sets KV aside before anything moves
** (SGLang's pre-allocation, vLLM's WAITING_FOR_REMOTE_KVS), so that a full decode pool keeps the prompts' KV where it is, and a full
** prefill pool takes no new prompts. The whole KV moves once the prompt is done: nothing is sent layer by layer before.
** What a decode replica preempts it computes again itself.
**
** Order at one instant: arrivals, prompts that left (1 ns after their step, for the reason sim.c gives), links, replicas.
*/
#ifndef MOAT_SIM_DISAGG_H
#define MOAT_SIM_DISAGG_H

#include "sim/net.h"
#include "sim/replica.h"

struct sim;

struct parcel {                 /* a sequence between its first token and the decode batch */
    struct slot slot;           /* as it left prefill: `held` and `path` are the KV there; not live: held is 0 */
    uint32_t from, next;        /* prefill replica; next free, or next in its queue */
    int64_t left_ns, start_ns;  /* when its prompt was done; when its KV began to move */
    double bytes;               /* that move */
    bool live;
};

struct disagg {
    struct parcel *parcel; uint32_t parcels, parcel_cap, free_parcel;
    uint32_t *left; uint32_t left_cap, left_at, left_n;     /* ring: parcels whose replica is not chosen yet, by time */
    uint32_t *first_flow;       /* (replicas) of a decode replica: its slots' flows follow */
    uint32_t *flow_parcel;      /* (flows) */
    struct net net;
};

void disagg_start(struct sim *s);       /* nothing when no pool prefills only */
int64_t disagg_next_ns(const struct sim *s);
void disagg_event(struct sim *s, int64_t t_ns);

/* Verbs of replica.c. */
void disagg_leave(struct replica *r, uint32_t slot);    /* its prompt is done: out of the running list, KV still held */
void disagg_join(struct replica *r);    /* before a plan: what has arrived decodes */
void disagg_admit(struct replica *r);   /* after it: what waits gets a seat and KV, and begins to move */

#endif
