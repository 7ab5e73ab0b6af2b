// SPDX-License-Identifier: Apache-2.0

#include "martlet_opencl_kernels.h"

#include <string.h>

// #embed is C23; clang takes it in every mode from version 19 on.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char check[] = {
#embed "check.cl"
};
static const char curve[] = {
#embed "curve.cl"
};
static const char extension[] = {
#embed "extension.cl"
};
static const char field[] = {
#embed "field.cl"
};
static const char field_ptx[] = {
#embed "field_ptx.cl"
};
static const char msm[] = {
#embed "msm.cl"
};
static const char ntt[] = {
#embed "ntt.cl"
};
static const char packed[] = {
#embed "packed.cl"
};
static const char peak[] = {
#embed "peak.cl"
};
static const char quotient[] = {
#embed "quotient.cl"
};
static const char scalars[] = {
#embed "scalars.cl"
};

#define SOURCE(array, file) {file, array, sizeof array}

static const struct martlet_opencl_source sources[] = {
    SOURCE(check, "check.cl"),
    SOURCE(curve, "curve.cl"),
    SOURCE(extension, "extension.cl"),
    SOURCE(field, "field.cl"),
    SOURCE(field_ptx, "field_ptx.cl"),
    SOURCE(msm, "msm.cl"),
    SOURCE(ntt, "ntt.cl"),
    SOURCE(packed, "packed.cl"),
    SOURCE(peak, "peak.cl"),
    SOURCE(quotient, "quotient.cl"),
    SOURCE(scalars, "scalars.cl"),
};

const struct martlet_opencl_source *martlet_opencl_source(const char *name) {
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strcmp(sources[i].name, name) == 0) return &sources[i];
    }
    return NULL;
}
