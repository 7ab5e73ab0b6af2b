// SPDX-License-Identifier: Apache-2.0

#ifndef MARTLET_LANE_TESTS_H
#define MARTLET_LANE_TESTS_H

#include <stdint.h>

/// The paths under test. The first two are the lanes in C with every contract checked (a broken one aborts).
enum {
    MARTLET_LANES_SIGNED,   ///< the signed digits of AVX2
    MARTLET_LANES_UNSIGNED, ///< the unsigned digits of AVX-512 IFMA
    MARTLET_LANES_EMULATED, ///< the library's emulation of IFMA
    MARTLET_LANES_AVX2,
    MARTLET_LANES_IFMA,
};

/// Whether this machine can run a path.
int martlet_lanes_supported(int path);

/// Checks about `n` products in lanes in each field, then batches of additions in each group, against scalar arithmetic, on random
/// and edge values. NULL when all agree, else what differs. Not to be called from two threads at once.
const char *martlet_test_lanes(int path, uint64_t seed, long n);

#endif
