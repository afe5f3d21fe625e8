/* accelerator.h - one device as its spec sheet describes it.
**
** All rates are dense and per device; links are one direction. A rate of 0 means that the
** device cannot do it (no FP64, no fp8). Read from data/accelerators/<id>.yaml or a user's chip file;
** the YAML keys are those of struct accelerator's comment column.
*/
#ifndef MOAT_FACTS_ACCELERATOR_H
#define MOAT_FACTS_ACCELERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/grade.h"
#include "facts/mig.h"

struct arena;
struct buf;
struct err;
struct node;
struct notes;

enum arith { ARITH_FP64, ARITH_FP32, ARITH_BF16, ARITH_FP16, ARITH_FP8, ARITH_INT8, ARITH_FP4, ARITH_N };

/* How the devices of one scale-up domain are wired. */
enum topology {
    TOPO_NONE,                  /* only PCIe through the host */
    TOPO_SWITCH,                /* any pair reaches total_bytes_s (NVSwitch) */
    TOPO_MESH,                  /* full mesh: a pair reaches per_peer_bytes_s only (MI300X, Gaudi) */
    TOPO_TORUS,                 /* neighbours only (TPU ICI) */
    TOPO_BRIDGE,                /* pairs or fours joined by a bridge (PCIe cards) */
};

struct link {
    enum topology topology;
    const char *kind;           /* "NVLink4" */
    double per_peer_bytes_s;    /* one direction between two devices */
    double total_bytes_s;       /* one direction, all links of a device */
    int domain;                 /* devices that reach each other this way; 1: none */
};

/* Where a figure comes from. */
struct figure {
    const char *field;          /* "mem_bw" */
    enum { FIGURE_TWO_SOURCES, FIGURE_ONE_SOURCE, FIGURE_RECALL } seen;
};

struct accelerator {
    const char *id, *name, *vendor;
    const char *cls;            /* big, mid, consumer, cpu, asic, ... */
    const char *arch;           /* as the vendor names it: "Ada AD102" */
    const char *family;         /* calibration family: "hopper", "ada", "cdna3", ... lower case */
    const char *form, *software;/* "SXM", "CUDA" */
    const char **alias; size_t nalias;
    int32_t launch;             /* yyyymmdd */
    double mem_bytes;           /* capacity; for SRAM-only devices the SRAM is the memory */
    double mem_usable_bytes;    /* what the driver reports; 0: not known */
    const char *mem_usable_source;
    double mem_bw_bytes_s;
    const char *mem_type;
    double sram_bytes;          /* L2, last-level cache or scratch */
    double peak_flop_s[ARITH_N];
    double fp64_matrix_flop_s;  /* of matrix products in fp64, where the matrix units do it; 0: no faster than fp64 */
    int cores;                  /* SMs, CUs, ...; 0: not known */
    struct link scaleup;
    double pcie_bytes_s;        /* one direction, host or peer */
    double scaleout_bytes_s;    /* one direction, per device */
    int node_cards;             /* cards on one board or server as it is sold; at least 1 */
    int host_cards;             /* most cards behind one host (PCIe servers take 8); at least node_cards */
    double tdp_w, idle_w;       /* 0: not published */
    bool graphics;
    int rt_cores, mig_slices;   /* mig_slices 1: not divisible */
    struct mig_profile *mig; size_t nmig;       /* instances it can be cut into (mig.h) */
    const struct accelerator *card;     /* this is such an instance of that card; NULL: a whole device */
    int per_card;               /* so many of which fit on it; 0: a whole device */
    int encoders;               /* video encoder engines (NVENC, VCN, ...); 0: none, or not known */
    bool confidential;
    bool export_restricted_cn;
    bool available;             /* shipping; false: announced or hypothetical */
    enum grade evidence;        /* worst of the figures a roofline rests on (mem, mem_bw, 16-bit rate): ASSUMED if one
                                ** is recall, or if the file names neither figures nor sources; else INFERRED */
    struct figure *figure; size_t nfigure;
    const char **source; size_t nsource;
    const char *date;           /* when the sources were read, "2026-08" */
    const char *notes;
    const char *place;          /* "data/accelerators/h100-sxm-80.yaml", or the user's file */
};

extern const char *const arith_name[ARITH_N];           /* "fp64", "fp32", "bf16", ... */
extern const char *const topology_name[];

/* Read one device. Checks every figure for sense (units slips: an 80 kB device, 3 GB/s of HBM, peak below
** bandwidth/1000, one-way links above the total, negative or huge) with place, what and mend.
** Remarks (a marketing size such as 80GB on an 80 GiB part) go to notes. */
bool accelerator_read(struct arena *a, const struct node *doc, struct accelerator *out, struct notes *notes,
                      struct err *e);
/* The device as YAML that accelerator_read takes: `moat catalog show ID --yaml`. */
void accelerator_yaml(struct buf *b, const struct accelerator *acc);

/* Best 16-bit arithmetic (bf16, else fp16), or ARITH_N when it has neither. */
enum arith accelerator_half(const struct accelerator *acc);

/* Is this figure of the device somebody's memory? */
bool accelerator_recall(const struct accelerator *acc, const char *field);

#endif
