#ifndef MARTLET_LANE_TESTS_H
#define MARTLET_LANE_TESTS_H

#include <stdint.h>

/// Checks `n` products, squares and so on in each BN254 field, then batches of additions; NULL when all agree, else what differs.
/// Paths: 0 portable lanes, 1 portable lanes with unsigned digits, 2 AVX2. Not to be called from two threads at once.
const char *martlet_test_lanes(int path, uint64_t seed, long n);

#endif
