/* catalog_names.c - a name as users type it to an accelerator, a model or a stack, with "did you mean".
**
** Names are compared in lower case with '_' and blanks read as '-'. A path that ends in .yaml (chip) or .json (model)
** is read from disk instead.
*/
#include "facts/catalog_names.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/catalog.h"

static const char *folded(struct arena *a, const char *name)
{
    char *s = arena_strdup(a, name);
    for (char *p = s; *p; p++)
        *p = *p == '_' || *p == ' ' ? '-' : (char)tolower((unsigned char)*p);
    return s;
}

static void put_new(struct arena *a, struct map *m, const char *name, size_t i)
{
    const char *key = folded(a, name);
    if (map_get(m, key) == MAP_NONE)
        map_put(m, key, (uint32_t)i);
}

void catalog_index(struct catalog *c)
{
    c->acc_by_name = (struct map){.arena = c->arena};
    c->model_by_name = (struct map){.arena = c->arena};
    c->work_by_name = (struct map){.arena = c->arena};
    for (size_t i = 0; i < c->nacc; i++)
        put_new(c->arena, &c->acc_by_name, c->acc[i].id, i);
    for (size_t i = 0; i < c->nacc; i++)
        for (size_t k = 0; k < c->acc[i].nalias; k++)
            put_new(c->arena, &c->acc_by_name, c->acc[i].alias[k], i);
    for (size_t i = 0; i < c->nwork; i++)
        put_new(c->arena, &c->work_by_name, c->work[i].id, i);
    for (size_t i = 0; i < c->nwork; i++)
        for (size_t k = 0; k < c->work[i].nalias; k++)
            put_new(c->arena, &c->work_by_name, c->work[i].alias[k], i);
    for (size_t i = 0; i < c->nmodel; i++)
        put_new(c->arena, &c->model_by_name, c->model[i].id, i);
    for (size_t i = 0; i < c->nmodel; i++)
        for (size_t k = 0; k < c->model[i].nalias; k++)
            put_new(c->arena, &c->model_by_name, c->model[i].alias[k], i);
    for (size_t i = 0; i < c->nmodel; i++) {
        const char *slash = c->model[i].name ? strrchr(c->model[i].name, '/') : NULL;
        if (c->model[i].name)
            put_new(c->arena, &c->model_by_name, c->model[i].name, i);
        if (slash)
            put_new(c->arena, &c->model_by_name, slash + 1, i);
    }
}

static bool ends(const char *s, const char *suffix)
{
    size_t n = strlen(s), k = strlen(suffix);
    return n > k && strcmp(s + n - k, suffix) == 0;
}

/* The nearest id or alias ("a20" -> "a10": the first among equals), else one that starts alike ("h100-94gb"). */
static const char *nearest(const char *word, const char *const *names, size_t n)
{
    const char *close = text_closest(word, names, n);
    size_t len = strlen(word);
    for (size_t i = 0; !close && len >= 3 && i < n; i++)
        if (strncmp(names[i], word, len) == 0)
            close = names[i];
    return close;
}

/* "h100/3g.40gb": an instance of a card. NULL with e set: the card has no such one; NULL without: key is no such name. */
static const struct accelerator *slice_named(const struct catalog *c, const char *key, const char *place, struct err *e, bool *is)
{
    const char *slash = strrchr(key, '/');
    uint32_t i = slash ? map_get(&c->acc_by_name, arena_strndup(c->arena, key, (size_t)(slash - key))) : MAP_NONE;
    struct buf all = {.arena = c->arena};
    *is = i != MAP_NONE;
    if (!*is)
        return NULL;
    const struct accelerator *card = &c->acc[i];
    for (size_t k = 0; k < c->nslice; k++) {
        const char *profile = strrchr(c->slice[k].id, '/') + 1;
        if (c->slice[k].card == card && strcmp(profile, slash + 1) == 0)
            return &c->slice[k];
        if (c->slice[k].card == card)
            buf_fmt(&all, "%s%s", all.n ? ", " : "", profile);
    }
    err_input(e, place, "%s has no MIG profile \"%s\"", card->id, slash + 1);
    if (all.n)
        err_mend(e, "it has %s", buf_str(&all));
    else
        err_mend(e, "no profiles of it are known: take the whole card");
    return NULL;
}

