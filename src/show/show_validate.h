/* show_validate.h - the document of `moat validate`: text, JSON after the contract, CSV of the points. */
#ifndef MOAT_SHOW_SHOW_VALIDATE_H
#define MOAT_SHOW_SHOW_VALIDATE_H

#include "fit/validate.h"
#include "show/show.h"

void show_validate(const struct show *s, const struct fit_points *p, const struct fit_options *o,
                   const struct fit_report *r);

/* Parts of it (show_ranking.c). */
struct jw;
void ranking_text(const struct show *s, const struct fit_report *r);
void choice_text(const struct show *s, const struct fit_report *r);
void ranking_json(struct jw *w, const struct fit_report *r);
void choice_json(struct jw *w, const struct fit_report *r);

#endif
