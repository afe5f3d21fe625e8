/* show_emit.h - the files of `moat emit`: printed, or said where they lie. */
#ifndef MOAT_SHOW_SHOW_EMIT_H
#define MOAT_SHOW_SHOW_EMIT_H

#include "show/emit.h"
#include "show/show.h"

/* dir NULL: the files were not written, and are shown whole. */
void show_emit(const struct show *s, const struct emit_target *t, const struct emit_plan *p, const struct emit_files *f, const char *dir);

#endif
