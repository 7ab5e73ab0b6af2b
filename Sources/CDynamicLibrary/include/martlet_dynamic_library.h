// SPDX-License-Identifier: Apache-2.0

// Libraries that are loaded at run time: nothing of them is needed to build or to start the program.

#ifndef MARTLET_DYNAMIC_LIBRARY_H
#define MARTLET_DYNAMIC_LIBRARY_H

#include <stddef.h>

/// A function of a library, and where in the table of its user its address goes.
struct martlet_library_function {
    /// Of a pointer to a function, in bytes from the table's beginning.
    size_t offset;
    const char *name;
};

/// The entry of a function for the member `field` of the table's type, a `struct`.
#define MARTLET_LIBRARY_FUNCTION(type, field, name) {offsetof(struct type, field), name}

/// Loads the library `path`, such as "libOpenCL.so.1", and writes the addresses of `count` functions into `table`. It is never
/// unloaded.
///
/// Returns 0, or -1 where there is no such library or one of the functions is not in it; it is unloaded then.
int martlet_library_load(const char *path, const struct martlet_library_function *functions, size_t count, void *table);

#endif
