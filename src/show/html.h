/* html.h - a document as a page: one self-contained HTML file with the JSON in it. */
#ifndef MOAT_SHOW_HTML_H
#define MOAT_SHOW_HTML_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

/* The page as web/ built it; *n is 0 where moat was built without it. */
const char *html_page(size_t *n);
/* Fills e with how to get the page. */
bool html_missing(const char *place, struct err *e);
/* The page that shows this document. json: what --json prints; command: the line that made it. */
bool html_report(struct buf *out, const char *json, const char *command, struct err *e);

#endif
