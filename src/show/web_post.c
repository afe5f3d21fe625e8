/* web_post.c - a posted question: no name in it leads out of its folder.
**
** The program that answers runs in the folder, which holds the posted files only. A path could leave it by beginning at the root
** or by "..": values that do are refused, wherever they stand.
*/
#include "show/web_post.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "show/web.h"
#include "show/web_job.h"

#define FILES_MOST 16

static bool leads_out(const char *s)
{
    if (*s == '/' || *s == '~')
        return true;
    for (const char *p = s; (p = strstr(p, "..")); p += 2)
        if ((p == s || p[-1] == '/') && (p[2] == '\0' || p[2] == '/'))
            return true;
    return strchr(s, '\\') != NULL;
}

/* Every value of a scenario but its title may be read as the name of a file. */
static bool stays_inside(const struct node *nd, struct err *e)
{
    if (nd->text && strcmp(nd->path, "title") != 0 && leads_out(nd->text)) {
        err_input(e, nd->path, "\"%.60s\" could name a file elsewhere, and the page reads only what is given to it", nd->text);
        return err_mend(e, "drop the file on the page, or use the command line");
    }
    for (size_t i = 0; i < nd->n; i++)
        if (!stays_inside(&nd->item[i], e) || (nd->key && leads_out(nd->key[i]) && !err_input(e, nd->path, "no key of a scenario: \"%.60s\"", nd->key[i])))
            return false;
    return true;
}

static bool put_text(struct arena *a, const char *folder, const char *name, const char *text, size_t n, struct err *e)
{
    struct node *root;
    return doc_yaml(a, name, text, n, &root, e) && stays_inside(root, e) && web_folder_put(folder, name, text, n, e);
}

/* A part of the envelope: YAML as text, so that errors name its lines, or a tree. */
static bool put_part(struct arena *a, const char *folder, const char *stem, const struct node *nd, const char **name, struct err *e)
{
    if (nd->kind == NODE_SCALAR) {
        *name = arena_printf(a, "%s.yaml", stem);
        return put_text(a, folder, *name, nd->text, strlen(nd->text), e);
    }
    struct buf json = {.arena = a};
    struct node *root;
    *name = arena_printf(a, "%s.json", stem);
    node_json(&json, nd);
    return doc_json(a, *name, buf_str(&json), json.n, &root, e) && stays_inside(root, e) &&
           web_folder_put(folder, *name, buf_str(&json), json.n, e);
}

static bool good_name(const char *s)
{
    static const char may[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t n = strlen(s);
    return n > 0 && n <= 80 && *s != '.' && *s != '-' && strspn(s, may) == n;
}

static bool put_files(const char *folder, const struct node *files, struct err *e)
{
    if (!files || files->kind == NODE_NULL)
        return true;
    if (files->kind != NODE_MAP || files->n > FILES_MOST)
        return err_input(e, "files", "expected at most %d files by their names", FILES_MOST);
    for (size_t i = 0; i < files->n; i++) {
        const struct node *f = &files->item[i];
        if (!good_name(files->key[i]))
            return err_input(e, "files", "\"%.60s\" is no name for a file here", files->key[i]);
        if (!f->text)
            return err_input(e, files->key[i], "expected the file as text");
        if (!web_folder_put(folder, files->key[i], f->text, strlen(f->text), e))
            return false;
    }
    return true;
}

static bool asks_for(const struct web_question *q, const char *what)
{
    for (size_t i = 0; i < WEB_ARGS && q->arg[i]; i++)
        if (strcmp(q->arg[i], what) == 0)
            return true;
    return false;
}

static bool envelope(struct arena *a, const struct web_question *q, const struct node *root, const char *folder, struct web_post *out,
                     struct err *e)
{
    static const char *const key[] = {"scenario", "files", "accelerator", "other"};
    const char *acc = "";
    const struct node *scenario = node_get(root, "scenario"), *other = node_get(root, "other");
    if (!node_keys(a, root, key, sizeof key / sizeof *key, e) || !node_str(a, node_get(root, "accelerator"), &acc, e))
        return false;
    if (leads_out(acc) || *acc == '-' || strlen(acc) >= sizeof out->accelerator)
        return err_input(e, "accelerator", "\"%.60s\" is not among what was posted", acc);
    snprintf(out->accelerator, sizeof out->accelerator, "%s", acc);
    if (scenario && asks_for(q, "@scenario") && !put_part(a, folder, "scenario", scenario, &out->scenario, e))
        return false;
    if (other && asks_for(q, "@other") && !put_part(a, folder, "other", other, &out->other, e))
        return false;
    return put_files(folder, node_get(root, "files"), e);
}

bool web_post_read(struct arena *a, const struct web_question *q, const char *body, size_t n, const char *folder, struct web_post *out,
                   struct err *e)
{
    struct node *root;
    struct err not_json = {.kind = ERR_NONE};
    size_t blank = strspn(body, " \t\r\n");
    *out = (struct web_post){0};
    bool json = body[blank] == '{' && doc_json(a, "posted", body, n, &root, &not_json);
    if (json && (node_get(root, "scenario") || node_get(root, "files")))
        return envelope(a, q, root, folder, out, e);
    if (asks_for(q, "@points"))
        return web_folder_put(folder, "points.csv", body, n, e);
    out->scenario = json ? "scenario.json" : "scenario.yaml";
    return json ? stays_inside(root, e) && web_folder_put(folder, out->scenario, body, n, e) : put_text(a, folder, out->scenario, body, n, e);
}

bool web_post_argv(const struct web_question *q, const struct web_post *p, const char *const more[], const char *argv[], size_t room,
                   struct err *e)
{
    size_t n = 0;
    argv[n++] = "moat";
    for (size_t i = 0; i < WEB_ARGS && q->arg[i] && n + 1 < room; i++) {
        const char *word = q->arg[i];
        if (strcmp(word, "@scenario") == 0)
            word = p->scenario;
        else if (strcmp(word, "@other") == 0)
            word = p->other;
        else if (strcmp(word, "@accelerator") == 0)
            word = *p->accelerator ? p->accelerator : NULL;
        else if (strcmp(word, "@points") == 0)
            word = "points.csv";
        if (!word)
            return err_input(e, q->name, "%s is missing", q->arg[i] + 1);
        argv[n++] = word;
    }
    for (size_t i = 0; more[i] && n + 1 < room; i++)
        argv[n++] = more[i];
    argv[n] = NULL;
    return true;
}

bool web_post_tree(struct arena *a, const char *body, size_t n, const char **json, struct err *e)
{
    struct node *root;
    struct buf b = {.arena = a};
    if (!doc_yaml(a, "posted", body, n, &root, e))
        return false;
    if (root->kind != NODE_MAP)
        return err_input(e, "posted", "expected a map: a scenario, a chip, a model or a result");
    node_json(&b, root);
    *json = buf_str(&b);
    return true;
}
