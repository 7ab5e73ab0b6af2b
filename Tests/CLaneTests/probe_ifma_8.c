// SPDX-License-Identifier: Apache-2.0

// The lane arithmetic on AVX-512 IFMA, 8 digits, for tests.
#if defined(__x86_64__)
#define LANES_DIGITS 8
#include "lanes_ifma.h"
#include "lanes_probe.h"

LANES_DEFINE_PROBE(lane_probe_ifma_8);
#endif
