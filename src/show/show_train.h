/* show_train.h - the document of `moat train`. */
#ifndef MOAT_SHOW_SHOW_TRAIN_H
#define MOAT_SHOW_SHOW_TRAIN_H

#include "plan/train.h"
#include "show/show.h"

void show_train(const struct show *s, const struct train_plan *p);

#endif
