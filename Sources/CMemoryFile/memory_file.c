// SPDX-License-Identifier: Apache-2.0

// A call of Linux that Swift's modules of the C library leave out.
#define _GNU_SOURCE
#include "martlet_memory_file.h"

#include <sys/mman.h>

int martlet_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
