// SPDX-License-Identifier: Apache-2.0

// Modular inversion by batches of 62 division steps (Bernstein–Yang 2019, "Fast constant-time gcd computation and
// modular inversion"; the half-delta-free, variable-time form: runs of zero bits are skipped and several steps are
// cancelled at once). Values f, g, d, e are signed integers in limbs of 62 bits, the top limb carrying the sign.
//
// Invariants, with x the input and e₀ = R² mod p: d·x ≡ f·e₀ and e·x ≡ g·e₀ (mod p), d and e in (−2p, p).
// At the end g = 0 and f = ±gcd = ±1, so ±d = e₀/x: for x = aR this is a⁻¹R, Montgomery form again.
#include "martlet_field.h"

typedef __int128 i128;

#define MASK62 (UINT64_MAX >> 2)

/// 2^62 times the product of 62 division steps: f' = (u·f + v·g)/2^62, g' = (q·f + r·g)/2^62.
typedef struct { int64_t u, v, q, r; } transition;

static int64_t division_steps(int64_t eta, uint64_t f, uint64_t g, transition *t) {
    uint64_t u = 1, v = 0, q = 0, r = 1;
    int left = 62;
    for (;;) {
        int zeros = __builtin_ctzll(g | (UINT64_MAX << left));
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        eta -= zeros;
        left -= zeros;
        if (left == 0) break;
        if (eta < 0) {
            uint64_t s;
            eta = -eta;
            s = f, f = g, g = -s;
            s = u, u = q, q = -s;
            s = v, v = r, r = -s;
        }
        // f is odd: w ≡ −g/f modulo a power of two cancels that many low bits of g in one addition.
        int limit = eta + 1 > left ? left : (int)eta + 1;
        uint64_t mask = (UINT64_MAX >> (64 - limit)) & 63;
        uint64_t w = (f * g * (f * f - 2)) & mask;
        g += f * w;
        q += u * w;
        r += v * w;
    }
    *t = (transition){(int64_t)u, (int64_t)v, (int64_t)q, (int64_t)r};
    return eta;
}

