/* spool.h - requests that are too many for memory, in a nameless file: written once, read again by each simulation.
**
** A spool is filled in order of arrival, closed, and then only read: from any thread, from any place. Arrivals in the file are as
** they were written; the reader counts them from the first one and plays them `speedup` times as fast, as traffic_close and
** traffic_speedup do with requests in memory. The file lies in $TMPDIR or /var/tmp, and is gone with the arena.
*/
#ifndef MOAT_FACTS_SPOOL_H
#define MOAT_FACTS_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct request;                 /* facts/traffic.h */

#define SPOOL_ROWS 32768        /* requests that are written at once: 1 MB */

struct spool {
    int fd;
    const char *folder;
    size_t n;
    int64_t first_ns, last_ns;
    uint64_t reordered;         /* earlier than one before them: such a spool is of no use but to be read back and sorted */
    double speedup;
    int64_t longest_tok;        /* of all, prompt and output */
};

struct spool *spool_new(struct arena *a, struct err *e);        /* NULL: e says why */
bool spool_add(struct spool *s, const struct request *q, size_t n, struct err *e);
/* Requests from .. from + n - 1, which must be there. */
bool spool_get(const struct spool *s, size_t from, struct request *out, size_t n, struct err *e);

#endif
