/* show_breakeven.h - the document of `moat breakeven`. */
#ifndef MOAT_SHOW_SHOW_BREAKEVEN_H
#define MOAT_SHOW_SHOW_BREAKEVEN_H

#include "plan/breakeven_run.h"
#include "show/show.h"

void show_breakeven(const struct show *s, const struct breakeven_result *r);

/* Inside show/ only. */
void show_breakeven_json(const struct show *s, const struct breakeven_result *r);
void show_breakeven_csv(const struct show *s, const struct breakeven_result *r);
void show_breakeven_moat(const struct show *s, const struct breakeven_result *r);
const char *show_breakeven_why(struct arena *a, const struct breakeven_result *r, size_t k);

#endif
