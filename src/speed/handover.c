/* handover.c - bytes = kv_total * (full n + clip min(n, window)) / (full + clip) + state * devices. */
#include "speed/handover.h"

int handover_devices(const struct deployment *d)
{
    return d->tp * d->pp;
}

double handover_bytes(const struct memory *m, int devices, int64_t tok)
{
    double per_tok = m->kv_full_bytes_tok + m->kv_clip_bytes_tok, n = (double)tok;
    double clipped = m->kv_window > 0 && m->kv_window < tok ? (double)m->kv_window : n;
    double share = per_tok > 0 ? (m->kv_full_bytes_tok * n + m->kv_clip_bytes_tok * clipped) / per_tok : n;
    return m->kv_total_bytes_tok * share + m->state_bytes_seq * devices;
}

double handover_device_bytes_s(const struct accelerator *acc)
{
    return acc->scaleout_bytes_s > 0 ? acc->scaleout_bytes_s : acc->pcie_bytes_s;
}
