/* trace_write.h - a traffic as a trace file that others read, a stretch of rows at a time. */
#ifndef MOAT_FACTS_TRACE_WRITE_H
#define MOAT_FACTS_TRACE_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "facts/traffic.h"

struct arena;
struct buf;
struct err;
struct notes;
struct trace_out;

struct trace_writer {           /* a row of the table of writers */
    const char *name;           /* that of the format it is read as: "azure" */
    const char *help;           /* who reads it, and what it cannot hold */
    const char *header;         /* first line, with its newline; NULL: none */
    int64_t tick_ns;            /* times are rounded to whole ticks */
    int64_t max_ns;             /* a later arrival cannot be written */
    bool blocks;                /* prefix blocks are kept */
    void (*row)(struct trace_out *o, struct buf *b, const struct request *q, int64_t t_ns);     /* t_ns: whole ticks */
};
extern const struct trace_writer trace_writers[];
extern const size_t trace_writer_count;
const struct trace_writer *trace_writer_find(const char *name);         /* NULL: none */

struct trace_out {
    const struct traffic *t;
    const struct trace_writer *w;
    size_t next;                /* request to be written next */
    struct map id;              /* block of the source to the id it is written as */
    uint32_t ids;               /* ids given so far */
};

/* Notes say what the format cannot hold. false: it cannot hold this traffic at all. */
bool trace_write_open(struct trace_out *o, struct arena *a, const struct traffic *t, const struct trace_writer *w,
                      struct notes *notes, struct err *e);
/* Append the next rows, some thousands; false when there were none left. */
bool trace_write_some(struct trace_out *o, struct buf *b);

#endif