#define MARTLET_DEFINE_INVERSE(N, M)                                                                            \
    static void pack62_##N(int64_t out[M], const martlet_limbs##N *a) {                                         \
        for (int i = 0; i < M; i++) {                                                                           \
            int bit = 62 * i, limb = bit / 64, shift = bit % 64;                                                \
            uint64_t low = limb < N ? a->l[limb] >> shift : 0;                                                  \
            uint64_t high = (shift > 0 && limb + 1 < N) ? a->l[limb + 1] << (64 - shift) : 0;                   \
            out[i] = (int64_t)((low | high) & MASK62);                                                          \
        }                                                                                                       \
    }                                                                                                           \
    static void unpack62_##N(martlet_limbs##N *r, const int64_t a[M]) {                                         \
        for (int i = 0; i < N; i++) {                                                                           \
            int bit = 64 * i, limb = bit / 62, shift = bit % 62;                                                \
            uint64_t x = (uint64_t)a[limb] >> shift;                                                            \
            if (limb + 1 < M) x |= (uint64_t)a[limb + 1] << (62 - shift);                                       \
            if (62 - shift + 62 < 64 && limb + 2 < M) x |= (uint64_t)a[limb + 2] << (124 - shift);              \
            r->l[i] = x;                                                                                        \
        }                                                                                                       \
    }                                                                                                           \
    static void update_fg_##N(int64_t f[M], int64_t g[M], const transition *t) {                                \
        i128 cf = (i128)t->u * f[0] + (i128)t->v * g[0];                                                        \
        i128 cg = (i128)t->q * f[0] + (i128)t->r * g[0];                                                        \
        cf >>= 62;                                                                                              \
        cg >>= 62;                                                                                              \
        for (int i = 1; i < M; i++) {                                                                           \
            cf += (i128)t->u * f[i] + (i128)t->v * g[i];                                                        \
            cg += (i128)t->q * f[i] + (i128)t->r * g[i];                                                        \
            f[i - 1] = (int64_t)((uint64_t)cf & MASK62);                                                        \
            g[i - 1] = (int64_t)((uint64_t)cg & MASK62);                                                        \
            cf >>= 62;                                                                                          \
            cg >>= 62;                                                                                          \
        }                                                                                                       \
        f[M - 1] = (int64_t)cf;                                                                                 \
        g[M - 1] = (int64_t)cg;                                                                                 \
    }                                                                                                           \
    static void update_de_##N(int64_t d[M], int64_t e[M], const transition *t, const martlet_field##N *k) {     \
        int64_t sd = d[M - 1] >> 63, se = e[M - 1] >> 63;                                                       \
        /* Multiples of p that keep d and e in range and make the sums divisible by 2^62. */                    \
        int64_t md = (t->u & sd) + (t->v & se), me = (t->q & sd) + (t->r & se);                                 \
        i128 cd = (i128)t->u * d[0] + (i128)t->v * e[0];                                                        \
        i128 ce = (i128)t->q * d[0] + (i128)t->r * e[0];                                                        \
        md -= (int64_t)((k->inv62 * (uint64_t)cd + (uint64_t)md) & MASK62);                                     \
        me -= (int64_t)((k->inv62 * (uint64_t)ce + (uint64_t)me) & MASK62);                                     \
        cd += (i128)k->modulus62[0] * md;                                                                       \
        ce += (i128)k->modulus62[0] * me;                                                                       \
        cd >>= 62;                                                                                              \
        ce >>= 62;                                                                                              \
        for (int i = 1; i < M; i++) {                                                                           \
            cd += (i128)t->u * d[i] + (i128)t->v * e[i] + (i128)k->modulus62[i] * md;                           \
            ce += (i128)t->q * d[i] + (i128)t->r * e[i] + (i128)k->modulus62[i] * me;                           \
            d[i - 1] = (int64_t)((uint64_t)cd & MASK62);                                                        \
            e[i - 1] = (int64_t)((uint64_t)ce & MASK62);                                                        \
            cd >>= 62;                                                                                          \
            ce >>= 62;                                                                                          \
        }                                                                                                       \
        d[M - 1] = (int64_t)cd;                                                                                 \
        e[M - 1] = (int64_t)ce;                                                                                 \
    }                                                                                                           \
    /* d ← ±d + (p if that is negative), limbs carried. */                                                      \
    static void negate_and_lift_##N(int64_t d[M], int negate, const martlet_field##N *k) {                      \
        int64_t carry = 0;                                                                                      \
        for (int i = 0; i < M; i++) {                                                                           \
            int64_t x = (negate ? -d[i] : d[i]) + carry;                                                        \
            if (i < M - 1) carry = x >> 62, x &= (int64_t)MASK62;                                               \
            d[i] = x;                                                                                           \
        }                                                                                                       \
        if (d[M - 1] >= 0) return;                                                                              \
        carry = 0;                                                                                              \
        for (int i = 0; i < M; i++) {                                                                           \
            int64_t x = d[i] + k->modulus62[i] + carry;                                                         \
            if (i < M - 1) carry = x >> 62, x &= (int64_t)MASK62;                                               \
            d[i] = x;                                                                                           \
        }                                                                                                       \
    }                                                                                                           \
    void martlet_inverse##N(martlet_limbs##N *r, const martlet_limbs##N *a, const martlet_field##N *k) {        \
        int64_t d[M] = {0}, e[M], f[M], g[M];                                                                   \
        pack62_##N(e, &k->r_squared);                                                                           \
        pack62_##N(g, a);                                                                                       \
        for (int i = 0; i < M; i++) f[i] = k->modulus62[i];                                                     \
        int64_t eta = -1;                                                                                       \
        for (;;) {                                                                                              \
            int64_t any = 0;                                                                                    \
            for (int i = 0; i < M; i++) any |= g[i];                                                            \
            if (any == 0) break;                                                                                \
            transition t;                                                                                       \
            eta = division_steps(eta, (uint64_t)f[0] | ((uint64_t)f[1] << 62),                                  \
                                 (uint64_t)g[0] | ((uint64_t)g[1] << 62), &t);                                  \
            update_de_##N(d, e, &t, k);                                                                         \
            update_fg_##N(f, g, &t);                                                                            \
        }                                                                                                       \
        negate_and_lift_##N(d, 0, k);                                                                           \
        negate_and_lift_##N(d, f[M - 1] < 0, k);                                                                \
        unpack62_##N(r, d);                                                                                     \
    }

MARTLET_DEFINE_INVERSE(4, 5)
MARTLET_DEFINE_INVERSE(6, 7)
