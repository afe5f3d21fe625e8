/* catalog.c - `moat catalog`: list, show, check and add accelerators, models, prices and stacks. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"
#include "show/show_work.h"

static const char *const verbs[] = {"list", "show", "check", "add"};
static const char *const lists[] = {"accelerators", "models", "prices", "stacks", "work"};

static bool query(struct call *c, const struct catalog *cat, struct price_query *q, struct err *e)
{
    struct node *doc;
    return input_doc(c, NULL, &doc, e) && scenario_prices(c->arena, cat, node_get(doc, "prices"), doc, q, e);
}

static bool list(struct call *c, struct catalog *cat, const struct price_query *q, struct err *e)
{
    const char *what = c->narg > 1 ? c->arg[1] : "accelerators";
    if (!input_args(c, 1, 2, e))
        return false;
    if (strcmp(what, lists[0]) == 0) {
        show_accelerators(&c->show, cat, q);
    } else if (strcmp(what, lists[1]) == 0) {
        show_models(&c->show, cat);
    } else if (strcmp(what, lists[2]) == 0) {
        show_prices(&c->show, cat);
    } else if (strcmp(what, lists[3]) == 0) {
        show_stacks(&c->show, cat);
    } else if (strcmp(what, lists[4]) == 0) {
        show_works(&c->show, cat);
    } else {
        command_unknown("list", what, lists, 5, e);
        return *e->mend ? false : err_mend(e, "there are accelerators, models, prices, stacks and work");
    }
    return true;
}

/* The file itself: its comments say where the figures come from. */
static bool work_yaml(struct call *c, const struct catalog *cat, const struct workload *w, struct err *e)
{
    const char *bytes;
    size_t n;
    if (!catalog_source(cat, w->place, &bytes, &n, e))
        return false;
    buf_addn(&c->out, bytes, n);
    return true;
}

static bool show_one(struct call *c, struct catalog *cat, const struct price_query *q, struct err *e)
{
    struct err no_model, no_device, no_work = {0};
    if (c->narg < 2)
        return usage_error(c, e, "which entry?");
    if (!input_args(c, 2, 2, e))
        return false;
    bool yaml = option_on(c, "yaml");
    const struct accelerator *acc = catalog_accelerator(cat, c->arg[1], "", &c->notes, &no_device);
    if (acc && yaml)
        accelerator_yaml(&c->out, acc);
    else if (acc)
        show_accelerator(&c->show, cat, acc, q);
    if (acc)
        return true;
    const struct model *m = catalog_model(cat, c->arg[1], "", &c->notes, &no_model);
    const struct workload *w = m ? NULL : catalog_work(cat, c->arg[1], &no_work);
    if (w && yaml)
        return work_yaml(c, cat, w, e);
    if (w) {
        show_work(&c->show, w);
        return true;
    }
    if (m && yaml)
        return usage_error(c, e, "--yaml prints chip files; %s is a model, catalog add keeps it as a config.json", m->id);
    if (m) {
        show_model(&c->show, cat, m);
        return true;
    }
    if (no_device.kind == ERR_ENV || no_model.kind == ERR_ENV) {
        *e = no_device.kind == ERR_ENV ? no_device : no_model;
        return false;
    }
    size_t n = strlen(c->arg[1]);
    if (model_is_path(c->arg[1])) {
        *e = no_model;
        return false;
    }
    if (n > 5 && (strcmp(c->arg[1] + n - 5, ".yaml") == 0 || strcmp(c->arg[1] + n - 4, ".yml") == 0)) {
        *e = no_device;
        return false;
    }
    const char *names[3 * 1024], *close;
    size_t k = 0;
    for (size_t i = 0; i < cat->nacc && k < 1024; i++)
        names[k++] = cat->acc[i].id;
    for (size_t i = 0; i < cat->nmodel && k < 2048; i++)
        names[k++] = cat->model[i].id;
    for (size_t i = 0; i < cat->nwork && k < 3072; i++)
        names[k++] = cat->work[i].id;
    close = text_closest(c->arg[1], names, k);
    err_input(e, "", "the catalog has no accelerator, model or workload \"%.80s\"", c->arg[1]);
    return close ? err_mend(e, "did you mean \"%s\"?", close) : err_mend(e, "see moat catalog list");
}

static bool make_folder(const char *path, struct err *e)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST || err_env(e, path, "cannot be made: %s", strerror(errno));
}

/* The model and the text that is kept of it: a config.json as it is; of weights, what their headers became. */
static bool model_text(struct call *c, const char *file, struct model *m, char **bytes, size_t *n, struct err *e)
{
    struct node *doc;
    struct buf b = {.arena = c->arena};
    size_t len = strlen(file);
    if (!model_open(c->arena, file, m, &doc, &c->notes, e))
        return false;
    if (len > 5 && strcmp(file + len - 5, ".json") == 0 && !strstr(file, "safetensors"))
        return file_read(c->arena, file, 0, bytes, n, e);
    node_json(&b, doc);
    buf_add(&b, "\n");
    *bytes = b.at;
    *n = b.n;
    return true;
}

