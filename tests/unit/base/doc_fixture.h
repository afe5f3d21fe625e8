/* doc_fixture.h - a scenario as text, and trees that must be readable. */
#ifndef MOAT_TESTS_BASE_DOC_FIXTURE_H
#define MOAT_TESTS_BASE_DOC_FIXTURE_H

#include "fixture.h"

#include "base/buf.h"
#include "base/doc.h"

static inline struct node *yaml(struct arena *a, const char *text)
{
    struct node *root = NULL;
    struct err e = {0};
    if (!doc_yaml(a, "t.yaml", text, strlen(text), &root, &e))
        fail_msg("%s: %s", e.place, e.what);
    return root;
}

static inline struct node *json(struct arena *a, const char *text)
{
    struct node *root = NULL;
    struct err e = {0};
    if (!doc_json(a, "t.json", text, strlen(text), &root, &e))
        fail_msg("%s: %s", e.place, e.what);
    return root;
}

static inline const char *as_json(struct arena *a, const struct node *nd)
{
    struct buf b = {.arena = a};
    node_json(&b, nd);
    return buf_str(&b);
}

static const char scenario[] = "# a scenario\n"
                               "model: llama-70b\n"
                               "slo:\n"
                               "  ttft: {p99: 500ms, p50: \"200 ms\"}\n"
                               "gpus:\n"
                               "  - {name: h100, count: 8}\n"
                               "  - name: l4\n"
                               "    count: 2.0\n"
                               "cache: true\n"
                               "note: ~\n"
                               "empty:\n"
                               "share: 0.25\n"
                               "text: '12'\n";

static inline const char *temp_file(struct arena *a, const char *name, const char *text, size_t n)
{
    char *path = arena_printf(a, "/tmp/moat-test-%d-%s", (int)getpid(), name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
    return path;
}

#endif
