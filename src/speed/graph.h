/* graph.h - decode steps in captured CUDA graphs: padded to a size, or launched kernel by kernel beyond the largest. */
#ifndef MOAT_SPEED_GRAPH_H
#define MOAT_SPEED_GRAPH_H

#include "speed/deployment.h"

/* Tokens that a decode step of n computes. */
double graph_padded(const struct graph_sizes *g, double n);
/* What launching one by one adds to a step of n tokens that takes so long beside its contexts. */
double graph_eager_s(const struct deployment *d, double n, double step_s);

#endif
