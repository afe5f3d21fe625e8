/* mig.h - Multi-Instance GPU: a card cut into instances with SMs, cache and memory of their own, each a device by itself.
**
**      h100/3g.40gb    3 of 7 compute slices, half of the memory, its bandwidth and cache; two to a card
**
** What an instance has of its card: memory, bandwidth and L2 by its share of the memory; arithmetic, power by its share
** of the SMs; nothing of the links, for instances reach no other GPU (NVIDIA MIG User Guide, "Device P2P").
*/
#ifndef MOAT_FACTS_MIG_H
#define MOAT_FACTS_MIG_H

#include <stdbool.h>
#include <stddef.h>

struct accelerator;
struct arena;
struct buf;
struct err;
struct node;

struct mig_profile {
    const char *name;           /* "3g.40gb" */
    double memory_frac;         /* of the card's */
    double mem_usable_bytes;    /* what the driver reports; 0: its share of the card's */
    int compute;                /* of the card's mig_slices: the digit before the g */
    int cores;                  /* SMs; 0: its share of the card's */
    int instances;              /* of this profile alone on a card */
};

/* `mig:` of a chip file. The card's other keys are read. */
bool mig_read(struct arena *a, const struct node *list, struct accelerator *card, struct err *e);
/* As mig_read takes it. */
void mig_yaml(struct buf *b, const struct accelerator *card);
/* An instance of profile i as a device, in *out; it points to the card. */
void mig_device(struct arena *a, const struct accelerator *card, size_t i, struct accelerator *out);
/* "3g.40gb" of an instance; NULL: a whole device. */
const char *mig_profile_of(const struct accelerator *acc);
double mig_compute_frac(const struct accelerator *card, const struct mig_profile *p);

#endif
