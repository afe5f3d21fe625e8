/* show_calibrate.h - the document of `moat calibrate`. */
#ifndef MOAT_SHOW_SHOW_CALIBRATE_H
#define MOAT_SHOW_SHOW_CALIBRATE_H

#include "fit/calibrate.h"
#include "fit/calibrate_input.h"
#include "show/show.h"

/* written: the file that holds the calibration; NULL: none. */
void show_calibrate(const struct show *s, const struct fit_gathered *g, const struct fit_calibration *c,
                    const char *written);

#endif
