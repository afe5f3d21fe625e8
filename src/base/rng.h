/* rng.h - random streams: xoshiro256++ seeded by SplitMix64, one stream for each purpose.
**
** rng_seed(&r, seed, purpose) gives streams that do not overlap in practice for different
** purposes (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021).
** Variates use only + - * / sqrt, log, exp and cos of libm.
*/
#ifndef MOAT_BASE_RNG_H
#define MOAT_BASE_RNG_H

#include <stdint.h>

struct rng { uint64_t s[4]; };

void rng_seed(struct rng *r, uint64_t seed, uint64_t purpose);
uint64_t rng_u64(struct rng *r);
double rng_unit(struct rng *r);                         /* in (0, 1) */
uint64_t rng_below(struct rng *r, uint64_t n);          /* in [0, n), unbiased; n > 0 */
double rng_exp(struct rng *r, double mean);
double rng_normal(struct rng *r);                       /* mean 0, sd 1 */
double rng_gamma(struct rng *r, double shape, double scale);    /* Marsaglia and Tsang 2000 */
double rng_weibull(struct rng *r, double shape, double scale);
double rng_lognormal(struct rng *r, double mu, double sigma);

#endif
