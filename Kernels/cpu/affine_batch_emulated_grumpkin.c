// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
// Batched affine additions of Grumpkin on AVX-512 IFMA, emulated.
#define LANES_DIGITS 5
#define LANES_DEGREE 1
#define LANES_PORTABLE_UNSIGNED 1
#include "lanes_portable.h"
#include "affine_batch.h"

LANES_DEFINE_ADDITION(martlet_addition_emulated_grumpkin, martlet_bn254_fr_constants, 32);
