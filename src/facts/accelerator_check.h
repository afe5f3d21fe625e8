/* accelerator_check.h - does a chip file make sense? Inside facts/ only.
**
** Ranges catch slips of unit (kB for GB, FLOP/s for TFLOP/s); relations catch slips of direction
** and of total against share. Each error names file:line: key, what is wrong and how to mend it.
*/
#ifndef MOAT_FACTS_ACCELERATOR_CHECK_H
#define MOAT_FACTS_ACCELERATOR_CHECK_H

#include <stdbool.h>

struct accelerator;
struct arena;
struct err;
struct node;
struct notes;

bool accelerator_check(struct arena *a, const struct node *doc, const struct accelerator *acc, struct notes *notes,
                       struct err *e);

#endif
