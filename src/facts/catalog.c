/* catalog.c - opens the data: built-in files, then those of an overlay over them, then the name tables.
**
**      embedded_files[] --+
**                         +--> accelerators, models, prices, economics, power, stacks, work --> names to indices
**      overlay directory -+
**                         +--> calibrations of deployments
**
** An entry of the overlay with the id of a built-in one replaces it; prices of the overlay are added; a
** stack of the overlay replaces the one of the same framework, software and era.
*/
#include "facts/catalog.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/catalog_names.h"
#include "facts/price_read.h"

struct opening { /* what is being put together */
    struct arena *a;
    struct catalog *c;
    struct price_list prices;
    size_t cap_acc, cap_model, cap_stack, cap_work;
    struct notes *notes;
    struct err *e;
};

void catalog_hash(struct catalog *c, const char *bytes, size_t n)
{
    c->hash = XXH64(bytes, n, c->hash);
}

bool catalog_hash_file(struct catalog *c, const char *path, struct err *e)
{
    char *bytes;
    size_t n;
    if (!file_read(c->arena, path, 0, &bytes, &n, e))
        return false;
    catalog_hash(c, bytes, n);
    return true;
}

static bool add_accelerator(struct opening *o, const struct node *doc, bool overlay)
{
    struct catalog *c = o->c;
    struct accelerator acc;
    if (!accelerator_read(o->a, doc, &acc, overlay ? o->notes : NULL, o->e))
        return false;
    for (size_t i = 0; i < c->nacc; i++)
        if (overlay && strcmp(c->acc[i].id, acc.id) == 0) {
            c->acc[i] = acc;
            return true;
        }
    if (c->nacc == o->cap_acc) {
        o->cap_acc = o->cap_acc ? 2 * o->cap_acc : 128;
        c->acc = arena_grow(o->a, c->acc, c->nacc, o->cap_acc, sizeof *c->acc);
    }
    c->acc[c->nacc++] = acc;
    return true;
}

static bool add_model(struct opening *o, const struct node *doc, const char *id, bool overlay)
{
    struct catalog *c = o->c;
    struct model m;
    if (!model_read(o->a, doc, id, &m, overlay ? o->notes : NULL, o->e))
        return false;
    for (size_t i = 0; i < c->nmodel; i++)
        if (overlay && strcmp(c->model[i].id, m.id) == 0) {
            c->model[i] = m;
            return true;
        }
    if (c->nmodel == o->cap_model) {
        o->cap_model = o->cap_model ? 2 * o->cap_model : 64;
        c->model = arena_grow(o->a, c->model, c->nmodel, o->cap_model, sizeof *c->model);
    }
    c->model[c->nmodel++] = m;
    return true;
}

static bool add_stack(struct opening *o, const struct node *doc)
{
    struct catalog *c = o->c;
    struct stack_file *f;
    if (!stack_read(o->a, doc, &f, o->notes, o->e))
        return false;
    for (size_t i = 0; i < c->nstack; i++)
        if (stack_same(c->stack[i], f)) {
            c->stack[i] = f;
            return true;
        }
    if (c->nstack == o->cap_stack) {
        o->cap_stack = o->cap_stack ? 2 * o->cap_stack : 8;
        c->stack = arena_grow(o->a, c->stack, c->nstack, o->cap_stack, sizeof *c->stack);
    }
    c->stack[c->nstack++] = f;
    return true;
}

static bool add_calibration(struct opening *o, const struct node *doc)
{
    struct catalog *c = o->c;
    struct calibration one;
    if (!calibration_read(o->a, doc, &one, o->e))
        return false;
    if (!catalog_stack(c, one.framework, NULL, doc->file, o->e))
        return false;
    c->calibration = arena_grow(o->a, c->calibration, c->ncalibration, c->ncalibration + 1, sizeof *c->calibration);
    c->calibration[c->ncalibration++] = one;
    return true;
}

static bool add_work(struct opening *o, const struct node *doc)
{
    struct catalog *c = o->c;
    struct workload w;
    if (!work_read(o->a, doc, &w, o->e))
        return false;
    for (size_t i = 0; i < c->nwork; i++)
        if (strcmp(c->work[i].id, w.id) == 0) {
            c->work[i] = w;
            return true;
        }
    if (c->nwork == o->cap_work) {
        o->cap_work = o->cap_work ? 2 * o->cap_work : 32;
        c->work = arena_grow(o->a, c->work, c->nwork, o->cap_work, sizeof *c->work);
    }
    c->work[c->nwork++] = w;
    return true;
}

