/* fleet_challenger.h - who is asked about in a scenario of `moat breakeven`.
**
**      challenger: mi300x                                          a catalog id or the YAML of a chip
**      challenger: {id: chips/decode.yaml, incumbent: h100-sxm-80}
**
** The challenger joins skus where it is not among them, so that prices, supply and software may speak of it.
*/
#ifndef MOAT_FACTS_FLEET_CHALLENGER_H
#define MOAT_FACTS_FLEET_CHALLENGER_H

#include "facts/fleet_scenario.h"

struct fleet_challenger { const char *id, *incumbent, *place, *incumbent_place; };      /* incumbent NULL: found by the plan */

/* Before the scenario is read: changes doc's skus. name: in the place of the file's challenger; NULL. */
bool fleet_challenger_read(struct arena *a, struct node *doc, const char *name, struct fleet_challenger *out, struct err *e);
/* After: the product of a name. */
bool fleet_challenger_product(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const char *name, const char *place,
                              size_t *out, struct err *e);

#endif
