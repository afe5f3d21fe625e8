/* session_affine.c - all requests of a conversation go to one replica, by consistent hashing of the conversation.
**
** Which conversation: traffic_session (the trace's own, else the first prefix block that is not everybody's). Requests
** without any go to the least loaded. The hash is Lamping and Veach's jump hash: equal shares of the conversations, and
** one more replica moves only 1/R of them. Load is not looked at.
**
** Karger et al., "Consistent hashing and random trees", STOC 1997; Lamping and Veach, "A fast, minimal memory, consistent
** hash algorithm", 2014; the session router of vLLM's production stack, 2025.
*/
#include "sim/cluster.h"
#include "sim/router.h"

extern const struct router router_session_affine, router_least_outstanding;

static uint32_t jump(uint64_t key, uint32_t n)
{
    int64_t at = 0, next = 0;
    while (next < n) {
        at = next;
        key = key * 2862933555777941757u + 1;
        next = (int64_t)((double)(at + 1) * ((double)(1u << 31) / (double)((key >> 33) + 1)));
    }
    return (uint32_t)at;
}

static uint32_t pick(struct sim *s, struct replica_set *among, uint32_t request)
{
    uint64_t session = traffic_session(s->traffic, sim_request(s, request));
    return session ? among->id[jump(session, among->n)] : router_least_outstanding.pick(s, among, request);
}

const struct router router_session_affine = {
    .name = "session-affine",
    .help = "all requests of a conversation to one replica",
    .paper = "Karger et al., Consistent hashing, STOC 1997; session router of vLLM's production stack, 2025",
    .pick = pick,
    .keeps_sessions = true,
};
