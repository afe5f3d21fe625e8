/* calibrate_solve.c - the linearised problem: minimum by NLopt, widths by its Hessian.
**
**      F(v) = sum_i H((r_i - J_i B v) / n_i) + sum_k ((B v)_k / s_k)^2 / 2,   H(x) = d^2 (sqrt(1 + (x/d)^2) - 1)
**      width^2 = diag B (sum_i J_i' J_i w_i / n_i^2 + S)^-1 B'                w_i = (1 + (x_i/d)^2)^(-1/2)
**
** B gives each constant its column: its own, the shared one, or none. Shared factors count as one in the prior too.
** Huber 1964; Laplace's approximation of the posterior; SLSQP (Kraft 1994) in NLopt (Johnson).
*/
#include <math.h>
#include <nlopt.h>
#include <string.h>

#include "base/err.h"
#include "fit/calibrate.h"

#define HUBER 2.0
#define FARTHEST 1.5 /* log factor: 4.5 times as long, or as short */
#define SILENT 0.05  /* what all points say of a constant alone, of what its prior says: less is not felt */

struct columns { /* B */
    int of[SCALE_N]; /* column of a constant; -1: it stays where it is */
    int n;
    double prior[SCALE_N]; /* of a column */
};

static struct columns columns_of(const struct fit_constants *c)
{
    struct columns b = {.n = 0};
    int shared = -1;
    for (int k = 0; k < SCALE_N; k++) {
        b.of[k] = -1;
        if (c->state[k] == CONST_IDENTIFIED || c->state[k] == CONST_WEAK) {
            b.prior[b.n] = c->prior[k];
            b.of[k] = b.n++;
        } else if (c->state[k] == CONST_SHARED) {
            if (shared < 0) {
                shared = b.n++;
                b.prior[shared] = c->prior[k];
            }
            b.of[k] = shared;
        }
    }
    return b;
}

struct problem {
    const struct fit_seen *const *seen;
    size_t n;
    const double (*f)[SEEN_N];
    const double *u0;
    const struct columns *b;
};

static double huber(double x, double *slope)
{
    double root = sqrt(1 + x * x / (HUBER * HUBER));
    *slope = x / root;
    return HUBER * HUBER * (root - 1);
}

static bool counts(const struct fit_seen *s, int m)
{
    return s->metric[m] != FIT_METRIC_N;
}

/* Row of J B. */
static void row(const struct columns *b, const struct fit_seen *s, int m, double out[SCALE_N])
{
    memset(out, 0, SCALE_N * sizeof *out);
    for (int k = 0; k < SCALE_N; k++)
        if (b->of[k] >= 0)
            out[b->of[k]] += s->slope[m][k];
}

static double residual(const struct problem *p, size_t i, int m, const double j[SCALE_N], const double *v)
{
    double r = p->seen[i]->y[m] - p->f[i][m];
    for (int k = 0; k < SCALE_N; k++)
        if (p->b->of[k] >= 0)
            r += p->seen[i]->slope[m][k] * p->u0[k];
    for (int c = 0; c < p->b->n; c++)
        r -= j[c] * v[c];
    return r / p->seen[i]->noise[m];
}

static double objective(unsigned n, const double *v, double *grad, void *data)
{
    const struct problem *p = data;
    double sum = 0;
    for (unsigned c = 0; c < n; c++) {
        double x = v[c] / p->b->prior[c];
        sum += x * x / 2;
        if (grad)
            grad[c] = x / p->b->prior[c];
    }
    for (size_t i = 0; i < p->n; i++)
        for (int m = 0; m < SEEN_N; m++) {
            double j[SCALE_N], slope;
            if (!counts(p->seen[i], m))
                continue;
            row(p->b, p->seen[i], m, j);
            sum += huber(residual(p, i, m, j, v), &slope);
            for (unsigned c = 0; grad && c < n; c++)
                grad[c] -= slope * j[c] / p->seen[i]->noise[m];
        }
    return sum;
}

/* Inverse of a symmetric positive n x n matrix in place (Gauss and Jordan); the prior keeps it far from singular. */
static void invert(double m[SCALE_N][SCALE_N], int n)
{
    for (int p = 0; p < n; p++) {
        double d = 1 / m[p][p];
        m[p][p] = 1;
        for (int c = 0; c < n; c++)
            m[p][c] *= d;
        for (int r = 0; r < n; r++) {
            if (r == p)
                continue;
            double t = m[r][p];
            m[r][p] = 0;
            for (int c = 0; c < n; c++)
                m[r][c] -= t * m[p][c];
        }
    }
}

