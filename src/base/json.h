/* json.h - write a JSON document, two spaces a level, keys in the order they are given.
**
** Numbers are shortest round trip; not-finite numbers become null. jw_end closes what
** jw_obj or jw_arr opened. A key of NULL means an array element.
*/
#ifndef MOAT_BASE_JSON_H
#define MOAT_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

struct jw {
    struct buf *out;
    int depth;
    bool comma[64];             /* an element was already written at this depth */
    char close[64];
};

void jw_init(struct jw *w, struct buf *out);
void jw_obj(struct jw *w, const char *key);
void jw_arr(struct jw *w, const char *key);
void jw_end(struct jw *w);
void jw_str(struct jw *w, const char *key, const char *v);      /* NULL: null */
void jw_num(struct jw *w, const char *key, double v);
void jw_int(struct jw *w, const char *key, int64_t v);
void jw_bool(struct jw *w, const char *key, bool v);
void jw_null(struct jw *w, const char *key);
void jw_raw(struct jw *w, const char *key, const char *json);   /* already JSON */

/* s as one JSON string; bytes that are not UTF-8 become U+FFFD. */
void json_quote(struct buf *b, const char *s);

#endif
