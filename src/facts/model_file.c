/* model_file.c - a config.json from disk, as Python's json module writes it: Infinity, -Infinity and NaN are quoted.
**
** nvidia/NVIDIA-Nemotron-3-Super-120B-A12B has `"time_step_limit": [0.0, Infinity]`. The lengths stay the same, so that
** line and column of real errors do too.
*/
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "facts/model.h"

static void quote_in_place(char *at, size_t n)
{
    at[0] = '"';
    at[n - 1] = '"';
}

bool model_json(struct arena *a, const char *name, const char *bytes, size_t n, struct node **root, struct err *e)
{
    static const char *const words[] = {"-Infinity", "Infinity", "NaN"};
    char *text = arena_strndup(a, bytes, n);
    size_t i = 0;
    while (i < n) {
        if (text[i] == '"') { /* skip a string */
            for (i++; i < n && text[i] != '"'; i++)
                i += text[i] == '\\';
            i++;
            continue;
        }
        size_t step = 1;
        for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
            size_t k = strlen(words[w]);
            if (n - i < k || memcmp(text + i, words[w], k) != 0)
                continue;
            quote_in_place(text + i, k);
            step = k;
            break;
        }
        i += step;
    }
    return doc_json(a, name, text, n, root, e);
}

bool model_file(struct arena *a, const char *path, const char *id, struct model *out, struct notes *notes,
                struct err *e)
{
    char *bytes;
    size_t n;
    struct node *root;
    return file_read(a, path, 0, &bytes, &n, e) && model_json(a, path, bytes, n, &root, e) &&
           model_read(a, root, id, out, notes, e);
}