const struct accelerator *catalog_accelerator(struct catalog *c, const char *name, const char *place,
                                              struct notes *notes, struct err *e)
{
    struct arena *a = c->arena;
    const char *key = folded(a, name);
    uint32_t i = map_get(&c->acc_by_name, key);
    if (i != MAP_NONE)
        return &c->acc[i];
    if (ends(name, ".yaml") || ends(name, ".yml")) {
        struct node *doc;
        struct accelerator *acc = ARENA_NEW(a, struct accelerator);
        return doc_file(a, name, &doc, e) && accelerator_read(a, doc, acc, notes, e) && catalog_hash_file(c, name, e) ? acc : NULL;
    }
    bool is_slice;
    const struct accelerator *slice = slice_named(c, key, place, e, &is_slice);
    if (is_slice)
        return slice;
    size_t n = 0, total = c->nacc;
    for (size_t k = 0; k < c->nacc; k++)
        total += c->acc[k].nalias;
    const char **names = ARENA_ARRAY(a, const char *, total);
    for (size_t k = 0; k < c->nacc; k++)
        names[n++] = c->acc[k].id;
    for (size_t k = 0; k < c->nacc; k++)
        for (size_t j = 0; j < c->acc[k].nalias; j++)
            names[n++] = c->acc[k].alias[j];
    const char *close = nearest(key, names, n);
    err_input(e, place, "unknown accelerator \"%s\"", name);
    if (close)
        err_mend(e, "did you mean \"%s\"?", close);
    else
        err_mend(e, "`moat catalog list` names them all, and a path to a chip file ends in .yaml");
    return NULL;
}

/* Of weights only the header counts in the hash: what was read of it, as the config that it became. */
static const struct model *model_of_path(struct catalog *c, const char *path, struct notes *notes, struct err *e)
{
    struct arena *a = c->arena;
    struct model *m = ARENA_NEW(a, struct model);
    struct node *doc;
    struct buf b = {.arena = a};
    if (!model_open(a, path, m, &doc, notes, e))
        return NULL;
    if (ends(path, ".json"))
        return catalog_hash_file(c, path, e) ? m : NULL;
    node_json(&b, doc);
    catalog_hash(c, b.at, b.n);
    return m;
}

const struct model *catalog_model(struct catalog *c, const char *name, const char *place, struct notes *notes,
                                  struct err *e)
{
    struct arena *a = c->arena;
    const char *key = folded(a, name);
    uint32_t i = map_get(&c->model_by_name, key);
    if (i != MAP_NONE)
        return &c->model[i];
    if (map_get(&c->work_by_name, key) != MAP_NONE) {
        err_input(e, place, "\"%s\" is a workload, not a language model", name);
        err_mend(e, "`moat predict %s on h100` asks its rate", name);
        return NULL;
    }
    if (model_is_path(name))
        return model_of_path(c, name, notes, e);
    size_t n = 0, total = 2 * c->nmodel;
    for (size_t k = 0; k < c->nmodel; k++)
        total += c->model[k].nalias;
    const char **names = ARENA_ARRAY(a, const char *, total);
    for (size_t k = 0; k < c->nmodel; k++)
        names[n++] = c->model[k].id;
    for (size_t k = 0; k < c->nmodel; k++)
        for (size_t j = 0; j < c->model[k].nalias; j++)
            names[n++] = c->model[k].alias[j];
    const char *close = nearest(key, names, n);
    err_input(e, place, "unknown model \"%s\"", name);
    if (close)
        err_mend(e, "did you mean \"%s\"?", close);
    else
        err_mend(e, "`moat catalog list models` names them all, and a path to one ends in .json, .gguf or .safetensors");
    return NULL;
}

