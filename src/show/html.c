/* html.c - report = page with `<script id="moat-document">JSON</script>` in the place of its mark.
**
** The page is one HTML file that web/ builds; with a document in it it shows that, without one it asks `moat ui`. Nothing is
** computed here: what a report shows is what --json prints.
*/
#include "show/html.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "show/page.h"

static const char mark[] = "<!--moat:document-->";

const char *html_page(size_t *n)
{
    *n = page_bytes_n;
    return page_bytes;
}

bool html_missing(const char *place, struct err *e)
{
    err_input(e, place, "this moat was built without its page");
    return err_mend(e, "in a checkout, scripts/page installs npm if there is none, and builds moat with it");
}

/* In a script element only "<" can end the text: in JSON it stands in strings only. */
static void script(struct buf *out, const char *id, const char *json)
{
    buf_fmt(out, "<script type=\"application/json\" id=\"%s\">", id);
    while (*json) {
        size_t n = strcspn(json, "<");
        buf_addn(out, json, n);
        json += n;
        if (*json) {
            buf_add(out, "\\u003c");
            json++;
        }
    }
    buf_add(out, "</script>\n");
}

bool html_report(struct buf *out, const char *json, const char *command, struct err *e)
{
    const char *at = page_bytes_n ? strstr(page_bytes, mark) : NULL;
    struct buf line = {.arena = out->arena};
    if (!at)
        return html_missing("--html", e);
    json_quote(&line, command);
    buf_addn(out, page_bytes, (size_t)(at - page_bytes));
    script(out, "moat-document", json);
    script(out, "moat-command", buf_str(&line));
    buf_add(out, at + sizeof mark - 1);
    return true;
}
