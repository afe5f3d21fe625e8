/* catalog.h - accelerators, models, prices and stacks: the built-in data and the user's overlays.
**
** data/ is embedded in the program; `--catalog DIR` (same layout) adds to it and replaces entries of the same id.
** Names are looked up by id, then alias (lower case), then Hugging Face name. Everything lives in the arena given.
*/
#ifndef MOAT_FACTS_CATALOG_H
#define MOAT_FACTS_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "facts/accelerator.h"
#include "facts/calibration.h"
#include "facts/fleet_default.h"
#include "facts/model.h"
#include "facts/power_const.h"
#include "facts/price.h"
#include "facts/stack.h"
#include "facts/dynamics.h"
#include "facts/training.h"
#include "facts/work.h"

struct arena;
struct err;
struct notes;

struct catalog {
    struct arena *arena;
    struct accelerator *acc; size_t nacc;       /* by id */
    struct accelerator *slice; size_t nslice;   /* their MIG instances, in the order of the cards: "h100-sxm-80/3g.40gb" */
    struct model *model; size_t nmodel;         /* by id */
    struct price_row *price; size_t nprice;     /* by sku, kind, date */
    struct stack_file **stack; size_t nstack;
    struct calibration *calibration; size_t ncalibration;       /* of the overlay, in the order read */
    struct economics economics;
    struct fleet_defaults fleet;
    struct power_const power;
    struct training training;
    struct dynamics_const dynamics;
    uint64_t hash;              /* xxHash64 of the bytes of every file read beside the built-in ones, in the order read */
    struct workload *work; size_t nwork;            /* by id */
    struct work_shares work_shares;
    struct map acc_by_name, model_by_name, work_by_name;
};

/* overlay may be NULL: a folder laid out like data/, or one calibration file. */
bool catalog_open(struct arena *a, const char *overlay, struct catalog **out, struct notes *notes, struct err *e);

/* NULL with an ERR_INPUT that says "did you mean" when the name is unknown. A name that ends in .yaml/.yml is read as a
** chip file; for models, the path of a config.json, .gguf, .safetensors or a folder of them is read. place names the key in errors. */
const struct accelerator *catalog_accelerator(struct catalog *c, const char *name, const char *place, struct notes *notes,
                                              struct err *e);
const struct model *catalog_model(struct catalog *c, const char *name, const char *place, struct notes *notes, struct err *e);
/* No error: NULL, e untouched, when no workload has that name. A path that ends in .yaml/.yml is read; NULL with e set when
** that fails. */
const struct workload *catalog_work(struct catalog *c, const char *name, struct err *e);
/* Is there a model or a workload of that name? Else an error that looks for the nearest among both. */
bool catalog_subject(struct catalog *c, const char *name, const char *place, struct err *e);
/* framework: a name, or with a version ("vllm@0.6"); the flavour of it for the software of acc (NULL: for any). */
const struct stack_file *catalog_stack(const struct catalog *c, const char *framework, const struct accelerator *acc,
                                       const char *place, struct err *e);
/* The framework a device runs when none is asked for: the one that says so of its software (default_for), else generic. */
const char *catalog_default_framework(const struct catalog *c, const struct accelerator *acc);

/* The bytes of a file of the catalog by its place ("data/work/sdxl.yaml", or a path). */
bool catalog_source(const struct catalog *c, const char *place, const char **bytes, size_t *n, struct err *e);

/* Mix the bytes of a file into c->hash. */
void catalog_hash(struct catalog *c, const char *bytes, size_t n);
bool catalog_hash_file(struct catalog *c, const char *path, struct err *e);

/* Embedded files (generated): path such as "accelerators/h100-sxm-80.yaml". */
struct embedded { const char *path; const char *bytes; size_t n; };
extern const struct embedded embedded_files[];
extern const size_t embedded_count;

#endif
