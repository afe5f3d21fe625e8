/* work_diffusion.c - images and video by diffusion: steps of a U-Net or a transformer, then a decoder
*(arXiv:2307.01952).
**
**      t = steps * passes a step * denoiser + decoder;   every card makes its own images
**
** Latency of one image is that of a batch: a model split over cards is not modelled.
*/
#include "speed/work_class.h"

void work_diffusion(struct work_run *r)
{
    work_replicas(r);
}
