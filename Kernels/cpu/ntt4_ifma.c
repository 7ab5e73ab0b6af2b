// SPDX-License-Identifier: Apache-2.0

// Number-theoretic transforms on AVX-512 IFMA.
#include "martlet_ntt.h"

#if defined(__x86_64__)
#include "lanes_ifma.h"
#include "ntt4.h"

const martlet_ntt4 martlet_ntt4_ifma = {NTT_LANE_LOG, ntt_scratch, ntt_run, ntt_combine, ntt_products};
#endif
