/* document.h - what every document shares: the head and tail of the JSON, quantities with intervals, lines of text. */
#ifndef MOAT_SHOW_DOCUMENT_H
#define MOAT_SHOW_DOCUMENT_H

#include "base/json.h"
#include "facts/price.h"
#include "facts/scenario.h"
#include "show/show.h"

#define MS_PER_S 1e3
#define KILO 1e3
#define GIGA 1e9

/* Colours of the terminal; "" when there are none. */
#define INK_BOLD "\033[1m"
#define INK_DIM "\033[2m"
#define INK_GOOD "\033[32m"
#define INK_BAD "\033[33m"
const char *ink(const struct show *s, const char *code);        /* code, or "" */
const char *ink_off(const struct show *s);

/* schema, moat, command, seed, inputs; the document's own keys follow. */
void document_begin(struct jw *w, const struct show *s, const char *schema);
void document_notes(struct jw *w, const struct show *s);
/* notes and run; closes the document and ends the line. */
void document_end(struct jw *w, const struct show *s);

void jw_span(struct jw *w, const char *key, struct span v, double per_unit);    /* key, key_lo, key_hi */
void jw_price(struct jw *w, const char *key, const struct price *p);
void jw_deployment(struct jw *w, const struct deployment *d);   /* accelerator, model, tp .. memory_frac into the open object */
void jw_step(struct jw *w, const char *key, const struct step_time *t);         /* breakdown: [{op, count, time_us, bound}] */

/* "tp 2", "tp 8 dp 2 ep 16" */
const char *deployment_text(struct arena *a, const struct deployment *d);
const char *draft_text(const struct speculative *s);            /* "eagle", or the draft model's name */
void jw_speculation(struct jw *w, const struct speculative *s, double step_tok, double accepted_frac);
const char *quant_text(struct arena *a, const struct quant *q);        /* "fp8"; "bf16, experts mxfp4" */
/* "p99 TTFT <= 2 s" */
const char *slo_text(struct arena *a, const struct slo *o);
const char *slo_key(struct arena *a, const struct slo *o);      /* "p99", "mean" */
const char *metric_text(enum slo_metric m);                     /* "TTFT" */
/* "Prices     text...", wrapped behind the label */
void label_line(const struct show *s, const char *label, const char *text);
void step_table_text(const struct show *s, const struct step_time *t);

/* Cells of a CSV line: text quoted where needed; numbers shortest, empty when not finite. */
void csv_text(struct buf *b, const char *v);
void csv_num(struct buf *b, double v);
void csv_int(struct buf *b, int64_t v);
void csv_end(struct buf *b);

#endif
