/* checkpoint.h - a model from the header of its weights: what model_source.c shares with the readers of GGUF and safetensors. */
#ifndef MOAT_FACTS_CHECKPOINT_H
#define MOAT_FACTS_CHECKPOINT_H

#include "facts/model.h"
#include "facts/tensor.h"

/* The metadata of a GGUF file as the config.json they came from (model_gguf.c). Split files are read together. */
bool gguf_config(struct arena *a, const char *path, struct tensor_table *t, struct node **doc, struct err *e);
/* A config.json for a Llama-like decoder, from names and shapes alone (model_infer.c). */
bool infer_config(struct arena *a, const char *path, const struct tensor_table *t, struct node **doc, struct notes *notes,
                  struct err *e);
/* "a/b-00001-of-00003.gguf" -> the name of part k of n; NULL when the name is not of that kind (model_source.c). */
const char *part_name(struct arena *a, const char *path, const char *suffix, int k, int *n);

/* Packed numbers counted as the weights they hold, scales and zero points as none; config: NULL or says the bits. */
void weights_unpack(struct tensor_table *t, const struct node *config);
/* Number format and exact bits a weight of each part, by the table, into doc as moat.weights (model_weights.c). declared:
** the formats as the config has them. */
bool weights_write(struct arena *a, const struct tensor_table *t, const struct model *declared, struct node *doc, struct err *e);
/* Are the parameters of the table, vision and MTP layers left out, those of m within 1 %? */
bool weights_check(const struct tensor_table *t, const struct model *m, const char *path, struct err *e);

#endif
