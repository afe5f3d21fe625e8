/* load.h - what the ways of predicting a point share. Inside fit/ only. */
#ifndef MOAT_FIT_LOAD_H
#define MOAT_FIT_LOAD_H

#include "fit/predict.h"
#include "speed/memory.h"
#include "speed/step.h"

struct fit_run { /* a point being predicted */
    struct arena *arena;
    const struct fit_point *p;
    const struct fit_settings *s;
    struct deployment d; /* one replica */
    struct memory memory;
    struct fit_prediction *out;
};

/* Fill d and memory of one replica (side NULL), or of one worker of a side. false: out->why says what is in the way. */
bool fit_deploy(struct fit_run *r, const struct fit_pool *side);
/* Tier, evidence and interval of what this deployment predicts. */
void fit_grade(struct fit_run *r, const struct deployment *d);
bool fit_refuse(struct fit_run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A metric in base units; its interval follows from the sort of the metric. Not finite: nothing is said. */
void fit_say(struct fit_run *r, enum fit_metric m, double base);
/* The same with the interval of another sort. */
void fit_say_as(struct fit_run *r, enum fit_metric m, double base, enum fit_sort sort);
/* Tokens a second that follow from requests a second and mean lengths. */
void fit_say_rates(struct fit_run *r, double req_s, double in_tok, double out_tok);

void fit_static(struct fit_run *r);
void fit_disaggregated(struct fit_run *r);
void fit_replay(struct fit_run *r); /* closed loop, open loop, everything queued */

#endif
