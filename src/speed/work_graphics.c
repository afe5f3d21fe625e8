/* work_graphics.c - frames drawn, and sessions that share a card: cloud gaming, virtual desktops.
**
**      frame     t = host + shade + traffic + rays;                       frames/s = 1 / t
**      sessions  floor(min(1 / (fps * (t - host)), encoders, memory / session, driver)), provided t <= 1 / fps
**
** The host's time (game logic, draw calls) bounds one session; those of several run on several CPU cores. Encoders work
** beside the shaders. vGPU profiles divide the board's whole capacity. The interval moves the drawing, not the counts
** of memory and encoders.
*/
#include <math.h>

#include "speed/work_class.h"

static double encode_s(const struct work_run *r)
{
    double t_s = 0;
    for (size_t i = 0; i < r->w->nop; i++)
        t_s += r->w->op[i].kind == WORK_ENCODE ? work_op_time(r, &r->w->op[i]).t_s : 0;
    return t_s;
}

/* Whole sessions at once when drawing takes draw_s a frame. */
static double sessions(struct work_run *r, double draw_s, const char **limit)
{
    const struct workload *w = r->w;
    double most = 1 / (w->session_fps * draw_s), video_s = encode_s(r);
    *limit = "shading";
    const struct {
        const char *name;
        double n;
    } other[] = {
        {"video encoders", video_s > 0 ? 1 / (w->session_fps * video_s) : INFINITY},
        {"memory", w->unit_bytes > 0 ? (r->acc->mem_bytes - w->state_bytes) / w->unit_bytes : INFINITY},
        {"the driver", w->session_max > 0 ? (double)w->session_max : INFINITY},
    };
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (other[i].n < most) {
            most = other[i].n;
            *limit = other[i].name;
        }
    return floor(most * (1 + 1e-9));
}

void work_graphics(struct work_run *r)
{
    const struct workload *w = r->w;
    struct work_rate *o = r->out;
    o->batch = 1;
    if (!work_fit(r, w->state_bytes + w->unit_bytes))
        return;
    work_add_operators(r);
    double draw_s = work_time_s(r), host_s = r->k.fixed_s;
    if (w->session_fps <= 0) {
        work_add_fixed(r, "host", host_s);
        work_set_rate(r);
        return;
    }
    const char *limit;
    double t_s = host_s + draw_s, lo = sessions(r, draw_s / r->lo, &limit), hi = sessions(r, draw_s / r->hi, &limit);
    double at = sessions(r, draw_s, &o->limit);
    o->batch_s = (struct span){t_s, host_s + draw_s / r->hi, host_s + draw_s / r->lo};
    o->rate_s = (struct span){at, o->batch_s.hi * w->session_fps > 1 ? 0 : lo, hi};
    o->need_bytes = w->state_bytes + at * w->unit_bytes;
    if (at < 1 || t_s * w->session_fps > 1)
        work_refuse(r, "latency", t_s * w->session_fps, "one session gets %.3g frames/s, %.3g are promised",
                    1 / fmax(t_s, encode_s(r)), w->session_fps);
}
