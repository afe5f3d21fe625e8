/* train.c - `moat train`: a training campaign: days, MFU, failures, cost. */
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"
#include "show/show_train.h"

static const struct option job[] = {
    {"model", "MODEL", "a catalog id, a Hugging Face name, or the path of a config.json, .gguf, .safetensors or a folder of them", "model", AS_TEXT, NULL},
    {"accelerator", "ID", "a catalog id, or the path of a chip file", "accelerator", AS_TEXT, NULL},
    {"devices", "N", "accelerators, all together", "devices", AS_YAML, NULL},
    {"tokens", "N", "tokens of the campaign, as 15.6T", "tokens", AS_YAML, "steps"},
    {"global-batch", "N", "sequences of a step, over all accelerators", "global_batch", AS_YAML, NULL},
    {"sequence", "N", "tokens of a sequence (default 8192)", "sequence", AS_YAML, NULL},
    {"precision", "FORMAT", "of the matrix products: bf16 (default), fp16, fp8, fp8_block, nvfp4", "precision", AS_TEXT,
     NULL},
    {"lora-rank", "N", "train adapters of this rank only", "lora_rank", AS_YAML, NULL},
    {"framework", "NAME", "megatron, fsdp, maxtext (default: by the device's software)", "framework", AS_TEXT, NULL},
};
static const struct option_group group_job = OPTION_GROUP("What is trained", job);

static const struct option split[] = {
    {"tp", "N", "tensor parallelism", "tp", AS_YAML, NULL},
    {"pp", "N", "pipeline parallelism", "pp", AS_YAML, NULL},
    {"vp", "N", "interleaved chunks of a pipeline stage", "vp", AS_YAML, NULL},
    {"cp", "N", "context parallelism", "cp", AS_YAML, NULL},
    {"ep", "N", "expert parallelism", "ep", AS_YAML, NULL},
    {"micro-batch", "N", "sequences of a micro-batch", "micro_batch", AS_YAML, NULL},
    {"shard", "HOW", "over data-parallel ranks: none, zero1, zero2, fsdp", "shard", AS_TEXT, NULL},
    {"recompute", "WHAT", "activations: none, selective, full", "recompute", AS_TEXT, NULL},
};
static const struct option_group group_split = OPTION_GROUP("The split (what is not given is searched)", split);

static const struct option failure[] = {
    {"mtbf", "TIME", "of one accelerator, between interruptions (default 50000h)", "mtbf", AS_YAML, NULL},
    {"restart", "TIME", "from an interruption to the next step (default 15min)", "restart", AS_YAML, NULL},
    {"checkpoint-interval", "TIME", "default: what loses least (Young, Daly)", "checkpoint_interval", AS_YAML, NULL},
};
static const struct option_group group_failure = OPTION_GROUP("Failures", failure);

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    bool pair = c->narg == 3;
    if (!input_args(c, 0, 3, e))
        return false;
    if (c->narg == 2 || (pair && strcmp(c->arg[1], "on") != 0))
        return usage_error(c, e, "expected SCENARIO.yaml, or MODEL on ACCELERATOR");
    if (!c->narg && !option_text(c, "model"))
        return usage_error(c, e, "name a scenario file, or MODEL on ACCELERATOR");
    struct train_question *q = ARENA_NEW(c->arena, struct train_question);
    struct train_plan *p = ARENA_NEW(c->arena, struct train_plan);
    if (!input_catalog(c, &cat, e) || !input_doc(c, c->narg == 1 ? c->arg[0] : NULL, &doc, e))
        return false;
    if (pair && (!input_name(c, doc, "model", c->arg[0], e) || !input_name(c, doc, "accelerator", c->arg[2], e)))
        return false;
    if (!train_question_read(c->arena, cat, doc, c->seed, q, &c->notes, e) || !plan_train(c->arena, cat, q, p, e))
        return false;
    c->show.inputs = q->doc;
    c->show.seed = q->seed;
    c->no_answer = p->binding != TRAIN_BINDS_NOTHING;
    while (call_show(c))
        show_train(&c->show, p);
    return true;
}

const struct command command_train = {
    .name = "train",
    .args = "SCENARIO.yaml | MODEL on ACCELERATOR",
    .help = "a training campaign: days, MFU, failures, cost",
    .about = "Finds the fastest split of the model over the accelerators that fits in memory (tensor, pipeline with "
             "interleaving, "
             "context, expert and data parallelism, ZeRO or FSDP, micro-batch, recomputation), and says how long a "
             "step takes and "
             "where its time goes, how many days the campaign lasts with failures and checkpoints, and what it costs "
             "in dollars and "
             "energy. What is given of the split is kept. MFU counts 6 FLOP a weight and token, and attention without "
             "the causal half.\n\n"
             "Exit 1 when nothing fits, or a limit is passed: what binds, and by how much.",
    .example =
        {{"moat train examples/train-405b-16k-h100.yaml", "Llama 3.1 405B as it was trained"},
         {"moat train llama-3.1-70b on h100 --devices 1024 --tokens 2T --global-batch 1024 --precision fp8",
          "and a smaller one, in fp8?"},
         {"moat train deepseek-v3 on h800 --devices 2048 --tokens 14.8T --global-batch 15360 --sequence 4096 --json",
          "for a program"}},
    .group = {&group_job, &group_split, &group_failure, &group_price},
    .run = run,
};
