/* sweep.h - many scenarios that differ in some keys, each simulated, predicted or planned, on threads.
**
** What cells share is read once: the catalog, and traffic that several cells have. Cells are independent jobs; each writes
** its own outcome, so the result does not depend on the number of threads or on what a journal already held.
*/
#ifndef MOAT_PLAN_SWEEP_H
#define MOAT_PLAN_SWEEP_H

#include "plan/grid.h"
#include "plan/outcome.h"

enum sweep_kind { SWEEP_SIM, SWEEP_PREDICT, SWEEP_PLAN, SWEEP_KIND_N };
extern const char *const sweep_kind_name[SWEEP_KIND_N];         /* "sim" ... */

struct sweep_cell {
    struct scenario s;          /* traffic NULL: loaded by the job, or shared by `traffic` */
    uint32_t traffic;           /* index of what it shares with other cells */
    uint64_t key;               /* xxHash64 of all that its outcome depends on */
    bool from_journal;
    struct outcome out;
};

struct sweep {
    enum sweep_kind kind;
    struct grid grid;
    struct sweep_cell *cell;    /* (grid.ncell) */
    size_t nanswered, nresumed;
    size_t best;                /* the first of the cheapest that keeps every promise; SIZE_MAX: none, or no promises */
    int seeds;                  /* most seeds of a cell; 1: one run each */
    bool intervals;             /* outcomes carry the 80 % interval of the prediction; with several seeds, that over seeds */
};

struct sweep_options {
    enum sweep_kind kind;
    int threads;
    bool intervals;
    uint64_t seed;              /* as in scenario_read */
    const char *program;        /* names the program that computes: other programs' journal lines are not used */
    const char *journal_name, *journal;         /* text of an earlier run's journal; NULL: none */
    size_t journal_bytes;
    /* One line of the journal, with its end. Called by one thread at a time, in the order in which cells are done. */
    bool (*append)(void *ctx, const char *line, size_t n, struct err *e);
    void (*tick)(void *ctx, size_t done, size_t of);    /* of those that are computed */
    void *ctx;
};

/* What names a program: its version, and a hash of its bytes where they can be read. */
const char *sweep_program(struct arena *a, const char *path);

/* base: the scenario's tree without `sweep`. A value that no scenario may have is an error of input; a cell that cannot be run
** is a cell without an answer. */
bool sweep_run(struct arena *a, struct catalog *c, const struct grid *g, const struct node *base, const struct sweep_options *o,
               struct sweep *out, struct notes *notes, struct err *e);

/* sweep_journal.c. A journal is a head line, then one line a cell in the order in which they were done:
**      {"key":"16 hex digits", "answered":true, .., "ttft_p50":[at,lo,hi], ..}
** What cannot be read (a last line cut short) is computed again. */
extern const char sweep_journal_head[];        /* with its end of line */
const char *sweep_journal_line(struct arena *a, const struct sweep_cell *c, size_t *n);
/* Fill the outcomes of cells that the journal holds. false: the text is no journal. */
bool sweep_journal_read(struct arena *a, const char *name, const char *bytes, size_t n, struct sweep *s, struct notes *notes,
                        struct err *e);
/* Bytes of a journal that are whole lines: what is behind them was cut short, and is taken off before a line follows. 0: the head
** has to be written first. */
size_t sweep_journal_whole(const char *bytes, size_t n);

#endif
