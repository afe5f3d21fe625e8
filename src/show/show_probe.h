/* show_probe.h - what `moat probe` measured. */
#ifndef MOAT_SHOW_SHOW_PROBE_H
#define MOAT_SHOW_SHOW_PROBE_H

#include "live/probe.h"
#include "show/show.h"

struct accelerator;

/* file NULL: no chip file was written. */
void show_probe(const struct show *s, const struct probe *p, const struct accelerator *as, const char *file);

/* show_probe_gpu.c: its NVIDIA devices, none or more. */
struct jw;
void show_probe_gpu_json(struct jw *w, const struct show *s, const struct probe *p);
void show_probe_gpu_csv(const struct show *s, const struct probe *p);
void show_probe_gpu_text(const struct show *s, const struct probe *p);

#endif
