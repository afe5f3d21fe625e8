/* target.c - the table of deployment targets, and what their files share. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "show/emit.h"

extern const struct emit_target emit_target_vllm, emit_target_sglang, emit_target_trtllm, emit_target_compose, emit_target_kubernetes,
    emit_target_slurm;
const struct emit_target *const emit_targets[] = {
    &emit_target_vllm, &emit_target_sglang, &emit_target_trtllm, &emit_target_compose, &emit_target_kubernetes, &emit_target_slurm,
};
const size_t emit_target_count = sizeof emit_targets / sizeof *emit_targets;

const struct emit_target *emit_target_find(const char *name)
{
    for (size_t i = 0; i < emit_target_count; i++)
        if (strcmp(emit_targets[i]->name, name) == 0)
            return emit_targets[i];
    return NULL;
}

struct buf *emit_add(struct emit_files *f, const char *path, bool executable)
{
    if (f->n == f->cap) {
        size_t cap = f->cap ? 2 * f->cap : 4;
        struct emit_file *more = ARENA_ARRAY(f->arena, struct emit_file, cap);
        if (f->n)
            memcpy(more, f->file, f->n * sizeof *more);
        f->file = more;
        f->cap = cap;
    }
    f->file[f->n] = (struct emit_file){.path = path, .text = {.arena = f->arena}, .executable = executable};
    return &f->file[f->n++].text;
}

void emit_word(struct emit_words *w, const char *text)
{
    if (w->n == w->cap) {
        size_t cap = w->cap ? 2 * w->cap : 32;
        const char **more = ARENA_ARRAY(w->arena, const char *, cap);
        if (w->n)
            memcpy(more, w->at, w->n * sizeof *more);
        w->at = more;
        w->cap = cap;
    }
    w->at[w->n++] = text;
}

struct emit_words emit_command(const struct emit_plan *p, const char *node, const char *leader)
{
    struct emit_words w = {.arena = p->arena};
    for (const char *const *word = p->engine->entry; *word; word++)
        emit_word(&w, *word);
    p->engine->args(p, &w, node, leader);
    return w;
}

static void shell_word(struct buf *b, const char *word)
{
    if (*word == '$' || !word[strcspn(word, " \t\n\"'\\$`*?[]{}()<>|&;#~!")]) {
        buf_fmt(b, *word == '$' ? "\"%s\"" : "%s", word);
        return;
    }
    buf_add(b, "'");
    for (const char *c = word; *c; c++)
        if (*c == '\'')
            buf_add(b, "'\\''");
        else
            buf_addn(b, c, 1);
    buf_add(b, "'");
}

void emit_shell(struct buf *b, const struct emit_words *w, const char *indent)
{
    for (size_t i = 0; i < w->n; i++) {
        if (i && w->at[i][0] == '-' && w->at[i][1] == '-')
            buf_fmt(b, " \\\n%s", indent);
        else if (i)
            buf_add(b, " ");
        shell_word(b, w->at[i]);
    }
}

void emit_yaml_list(struct buf *b, const struct emit_words *w, const char *indent)
{
    for (size_t i = 0; i < w->n; i++) {
        buf_fmt(b, "%s- ", indent);
        json_quote(b, w->at[i]); /* JSON's strings are YAML's too */
        buf_add(b, "\n");
    }
}

void emit_head(struct buf *b, const struct emit_plan *p, const char *comment)
{
    buf_fmt(b, "%s %s on %s, made by moat emit from %s.\n", comment, p->model, p->acc->id, p->file);
    buf_fmt(b, "%s %d replica%s of %d device%s", comment, p->replicas, p->replicas == 1 ? "" : "s", p->devices,
            p->devices == 1 ? "" : "s");
    if (p->spares)
        buf_fmt(b, ", %d of them spare", p->spares);
    if (p->replicas_robust > p->replicas)
        buf_fmt(b, "; %d if the device is as slow as the prediction's interval allows", p->replicas_robust);
    buf_add(b, ".\n");
}

#define LOAD_BYTES_S 0.5e9      /* a slow network volume: a tenth of what a local NVMe drive reads */
#define LOAD_EXTRA_S 600        /* compiling kernels and capturing graphs, first time */

int emit_load_s(const struct emit_plan *p)
{
    return (int)fmin(LOAD_EXTRA_S + ceil(p->weights_bytes / LOAD_BYTES_S / 60) * 60, 86400);
}
