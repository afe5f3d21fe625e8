/* slurm.c - target slurm: a job array, one task a replica; a replica may span nodes. */
#include "base/arena.h"
#include "base/err.h"
#include "show/emit.h"

static bool write(const struct emit_plan *given, struct emit_files *out, struct notes *notes, struct err *e)
{
    struct emit_plan plan = *given, *p = &plan;
    (void)notes, (void)e;
    p->port = "$PORT"; /* replicas may share a node */
    const char *mig = mig_profile_of(p->acc);   /* its type where slurmd finds GPUs by NVML (slurm.conf, AutoDetect) */
    bool many = p->nodes > 1, mpi = many && !p->engine->spans_nodes;
    struct buf *b = emit_add(out, "serve.sbatch", true);
    struct emit_words w = emit_command(p, many ? "$SLURM_NODEID" : NULL, many ? "$LEADER" : NULL);
    buf_add(b, "#!/bin/bash\n");
    emit_head(b, p, "#");
    buf_fmt(b, "# Each task of the array is one replica; it writes its address to endpoints/, for a load balancer to read.\n"
               "#SBATCH --job-name=%s\n#SBATCH --array=0-%d\n#SBATCH --nodes=%d\n#SBATCH --ntasks-per-node=%d\n#SBATCH --gres=gpu:%s%s%d\n"
               "#SBATCH --exclusive=user\n#SBATCH --output=%%x-%%a.log\n",
            p->name, p->replicas - 1, p->nodes, mpi ? p->node_devices : 1, mig ? mig : "", mig ? ":" : "", p->node_devices);
    buf_fmt(b, "set -euo pipefail\n\nLEADER=$(scontrol show hostnames \"$SLURM_JOB_NODELIST\" | head -n 1)\nexport LEADER\n"
               "PORT=$((%s + SLURM_ARRAY_TASK_ID))\nexport PORT\nmkdir -p endpoints\necho \"http://$LEADER:$PORT\" >\"endpoints/$SLURM_ARRAY_TASK_ID\"\n"
               "trap 'rm -f \"endpoints/$SLURM_ARRAY_TASK_ID\"' EXIT\n\n", p->engine->port);
    if (mpi) {
        buf_add(b, "srun --mpi=pmix trtllm-llmapi-launch ");
        emit_shell(b, &w, "    ");
        buf_add(b, "\n");
    } else {
        /* Ranks are known on each node only, hence a shell there. */
        struct buf inner = {.arena = p->arena};
        emit_shell(&inner, &w, "    ");
        buf_fmt(b, "srun bash <<'END'\nexec %s\nEND\n", buf_str(&inner));
    }
    if (p->engine->extra)
        p->engine->extra(p, emit_add(out, p->extra, false));
    emit_bench(p, arena_printf(p->arena, "http://localhost:%s", p->engine->port), out);
    return true;
}

extern const struct emit_target emit_target_slurm;
const struct emit_target emit_target_slurm = {
    .name = "slurm", .help = "serve.sbatch, a job array of the replicas, and bench.sh", .source = "https://slurm.schedmd.com/sbatch.html",
    .write = write,
};
