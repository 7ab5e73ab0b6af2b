// SPDX-License-Identifier: Apache-2.0

// The tower kernels in portable C.
#include "martlet_tower.h"

typedef unsigned __int128 u128;

#define MARTLET_DEFINE_WIDE_PORTABLE(N)                                                                         \
    static inline void multiply_wide_##N(uint64_t *r, const uint64_t *a, const uint64_t *b) {                   \
        for (int i = 0; i < N; i++) r[i] = 0;                                                                   \
        for (int i = 0; i < N; i++) {                                                                           \
            u128 x = 0;                                                                                         \
            for (int j = 0; j < N; j++) {                                                                       \
                x = (u128)a[j] * b[i] + r[i + j] + (uint64_t)(x >> 64);                                         \
                r[i + j] = (uint64_t)x;                                                                         \
            }                                                                                                   \
            r[i + N] = (uint64_t)(x >> 64);                                                                     \
        }                                                                                                       \
    }                                                                                                           \
    static inline void reduce_low_##N(uint64_t *r, const uint64_t *t, const martlet_field##N *f) {              \
        for (int i = 0; i < N; i++) r[i] = t[i];                                                                \
        for (int i = 0; i < N; i++) {                                                                           \
            const uint64_t m = r[0] * f->inv;                                                                   \
            u128 x = (u128)m * f->modulus.l[0] + r[0];                                                          \
            for (int j = 1; j < N; j++) {                                                                       \
                x = (u128)m * f->modulus.l[j] + r[j] + (uint64_t)(x >> 64);                                     \
                r[j - 1] = (uint64_t)x;                                                                         \
            }                                                                                                   \
            r[N - 1] = (uint64_t)(x >> 64);                                                                     \
        }                                                                                                       \
    }                                                                                                           \
    static inline void add_##N(uint64_t *r, const uint64_t *a, const uint64_t *b, const uint64_t *p) {          \
        uint64_t s[N], d[N];                                                                                    \
        unsigned long long carry = 0, borrow = 0;                                                               \
        for (int i = 0; i < N; i++) s[i] = __builtin_addcll(a[i], b[i], carry, &carry);                         \
        for (int i = 0; i < N; i++) d[i] = __builtin_subcll(s[i], p[i], borrow, &borrow);                       \
        const uint64_t keep = (uint64_t)0 - (uint64_t)borrow;                                                   \
        for (int i = 0; i < N; i++) r[i] = d[i] ^ ((d[i] ^ s[i]) & keep);                                       \
    }                                                                                                           \
    static inline void subtract_once_##N(uint64_t *a, const uint64_t *p) {                                      \
        uint64_t d[N];                                                                                          \
        unsigned long long borrow = 0;                                                                          \
        for (int i = 0; i < N; i++) d[i] = __builtin_subcll(a[i], p[i], borrow, &borrow);                       \
        const uint64_t keep = (uint64_t)0 - (uint64_t)borrow;                                                   \
        for (int i = 0; i < N; i++) a[i] = d[i] ^ ((d[i] ^ a[i]) & keep);                                       \
    }                                                                                                           \
    static inline void subtract_##N(uint64_t *r, const uint64_t *a, const uint64_t *b, const uint64_t *p) {     \
        unsigned long long borrow = 0, carry = 0;                                                               \
        uint64_t d[N];                                                                                          \
        for (int i = 0; i < N; i++) d[i] = __builtin_subcll(a[i], b[i], borrow, &borrow);                       \
        const uint64_t mask = (uint64_t)0 - (uint64_t)borrow;                                                   \
        for (int i = 0; i < N; i++) r[i] = __builtin_addcll(d[i], p[i] & mask, carry, &carry);                  \
    }

MARTLET_DEFINE_WIDE_PORTABLE(4)
MARTLET_DEFINE_WIDE_PORTABLE(6)

#define PATH portable

#include "towers.h"
