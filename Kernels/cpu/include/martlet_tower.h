// SPDX-License-Identifier: Apache-2.0

// Kernels for the towers Fp2 = Fp[u]/(u² + 1), Fp6 = Fp2[v]/(v³ − ξ), Fp12 = Fp6[w]/(w² − v) of the pairings.
//
// An element is an array of martlet_limbs: 2 for Fp2, 6 for Fp6, 12 for Fp12, in the order c0, c1 (, c2) at every
// level. Limbs as in martlet_field.h: Montgomery form, below the modulus; so are all results, which therefore are
// the same on every path. A result may overwrite an operand. Variable-time in nothing but the comparisons there.
#ifndef MARTLET_TOWER_H
#define MARTLET_TOWER_H

#include "martlet_field.h"

// The fields that these kernels accept: p ≡ 3 mod 4 with 5p < 2^(64·n), for products of unreduced sums.

#define MARTLET_DECLARE_FP2(N, PATH)                                                                            \
    /* r = a·b */                                                                                               \
    void martlet_fp2_mul##N##_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a, const martlet_limbs##N *b, \
                                     const martlet_field##N *f);                                                \
    /* r = a² */                                                                                                \
    void martlet_fp2_square##N##_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a, const martlet_field##N *f);

// Kernels of one tower; they know its ξ and its field.
#define MARTLET_DECLARE_TOWER(CURVE, N, PATH)                                                                   \
    /* r = a·b in Fp6 */                                                                                        \
    void martlet_##CURVE##_fp6_mul_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a,                       \
                                          const martlet_limbs##N *b);                                           \
    /* r = a·b in Fp12 */                                                                                       \
    void martlet_##CURVE##_fp12_mul_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a,                      \
                                           const martlet_limbs##N *b);                                          \
    /* r = a² in Fp12 */                                                                                        \
    void martlet_##CURVE##_fp12_square_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a);                  \
    /* r = a² for a in the cyclotomic subgroup of Fp12 */                                                       \
    void martlet_##CURVE##_cyclotomic_square_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a);            \
    /* r = a·(b0 + (b1 + b2·v)·w) for b of three elements of Fp2 */                                             \
    void martlet_##CURVE##_fp12_mul_034_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a,                  \
                                               const martlet_limbs##N *b);                                      \
    /* r = a·(b0 + b1·v + b2·v·w) for b of three elements of Fp2 */                                             \
    void martlet_##CURVE##_fp12_mul_014_##PATH(martlet_limbs##N *r, const martlet_limbs##N *a,                  \
                                               const martlet_limbs##N *b);

MARTLET_DECLARE_FP2(4, portable)
MARTLET_DECLARE_FP2(6, portable)
MARTLET_DECLARE_TOWER(bn254, 4, portable)
MARTLET_DECLARE_TOWER(bls12_381, 6, portable)

#if defined(__x86_64__)
MARTLET_DECLARE_FP2(4, adx)
MARTLET_DECLARE_FP2(6, adx)
MARTLET_DECLARE_TOWER(bn254, 4, adx)
MARTLET_DECLARE_TOWER(bls12_381, 6, adx)
#define MARTLET_ON_PATH(FUNCTION, ...)                                                                          \
    if (__builtin_expect(martlet_cpu_path >= MARTLET_CPU_ADX, 1)) FUNCTION##_adx(__VA_ARGS__);                  \
    else FUNCTION##_portable(__VA_ARGS__)
#else
#define MARTLET_ON_PATH(FUNCTION, ...) FUNCTION##_portable(__VA_ARGS__)
#endif

// The same functions on the path in use.
#define MARTLET_DISPATCH_FP2(N)                                                                                 \
    static inline void martlet_fp2_mul##N(martlet_limbs##N *r, const martlet_limbs##N *a,                       \
                                          const martlet_limbs##N *b, const martlet_field##N *f) {               \
        MARTLET_ON_PATH(martlet_fp2_mul##N, r, a, b, f);                                                        \
    }                                                                                                           \
    static inline void martlet_fp2_square##N(martlet_limbs##N *r, const martlet_limbs##N *a,                    \
                                             const martlet_field##N *f) {                                       \
        MARTLET_ON_PATH(martlet_fp2_square##N, r, a, f);                                                        \
    }
#define MARTLET_DISPATCH_TOWER_PRODUCT(NAME, N)                                                                 \
    static inline void NAME(martlet_limbs##N *r, const martlet_limbs##N *a, const martlet_limbs##N *b) {        \
        MARTLET_ON_PATH(NAME, r, a, b);                                                                         \
    }
#define MARTLET_DISPATCH_TOWER_SQUARE(NAME, N)                                                                  \
    static inline void NAME(martlet_limbs##N *r, const martlet_limbs##N *a) { MARTLET_ON_PATH(NAME, r, a); }

MARTLET_DISPATCH_FP2(4)
MARTLET_DISPATCH_FP2(6)
MARTLET_DISPATCH_TOWER_PRODUCT(martlet_bn254_fp6_mul, 4)
MARTLET_DISPATCH_TOWER_PRODUCT(martlet_bn254_fp12_mul, 4)
MARTLET_DISPATCH_TOWER_PRODUCT(martlet_bn254_fp12_mul_034, 4)
MARTLET_DISPATCH_TOWER_PRODUCT(martlet_bn254_fp12_mul_014, 4)
MARTLET_DISPATCH_TOWER_SQUARE(martlet_bn254_fp12_square, 4)
MARTLET_DISPATCH_TOWER_SQUARE(martlet_bn254_cyclotomic_square, 4)
MARTLET_DISPATCH_TOWER_PRODUCT(martlet_bls12_381_fp6_mul, 6)
MARTLET_DISPATCH_TOWER_PRODUCT(martlet_bls12_381_fp12_mul, 6)
MARTLET_DISPATCH_TOWER_PRODUCT(martlet_bls12_381_fp12_mul_034, 6)
MARTLET_DISPATCH_TOWER_PRODUCT(martlet_bls12_381_fp12_mul_014, 6)
MARTLET_DISPATCH_TOWER_SQUARE(martlet_bls12_381_fp12_square, 6)
MARTLET_DISPATCH_TOWER_SQUARE(martlet_bls12_381_cyclotomic_square, 6)

#endif