/* What is added is checked by the reader that will read it later, and copied byte by byte. */
static bool add(struct call *c, struct err *e)
{
    const char *dir = option_text(c, "catalog");
    struct node *doc;
    struct accelerator acc;
    struct model m;
    struct workload w;
    char *bytes;
    size_t n;
    if (c->narg != 2)
        return usage_error(c, e, c->narg < 2 ? "which file?" : "one argument too many");
    if (!dir)
        return usage_error(c, e, "into which catalog? give --catalog DIR");
    const char *file = c->arg[1];
    const char *dot = strrchr(file, '.');
    bool model = model_is_path(file);
    if (model ? !model_text(c, file, &m, &bytes, &n, e) : !file_read(c->arena, file, 0, &bytes, &n, e))
        return false;
    const char *copy = arena_strndup(c->arena, bytes, n);
    if (!model && !(dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0))) {
        err_input(e, file, "expected a chip or workload file (.yaml) or a model (config.json, .gguf, .safetensors or a folder)");
        return err_mend(e, "moat catalog show h100 --yaml prints a chip file to start from");
    }
    bool work = false;
    if (!model) {
        if (!doc_yaml(c->arena, file, bytes, n, &doc, e))
            return false;
        work = node_get(doc, "operators") != NULL;
        if (!(work ? work_read(c->arena, doc, &w, e) : accelerator_read(c->arena, doc, &acc, &c->notes, e)))
            return false;
    }
    const char *id = model ? m.id : work ? w.id : acc.id, *folder = model ? "models" : work ? "work" : "accelerators";
    const char *path = arena_printf(c->arena, "%s/%s/%s.%s", dir, folder, id, model ? "json" : "yaml");
    if (!*id || strchr(id, '/'))
        return err_input(e, file, "the id \"%.60s\" cannot be the name of a file", id);
    if (access(path, F_OK) == 0) {
        err_input(e, path, "is there already");
        return err_mend(e, "remove it first");
    }
    if (!make_folder(dir, e) || !make_folder(arena_printf(c->arena, "%s/%s", dir, folder), e) || !output_file(path, copy, n, e))
        return false;
    buf_fmt(&c->out, "%s: %s, now in %s\n", id, model ? "model" : work ? "workload" : "accelerator", path);
    return true;
}

static bool check(struct call *c, struct err *e)
{
    struct catalog *cat;
    if (!input_args(c, 1, 2, e))
        return false;
    const char *dir = c->narg > 1 ? c->arg[1] : option_text(c, "catalog");
    if (!catalog_open(c->arena, dir, &cat, &c->notes, e))
        return false;
    while (call_show(c))
        show_check(&c->show, cat, dir);
    return true;
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct price_query q;
    const char *verb = c->narg ? c->arg[0] : "list";
    if (!c->narg) {
        static const char *const none[] = {"list"};
        c->arg = none;
        c->narg = 1;
    }
    c->show.seed = c->seed ? c->seed : 1;
    if (strcmp(verb, "check") == 0)
        return check(c, e);
    if (strcmp(verb, "add") == 0)
        return add(c, e);
    bool is_list = strcmp(verb, "list") == 0;
    if (!is_list && strcmp(verb, "show") != 0) {
        command_unknown("subcommand of catalog", verb, verbs, 4, e);
        return *e->mend ? false : err_mend(e, "there are list, show, check and add");
    }
    if (!input_catalog(c, &cat, e) || !query(c, cat, &q, e))
        return false;
    if (option_on(c, "yaml") && option_on(c, "html"))
        return usage_error(c, e, "--yaml prints a file, and --html shows a document");
    bool ok = true;
    while (ok && call_show(c))
        ok = is_list ? list(c, cat, &q, e) : show_one(c, cat, &q, e);
    return ok;
}

static const struct option own[] = {
    {"yaml", NULL, "show: the accelerator or workload as a file, to start your own from", NULL, AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Catalog", own);

const struct command command_catalog = {
    .name = "catalog", .args = "list|show|check|add ...",
    .help = "accelerators, models, prices, stacks and workloads, with their sources",
    .about = "list [accelerators|models|prices|stacks|work]; show ID: every figure with how well it is known, its sources and its prices, or a "
             "model's parameters by part, or a workload's operators; check [DIR]: reads everything, with an overlay; add FILE --catalog DIR: checks a chip file, a "
             "workload file or a model (config.json, .gguf, .safetensors, or a folder of them) and copies it into an overlay.\n\n"
             "An overlay is a folder laid out like data/ (accelerators, models, stacks, work, prices.csv); every command takes it as --catalog DIR.",
    .example = {{"moat catalog list", "accelerators with memory, speed and price"},
                {"moat catalog show h100", "one, figure by figure"},
                {"moat catalog show h100 --yaml > mychip.yaml", "a chip file to start from"},
                {"moat catalog show deepseek-v3", "where are its parameters?"},
                {"moat catalog list prices --csv", "every price row with date and source"}},
    .group = {&group_own, &group_price}, .run = run,
};
