/* grade.h - how well a number is known, from the strongest down. */
#ifndef MOAT_FACTS_GRADE_H
#define MOAT_FACTS_GRADE_H

enum grade {
    GRADE_MEASURED,             /* this device and stack were fitted to published or own measurements */
    GRADE_INFERRED,             /* from the spec sheet, with constants fitted on other devices */
    GRADE_ASSUMED,              /* somebody's word: a figure the prediction rests on is `recall` or a default */
};

const char *grade_name(enum grade g);           /* "measured" "inferred" "assumed" */

#endif
