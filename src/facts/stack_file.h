/* stack_file.h - a file of data/stacks as read. Inside facts/ only: stack.c lays its blocks, stack_flavour.c its software. */
#ifndef MOAT_FACTS_STACK_FILE_H
#define MOAT_FACTS_STACK_FILE_H

#include "facts/stack.h"

struct node;

enum stack_attn { A_PREFILL, A_DECODE, A_MLA_PREFILL, A_MLA_DECODE, A_LINEAR, A_N };
enum stack_comm { C_ALL_REDUCE, C_ALL_GATHER, C_REDUCE_SCATTER, C_ALL_TO_ALL, C_P2P, C_NET, C_N };

struct block { /* constants of one device, family or the pool; NaN: not said */
    const char *name;
    bool inferred; /* a device block that rests on another measurement than its own operator timings */
    struct op_const gemm[PREC_N], moe[PREC_N];
    struct attn_const attn[A_N];
    struct comm_const comm[2][C_N]; /* [1]: no scale-up links, through the host */
};

struct size_row {
    double from_bytes;
    int max_seqs, max_tokens;
    const char *except;
};

/* What a software makes of the operators: factors on the shares that kernels reach, times that it adds. */
enum software_key { SW_COMPUTE, SW_MEMORY, SW_UNPACK, SW_ATTENTION, SW_LINK, SW_LAYER, SW_COLLECTIVE, SW_STEP, SW_SEQ, SW_N };
struct software {
    const char *name;    /* of the device or family it stands for; NULL: of all */
    double of[SW_N];     /* NaN: not said; times in seconds */
};
struct word_list {
    const char **word;
    size_t n;
};

struct flavour { /* of a file that lies over another one (`base`); empty in one that stands alone */
    const struct node *doc;
    const char *base;
    struct word_list runs_on;     /* software families of accelerators; none: any */
    struct word_list default_for; /* accelerators of this software run it when nothing is asked for */
    const char *until_version, *until_date; /* a bygone era: versions and dates before these; NULL: not over */
    bool scaled;
    struct software all, *on, *without;
    size_t non, nwithout;
    struct word_list fitted_on; /* "model accelerator": whole groups of published points */
};

struct stack_file {
    struct stack base; /* what no tier changes */
    struct block pooled, *family, *device;
    size_t nfamily, ndevice;
    struct size_row *size;
    size_t nsize;
    struct flavour flavour;
};

/* stack_engine.c: a number, a time, a share of a peak in (0, 1]; absent: *out stays. What a document says beside its operators,
** over what is there; a file that stands alone must have all three sections. */
bool stack_say(struct arena *a, const struct node *map, const char *key, double *out, struct err *e);
bool stack_say_s(struct arena *a, const struct node *map, const char *key, double *out, struct err *e);
bool stack_share(struct arena *a, const struct node *map, const char *key, double *out, struct err *e);
bool stack_read_over(struct arena *a, const struct node *doc, struct stack_file *f, bool alone, struct err *e);
/* stack_flavour.c */
bool flavour_read(struct arena *a, const struct node *doc, struct flavour *out, struct err *e);
/* Lay the software over the constants of acc; m: NULL, or what is held out. */
void flavour_lay(struct stack *s, const struct flavour *v, const struct accelerator *acc, const struct stack_mask *m);

#endif
