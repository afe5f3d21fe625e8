/* work_driving.c - camera perception for driving: a convolutional backbone and heads; served in the car or the data
** centre, or trained.
**
**      t = forward of the frames in the batch;  training 3 times that and the all-reduce of the gradients
*/
#include "speed/work_class.h"

void work_driving(struct work_run *r)
{
    work_replicas(r);
}
