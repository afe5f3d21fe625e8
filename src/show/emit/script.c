/* script.c - targets vllm, sglang, trtllm: one script that starts a replica on this host, or this host's part of one. */
#include "base/arena.h"
#include "base/err.h"
#include "show/emit.h"

static bool write(const struct emit_plan *p, struct emit_files *out, struct notes *notes, struct err *e)
{
    (void)notes;
    if (p->nodes > 1 && !p->engine->spans_nodes) {
        err_input(e, p->file, "a replica spans %d hosts, and %s starts over several only under MPI", p->nodes, p->engine->help);
        return err_mend(e, "use --target slurm");
    }
    struct buf *b = emit_add(out, "serve.sh", true);
    bool many = p->nodes > 1;
    struct emit_words w = emit_command(p, many ? "$NODE_RANK" : NULL, many ? "$LEADER" : NULL);
    buf_add(b, "#!/bin/sh\n");
    emit_head(b, p, "#");
    if (many)
        buf_fmt(b, "# One replica takes %d hosts of %d devices: run it on each with NODE_RANK=0..%d and LEADER=address of rank 0.\n", p->nodes,
                p->node_devices, p->nodes - 1);
    else if (p->replicas > 1)
        buf_fmt(b, "# Run it once a replica, %d times, each with %d devices of its own, behind a load balancer.\n", p->replicas, p->devices);
    buf_fmt(b, "# Flags: %s\nset -eu\n\nexec ", p->engine->source);
    emit_shell(b, &w, "    ");
    buf_add(b, " \"$@\"\n");
    if (p->engine->extra)
        p->engine->extra(p, emit_add(out, p->extra, false));
    emit_bench(p, arena_printf(p->arena, "http://localhost:%s", p->port), out);
    return true;
}

extern const struct emit_target emit_target_vllm, emit_target_sglang, emit_target_trtllm;
const struct emit_target emit_target_vllm = {
    .name = "vllm", .help = "serve.sh for vLLM, and bench.sh", .source = "https://docs.vllm.ai/en/latest/cli/serve/",
    .only = &emit_vllm, .write = write,
};
const struct emit_target emit_target_sglang = {
    .name = "sglang", .help = "serve.sh for SGLang, and bench.sh",
    .source = "https://docs.sglang.ai/advanced_features/server_arguments.html", .only = &emit_sglang, .write = write,
};
const struct emit_target emit_target_trtllm = {
    .name = "trtllm", .help = "serve.sh and extra.yaml for TensorRT-LLM, and bench.sh",
    .source = "https://nvidia.github.io/TensorRT-LLM/commands/trtllm-serve/trtllm-serve.html", .only = &emit_trtllm, .write = write,
};
