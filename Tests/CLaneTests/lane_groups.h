// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
// The fields that have lanes, and the groups: rows of tables in lane_tests.c.
#define LANE_FIELDS \
    {"BN254 Fp", 4, 254, &martlet_bn254_fp_constants, NULL}, \
    {"BN254 Fr", 4, 254, &martlet_bn254_fr_constants, NULL}, \
    {"BLS12-381 Fr", 4, 255, &martlet_bls12_381_fr_constants, NULL}, \
    {"BLS12-381 Fp", 6, 381, NULL, &martlet_bls12_381_fp_constants}, \
    {"BLS12-377 Fr", 4, 253, &martlet_bls12_377_fr_constants, NULL}, \
    {"BLS12-377 Fp", 6, 377, NULL, &martlet_bls12_377_fp_constants},
#define LANE_GROUPS \
    [MARTLET_BN254_G1] = {"BN254 G1", &fields[0], 1, 1}, \
    [MARTLET_BN254_G2] = {"BN254 G2", &fields[0], 2, 1}, \
    [MARTLET_BLS12_381_G1] = {"BLS12-381 G1", &fields[3], 1, 1}, \
    [MARTLET_BLS12_381_G2] = {"BLS12-381 G2", &fields[3], 2, 1}, \
    [MARTLET_BLS12_377_G1] = {"BLS12-377 G1", &fields[5], 1, 1}, \
    [MARTLET_BLS12_377_G2] = {"BLS12-377 G2", &fields[5], 2, 5}, \
    [MARTLET_GRUMPKIN] = {"Grumpkin", &fields[1], 1, 1},
