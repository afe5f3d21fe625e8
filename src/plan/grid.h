/* grid.h - the cells of a sweep: every combination of values of some scenario keys.
**
** Cell i has, of axis k, the value (i / prod of the sizes behind k) mod its size: the last axis changes fastest.
*/
#ifndef MOAT_PLAN_GRID_H
#define MOAT_PLAN_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct node;

#define GRID_AXES 8
#define GRID_CELLS 10000        /* unless more are allowed */

struct axis {
    const char *key;            /* "scheduler.max_tokens" */
    const char *place;          /* for errors */
    struct node *value; size_t n;
};
struct grid { struct axis axis[GRID_AXES]; size_t naxis, ncell; };

/* sweep: a map of keys (dotted or nested) to values; NULL: none. over: "KEY=VALUES" as typed, each in the place of the file's.
** Values: a list, one value, words parted by commas, or a range: 1..8, 1..64*2, 10..50+10/s (what follows the numbers
** follows every value). */
bool grid_read(struct arena *a, const struct node *sweep, const char *const *over, size_t nover, uint64_t max_cells,
               struct grid *out, struct err *e);
const struct node *grid_value(const struct grid *g, size_t cell, size_t axis);
/* A copy of a scenario's tree with the values of a cell set in it. */
bool grid_doc(struct arena *a, const struct grid *g, const struct node *base, size_t cell, struct node **out, struct err *e);
/* The axes as a map that grid_read takes. */
struct node *grid_node(struct arena *a, const struct grid *g);

#endif
