/* model_source.c - a model from whatever holds one: a config.json, a GGUF file, a safetensors file or index, a folder of them.
**
**      x.gguf                          metadata and tensors of the file (and of its parts)
**      x.safetensors, *.index.json     tensors of the files; config.json beside them, else inferred from the shapes
**      folder                          its config.json, and the tensors where they are there
**      x.json                          a config.json
**
** All end in one config tree, to which the table of tensors adds moat.weights, and which `catalog add` can keep.
*/
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/checkpoint.h"

#define INDEX "model.safetensors.index.json"

static bool ends(const char *s, const char *tail)
{
    size_t n = strlen(s), k = strlen(tail);
    return n >= k && strcmp(s + n - k, tail) == 0;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool model_is_path(const char *name)
{
    return ends(name, ".json") || ends(name, ".gguf") || ends(name, ".safetensors") ||
           (strchr(name, '/') && is_folder(name) && access(name, R_OK) == 0) || strcmp(name, ".") == 0;
}

const char *part_name(struct arena *a, const char *path, const char *suffix, int k, int *n)
{
    size_t len = strlen(path), tail = strlen("-00001-of-00003") + strlen(suffix);
    if (len <= tail || !ends(path, suffix))
        return NULL;
    const char *at = path + len - tail;
    for (int i = 0; i < 15; i++) {
        char want = "-00000-of-00000"[i];
        if (want == '0' ? !isdigit((unsigned char)at[i]) : at[i] != want)
            return NULL;
    }
    *n = (int)strtol(at + 10, NULL, 10);
    return arena_printf(a, "%.*s-%05d-of-%05d%s", (int)(len - tail), path, k, *n, suffix);
}

static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_strndup(a, path, (size_t)(slash - path)) : ".";
}

/* ---------------------------------------------------------------- the tensors of a checkpoint */

struct files {
    const char **path;
    size_t n;
};

/* Different files of an index, in the order of first appearance. */
static bool files_of_index(struct arena *a, const char *index, const char *dir, struct files *out, struct err *e)
{
    struct node *doc;
    struct map seen = {.arena = a};
    if (!doc_file(a, index, &doc, e))
        return false;
    const struct node *map = node_get(doc, "weight_map");
    if (!map || map->kind != NODE_MAP || !map->n)
        return err_input(e, index, "has no weight_map, which names the file of each tensor");
    out->path = ARENA_ARRAY(a, const char *, map->n);
    for (size_t i = 0; i < map->n; i++) {
        const char *name = map->item[i].text;
        if (!name || strchr(name, '/') || !ends(name, ".safetensors"))
            return err_input(e, node_place(a, &map->item[i]), "expected the name of a .safetensors file beside the index");
        if (map_get(&seen, name) != MAP_NONE)
            continue;
        map_put(&seen, name, 0);
        out->path[out->n++] = arena_printf(a, "%s/%s", dir, name);
    }
    return true;
}

static bool files_of_part(struct arena *a, const char *path, struct files *out, struct err *e)
{
    int n = 1;
    const char *dir = folder_of(a, path), *index = arena_printf(a, "%s/" INDEX, dir);
    bool split = part_name(a, path, ".safetensors", 1, &n) != NULL;
    if (split && n > 1 && access(index, R_OK) == 0)
        return files_of_index(a, index, dir, out, e);
    n = split && n > 0 ? n : 1;
    out->path = ARENA_ARRAY(a, const char *, (size_t)n);
    for (int k = 1; k <= n; k++) {
        int same;
        out->path[out->n++] = split ? part_name(a, path, ".safetensors", k, &same) : path;
    }
    return true;
}

