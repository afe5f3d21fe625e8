/* catalog_names.h - the name tables of a catalog. Inside facts/ only. */
#ifndef MOAT_FACTS_CATALOG_NAMES_H
#define MOAT_FACTS_CATALOG_NAMES_H

struct catalog;

/* Ids first, then aliases and Hugging Face names that no id has taken; all lower case. */
void catalog_index(struct catalog *c);

#endif
