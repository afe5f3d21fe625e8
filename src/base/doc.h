/* doc.h - a YAML or JSON document as a tree of nodes that remember their line.
**
** Both languages end in the same tree, so scenario files, chip files, config.json
** and results are read by one set of accessors, each of which names file:line: key
** in its error. Nodes live in the arena given. Limits: 256 MiB of text, depth 64,
** a million nodes after aliases are expanded; duplicate keys are an error.
*/
#ifndef MOAT_BASE_DOC_H
#define MOAT_BASE_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/units.h"

struct arena;
struct buf;
struct err;

enum node_kind { NODE_NULL, NODE_SCALAR, NODE_SEQ, NODE_MAP };

struct node {
    enum node_kind kind;
    bool quoted;                /* a quoted scalar is never a number, bool or null */
    uint32_t line;              /* 1-based; 0 where the format does not tell (JSON) */
    const char *file;           /* as named by the user */
    const char *path;           /* "slo.ttft.p99", "" for the root */
    const char *text;           /* scalar text; NULL otherwise */
    size_t n;                   /* children */
    struct node *item;          /* (n) */
    const char **key;           /* (n) for a map, in file order */
};

/* Read a whole file (regular file or pipe) into the arena; NUL-terminated. max 0: 256 MiB. */
bool file_read(struct arena *a, const char *path, size_t max, char **bytes, size_t *n, struct err *e);

/* name stands in errors; parsing never keeps pointers into bytes. */
bool doc_yaml(struct arena *a, const char *name, const char *bytes, size_t n, struct node **root, struct err *e);
bool doc_json(struct arena *a, const char *name, const char *bytes, size_t n, struct node **root, struct err *e);
/* By suffix: .json is JSON, all else YAML. */
bool doc_file(struct arena *a, const char *path, struct node **root, struct err *e);

/* "file:line: path" (line left out where unknown); lives in the arena. */
const char *node_place(struct arena *a, const struct node *nd);
const struct node *node_get(const struct node *map, const char *key);   /* NULL: absent or not a map */
const struct node *node_at(const struct node *map, const char *dotted); /* "slo.ttft.p99" */

/* Typed reads. Absent (nd NULL): *out is left as it is and true is returned, so defaults come first. */
bool node_str(struct arena *a, const struct node *nd, const char **out, struct err *e);
bool node_f64(struct arena *a, const struct node *nd, double *out, struct err *e);      /* finite */
bool node_int(struct arena *a, const struct node *nd, int64_t lo, int64_t hi, int64_t *out, struct err *e);
bool node_bool(struct arena *a, const struct node *nd, bool *out, struct err *e);
bool node_unit(struct arena *a, const struct node *nd, enum unit u, double *out, struct err *e);
bool node_is_null(const struct node *nd);       /* NODE_NULL, or an unquoted null, ~ or empty scalar */

/* Every key of map must be among names (n); else an error with "did you mean". */
bool node_keys(struct arena *a, const struct node *map, const char *const *names, size_t n, struct err *e);
/* Set a dotted key to a YAML value, creating maps on the way; file is "--set". */
bool node_set(struct arena *a, struct node *root, const char *dotted, const char *yaml, struct err *e);
/* A copy whose nodes node_set may change; texts and keys are shared. */
struct node node_copy(struct arena *a, const struct node *nd);
/* The tree as compact JSON (numbers and booleans unquoted), for `inputs` in results. */
void node_json(struct buf *b, const struct node *nd);

#endif
