// SPDX-License-Identifier: Apache-2.0

// The text of the OpenCL kernels, embedded so that one binary is all there is to install.

#ifndef MARTLET_OPENCL_KERNELS_H
#define MARTLET_OPENCL_KERNELS_H

#include <stddef.h>

struct martlet_opencl_source {
    /// The file's name, such as "field.cl".
    const char *name;
    /// OpenCL C 1.2, not terminated.
    const char *text;
    size_t length;
};

/// The file of that name, or NULL.
const struct martlet_opencl_source *martlet_opencl_source(const char *name);

#endif
