/* emit.c - `moat emit`: a plan as files that deploy it. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"
#include "show/emit.h"
#include "show/show_emit.h"

static const struct option own[] = {
    {"target", "NAME", "vllm, sglang, trtllm, compose, kubernetes or slurm", NULL, AS_TEXT, NULL},
    {"out", "DIR", "folder for the files, made if it is not there (default: they are printed)", NULL, AS_TEXT, NULL},
    {"rank", "N", "the candidate of this rank (default: the plan's best)", NULL, AS_TEXT, NULL},
    {"model", "NAME", "what the engine loads: a Hugging Face name or a path (default: the model's own)", NULL, AS_TEXT, NULL},
    {"image", "NAME", "container image (default: the engine's own, of the version planned with)", NULL, AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Files", own);

static const struct emit_target *target(struct call *c, struct err *e)
{
    const char *name = option_text(c, "target"), *names[16];
    if (!name)
        return usage_error(c, e, "name a --target: vllm, sglang, trtllm, compose, kubernetes or slurm"), NULL;
    const struct emit_target *t = emit_target_find(name);
    for (size_t i = 0; !t && i < emit_target_count; i++)
        names[i] = emit_targets[i]->name;
    if (!t && !command_unknown("target", name, names, emit_target_count, e) && !*e->mend)
        err_mend(e, "name vllm, sglang, trtllm, compose, kubernetes or slurm");
    return t;
}

/* Who may read a script may run it. */
static bool make_executable(const char *path, struct err *e)
{
    struct stat st;
    if (stat(path, &st) == 0 && chmod(path, (st.st_mode | (st.st_mode & 0444) >> 2) & 07777) == 0)
        return true;
    return err_env(e, path, "cannot make it executable: %s", strerror(errno));
}

static bool write_file(struct call *c, const char *dir, const struct emit_file *f, struct err *e)
{
    const char *path = arena_printf(c->arena, "%s/%s", dir, f->path);
    return output_file(path, f->text.at, f->text.n, e) && (!f->executable || make_executable(path, e));
}

static bool write_all(struct call *c, const char *dir, struct emit_files *files, struct err *e)
{
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return err_env(e, dir, "cannot make the folder: %s", strerror(errno));
    for (size_t i = 0; i < files->n; i++)
        if (!write_file(c, dir, &files->file[i], e))
            return false;
    return true;
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    int64_t rank = 0;
    struct emit_plan plan;
    struct emit_files files = {.arena = c->arena};
    const char *out = option_text(c, "out");
    if (!input_args(c, 1, 1, e))
        return false;
    const struct emit_target *t = target(c, e);
    if (!t || !option_int(c, "rank", 1, 1000000, &rank, e) || !input_catalog(c, &cat, e) || !doc_file(c->arena, c->arg[0], &doc, e))
        return false;
    struct emit_choice choice = {(int)rank, option_text(c, "model"), option_text(c, "image")};
    if (!emit_read(c->arena, cat, doc, c->arg[0], t, choice, &plan, &c->notes, e) || !t->write(&plan, &files, &c->notes, e) ||
        (out && !write_all(c, out, &files, e)))
        return false;
    while (call_show(c))
        show_emit(&c->show, t, &plan, &files, out);
    return true;
}

const struct command command_emit = {
    .name = "emit",
    .args = "PLAN.json",
    .help = "the chosen plan as files that deploy it",
    .about = "Reads what `moat plan --json` printed and writes what starts it: engine commands with the planned parallelism, batch limits, "
             "memory and formats (vllm, sglang, trtllm), the replicas of a host with a gateway (compose), services with probes, disruption "
             "budget and autoscaler (kubernetes; LeaderWorkerSet where a replica spans nodes), or a job array (slurm). Beside it bench.sh, "
             "which loads the endpoint and ends with 1 where a limit of the plan is missed.\n\n"
             "What the plan leaves open is said in notes: a checkpoint in another format, a label or an image that is not known.",
    .example = {{"moat plan examples/chat-70b.yaml --json > plan.json", "first the plan"},
                {"moat emit plan.json --target vllm", "how is a replica started?"},
                {"moat emit plan.json --target kubernetes --out deploy", "the whole service"},
                {"moat emit plan.json --target slurm --rank 2", "and the second choice on a cluster"}},
    .group = {&group_own},
    .run = run,
};
