// SPDX-License-Identifier: Apache-2.0

// The lane arithmetic in C with unsigned digits, contracts checked, 8 digits, for tests.
#define LANES_DIGITS 8
#define MARTLET_LANES_CHECK
#define LANES_PORTABLE_UNSIGNED 1
#include "lanes_portable.h"
#include "lanes_probe.h"

LANES_DEFINE_PROBE(lane_probe_unsigned_8);
