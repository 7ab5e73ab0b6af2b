// SPDX-License-Identifier: Apache-2.0

// The lane arithmetic on AVX2, 5 digits, for tests.
#if defined(__x86_64__)
#define LANES_DIGITS 5
#include "lanes_avx2.h"
#include "lanes_probe.h"

LANES_DEFINE_PROBE(lane_probe_avx2_5);
#endif
