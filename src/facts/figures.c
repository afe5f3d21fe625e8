/* figures.c - figures by key, each with the place it comes from (data/economics.yaml, data/power.yaml). */
#include "facts/figures.h"

#include "base/doc.h"
#include "base/err.h"

bool figures_read(struct arena *a, const struct node *doc, const struct figure_field *f, size_t n, const char **source,
                  struct err *e)
{
    static const char *const sub[] = {"value", "source", "date", "note"};
    const char *names[FIGURES_MAX + 1];
    for (size_t i = 0; i < n; i++)
        names[i] = f[i].key;
    names[n] = "source";
    if (!node_keys(a, doc, names, n + 1, e) || !node_str(a, node_get(doc, "source"), source, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct node *m = node_get(doc, f[i].key), *v = m && m->kind == NODE_MAP ? node_get(m, "value") : m;
        if (!m)
            continue;
        if (m->kind == NODE_MAP && (!node_keys(a, m, sub, 4, e) || !v))
            return v ? false : err_input(e, node_place(a, m), "value is missing");
        if (!node_unit(a, v, f[i].unit, f[i].to, e))
            return false;
        if (*f[i].to > f[i].hi)
            return err_input(e, node_place(a, v), "%g is more than can be", *f[i].to);
        if (*f[i].to < f[i].lo)
            return err_input(e, node_place(a, v), "%g is less than can be", *f[i].to);
    }
    return true;
}
