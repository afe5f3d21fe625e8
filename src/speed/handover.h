/* handover.h - the KV of a sequence moved from one replica to another: how much it is, and how fast the ends are.
**
**      bytes   = KV a token * (full layers: n; clipped ones: min(n, window)) + state
**      ends    each device moves its own part over its own NIC: scale-out, else PCIe, one direction (vLLM's NixlConnector and
**              SGLang move shard by shard, rank to rank)
*/
#ifndef MOAT_SPEED_HANDOVER_H
#define MOAT_SPEED_HANDOVER_H

#include <stdint.h>

#include "speed/memory.h"

/* Devices that hold a sequence: those of one copy of the attention. */
int handover_devices(const struct deployment *d);
double handover_bytes(const struct memory *m, int devices, int64_t tok);
/* Of one device, one direction; 0: the device has no figure. */
double handover_device_bytes_s(const struct accelerator *acc);

#endif
