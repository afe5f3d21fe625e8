/* train_failure.c - expected time with failures and checkpoints: T = M * e^(R/M) * (e^((tau+delta)/M) - 1) * work /
*tau.
**
** M: mean time between failures of the whole job, exponential; tau: work between checkpoints; delta: time of writing
*one;
** R: restart. Best tau = sqrt(2*delta*M) * (1 + sqrt(delta/(2M))/3 + (delta/(2M))/9) - delta, which is Young's
*sqrt(2*delta*M)
** to first order. Young 1974, "A first order approximation to the optimum checkpoint interval"; Daly 2006, "A higher
*order
** estimate of the optimum checkpoint interval for restart dumps", Future Generation Computer Systems 22(3), eq. 20
*and 37.
*/
#include <math.h>

#include "plan/train.h"

double train_checkpoint_s(double write_s, double mtbf_s)
{
    double x = write_s / (2 * mtbf_s);
    if (x >= 1)
        return mtbf_s;
    return sqrt(2 * write_s * mtbf_s) * (1 + sqrt(x) / 3 + x / 9) - write_s;
}

double train_effective(double interval_s, double write_s, double restart_s, double mtbf_s)
{
    return interval_s / (mtbf_s * exp(restart_s / mtbf_s) * expm1((interval_s + write_s) / mtbf_s));
}
