/* doc_tree.h - what the YAML and JSON readers share: building a tree within its limits. Private to doc*.c. */
#ifndef MOAT_BASE_DOC_TREE_H
#define MOAT_BASE_DOC_TREE_H

#include "base/doc.h"

#define DOC_BYTES ((size_t)256 << 20)
#define DOC_DEPTH 64
#define DOC_NODES 1000000

struct tree {
    struct arena *arena;
    const char *file;
    size_t nodes;
    size_t path_bytes;          /* paths are spelled out in each node, so they are bounded too */
    struct err *e;
};

/* Text that a document may hold: UTF-8 without NUL and other control characters. */
bool tree_check_text(struct tree *t, const char *bytes, size_t n);
/* nd = an empty node of this kind at path "parent.key"; false beyond a limit. */
bool tree_node(struct tree *t, struct node *nd, enum node_kind kind, uint32_t line, const char *path);
/* "parent.key", or key when the parent is the root. NULL with an error beyond a limit. */
const char *tree_path(struct tree *t, const char *parent, const char *key);
/* Room for one more child; cap is the caller's. key NULL for a sequence. Returns the new child. */
struct node *tree_child(struct tree *t, struct node *parent, size_t *cap, const char *key);
/* A copy of from at another path. */
bool tree_copy(struct tree *t, struct node *to, const struct node *from, const char *path, int depth);
bool tree_too_deep(struct tree *t, uint32_t line);

#endif
