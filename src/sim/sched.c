/* sched.c - the table of policies, in the order they are listed to the user. */
#include "sim/sched.h"

#include <string.h>

extern const struct sched sched_vllm_v1, sched_sarathi, sched_sglang, sched_trtllm, sched_trtllm_max, sched_orca,
    sched_static;

const struct sched *const sched_table[] = {
    &sched_vllm_v1, &sched_sarathi, &sched_sglang, &sched_trtllm, &sched_trtllm_max, &sched_orca, &sched_static,
};
const size_t sched_count = sizeof sched_table / sizeof sched_table[0];

const struct sched *sched_find(const char *name)
{
    for (size_t i = 0; i < sched_count; i++)
        if (!strcmp(sched_table[i]->name, name))
            return sched_table[i];
    return NULL;
}

bool sched_caches(const struct sched *s, enum prefix_cache asked)
{
    return asked == PREFIX_CACHE_ON || (asked == PREFIX_CACHE_ENGINE && s->cache != CACHE_NONE);
}
