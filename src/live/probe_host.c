/* probe_host.c - what the kernel says of this machine: /proc/cpuinfo, /proc/meminfo, /sys/devices/system/cpu. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/pool.h"
#include "live/probe.h"

/* The value behind "key : value" of the first line that begins with key; NULL: none. */
static const char *line_value(struct arena *a, const char *path, const char *key)
{
    char line[8192];
    const char *found = NULL;
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');
        size_t n = strlen(key);
        if (!colon || strncmp(line, key, n) != 0 || (line[n] != ':' && !isspace((unsigned char)line[n])))
            continue;
        const char *v = colon + 1;
        while (isspace((unsigned char)*v))
            v++;
        found = arena_strndup(a, v, strcspn(v, "\n"));
    }
    if (f)
        fclose(f);
    return found;
}

/* "260M" or "49152K" of sysfs. */
static double size_bytes(const char *text)
{
    char *end;
    double v = strtod(text, &end);
    return v * (*end == 'K' ? 1024 : *end == 'M' ? 1048576 : *end == 'G' ? 1073741824 : 1);
}

static double llc_bytes(void)
{
    double most = 0;
    for (int i = 0; i < 8; i++) {
        char path[96], text[32];
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/size", i);
        FILE *f = fopen(path, "re");
        if (!f)
            continue;
        if (fgets(text, sizeof text, f) && size_bytes(text) > most)
            most = size_bytes(text);
        fclose(f);
    }
    return most;
}

static const char *flags_that_matter(struct arena *a, const char *all)
{
    static const char *const word[] = {"avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16",
                                       "amx_tile", "amx_bf16", "amx_int8", "asimd", "asimddp", "bf16", "i8mm", "sve"};
    struct buf b = {.arena = a};
    const char *padded = arena_printf(a, " %s ", all ? all : "");
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        if (strstr(padded, arena_printf(a, " %s ", word[i])))
            buf_fmt(&b, "%s%s", b.n ? " " : "", word[i]);
    return buf_str(&b);
}

static const char *vendor_of(const char *id)
{
    return !id ? NULL : strcmp(id, "GenuineIntel") == 0 ? "Intel" : strcmp(id, "AuthenticAMD") == 0 ? "AMD" : id;
}

void probe_host_read(struct arena *a, struct probe_host *out)
{
    struct utsname u;
    const char *flags = line_value(a, "/proc/cpuinfo", "flags"), *kb = line_value(a, "/proc/meminfo", "MemTotal");
    if (!flags)
        flags = line_value(a, "/proc/cpuinfo", "Features"); /* Arm */
    *out = (struct probe_host){
        .cpu = line_value(a, "/proc/cpuinfo", "model name"),
        .vendor = vendor_of(line_value(a, "/proc/cpuinfo", "vendor_id")),
        .flags = flags_that_matter(a, flags),
        .cores = pool_cores(),
        .mem_bytes = kb ? strtod(kb, NULL) * 1024 : 0,
        .llc_bytes = llc_bytes(),
        .virtual_machine = flags && strstr(flags, "hypervisor"),
    };
    if (uname(&u) == 0) {
        out->arch = arena_strdup(a, u.machine);
        out->kernel = arena_printf(a, "%s %s", u.sysname, u.release);
    }
}