/* Posterior covariance of the columns, every residual counted as a plain one. */
static void covariance(const struct columns *b, const struct fit_seen *const *seen, size_t n,
                       double out[SCALE_N][SCALE_N])
{
    memset(out, 0, SCALE_N * sizeof *out);
    for (int c = 0; c < b->n; c++)
        out[c][c] = 1 / (b->prior[c] * b->prior[c]);
    for (size_t i = 0; i < n; i++)
        for (int m = 0; m < SEEN_N; m++) {
            double j[SCALE_N], w = 1 / (seen[i]->noise[m] * seen[i]->noise[m]);
            if (!counts(seen[i], m))
                continue;
            row(b, seen[i], m, j);
            for (int r = 0; r < b->n; r++)
                for (int c = 0; c < b->n; c++)
                    out[r][c] += j[r] * j[c] * w;
        }
    invert(out, b->n);
}

static void widths(const struct fit_seen *const *seen, size_t n, struct fit_constants *c)
{
    struct columns b = columns_of(c);
    double cov[SCALE_N][SCALE_N];
    covariance(&b, seen, n, cov);
    for (int k = 0; k < SCALE_N; k++)
        c->width[k] = b.of[k] >= 0 ? sqrt(cov[b.of[k]][b.of[k]]) : c->prior[k];
}

double fit_constants_variance(const struct fit_constants *c, const struct fit_seen *const *seen, size_t n,
                              const struct fit_seen *at, int sort)
{
    struct columns b = columns_of(c);
    double cov[SCALE_N][SCALE_N], j[SCALE_N], sum = 0;
    covariance(&b, seen, n, cov);
    row(&b, at, sort, j);
    for (int r = 0; r < b.n; r++)
        for (int k = 0; k < b.n; k++)
            sum += j[r] * cov[r][k] * j[k];
    for (int k = 0; k < SCALE_N; k++) /* those left at 1 are as uncertain as before */
        if (b.of[k] < 0)
            sum += pow(at->slope[sort][k] * c->prior[k], 2);
    return sum;
}

void fit_constants_plan(const struct fit_seen *const *seen, size_t n, const bool ask[SCALE_N],
                        struct fit_constants *out)
{
    int shared = 0;
    *out = (struct fit_constants){0};
    for (int k = 0; k < SCALE_N; k++) {
        double told = 0;
        out->prior[k] = out->width[k] = n ? seen[0]->prior[k] : 0;
        out->factor[k] = 1;
        for (size_t i = 0; i < n; i++)
            for (int m = 0; m < SEEN_N; m++)
                if (counts(seen[i], m))
                    told += pow(seen[i]->slope[m][k] * out->prior[k] / seen[i]->noise[m], 2);
        out->state[k] = !ask[k] ? CONST_LEFT : told < SILENT ? CONST_SILENT : CONST_IDENTIFIED;
    }
    widths(seen, n, out);
    for (int k = 0; k < SCALE_N; k++)
        if (out->state[k] == CONST_IDENTIFIED && out->width[k] > IDENTIFIED_BY * out->prior[k])
            out->state[k] = CONST_SHARED, shared++;
    if (out->state[SCALE_REQUEST] == CONST_SHARED)
        out->state[SCALE_REQUEST] = CONST_WEAK, shared--;
    widths(seen, n, out);
    for (int k = 0; k < SCALE_N && shared; k++)
        if (out->state[k] == CONST_SHARED && out->width[k] > IDENTIFIED_BY * out->prior[k])
            out->state[k] = CONST_OPEN;
    widths(seen, n, out);
}

double fit_constants_loss(const struct fit_seen *const *seen, size_t n, const double (*f)[SEEN_N],
                          const double u[SCALE_N], const struct fit_constants *c)
{
    struct columns b = columns_of(c);
    double v[SCALE_N] = {0};
    for (int k = 0; k < SCALE_N; k++)
        if (b.of[k] >= 0)
            v[b.of[k]] = u[k];
    struct problem p = {seen, n, f, u, &b};
    return objective((unsigned)b.n, v, NULL, &p);
}

bool fit_constants_step(const struct fit_seen *const *seen, size_t n, const double (*f)[SEEN_N],
                        const double u0[SCALE_N], struct fit_constants *c, double u[SCALE_N], struct err *e)
{
    struct columns b = columns_of(c);
    struct problem p = {seen, n, f, u0, &b};
    double v[SCALE_N] = {0}, least;
    if (b.n) {
        nlopt_opt opt = nlopt_create(NLOPT_LD_SLSQP, (unsigned)b.n);
        if (!opt)
            return err_env(e, "", "no memory left for the fit");
        nlopt_set_min_objective(opt, objective, &p);
        nlopt_set_lower_bounds1(opt, -FARTHEST);
        nlopt_set_upper_bounds1(opt, FARTHEST);
        nlopt_set_xtol_abs1(opt, 1e-7);
        nlopt_set_ftol_rel(opt, 1e-12);
        nlopt_set_maxeval(opt, 500);
        nlopt_result rc = nlopt_optimize(opt, v, &least);
        nlopt_destroy(opt);
        if (rc == NLOPT_OUT_OF_MEMORY)
            return err_env(e, "", "no memory left for the fit");
    }
    for (int k = 0; k < SCALE_N; k++)
        u[k] = b.of[k] >= 0 ? v[b.of[k]] : 0;
    return true;
}
