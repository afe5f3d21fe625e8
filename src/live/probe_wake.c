/* probe_wake.c - how long it takes to wake a thread: two threads hand a word to and fro through a condition variable.
**
**      wake = time of a round / 2
**
** It is what stands in the place of a kernel launch on a host whose engine hands each operator to a pool of threads.
*/
#include <pthread.h>
#include <string.h>

#include "base/err.h"
#include "live/probe.h"

#define HANDOVERS 2000          /* a round */

struct table {
    pthread_mutex_t lock;
    pthread_cond_t turned;
    int turn;
};

static void play(void *ctx, int thread)
{
    struct table *t = ctx;
    for (int i = 0; i < HANDOVERS / 2; i++) {
        pthread_mutex_lock(&t->lock);
        while (t->turn != thread)
            pthread_cond_wait(&t->turned, &t->lock);
        t->turn = !thread;
        pthread_cond_signal(&t->turned);
        pthread_mutex_unlock(&t->lock);
    }
}

bool probe_wake_run(const struct probe_options *o, struct probe *out, struct err *e)
{
    struct table t = {.lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER};
    struct probe_span rate = {0};
    if (!probe_team(2, o->seconds / 2, HANDOVERS, play, &t, &rate, e))
        return false;
    out->wake_s = (struct probe_span){1 / rate.best, 1 / rate.median, rate.runs};
    return true;
}
