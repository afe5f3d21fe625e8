/* hpa.c - Kubernetes' Horizontal Pod Autoscaler on three metrics of an engine.
**
**      ratio = sum of the metric / (target * replicas)
**      wish = replicas                      when |ratio - 1| <= tolerance
**             ceil(sum / target)            else; at most twice the replicas, or 4 more, at one look
**      fewer than now only when every wish of the window was fewer: the highest of them counts
**
** Replicas that are not ready count with a metric of 0, as the controller takes it when it scales up, so that what is starting is not asked
** for again. Kubernetes documentation, "Horizontal Pod Autoscaling" (algorithm details; tolerance 0.1, sync period 15 s, downscale
** stabilization 5 min) and HPAScalingRules of autoscaling/v2 (scale up by 100 % or 4 pods in 15 s), version 1.35, 2026. The metrics are
** those of Google's "Best practices for autoscaling LLM inference workloads with GPUs on GKE", 2025: batch size, queue size; and
** vllm:kv_cache_usage_perc.
*/
#include <math.h>

#include "sim/autoscale.h"
#include "sim/dynamics.h"

enum { UP_TIMES = 2, UP_MORE = 4 };

int hpa_wish(const struct sim_autoscale *c, struct scale_memory *m, const struct scale_view *v, double sum)
{
    double wish = v->wanted, ratio = sum / (c->target * (double)(v->wanted > 0 ? v->wanted : 1));
    if (fabs(ratio - 1) > c->tolerance) {
        wish = ceil(sum / c->target);
        wish = fmin(wish, fmax((double)UP_TIMES * v->wanted, v->wanted + UP_MORE));
    }
    wish = fmin(fmax(wish, c->min), c->max);
    scale_remember(m, v->t_ns, wish);
    double highest = wish;
    for (size_t k = 0, i = m->next; k < m->n; k++) {
        i = i ? i - 1 : m->cap - 1;
        if (m->at_ns[i] < v->t_ns - c->window_ns)
            break;
        highest = fmax(highest, m->value[i]);
    }
    return (int)(wish < v->wanted ? fmin(highest, v->wanted) : wish);
}

static int batch(const struct sim_autoscale *c, struct scale_memory *m, const struct scale_view *v)
{
    return hpa_wish(c, m, v, (double)(v->in_flight - v->waiting));
}

static int queue(const struct sim_autoscale *c, struct scale_memory *m, const struct scale_view *v)
{
    return hpa_wish(c, m, v, (double)v->waiting);
}

static int kv(const struct sim_autoscale *c, struct scale_memory *m, const struct scale_view *v)
{
    return hpa_wish(c, m, v, v->kv);
}

#define HPA .interval_s = 15, .window_s = 300, .tolerance = 0.1
#define HPA_PAPER "Kubernetes Horizontal Pod Autoscaler 1.35; metric of Google's guide to LLM autoscaling, 2025"

extern const struct autoscaler autoscaler_hpa_batch, autoscaler_hpa_queue, autoscaler_hpa_kv;
const struct autoscaler autoscaler_hpa_batch = {
    .name = "hpa-batch",
    .help = "Kubernetes HPA on the requests in a replica's batch",
    .paper = HPA_PAPER,
    .metric = "requests in the batch",
    .wish = batch,
    HPA,
};
const struct autoscaler autoscaler_hpa_queue = {
    .name = "hpa-queue",
    .help = "Kubernetes HPA on the requests that wait for a place in a batch",
    .paper = HPA_PAPER,
    .metric = "requests waiting",
    .wish = queue,
    HPA,
};
const struct autoscaler autoscaler_hpa_kv = {
    .name = "hpa-kv",
    .help = "Kubernetes HPA on the share of KV memory in use",
    .paper = HPA_PAPER,
    .metric = "share of KV memory in use",
    .wish = kv,
    HPA,
};
