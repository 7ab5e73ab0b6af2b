// SPDX-License-Identifier: Apache-2.0

#include "martlet_dynamic_library.h"

#include <dlfcn.h>

int martlet_library_load(const char *path, const struct martlet_library_function *functions, size_t count, void *table) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return -1;
    for (size_t i = 0; i < count; i++) {
        void *address = dlsym(library, functions[i].name);
        if (!address) {
            dlclose(library);
            return -1;
        }
        *(void **)((char *)table + functions[i].offset) = address;
    }
    return 0;
}
