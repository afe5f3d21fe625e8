/* text.c - optimal string alignment distance, for "did you mean"; UTF-8. */
#include <string.h>

#include "base/buf.h"

#define LONGEST 64

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == '_' ? '-' : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* d[i][j] = min(d[i-1][j] + 1, d[i][j-1] + 1, d[i-1][j-1] + (a_i != b_j), and for two
** neighbours exchanged d[i-2][j-2] + 1); three rows are enough. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t row[3][LONGEST + 1];
    for (size_t j = 0; j <= nb; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *now = row[i % 3];
        const size_t *last = row[(i + 2) % 3], *last2 = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t d = last[j - 1] + (a[i - 1] != b[j - 1]);
            d = least(d, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d = least(d, last2[j - 2] + 1);
            now[j] = d;
        }
    }
    return row[na % 3][nb];
}

size_t text_distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    if (na > LONGEST || nb > LONGEST)
        return strcmp(a, b) == 0 ? 0 : na > nb ? na : nb;
    return distance(a, na, b, nb);
}

static void fold_all(char to[LONGEST + 1], const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = fold(s[i]);
    to[n] = '\0';
}

const char *text_closest(const char *word, const char *const *names, size_t n)
{
    char w[LONGEST + 1], v[LONGEST + 1];
    size_t nw = strlen(word);
    if (!nw || nw > LONGEST)
        return NULL;
    fold_all(w, word, nw);
    const char *best = NULL;
    size_t limit = (nw + 1) / 3; /* so that a slip in a name of two letters counts */
    for (size_t i = 0; i < n; i++) {
        size_t nv = strlen(names[i]);
        if (nv > LONGEST)
            continue;
        fold_all(v, names[i], nv);
        size_t d = distance(w, nw, v, nv);
        if (d < limit + !best) { /* ties: the first name */
            best = names[i];
            limit = d;
        }
    }
    return best;
}

size_t text_utf8(const char *s, size_t n)
{
    unsigned char c = (unsigned char)s[0];
    if (c < 0x80)
        return 1;
    size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
    unsigned char next = (unsigned char)s[1];
    bool overlong = (c == 0xe0 && next < 0xa0) || (c == 0xf0 && next < 0x90);
    bool beyond = (c == 0xed && next > 0x9f) || (c == 0xf4 && next > 0x8f); /* surrogates, above U+10FFFF */
    return overlong || beyond ? 0 : len;
}
