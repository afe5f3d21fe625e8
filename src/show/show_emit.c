/* show_emit.c - the files of `moat emit`, one behind the other under their names, or as JSON with their texts. */
#include "show/show_emit.h"

#include "show/document.h"

static void json(const struct show *s, const struct emit_target *t, const struct emit_plan *p, const struct emit_files *f, const char *dir)
{
    struct jw w;
    jw_init(&w, s->out);
    document_begin(&w, s, "moat.emit/1");
    jw_str(&w, "target", t->name);
    jw_str(&w, "plan", p->file);
    jw_str(&w, "model", p->model);
    jw_str(&w, "loads", p->repo);
    jw_str(&w, "engine", p->engine->name);
    jw_str(&w, "image", p->image);
    jw_str(&w, "accelerator", p->acc->id);
    jw_int(&w, "replicas", p->replicas);
    jw_int(&w, "devices_per_replica", p->devices);
    jw_int(&w, "nodes_per_replica", p->nodes);
    jw_str(&w, "folder", dir);
    jw_arr(&w, "files");
    for (size_t i = 0; i < f->n; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "path", f->file[i].path);
        jw_bool(&w, "executable", f->file[i].executable);
        jw_str(&w, "text", f->file[i].text.at);
        jw_end(&w);
    }
    jw_end(&w);
    document_end(&w, s);
}

void show_emit(const struct show *s, const struct emit_target *t, const struct emit_plan *p, const struct emit_files *f, const char *dir)
{
    if (s->format == FORMAT_JSON) {
        json(s, t, p, f, dir);
        return;
    }
    if (s->format == FORMAT_CSV) {
        buf_add(s->out, "path,executable,bytes\n");
        for (size_t i = 0; i < f->n; i++) {
            csv_text(s->out, f->file[i].path);
            csv_text(s->out, f->file[i].executable ? "true" : "false");
            csv_int(s->out, (int64_t)f->file[i].text.n);
            csv_end(s->out);
        }
        return;
    }
    for (size_t i = 0; i < f->n; i++)
        if (dir)
            buf_fmt(s->out, "%s/%s\n", dir, f->file[i].path);
        else
            buf_fmt(s->out, "%s# %s%s\n%s%s", ink(s, INK_BOLD), f->file[i].path, ink_off(s), f->file[i].text.at, i + 1 < f->n ? "\n" : "");
}
