/* show_catalog.h - one entry of the catalog as JSON, shared by the lists and by `catalog show`. */
#ifndef MOAT_SHOW_SHOW_CATALOG_H
#define MOAT_SHOW_SHOW_CATALOG_H

#include "base/json.h"
#include "show/show.h"

void jw_accelerator(struct jw *w, const char *key, const struct show *s, const struct catalog *c, const struct accelerator *x,
                    const struct price_query *q);
void jw_model(struct jw *w, const char *key, const struct model *m);

#endif