const struct workload *catalog_work(struct catalog *c, const char *name, struct err *e)
{
    struct arena *a = c->arena;
    uint32_t i = map_get(&c->work_by_name, folded(a, name));
    if (i != MAP_NONE)
        return &c->work[i];
    if (!ends(name, ".yaml") && !ends(name, ".yml"))
        return NULL;
    struct node *doc;
    struct workload *w = ARENA_NEW(a, struct workload);
    return doc_file(a, name, &doc, e) && work_read(a, doc, w, e) ? w : NULL;
}

bool catalog_subject(struct catalog *c, const char *name, const char *place, struct err *e)
{
    struct arena *a = c->arena;
    const char *key = folded(a, name);
    if (map_get(&c->model_by_name, key) != MAP_NONE || map_get(&c->work_by_name, key) != MAP_NONE || model_is_path(name))
        return true;
    size_t n = 0, total = c->nmodel + c->nwork;
    for (size_t k = 0; k < c->nmodel; k++)
        total += c->model[k].nalias;
    for (size_t k = 0; k < c->nwork; k++)
        total += c->work[k].nalias;
    const char **names = ARENA_ARRAY(a, const char *, total);
    for (size_t k = 0; k < c->nmodel; k++) {
        names[n++] = c->model[k].id;
        for (size_t j = 0; j < c->model[k].nalias; j++)
            names[n++] = c->model[k].alias[j];
    }
    for (size_t k = 0; k < c->nwork; k++) {
        names[n++] = c->work[k].id;
        for (size_t j = 0; j < c->work[k].nalias; j++)
            names[n++] = c->work[k].alias[j];
    }
    const char *close = nearest(key, names, n);
    err_input(e, place, "unknown model or workload \"%s\"", name);
    if (close)
        return err_mend(e, "did you mean \"%s\"?", close);
    return err_mend(e, "`moat catalog list models` and `moat catalog list work` name them all");
}

static bool named_before(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

const struct stack_file *catalog_stack(const struct catalog *c, const char *framework, const struct accelerator *acc,
                                       const char *place, struct err *e)
{
    const char *at = strchr(framework, '@'), *version = at ? stack_version(c->arena, "", at + 1) : NULL;
    const char *name = at ? arena_strndup(c->arena, framework, (size_t)(at - framework)) : framework;
    const struct stack_file *f = stack_pick(c->stack, c->nstack, name, acc, version, NULL);
    if (f && at && !version) {
        err_input(e, place, "\"%s\" is no version of %s", at + 1, name);
        return err_mend(e, "write for example vllm@0.6.1"), NULL;
    }
    if (f)
        return f;
    const char **names = ARENA_ARRAY(c->arena, const char *, c->nstack);
    size_t n = 0;
    struct buf all = {.arena = c->arena};
    for (size_t i = 0; i < c->nstack; i++) {
        const char *its = stack_file_name(c->stack[i]);
        if (named_before(names, n, its))
            continue;
        buf_fmt(&all, "%s%s", n ? ", " : "", its);
        names[n++] = its;
    }
    err_input(e, place, "unknown framework \"%s\"", framework);
    const char *close = text_closest(name, names, n);
    if (close && strcmp(close, name) == 0) {
        err_input(e, place, "%s does not run on %s", name, acc ? acc->id : "this accelerator");
        err_mend(e, "its own is %s", acc ? catalog_default_framework(c, acc) : "generic");
    } else if (close)
        err_mend(e, "did you mean \"%s\"?", close);
    else
        err_mend(e, "there are %s", buf_str(&all));
    return NULL;
}

const char *catalog_default_framework(const struct catalog *c, const struct accelerator *acc)
{
    for (size_t i = 0; i < c->nstack; i++)
        if (stack_is_default(c->stack[i], acc))
            return stack_file_name(c->stack[i]);
    return strcmp(acc->software, "CUDA") == 0 ? "vllm" : "generic";
}
