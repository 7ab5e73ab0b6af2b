// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
// Batched affine additions of Grumpkin on AVX2 and FMA.
#if defined(__x86_64__)
#define LANES_DIGITS 5
#define LANES_DEGREE 1
#include "lanes_avx2.h"
#include "affine_batch.h"

LANES_DEFINE_ADDITION(martlet_addition_avx2_grumpkin, martlet_bn254_fr_constants, 16);
#endif
