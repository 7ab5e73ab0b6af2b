// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
// Batched affine additions of Grumpkin in C with signed digits, contracts checked.
#define LANES_DIGITS 5
#define LANES_DEGREE 1
#define MARTLET_LANES_CHECK
#include "lanes_portable.h"
#include "affine_batch.h"

extern const martlet_addition_kernel lane_addition_signed_grumpkin;
LANES_DEFINE_ADDITION(lane_addition_signed_grumpkin, martlet_bn254_fr_constants, 32);
