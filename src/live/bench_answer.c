/* bench_answer.c - one event of a streamed answer, of completions or chat completions, and its usage. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "live/bench.h"

static bool filled(const json_t *v)
{
    return json_is_string(v) && json_string_length(v) > 0;
}

/* A completion's chunk counts as a token even where its text is still empty (half of a character), unless it only says why it ends;
** a chat's only with text, since its first one may carry nothing but the role. */
static void choice(const json_t *c, struct bench_event *out)
{
    const json_t *text = json_object_get(c, "text"), *delta = json_object_get(c, "delta");
    out->finish = filled(json_object_get(c, "finish_reason"));
    if (json_is_string(text))
        out->text = filled(text) || !out->finish;
    else
        out->text = filled(json_object_get(delta, "content")) || filled(json_object_get(delta, "reasoning_content")) ||
                    filled(json_object_get(delta, "reasoning"));
}

static int64_t count(const json_t *usage, const char *key)
{
    const json_t *v = json_object_get(usage, key);
    json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;
    return n < 0 ? -1 : n;
}

static void error_of(const json_t *e, struct bench_event *out)
{
    const json_t *message = json_is_string(e) ? e : json_object_get(e, "message");
    out->error = true;
    snprintf(out->message, sizeof out->message, "%.150s", json_is_string(message) ? json_string_value(message) : "the server reports an error");
}

bool bench_event_read(const char *data, size_t n, struct bench_event *out)
{
    *out = (struct bench_event){.in_tok = -1, .out_tok = -1};
    if (n == 6 && memcmp(data, "[DONE]", 6) == 0) {
        out->done = true;
        return true;
    }
    json_error_t where;
    json_t *root = json_loadb(data, n, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(root)) {
        json_decref(root);
        return false;
    }
    const json_t *error = json_object_get(root, "error"), *choices = json_object_get(root, "choices"), *usage = json_object_get(root, "usage");
    if (error && !json_is_null(error))
        error_of(error, out);
    else if (json_array_size(choices) > 0)
        choice(json_array_get(choices, 0), out);
    if (json_is_object(usage)) {
        out->in_tok = count(usage, "prompt_tokens");
        out->out_tok = count(usage, "completion_tokens");
    }
    json_decref(root);
    return true;
}
