// SPDX-License-Identifier: Apache-2.0

// The lane arithmetic in C with signed digits, contracts checked, 8 digits, for tests.
#define LANES_DIGITS 8
#define MARTLET_LANES_CHECK
#include "lanes_portable.h"
#include "lanes_probe.h"

LANES_DEFINE_PROBE(lane_probe_signed_8);
