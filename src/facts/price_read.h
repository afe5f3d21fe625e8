/* price_read.h - prices.csv and economics.yaml into rows. Inside facts/ only. */
#ifndef MOAT_FACTS_PRICE_READ_H
#define MOAT_FACTS_PRICE_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "facts/price.h"

struct arena;
struct err;
struct node;
struct notes;

struct price_list { struct price_row *row; size_t n, cap; };

/* Columns: sku, kind, date, provider, region, area, cards, usd, recall, aggregate, source, note. Rows are appended. */
bool price_read(struct arena *a, const char *name, const char *bytes, size_t n, struct price_list *out,
                struct notes *notes, struct err *e);
void price_sort(struct price_list *l);          /* by sku, kind, date, provider, region, cards, usd */
/* Keys not in doc are left as they are. */
bool economics_read(struct arena *a, const struct node *doc, struct economics *out, struct err *e);

#endif
