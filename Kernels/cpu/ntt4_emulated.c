// SPDX-License-Identifier: Apache-2.0

// Number-theoretic transforms by the lanes algorithm in plain C with the unsigned digits of AVX-512 IFMA: for tests.
#define LANES_PORTABLE_UNSIGNED 1
#include "lanes_portable.h"
#include "ntt4.h"

const martlet_ntt4 martlet_ntt4_emulated = {NTT_LANE_LOG, ntt_scratch, ntt_run, ntt_combine, ntt_products};