static const char *stem(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/'), *from = slash ? slash + 1 : path, *dot = strrchr(from, '.');
    return arena_strndup(a, from, dot ? (size_t)(dot - from) : strlen(from));
}

/* path: relative to data/; name: as errors show it. */
static bool add_file(struct opening *o, const char *path, const char *name, const char *bytes, size_t n, bool overlay)
{
    struct node *doc = NULL;
    if (overlay)
        catalog_hash(o->c, bytes, n);
    if (strcmp(path, "prices.csv") == 0)
        return price_read(o->a, name, bytes, n, &o->prices, o->notes, o->e);
    bool json = strncmp(path, "models/", 7) == 0;
    if (!(json ? doc_json : doc_yaml)(o->a, name, bytes, n, &doc, o->e))
        return false;
    if (json)
        return add_model(o, doc, stem(o->a, path), overlay);
    if (strcmp(path, "economics.yaml") == 0)
        return economics_read(o->a, doc, &o->c->economics, o->e);
    if (strcmp(path, "dynamics.yaml") == 0)
        return dynamics_const_read(o->a, doc, &o->c->dynamics, o->e);
    if (strcmp(path, "fleet.yaml") == 0)
        return fleet_defaults_read(o->a, doc, &o->c->fleet, o->e);
    if (strcmp(path, "power.yaml") == 0)
        return power_const_read(o->a, doc, &o->c->power, o->e);
    if (strncmp(path, "calibrations/", 13) == 0)
        return add_calibration(o, doc);
    if (strcmp(path, "work_shares.yaml") == 0)
        return work_shares_read(o->a, doc, &o->c->work_shares, o->e);
    if (strncmp(path, "work/", 5) == 0)
        return add_work(o, doc);
    if (strcmp(path, "training.yaml") == 0)
        return training_read(o->a, doc, &o->c->training, o->e);
    return strncmp(path, "stacks/", 7) == 0 ? add_stack(o, doc) : add_accelerator(o, doc, overlay);
}

static bool has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s), k = strlen(suffix);
    return n > k && strcmp(s + n - k, suffix) == 0;
}

static int visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

/* Files of one folder of the overlay in the order of their names; a folder that is not there is no error. */
static bool add_folder(struct opening *o, const char *overlay, const char *folder, const char *suffix)
{
    const char *dir = arena_printf(o->a, "%s/%s", overlay, folder);
    struct dirent **entry = NULL;
    bool ok = true;
    int n = scandir(dir, &entry, visible, alphasort);
    if (n < 0 && errno != ENOENT)
        return err_env(o->e, dir, "cannot be read: %s", strerror(errno));
    for (int i = 0; i < n; i++) {
        if (ok && has_suffix(entry[i]->d_name, suffix)) {
            const char *path = arena_printf(o->a, "%s/%s", dir, entry[i]->d_name);
            char *bytes;
            size_t size;
            ok = file_read(o->a, path, 0, &bytes, &size, o->e) &&
                 add_file(o, arena_printf(o->a, "%s/%s", folder, entry[i]->d_name), path, bytes, size, true);
        }
        free(entry[i]);
    }
    free(entry);
    return ok;
}

static bool add_one(struct opening *o, const char *overlay, const char *file)
{
    const char *path = arena_printf(o->a, "%s/%s", overlay, file);
    struct stat st;
    char *bytes;
    size_t n;
    if (stat(path, &st) != 0)
        return errno == ENOENT || err_env(o->e, path, "cannot be read: %s", strerror(errno));
    return file_read(o->a, path, 0, &bytes, &n, o->e) && add_file(o, file, path, bytes, n, true);
}

