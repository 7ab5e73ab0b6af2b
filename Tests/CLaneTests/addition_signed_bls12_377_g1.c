// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
// Batched affine additions of BLS12-377 G1 in C with signed digits, contracts checked.
#define LANES_DIGITS 8
#define LANES_DEGREE 1
#define MARTLET_LANES_CHECK
#include "lanes_portable.h"
#include "affine_batch.h"

extern const martlet_addition_kernel lane_addition_signed_bls12_377_g1;
LANES_DEFINE_ADDITION(lane_addition_signed_bls12_377_g1, martlet_bls12_377_fp_constants, 32);
