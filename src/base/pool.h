/* pool.h - run n independent jobs on up to `threads` threads.
**
** Jobs are taken in order; each gets its index and must write only its own result, so the
** outcome is the same for any number of threads. A job that runs out of memory or fails
** reports through its own result. threads <= 1 runs in the calling thread.
*/
#ifndef MOAT_BASE_POOL_H
#define MOAT_BASE_POOL_H

#include <stddef.h>

void pool_run(size_t n, int threads, void (*job)(void *ctx, size_t i, int worker), void *ctx);
/* The same for jobs that need memory of their own: each gets an arena, which is freed behind it. tick, if not NULL, hears after
** each job how many are done. Returns n, or the lowest index of a job that ran out of memory. */
struct arena;
size_t pool_run_arena(size_t n, int threads, void (*job)(void *ctx, size_t i, struct arena *a), void *ctx,
                      void (*tick)(void *tick_ctx, size_t done, size_t of), void *tick_ctx);
int pool_cores(void);           /* processors this process may use */

#endif
