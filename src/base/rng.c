/* rng.c - xoshiro256++ and what is drawn from it.
**
**   exponential  x = -mean ln u
**   normal       x = sqrt(-2 ln u) cos(2 pi v)                      (Box and Muller 1958)
**   gamma        x = d v scale, d = shape - 1/3, v = (1 + z / sqrt(9 d))^3, accepted when
**                ln u < z^2/2 + d - d v + d ln v                    (Marsaglia and Tsang 2000)
**   weibull      x = scale (-ln u)^(1/shape)
**   lognormal    x = exp(mu + sigma z)
*/
#include "base/rng.h"

#include <math.h>

#define TWO_PI 6.28318530717958647692

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = *x += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* The seed is scrambled before the purpose is mixed in, so that (1, 2) and (2, 1), or
** neighbouring seeds and purposes, never meet in the same SplitMix64 sequence by a plain offset. */
void rng_seed(struct rng *r, uint64_t seed, uint64_t purpose)
{
    uint64_t x = seed;
    uint64_t y = splitmix(&x) ^ (purpose * 0xd1342543de82ef95 + 1);
    uint64_t z = splitmix(&y);
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&z);
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t rng_u64(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

/* 52 bits and a half: with 53 the largest would round to 1, and ln(1 - u) or ln u must be finite. */
double rng_unit(struct rng *r)
{
    return ((double)(rng_u64(r) >> 12) + 0.5) * 0x1p-52;
}

/* Lemire, "Fast random integer generation in an interval", 2019. */
uint64_t rng_below(struct rng *r, uint64_t n)
{
    unsigned __int128 m = (unsigned __int128)rng_u64(r) * n;
    if ((uint64_t)m < n) {
        uint64_t reject = -n % n;
        while ((uint64_t)m < reject)
            m = (unsigned __int128)rng_u64(r) * n;
    }
    return (uint64_t)(m >> 64);
}

double rng_exp(struct rng *r, double mean)
{
    return -mean * log(rng_unit(r));
}

/* The sine half of the pair is thrown away: a stream is its four words and nothing else. */
double rng_normal(struct rng *r)
{
    double radius = sqrt(-2 * log(rng_unit(r)));
    return radius * cos(TWO_PI * rng_unit(r));
}

double rng_gamma(struct rng *r, double shape, double scale)
{
    double boost = 1;
    if (shape < 1) { /* gamma(a) = gamma(a + 1) u^(1/a) */
        boost = exp(log(rng_unit(r)) / shape);
        shape += 1;
    }
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double z = rng_normal(r), v = 1 + c * z;
        double u = rng_unit(r);
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(u) < 0.5 * z * z + d - d * v + d * log(v))
            return d * v * scale * boost;
    }
}

double rng_weibull(struct rng *r, double shape, double scale)
{
    return scale * exp(log(-log(rng_unit(r))) / shape);
}

double rng_lognormal(struct rng *r, double mu, double sigma)
{
    return exp(mu + sigma * rng_normal(r));
}
