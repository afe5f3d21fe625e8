/* fixture.h - a catalog, and a scenario from YAML text, for the planner's tests. */
#ifndef MOAT_TESTS_PLAN_FIXTURE_H
#define MOAT_TESTS_PLAN_FIXTURE_H

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/scenario.h"
#include "plan/plan.h"

struct world { struct arena *a; struct catalog *cat; struct notes notes; struct err e; };

static inline struct world world_open(void)
{
    struct world w = {.a = arena_new()};
    w.notes.arena = w.a;
    if (!catalog_open(w.a, NULL, &w.cat, &w.notes, &w.e))
        fail_msg("%s: %s", w.e.place, w.e.what);
    return w;
}

static inline struct scenario *world_scenario(struct world *w, const char *yaml, enum scenario_use use)
{
    struct node *doc;
    struct scenario *s = ARENA_NEW(w->a, struct scenario);
    if (!doc_yaml(w->a, "test.yaml", yaml, strlen(yaml), &doc, &w->e) ||
        !scenario_read(w->a, w->cat, doc, use, 1, s, &w->notes, &w->e))
        fail_msg("%s: %s; %s", w->e.place, w->e.what, w->e.mend);
    return s;
}

static inline struct plan *world_plan(struct world *w, const char *yaml, int threads)
{
    struct plan *p = ARENA_NEW(w->a, struct plan);
    struct plan_options o = {.threads = threads};
    if (!plan_run(w->a, w->cat, world_scenario(w, yaml, SCENARIO_PLAN), &o, p, &w->notes, &w->e))
        fail_msg("%s: %s; %s", w->e.place, w->e.what, w->e.mend);
    return p;
}

#endif
