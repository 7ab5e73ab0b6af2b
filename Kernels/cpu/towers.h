// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
// The towers of one path: to be included after what tower.h needs of it.

#define N 4
#define QUADRATIC 1
#define XI 9
#define CURVE bn254
#define CONSTANTS martlet_bn254_fp_constants
#include "tower.h"

#define N 6
#define QUADRATIC 1
#define XI 1
#define CURVE bls12_381
#define CONSTANTS martlet_bls12_381_fp_constants
#include "tower.h"

#define N 6
#define QUADRATIC 5
#define XI 0
#define CURVE bls12_377
#define CONSTANTS martlet_bls12_377_fp_constants
#include "tower.h"
