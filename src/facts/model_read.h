/* model_read.h - what the readers of the architectures share: a config under the pen, and its keys.
**
** A reader fills one struct layer for each layer of the network; model.c groups equal ones.
** Keys differ between architectures only by name, so each read takes a list of names that end in
** NULL, the first present wins, and a JSON null counts as absent. Only model*.c include this.
*/
#ifndef MOAT_FACTS_MODEL_READ_H
#define MOAT_FACTS_MODEL_READ_H

#include "facts/model.h"

/* Bounds of sense: far above any network that was ever built, low enough that products stay exact in a double. */
enum {
    MAX_LAYERS = 4096, MAX_HEADS = 8192, MAX_DIM = 1 << 20, MAX_EXPERTS = 65536, MAX_VOCAB = 1 << 26,
};

struct reader {
    struct arena *a;
    const struct node *root;    /* the whole config */
    const struct node *text;    /* the language model: text_config, llm_config or the root itself */
    struct notes *notes;
    struct err *e;
    struct model *m;
    struct layer *layer;        /* (m->layers), count 1 each */
};

/* How one architecture is read; rows of one table in model.c. */
struct arch {
    const char *type;           /* model_type */
    const char *architecture;   /* of `architectures`, tried when the type is unknown; NULL: never */
    bool (*read)(struct reader *r);
};

bool arch_llama(struct reader *r);      /* any decoder with RMS norms: GQA, dense or MoE, full or sliding */
bool arch_gemma(struct reader *r);      /* Gemma 2, 3 and 4 */
bool arch_gpt_oss(struct reader *r);
bool arch_llama4(struct reader *r);
bool arch_mimo_v2(struct reader *r);
bool arch_minimax_m3(struct reader *r);
bool arch_deepseek(struct reader *r);   /* MLA: DeepSeek V2 and V3, R1, V3.2, Kimi K2, GLM-5 */
bool arch_deepseek_v4(struct reader *r);
bool arch_qwen_next(struct reader *r);  /* Qwen3-Next and 3.5: gated DeltaNet and gated attention */
bool arch_kimi_linear(struct reader *r);/* Kimi-Linear and K3: KDA and MLA */
bool arch_minimax_01(struct reader *r); /* lightning attention */
bool arch_nemotron_h(struct reader *r);
bool arch_nemotron_nas(struct reader *r);
bool arch_gpt(struct reader *r);        /* GPT-2, GPT-3, GPT-J, GPT-NeoX, OPT, BLOOM, MPT, Falcon, Phi, PaLM */

/* First of the named keys that is present and not null; NULL: none. The list ends in NULL. */
const struct node *read_key(const struct reader *r, const char *const *names);
#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Whole numbers within [lo, hi]. read_int leaves *out when the key is absent; need_int makes that an error. */
bool read_int(struct reader *r, const char *const *names, int lo, int hi, int *out);
bool read_i64(struct reader *r, const char *const *names, int64_t lo, int64_t hi, int64_t *out);
bool need_int(struct reader *r, const char *const *names, int lo, int hi, int *out);
bool need_i64(struct reader *r, const char *const *names, int64_t lo, int64_t hi, int64_t *out);
bool read_flag(struct reader *r, const char *const *names, bool *out);
bool has_key(const struct reader *r, const char *name);         /* present and not null */
/* Element i of a list as a whole number or a text; *out stays when there is no such list. A list shorter than the
** layers is an error; a longer one (it counts MTP layers too) is not. */
bool list_int(struct reader *r, const char *key, int i, int lo, int hi, int *out);
bool list_str(struct reader *r, const char *key, int i, const char **out);
/* Refuse the config: key is named in the place. Always false. */
bool refuse(struct reader *r, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* hidden, vocab, layers, max_context, tied into r->m; allocates r->layer. */
bool read_frame(struct reader *r);
/* Heads, kv heads and head size of grouped-query attention, biases, qk norm. */
bool read_gqa(struct reader *r, struct layer *l);
/* Latent attention (DeepSeek), the indexer of sparse attention, and the correction bias of a router. */
bool read_mla(struct reader *r, struct layer *l);
bool read_indexer(struct reader *r, struct layer *l);
bool router_bias(struct reader *r, struct layer *moe);
/* What a feed-forward layer looks like when it is dense, and when it is a mixture of experts (NULL-able). */
bool read_ffn(struct reader *r, struct layer *dense, struct layer *moe);
/* Copies the feed-forward half of a layer. */
void copy_ffn(struct layer *to, const struct layer *from);
/* Is layer i a mixture of experts? Understands every way in which configs say it. */
bool layer_is_moe(struct reader *r, int i, bool *moe);

/* Quantisation as declared -> m->quant (model_quant.c). */
bool read_quant(struct reader *r);
/* moat.weights, counted from tensors, over it (model_weights.c). */
bool read_weights(struct reader *r);

#endif
