/* calibrate_groups.h - points of a file by deployment, and a few of each deployment to calibrate the others. */
#ifndef MOAT_FIT_CALIBRATE_GROUPS_H
#define MOAT_FIT_CALIBRATE_GROUPS_H

#include "fit/calibrate.h"

/* "llama-3.1-70b at fp8 on h100-sxm-80, vllm", and with split ", tp 4 pp 1 ..." behind it. The point is not refused. */
const char *fit_deployment_name(struct arena *a, const struct fit_point *p, bool split);

struct fit_deployments { /* in the order of their first points */
    const char **name;
    size_t n;
    size_t *of;    /* (points) deployment of a point; MAP_NONE where it is refused */
    size_t *count; /* (n) points */
};
struct fit_deployments fit_deployments_of(struct arena *a, const struct fit_points *p, bool split);

/* What becomes of a point when `each` points of its deployment calibrate. */
enum fit_part {
    PART_SCORED,     /* by the calibration of its deployment */
    PART_CALIBRATES,
    PART_TWIN,       /* the same load as one that calibrates: a repeat would be no test */
    PART_FEW,        /* nothing would be left to score */
    PART_TRAINING,   /* its constants are fitted elsewhere */
};
struct fit_share {
    enum fit_part part;
    const struct calibration *own; /* PART_SCORED; NULL: refused rows */
};

/* Chosen by seed and spread over concurrency, one of each of `each` equal parts of the deployment's loads in order. */
bool fit_calibrate_groups(struct arena *a, const struct fit_points *p, size_t each,
                          const struct fit_calibrate_options *o, struct fit_share *out, struct err *e);

#endif
