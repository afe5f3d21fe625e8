/* grade.c - names of the evidence grades. */
#include "facts/grade.h"

const char *grade_name(enum grade g)
{
    static const char *const name[] = {"measured", "inferred", "assumed"};
    return name[g];
}
