// SPDX-License-Identifier: Apache-2.0

// Kernels for the towers Fp2 = Fp[u]/(u² + q), Fp6 = Fp2[v]/(v³ − ξ), Fp12 = Fp6[w]/(w² − v) of the pairings.
//
// An element is an array of martlet_limbs: 2 for Fp2, 6 for Fp6, 12 for Fp12, in the order c0, c1 (, c2) at every
// level. Limbs as in martlet_field.h: Montgomery form, below the modulus; so are all results, which therefore are
// the same on every path. A result may overwrite an operand. Variable-time in nothing but the comparisons there.
#ifndef MARTLET_TOWER_H
#define MARTLET_TOWER_H

#include "martlet_field.h"

// Products with u² = −1, for the fields with p ≡ 3 mod 4 and 5p < 2^(64·n), for products of unreduced sums.

#define MARTLET_DECLARE_FP2(N, PATH)                                                                            \
    /* r = a·b */                                                                                               \
    void martlet_fp2_mul##N##_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a, const martlet_limbs##N *b, \
                                     const martlet_field##N *f);                                                \
    /* r = a² */                                                                                                \
    void martlet_fp2_square##N##_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a, const martlet_field##N *f);

typedef void martlet_tower_product(void *r, const void *a, const void *b);
typedef void martlet_tower_square(void *r, const void *a);

/// The products of one tower, which know its field, its q and its ξ. Elements are of the tower's limbs, aligned as these.
typedef struct {
    martlet_tower_product *fp2_mul;
    martlet_tower_square *fp2_square;
    martlet_tower_product *fp6_mul, *fp12_mul;
    martlet_tower_square *fp12_square;
    martlet_tower_square *cyclotomic_square; ///< for an element of the cyclotomic subgroup of Fp12
    martlet_tower_product *fp12_mul_034;     ///< r = a·(b0 + (b1 + b2·v)·w) for b of three elements of Fp2
    martlet_tower_product *fp12_mul_014;     ///< r = a·(b0 + b1·v + b2·v·w) for b of three elements of Fp2
} martlet_tower;

MARTLET_DECLARE_FP2(4, portable)
MARTLET_DECLARE_FP2(6, portable)

#if defined(__x86_64__)
MARTLET_DECLARE_FP2(4, adx)
MARTLET_DECLARE_FP2(6, adx)
#define MARTLET_ON_PATH(FUNCTION, ...)                                                                          \
    if (__builtin_expect(martlet_cpu_path >= MARTLET_CPU_ADX, 1)) FUNCTION##_adx(__VA_ARGS__);                  \
    else FUNCTION##_portable(__VA_ARGS__)
// The tables of a curve, and the one of a path: martlet_bn254_tower(martlet_cpu_current()) is the one in use.
#define MARTLET_DECLARE_TOWER(CURVE)                                                                            \
    extern const martlet_tower martlet_##CURVE##_tower_portable, martlet_##CURVE##_tower_adx;                   \
    static inline const martlet_tower *martlet_##CURVE##_tower(int path) {                                      \
        return path >= MARTLET_CPU_ADX ? &martlet_##CURVE##_tower_adx : &martlet_##CURVE##_tower_portable;      \
    }
#else
#define MARTLET_ON_PATH(FUNCTION, ...) FUNCTION##_portable(__VA_ARGS__)
#define MARTLET_DECLARE_TOWER(CURVE)                                                                            \
    extern const martlet_tower martlet_##CURVE##_tower_portable;                                                \
    static inline const martlet_tower *martlet_##CURVE##_tower(int path) {                                      \
        return (void)path, &martlet_##CURVE##_tower_portable;                                                   \
    }
#endif

MARTLET_TOWERS(MARTLET_DECLARE_TOWER)

// The products in Fp2 on the path in use.
#define MARTLET_DISPATCH_FP2(N)                                                                                 \
    static inline void martlet_fp2_mul##N(martlet_limbs##N *r, const martlet_limbs##N *a,                       \
                                          const martlet_limbs##N *b, const martlet_field##N *f) {               \
        MARTLET_ON_PATH(martlet_fp2_mul##N, r, a, b, f);                                                        \
    }                                                                                                           \
    static inline void martlet_fp2_square##N(martlet_limbs##N *r, const martlet_limbs##N *a,                    \
                                             const martlet_field##N *f) {                                       \
        MARTLET_ON_PATH(martlet_fp2_square##N, r, a, f);                                                        \
    }

MARTLET_DISPATCH_FP2(4)
MARTLET_DISPATCH_FP2(6)

#endif