/* Tensors of all files; *all false, with a note, when some are not there but a config.json is. */
static bool read_files(struct arena *a, const struct files *f, const char *config, struct tensor_table *t, bool *all,
                       struct notes *notes, struct err *e)
{
    size_t absent = 0;
    for (size_t i = 0; i < f->n; i++)
        absent += access(f->path[i], F_OK) != 0;
    *all = !absent;
    if (absent && config) {
        note_add(notes, "%s: %zu of %zu weight files are not here; number formats as the config says", config, absent, f->n);
        return true;
    }
    for (size_t i = 0; i < f->n; i++)
        if (!safetensors_read(a, f->path[i], t, e))
            return false;
    return true;
}

/* ---------------------------------------------------------------- from a source to a config */

struct source {
    struct node *doc;
    struct tensor_table table;
    bool counted;               /* the table holds every tensor of the model */
    const char *path;           /* as errors name it */
};

static bool read_config(struct arena *a, const char *path, struct node **doc, struct err *e)
{
    char *bytes;
    size_t n;
    return file_read(a, path, 0, &bytes, &n, e) && model_json(a, path, bytes, n, doc, e);
}

static bool from_safetensors(struct arena *a, const char *dir, const struct files *f, struct source *s, struct notes *notes,
                             struct err *e)
{
    const char *config = arena_printf(a, "%s/config.json", dir);
    bool described = access(config, F_OK) == 0;
    if (!read_files(a, f, described ? config : NULL, &s->table, &s->counted, notes, e))
        return false;
    if (!(described ? read_config(a, config, &s->doc, e) : infer_config(a, s->path, &s->table, &s->doc, notes, e)))
        return false;
    weights_unpack(&s->table, s->doc);
    return true;
}

static bool from_folder(struct arena *a, const char *dir, struct source *s, struct notes *notes, struct err *e)
{
    struct files f = {0};
    const char *index = arena_printf(a, "%s/" INDEX, dir), *one = arena_printf(a, "%s/model.safetensors", dir);
    const char *config = arena_printf(a, "%s/config.json", dir);
    if (access(index, F_OK) == 0) {
        if (!files_of_index(a, index, dir, &f, e))
            return false;
    } else if (access(one, F_OK) == 0) {
        f.path = ARENA_ARRAY(a, const char *, 1);
        f.path[f.n++] = one;
    } else if (access(config, F_OK) != 0) {
        err_input(e, dir, "holds no config.json, model.safetensors or " INDEX);
        return err_mend(e, "give a folder as the publisher ships it, or the path of a .gguf file");
    }
    return f.n ? from_safetensors(a, dir, &f, s, notes, e) : read_config(a, config, &s->doc, e);
}

static bool from_path(struct arena *a, const char *path, struct source *s, struct notes *notes, struct err *e)
{
    struct files f = {0};
    size_t n = strlen(path);
    if (is_folder(path))
        return from_folder(a, n > 1 && path[n - 1] == '/' ? arena_strndup(a, path, n - 1) : path, s, notes, e);
    if (ends(path, ".gguf")) {
        s->counted = true;
        return gguf_config(a, path, &s->table, &s->doc, e);
    }
    if (ends(path, INDEX))
        return files_of_index(a, path, folder_of(a, path), &f, e) && from_safetensors(a, folder_of(a, path), &f, s, notes, e);
    if (ends(path, ".safetensors"))
        return files_of_part(a, path, &f, e) && from_safetensors(a, folder_of(a, path), &f, s, notes, e);
    return read_config(a, path, &s->doc, e);
}

bool model_open(struct arena *a, const char *path, struct model *out, struct node **doc, struct notes *notes, struct err *e)
{
    struct source s = {.path = path};
    tensor_table_init(&s.table, a);
    if (!from_path(a, path, &s, notes, e))
        return false;
    if (doc)
        *doc = s.doc;
    if (!s.counted)
        return model_read(a, s.doc, NULL, out, notes, e);
    return model_read(a, s.doc, NULL, out, NULL, e) && weights_check(&s.table, out, path, e) &&
           weights_write(a, &s.table, out, s.doc, e) && model_read(a, s.doc, NULL, out, notes, e);
}
