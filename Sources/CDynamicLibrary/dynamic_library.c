// SPDX-License-Identifier: Apache-2.0

#include "martlet_dynamic_library.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/stat.h>

// Whether a path, and not a name to look for, is of something that is there and no file: `dlopen` would wait for a pipe.
static int is_no_file(const char *path) {
    struct stat found;
    return strchr(path, '/') && stat(path, &found) == 0 && !S_ISREG(found.st_mode);
}

int martlet_library_load(const char *path, const struct martlet_library_function *functions, size_t count, void *table) {
    void *library = is_no_file(path) ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
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
