/* predict.c - `moat predict`: one operating point at once, with where the time goes. */
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"

static const struct option own[] = {
    {"batch", "N", "requests in flight (default 32)", "batch", AS_YAML, NULL},
    {"isl", "N", "tokens of a prompt (default 1000)", "isl", AS_YAML, NULL},
    {"osl", "N", "tokens of an output (default 200)", "osl", AS_YAML, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Operating point", own);

static bool default_key(struct call *c, struct node *doc, const char *key, const char *value, struct err *e)
{
    return node_get(doc, key) || node_set(c->arena, doc, key, value, e);
}

static bool name_key(struct call *c, struct node *doc, const char *key, const char *name, struct err *e)
{
    if (!node_set(c->arena, doc, key, "''", e))
        return false;
    for (size_t i = 0; i < doc->n; i++)
        if (strcmp(doc->key[i], key) == 0) {
            doc->item[i].text = name;
            doc->item[i].file = key;
            doc->item[i].path = "";
        }
    return true;
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct scenario sc;
    if (!input_args(c, 0, 3, e))
        return false;
    if (c->narg && (c->narg != 3 || strcmp(c->arg[1], "on") != 0))
        return usage_error(c, e, "expected MODEL on ACCELERATOR");
    if (!c->narg && !(option_text(c, "model") && option_text(c, "accelerator")))
        return usage_error(c, e, "which model, on which accelerator?");
    struct point *p = ARENA_NEW(c->arena, struct point);
    if (!input_catalog(c, &cat, e) || !input_doc(c, NULL, &doc, e))
        return false;
    if (c->narg && (!name_key(c, doc, "model", c->arg[0], e) || !name_key(c, doc, "accelerator", c->arg[2], e)))
        return false;
    if (!default_key(c, doc, "batch", "32", e) || !default_key(c, doc, "isl", "1000", e) || !default_key(c, doc, "osl", "200", e) ||
        !scenario_read(c->arena, cat, doc, SCENARIO_PREDICT, c->seed, &sc, &c->notes, e) ||
        !plan_point(c->arena, cat, &sc, sc.batch, sc.isl, sc.osl, p, e))
        return false;
    c->show.inputs = sc.doc;
    c->show.seed = sc.seed;
    c->no_answer = !p->p.fits;
    call_clock(c);
    show_point(&c->show, p);
    return true;
}

const struct command command_predict = {
    .name = "predict", .args = "MODEL on ACCELERATOR",
    .help = "one operating point at once, with where the time goes",
    .about = "So many requests are in flight all the time, each with a prompt of --isl and an output of --osl tokens. Prints TTFT, TPOT, "
             "throughput, memory, power and cost, each with its interval, and the time of a decode step by operator and by what bounds it. "
             "Exit 1 when it does not fit.",
    .example = {{"moat predict llama-3.1-70b on h100 --tp 4 --precision fp8 --batch 64", "how fast is Llama 70B on four H100?"},
                {"moat predict deepseek-v3 on h200 --tp 8 --isl 4000 --osl 500 --verbose", "and where does the prompt's time go?"},
                {"moat predict llama-3.1-8b on l4 --json", "for a program"}},
    .group = {&group_deploy, &group_own, &group_price}, .run = run,
};
