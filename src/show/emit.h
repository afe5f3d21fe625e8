/* emit.h - a chosen plan as files that deploy it: engine commands, compose, Kubernetes, Slurm, and a check of its promise.
**
**      PLAN.json -emit_read-> struct emit_plan -> [engine row: arguments of one server] -> [target row: files]
**
** An engine row knows the server's flags, its images and how it spans nodes; a target row knows how servers are started. Nothing is
** computed but what the plan leaves open (how many nodes a replica needs, how long loading may take).
*/
#ifndef MOAT_SHOW_EMIT_H
#define MOAT_SHOW_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "facts/accelerator.h"
#include "facts/precision.h"

struct arena;
struct catalog;
struct emit_plan;
struct err;
struct model;
struct node;
struct notes;

struct emit_limit { const char *metric, *at; double limit_ms; };        /* "ttft", "p99" or "mean" */

struct emit_words { struct arena *arena; const char **at; size_t n, cap; };  /* a command line, one word each */

struct emit_engine {            /* a row */
    const char *name;           /* the framework of the plan */
    const char *help, *source;  /* where its flags are documented */
    const char *const *entry;   /* words before the model; ends in NULL */
    /* What it takes only from a file, as YAML; NULL: nothing. The command names the file emit_plan.extra. */
    void (*extra)(const struct emit_plan *p, struct buf *b);
    const char *port;           /* it listens on by default */
    const char *health;         /* path that answers 200 when it serves */
    /* The words behind `entry`. node: which node of the replica this is, as the target's shell writes it; NULL: one node. */
    void (*args)(const struct emit_plan *p, struct emit_words *w, const char *node, const char *leader);
    /* Image for a device's software; NULL: none is published that we know of. */
    const char *(*image)(struct arena *a, const struct emit_plan *p);
    bool spans_nodes;           /* started once a node with the node's rank; else only under MPI (Slurm) */
};
extern const struct emit_engine emit_vllm, emit_sglang, emit_trtllm;
const struct emit_engine *emit_engine_find(const char *framework);      /* NULL: none. "vllm@0.6" is vllm */

/* One plan, as read. Pools: one ("serve"), or "prefill" and "decode". */
struct emit_plan {
    struct arena *arena;
    const char *file;           /* it was read from */
    const char *name;           /* of everything deployed: the model's id, as a DNS label */
    const char *model, *repo;   /* catalog id; what the engine loads: a Hugging Face name or a path */
    const struct model *known;  /* NULL: not in the catalog */
    const struct accelerator *acc;
    const struct emit_engine *engine;
    const char *framework_version;
    const char *image;
    const char *port;           /* it listens on, as the target writes it: a number, or a variable of its shell */
    const char *extra;          /* path of the engine's extra file, where the server runs */
    enum precision precision;
    const char *quantize;       /* the engine quantises at load: "fp8"; NULL: the checkpoint is as it should be */
    bool kv_fp8;
    const char *scheduler;
    int tp, pp, dp, ep, replicas, spares, replicas_robust;
    int devices;                /* of a replica */
    int nodes, node_devices;    /* of a replica: hosts it spans, and devices it takes on each */
    int64_t max_seqs, max_tokens, max_context;
    double memory_frac, weights_bytes;
    double req_s, in_tok, out_tok;      /* the traffic it was planned for */
    const struct emit_limit *limit; size_t nlimit;
    const char *answer;         /* the plan's own sentence */
};

struct emit_file { const char *path; struct buf text; bool executable; };
struct emit_files { struct arena *arena; struct emit_file *file; size_t n, cap; };
struct buf *emit_add(struct emit_files *f, const char *path, bool executable);

struct emit_target {            /* a row */
    const char *name, *help, *source;
    const struct emit_engine *only;     /* files of this engine whatever the plan's framework; NULL: of the plan's */
    bool (*write)(const struct emit_plan *p, struct emit_files *out, struct notes *notes, struct err *e);
};
extern const struct emit_target *const emit_targets[];
extern const size_t emit_target_count;
const struct emit_target *emit_target_find(const char *name);

struct emit_choice { int rank; const char *model, *image; };     /* rank 0: the best; model, image NULL: as found */
/* doc: the JSON of `moat plan`. */
bool emit_read(struct arena *a, struct catalog *c, const struct node *doc, const char *file, const struct emit_target *t,
               struct emit_choice choice, struct emit_plan *out, struct notes *notes, struct err *e);

/* words */
void emit_word(struct emit_words *w, const char *text);         /* the text is kept, not copied */
struct emit_words emit_command(const struct emit_plan *p, const char *node, const char *leader);
/* One option and its value a line, quoted for a shell; a word that begins with $ is the shell's own. */
void emit_shell(struct buf *b, const struct emit_words *w, const char *indent);
void emit_yaml_list(struct buf *b, const struct emit_words *w, const char *indent);    /* one quoted word a line */

/* bench.sh: load the endpoint with the plan's traffic and hold it to the plan's limits. */
void emit_bench(const struct emit_plan *p, const char *url, struct emit_files *out);
void emit_head(struct buf *b, const struct emit_plan *p, const char *comment);         /* what this file is, as comment lines */
/* Seconds that loading the weights may take before a server counts as dead. */
int emit_load_s(const struct emit_plan *p);

#endif
