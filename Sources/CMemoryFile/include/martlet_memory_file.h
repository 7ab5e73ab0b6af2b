// SPDX-License-Identifier: Apache-2.0

#ifndef MARTLET_MEMORY_FILE_H
#define MARTLET_MEMORY_FILE_H

/// Makes a file that has no name and lies in memory alone: it is gone with its last descriptor, however the process ends.
///
/// `name` is what the system shows of it in `/proc`. The descriptor is closed on exec. Returns -1 and sets `errno` where the system refuses.
int martlet_memory_file(const char *name);

#endif
