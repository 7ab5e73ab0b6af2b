// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
// Batched affine additions of BLS12-377 G2 on AVX-512 IFMA.
#if defined(__x86_64__)
#define LANES_DIGITS 8
#define LANES_DEGREE 2
#define LANES_Q 5
#include "lanes_ifma.h"
#include "affine_batch.h"

LANES_DEFINE_ADDITION(martlet_addition_ifma_bls12_377_g2, martlet_bls12_377_fp_constants, 8);
#endif
