// SPDX-License-Identifier: Apache-2.0

// Written by Kernels/cpu/generate.py: do not edit.
// What there are kernels for: lists that the other headers make declarations of.
#ifndef MARTLET_CURVES_H
#define MARTLET_CURVES_H

/// Fields of four limbs and of six: martlet_bn254_fp() is the constants of bn254_fp.
#define MARTLET_FIELDS4(ITEM)                                \
    ITEM(bn254_fp)                                           \
    ITEM(bn254_fr)                                           \
    ITEM(bls12_381_fr)                                       \
    ITEM(bls12_377_fr)                                       \
    ITEM(babyjubjub_fr)

#define MARTLET_FIELDS6(ITEM)                                \
    ITEM(bls12_381_fp)                                       \
    ITEM(bls12_377_fp)

/// Towers of pairings: martlet_bn254_tower(path) is the kernels of bn254.
#define MARTLET_TOWERS(ITEM)                                 \
    ITEM(bn254)                                              \
    ITEM(bls12_381)                                          \
    ITEM(bls12_377)

/// Groups with batched additions, by the numbers MARTLET_BN254_G1… and in the names of their kernels.
#define MARTLET_GROUPS(ITEM)                                 \
    ITEM(BN254_G1, bn254_g1)                                 \
    ITEM(BN254_G2, bn254_g2)                                 \
    ITEM(BLS12_381_G1, bls12_381_g1)                         \
    ITEM(BLS12_381_G2, bls12_381_g2)                         \
    ITEM(BLS12_377_G1, bls12_377_g1)                         \
    ITEM(BLS12_377_G2, bls12_377_g2)                         \
    ITEM(GRUMPKIN, grumpkin)

#endif
