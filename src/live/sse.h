/* sse.h - server-sent events, as they come: bytes in, the data of each event out.
**
** WHATWG HTML, section 9.2.6: lines end in LF, CR LF or CR; `data:` lines of an event are joined by LF; a blank line ends it; comments
** and other fields are passed over. Pieces may be cut anywhere.
*/
#ifndef MOAT_LIVE_SSE_H
#define MOAT_LIVE_SSE_H

#include <stdbool.h>
#include <stddef.h>

#define SSE_MAX (1u << 20)      /* bytes of an event; more is no stream of tokens */

struct sse {
    char *data; size_t n, cap;  /* of the event so far; malloc */
    char *line; size_t nline, line_cap;
    bool has_data, after_cr;
};

void sse_init(struct sse *s);
void sse_reset(struct sse *s);  /* for another stream; keeps the memory */
void sse_free(struct sse *s);
/* event gets each event's data, ended by a NUL that is not counted; it returns false to stop. false: stopped, too long, or no memory. */
bool sse_feed(struct sse *s, const char *bytes, size_t n, bool (*event)(void *ctx, const char *data, size_t n), void *ctx);

#endif
