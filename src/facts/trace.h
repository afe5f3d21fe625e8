/* trace.h - what the readers of trace files share: a file in memory, and where its rows go.
**
** traffic_read loads the file, reads the CSV header or the first JSON object, asks each row of
** trace_list.h whether it knows these names, and lets the first that does read the rest. A reader
** hands every row to trace_emit, which either keeps it or counts it in the ledger; nothing is lost
** in silence. trace_emit takes NAN for a count that could not be read.
*/
#ifndef MOAT_FACTS_TRACE_H
#define MOAT_FACTS_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "base/map.h"
#include "facts/jsonl.h"
#include "facts/traffic.h"

#define TRACE_MAX_TOK 1e8       /* a longer prompt or answer is a wrong number */
#define TRACE_MEMBERS 32        /* members of a JSON object that are looked at */

struct trace_in {
    struct arena *arena;
    struct notes *notes;
    const char *name;
    bool json;                  /* one JSON object a line; else CSV */
    struct csv csv;             /* behind the header */
    struct jsonl jsonl;         /* at the first object */
    struct jmember first[TRACE_MEMBERS];
    size_t nfirst;
    struct traffic *out;
    size_t req_cap, block_cap;
    size_t keep;                /* more requests than this go to a spool, while they have no blocks */
    bool lost;                  /* the spool failed: the rest is read for nothing */
    struct err *e;              /* why */
    char *map; size_t map_n;    /* the file, where it is mapped; and what of it is behind, and dropped */
    size_t dropped;
    struct map session;         /* by the trace's name of it; and how many there are */
    uint32_t nsession;
};

/* false: dropped, and counted. t_ns NULL: the time could not be read. */
bool trace_emit(struct trace_in *in, uint64_t line, const int64_t *t_ns, double in_tok, double out_tok);
bool trace_priority(struct trace_in *in, double value);         /* of the row just kept; false: not 0 to 15 */
void trace_ragged(struct trace_in *in);         /* a row with cells or keys missing */
void trace_failed(struct trace_in *in);         /* a row that says itself that the request failed */
/* Append to the prefix blocks of the request emitted last: the whole numbers of a JSON array. false: it holds something else. */
bool trace_blocks(struct trace_in *in, struct jval ids);
/* The same from the tokens of the prompt: its full blocks of block_tok tokens, TRACE_BLOCK_TOK at most. */
#define TRACE_BLOCK_TOK 64
bool trace_tokens(struct trace_in *in, struct jval ids, int block_tok);

/* The request emitted last belongs to the conversation `id`, which goes on from `parent` (NULL: from nothing). Empty or -1:
** not said. */
void trace_session(struct trace_in *in, struct jval id, const struct jval *parent);

double trace_count(const struct cell *v);       /* a whole number, also written 374.0; NAN otherwise */
bool trace_seconds(double s, int64_t *t_ns);    /* false: not finite or beyond 126 years */
/* The first of the names (NULL at the end) that is a column; -1: none. */
int trace_column(const struct csv *c, const char *const *names, const char **found);
bool trace_has_key(const struct trace_in *in, const char *key);

#endif