static bool add_overlay(struct opening *o, const char *overlay)
{
    struct stat st;
    if (stat(overlay, &st) != 0)
        return err_env(o->e, overlay, "cannot be read: %s", strerror(errno));
    if (S_ISREG(st.st_mode) && has_suffix(overlay, ".yaml")) {
        struct node *doc;
        return catalog_hash_file(o->c, overlay, o->e) && doc_file(o->a, overlay, &doc, o->e) && add_calibration(o, doc);
    }
    if (!S_ISDIR(st.st_mode))
        return err_env(o->e, overlay, "is not a folder"),
               err_mend(o->e, "--catalog takes a folder laid out like data/ (accelerators, models, stacks, work, prices.csv), or "
                              "a calibration file that ends in .yaml");
    return add_folder(o, overlay, "accelerators", ".yaml") && add_folder(o, overlay, "models", ".json") &&
           add_folder(o, overlay, "stacks", ".yaml") && add_folder(o, overlay, "calibrations", ".yaml") &&
           add_folder(o, overlay, "work", ".yaml") && add_one(o, overlay, "work_shares.yaml") &&
           add_one(o, overlay, "dynamics.yaml") && add_one(o, overlay, "economics.yaml") && add_one(o, overlay, "fleet.yaml") &&
           add_one(o, overlay, "power.yaml") &&
           add_one(o, overlay, "training.yaml") &&
           add_one(o, overlay, "prices.csv");
}

/* Names in calibrations become ids; an accelerator that is not there may be a chip file of that id. */
static void name_calibrations(struct catalog *c, struct notes *notes)
{
    for (size_t i = 0; i < c->ncalibration; i++) {
        struct calibration *k = &c->calibration[i];
        struct err unknown = {0};
        const struct accelerator *acc = catalog_accelerator(c, k->accelerator, "", NULL, &unknown);
        const struct model *m = k->model ? catalog_model(c, k->model, "", NULL, &unknown) : NULL;
        k->accelerator = acc ? acc->id : k->accelerator;
        k->model = m ? m->id : k->model;
        if (!acc || (k->model && !m))
            note_add(notes, "a calibration is for %s, which is not in the catalog", acc ? k->model : k->accelerator);
    }
}

static int by_acc_id(const void *x, const void *y)
{
    return strcmp(((const struct accelerator *)x)->id, ((const struct accelerator *)y)->id);
}

static void slices(struct arena *a, struct catalog *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->nacc; i++)
        n += c->acc[i].nmig;
    c->slice = ARENA_ARRAY(a, struct accelerator, n);
    for (size_t i = 0; i < c->nacc; i++)
        for (size_t k = 0; k < c->acc[i].nmig; k++)
            mig_device(a, &c->acc[i], k, &c->slice[c->nslice++]);
}

static int by_work_id(const void *x, const void *y)
{
    return strcmp(((const struct workload *)x)->id, ((const struct workload *)y)->id);
}

static int by_model_id(const void *x, const void *y)
{
    return strcmp(((const struct model *)x)->id, ((const struct model *)y)->id);
}

bool catalog_open(struct arena *a, const char *overlay, struct catalog **out, struct notes *notes, struct err *e)
{
    struct catalog *c = ARENA_NEW(a, struct catalog);
    struct opening o = {.a = a, .c = c, .notes = notes, .e = e};
    c->arena = a;
    for (size_t i = 0; i < embedded_count; i++) {
        const struct embedded *f = &embedded_files[i];
        if (!add_file(&o, f->path, arena_printf(a, "data/%s", f->path), f->bytes, f->n, false))
            return false;
    }
    if ((overlay && !add_overlay(&o, overlay)) || !stack_bind(a, c->stack, c->nstack, e))
        return false;
    if (c->nacc)
        qsort(c->acc, c->nacc, sizeof *c->acc, by_acc_id);
    if (c->nmodel)
        qsort(c->model, c->nmodel, sizeof *c->model, by_model_id);
    if (c->nwork)
        qsort(c->work, c->nwork, sizeof *c->work, by_work_id);
    price_sort(&o.prices);
    c->price = o.prices.row;
    c->nprice = o.prices.n;
    for (size_t i = 0; i < c->nstack; i++)
        stack_file_power(c->stack[i], &c->power);
    slices(a, c);
    catalog_index(c);
    name_calibrations(c, notes);
    *out = c;
    return true;
}

bool catalog_source(const struct catalog *c, const char *place, const char **bytes, size_t *n, struct err *e)
{
    for (size_t i = 0; i < embedded_count; i++)
        if (strncmp(place, "data/", 5) == 0 && strcmp(place + 5, embedded_files[i].path) == 0) {
            *bytes = embedded_files[i].bytes;
            *n = embedded_files[i].n;
            return true;
        }
    char *own;
    if (!file_read(c->arena, place, 0, &own, n, e))
        return false;
    *bytes = own;
    return true;
}
