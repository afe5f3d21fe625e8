/* probe_cuda.c - libcuda, libcublasLt and libnvidia-ml by dlopen: every function that the probe uses, or the library is not used. */
#include "live/probe_cuda.h"

#include <dlfcn.h>
#include <stdio.h>

struct symbol {
    size_t at;                  /* of the pointer in struct cuda */
    const char *name;
};

#define CUDA_ROW(type, name, symbol, arguments) {offsetof(struct cuda, name), symbol},
static const struct symbol driver[] = {CUDA_DRIVER(CUDA_ROW)};
static const struct symbol blas[] = {CUDA_BLAS(CUDA_ROW)};
static const struct symbol nvml[] = {CUDA_NVML(CUDA_ROW)};
#undef CUDA_ROW
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The first of the names that can be loaded and has all symbols; NULL, with why, when there is none. */
static void *load(struct cuda *c, const char *const *names, const struct symbol *s, size_t n, char *why, size_t why_n)
{
    snprintf(why, why_n, "%s is not installed", names[0]);
    for (; *names; names++) {
        void *lib = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
        size_t i = 0;
        for (; lib && i < n; i++) {
            void *f = dlsym(lib, s[i].name);
            if (!f)
                break;
            *(void **)((char *)c + s[i].at) = f;
        }
        if (lib && i == n)
            return lib;
        if (lib) {
            snprintf(why, why_n, "%s has no %s", *names, s[i].name);
            dlclose(lib);
        }
    }
    return NULL;
}

bool cuda_open(struct cuda *c, char *why, char *missing, size_t n)
{
    static const char *const driver_name[] = {"libcuda.so.1", NULL};
    static const char *const blas_name[] = {"libcublasLt.so.13", "libcublasLt.so.12", NULL};
    static const char *const nvml_name[] = {"libnvidia-ml.so.1", NULL};
    char no_blas[128], no_nvml[128];
    *c = (struct cuda){0};
    *why = *missing = 0;
    c->lib = load(c, driver_name, driver, COUNT(driver), why, n);
    if (!c->lib)
        return false;
    c->blas_lib = load(c, blas_name, blas, COUNT(blas), no_blas, sizeof no_blas);
    c->nvml_lib = load(c, nvml_name, nvml, COUNT(nvml), no_nvml, sizeof no_nvml);
    bool both = !c->blas_lib && !c->nvml_lib;
    snprintf(missing, n, "%s%s%s", c->blas_lib ? "" : no_blas, both ? "; " : "", c->nvml_lib ? "" : no_nvml);
    return true;
}

void cuda_close(struct cuda *c)
{
    if (c->nvml_lib)
        dlclose(c->nvml_lib);
    if (c->blas_lib)
        dlclose(c->blas_lib);
    if (c->lib)
        dlclose(c->lib);
    *c = (struct cuda){0};
}
