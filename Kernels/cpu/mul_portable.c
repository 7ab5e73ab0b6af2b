// SPDX-License-Identifier: Apache-2.0

// The Montgomery product in portable C: word-by-word interleaved multiplication and reduction (CIOS;
// Koç–Acar–Kaliski 1996, §5), without the extra carry word, which moduli below 2^(64n−1) never need.
#include "martlet_field.h"

typedef unsigned __int128 u128;

#define MARTLET_DEFINE_MUL_PORTABLE(N)                                                                          \
    void martlet_mul##N##_portable(martlet_limbs##N *r, const martlet_limbs##N *a, const martlet_limbs##N *b,   \
                                   const martlet_field##N *f) {                                                 \
        uint64_t t[N] = {0};                                                                                    \
        for (int i = 0; i < N; i++) {                                                                           \
            u128 x = (u128)a->l[0] * b->l[i] + t[0];                                                            \
            uint64_t m = (uint64_t)x * f->inv;                                                                  \
            u128 y = (u128)m * f->modulus.l[0] + (uint64_t)x;                                                   \
            uint64_t xc = (uint64_t)(x >> 64), yc = (uint64_t)(y >> 64);                                        \
            for (int j = 1; j < N; j++) {                                                                       \
                x = (u128)a->l[j] * b->l[i] + t[j] + xc;                                                        \
                xc = (uint64_t)(x >> 64);                                                                       \
                y = (u128)m * f->modulus.l[j] + (uint64_t)x + yc;                                               \
                yc = (uint64_t)(y >> 64);                                                                       \
                t[j - 1] = (uint64_t)y;                                                                         \
            }                                                                                                   \
            t[N - 1] = xc + yc;                                                                                 \
        }                                                                                                       \
        martlet_limbs##N out;                                                                                   \
        for (int i = 0; i < N; i++) out.l[i] = t[i];                                                            \
        *r = martlet_reduce_once##N(out, 0, f);                                                                 \
    }

MARTLET_DEFINE_MUL_PORTABLE(4)
MARTLET_DEFINE_MUL_PORTABLE(6)
