/* fleet_model.h - the columns of the fleet problem and what its files share.
**
** A unit j = p * nk + k is SKU k in pool p; with shared cards there is one pool. Columns that cannot be are -1.
**
**      fleet_columns.c  which columns there are        fleet_rows.c   what they must obey
**      fleet_terms.c    what each costs, at which node fleet_risk.c   how costs of futures are weighed
**      fleet_tight.c    rows that only tighten         fleet_finish.c whole spares, whole nodes
*/
#ifndef MOAT_PLAN_FLEET_MODEL_H
#define MOAT_PLAN_FLEET_MODEL_H

#include "plan/fleet.h"
#include "plan/milp.h"

struct fleet_term { int node, whose, part, col; double usd; }; /* usd of one of the column at the node, not discounted */

struct fleet_model {
    struct arena *a;
    struct fleet f;             /* its prices may be changed */
    struct notes *notes;
    struct milp *p;
    size_t np, nj;              /* pools; units = np * nk */
    int *pool_of_work, *pool_of_campaign;
    bool *ported;               /* (f) at the start: said so, or cards of it are owned */
    int *first_use;             /* (k) earliest period in which it can work; nt: never */
    double *most;               /* (j) M: cards that any plan could want at once */
    bool *banned, *forced;      /* (k) */

    int *buy, *own, *sell, *res, *on;   /* (j, n) */
    int *od, *lease;            /* (j, n, b) */
    int *x;                     /* (n, b, k, w) */
    int *unmet, *tokens;        /* (n, b, w) */
    int *port;                  /* (f, n) */
    int *approve;               /* (k) NULL when SKUs enter by node */
    int *service;               /* (k, n) by node and several pools: any pool */
    int *first_stock;           /* (j) how the first cards are divided; NULL with one pool */
    int *gang, *missed;         /* (c, n, k), (c, n) at the nodes of its first period */
    int *node_usd;              /* (n) NULL for the mean */
    int var, *excess, worst_regret;     /* of CVaR and regret */

    int *row_power, *row_space, *row_budget;    /* (n) -1: no limit */
    int *row_supply;            /* (k, n) several pools */
    int *row_rent;              /* (k, n, b) */
    int *row_balance;           /* (j, n) */
    int *row_demand;            /* (n, b, w) b = 0 alone for deferrable work */

    struct fleet_term *term;
    size_t nterm, cap_term;
    double *scenario_best_usd;  /* (leaf) for regret */
    double *start;              /* (cols) last answer; NULL */
    const struct fleet_model *follow;   /* its first decisions are taken over */
    size_t follow_periods;
    int rows;                   /* before tight ones */
    bool stale;                 /* a number changed: built again before the next solve */
    bool repriced;              /* only what columns cost: rows, those that tighten too, and the basis stay */
};

#define UNIT(m, p, k) ((size_t)(p) * (m)->f.nk + (size_t)(k))
#define JN(m, j, n) ((size_t)(j) * (m)->f.nn + (size_t)(n))
#define JNB(m, j, n, b) (JN(m, j, n) * (m)->f.nb + (size_t)(b))
#define NBW(m, n, b, w) (((size_t)(n) * (m)->f.nb + (size_t)(b)) * (m)->f.nw + (size_t)(w))
#define NBKW(m, n, b, k, w) ((((size_t)(n) * (m)->f.nb + (size_t)(b)) * (m)->f.nk + (size_t)(k)) * (m)->f.nw + (size_t)(w))
#define CN(m, c, n) ((size_t)(c) * (m)->f.nn + (size_t)(n))
#define CNK(m, c, n, k) (CN(m, c, n) * (m)->f.nk + (size_t)(k))

/* fleet_tree.c */
int fleet_ancestor(const struct fleet *f, int n, int up);       /* -1: above the root */
double fleet_discount(const struct fleet *f, int t);
double fleet_period_h(const struct fleet *f);
size_t fleet_leaves(struct arena *a, const struct fleet *f, const int **leaf);
bool fleet_work_can(const struct fleet *f, size_t w, size_t k, size_t t);
double fleet_demand_most(const struct fleet *f, size_t w, size_t n);    /* over blocks; the mean where it may be deferred */
double fleet_campaign_cards(const struct fleet *f, size_t c, size_t k, int t);  /* NaN: cannot */
double fleet_value_usd(const struct fleet *f, size_t k, size_t n);      /* of a card of k: its price, the last one known, or resale */
/* One future alone, known beforehand: the path to a leaf. node_of: (nt) of the whole tree. */
struct fleet *fleet_path(struct arena *a, const struct fleet *f, int leaf, const int **node_of);
struct fleet *fleet_mean(struct arena *a, const struct fleet *f);       /* one future with the mean demand and resale of each period */

/* Arrivals at n: the orders of its ancestors that come into use there. For each: call put(ctx, node of the order). */
int fleet_order_node(const struct fleet *f, size_t k, int n, int *up);  /* next from *up on, starting at 0; -1: no more */

void fleet_columns(struct fleet_model *m);
void fleet_rows(struct fleet_model *m);
bool fleet_tighten(struct fleet_model *m, struct arena *a, double wall_s, struct err *e);
void fleet_terms(struct fleet_model *m);        /* and the objective */
void fleet_risk_rows(struct fleet_model *m);
void fleet_answer(const struct fleet_model *m, struct arena *a, const double *x, struct fleet_plan *out);
void fleet_shadow(const struct fleet_model *m, struct arena *a, const struct milp_answer *s, struct fleet_plan *out);
/* The choices are made: SKUs in use keep all their spares, cards come in nodes, and the rest is solved again. */
bool fleet_finish(struct fleet_model *m, struct arena *a, const struct fleet_limits *lim, struct milp_answer *s,
                  struct fleet_plan *out, struct err *e);
/* Orders, sales and reservations of the first periods (one node each) as another model's last answer has them. */
void fleet_model_follow(struct fleet_model *m, const struct fleet_model *other, size_t periods);
bool fleet_relax(struct fleet_model *m, struct arena *a, struct fleet_plan *out, struct err *e);

#endif
