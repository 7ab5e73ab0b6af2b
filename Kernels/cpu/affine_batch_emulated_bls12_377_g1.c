// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
// Batched affine additions of BLS12-377 G1 on AVX-512 IFMA, emulated.
#define LANES_DIGITS 8
#define LANES_DEGREE 1
#define LANES_PORTABLE_UNSIGNED 1
#include "lanes_portable.h"
#include "affine_batch.h"

LANES_DEFINE_ADDITION(martlet_addition_emulated_bls12_377_g1, martlet_bls12_377_fp_constants, 32);
