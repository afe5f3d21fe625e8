/* page.h - the page that web/build.py made into C; page_bytes_n is 0 where there was no npm. */
#ifndef MOAT_SHOW_PAGE_H
#define MOAT_SHOW_PAGE_H

#include <stddef.h>

extern const char page_bytes[];         /* NUL-terminated */
extern const size_t page_bytes_n;

#endif
