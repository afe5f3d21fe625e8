/* catalog.h - accelerators, models, prices and stacks: the built-in data and the user's overlays.
**
** data/ is embedded in the program; `--catalog DIR` (same layout) adds to it and replaces entries of the same id.
** Names are looked up by id, then alias (lower case), then Hugging Face name. Everything lives in the arena given.
*/
#ifndef MOAT_FACTS_CATALOG_H
#define MOAT_FACTS_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "facts/accelerator.h"
#include "facts/calibration.h"
#include "facts/model.h"
#include "facts/power_const.h"
#include "facts/price.h"
#include "facts/stack.h"

struct arena;
struct err;
struct notes;

struct catalog {
    struct arena *arena;
    struct accelerator *acc; size_t nacc;       /* by id */
    struct model *model; size_t nmodel;         /* by id */
    struct price_row *price; size_t nprice;     /* by sku, kind, date */
    struct stack_file **stack; size_t nstack;
    struct calibration *calibration; size_t ncalibration;       /* of the overlay, in the order read */
    struct economics economics;
    struct power_const power;
    struct map acc_by_name, model_by_name;
};

/* overlay may be NULL: a folder laid out like data/, or one calibration file. */
bool catalog_open(struct arena *a, const char *overlay, struct catalog **out, struct notes *notes, struct err *e);

/* NULL with an ERR_INPUT that says "did you mean" when the name is unknown. A name that ends in .yaml/.yml is read as a
** chip file; for models, a name that ends in .json is read as a config.json. place names the key in errors. */
const struct accelerator *catalog_accelerator(struct catalog *c, const char *name, const char *place, struct notes *notes,
                                              struct err *e);
const struct model *catalog_model(struct catalog *c, const char *name, const char *place, struct notes *notes, struct err *e);
const struct stack_file *catalog_stack(const struct catalog *c, const char *framework, const char *place, struct err *e);
/* The framework a device runs when none is asked for: vllm for CUDA and ROCm, generic for the rest. */
const char *catalog_default_framework(const struct accelerator *acc);

/* Embedded files (generated): path such as "accelerators/h100-sxm-80.yaml". */
struct embedded { const char *path; const char *bytes; size_t n; };
extern const struct embedded embedded_files[];
extern const size_t embedded_count;

#endif
