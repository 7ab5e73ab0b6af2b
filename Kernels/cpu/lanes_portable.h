// SPDX-License-Identifier: Apache-2.0

// Lane operations in plain C, lane by lane: the very algorithm of the vector kernels, for any machine.
// LANES_PORTABLE_UNSIGNED 1 gives the unsigned digits of AVX-512 IFMA, 0 (default) the signed ones of AVX2.
#ifndef MARTLET_LANES_PORTABLE_H
#define MARTLET_LANES_PORTABLE_H

#include <stdint.h>
#include <string.h>

#ifndef LANES_PORTABLE_UNSIGNED
#define LANES_PORTABLE_UNSIGNED 0
#endif
#define LANES_UNROLL

#define LANES_WIDTH 4
#define LANES_SIGNED (!LANES_PORTABLE_UNSIGNED)
#define LANES_TARGET
#define LANES_FN static inline __attribute__((unused))

typedef struct { uint64_t v[LANES_WIDTH]; } lanes_word;
typedef struct { int64_t v[LANES_WIDTH]; } lanes_digit;

#define LANES_HI_BIAS 0u
#define LANES_LO_BIAS 0u
#define LANES_ALIGN_FRAME() ((void)0)
#define LANES_TOP_BIAS 0u
#define LANES_EACH for (int i = 0; i < LANES_WIDTH; i++)

// With MARTLET_LANES_CHECK the contracts of lanes.h are verified on every product.
#ifdef MARTLET_LANES_CHECK
#include <stdlib.h>
#define LANES_REQUIRE(x) do { if (!(x)) abort(); } while (0)
#else
#define LANES_REQUIRE(x) ((void)0)
#endif

LANES_FN lanes_word lanes_set(uint64_t c) { lanes_word r; LANES_EACH r.v[i] = c; return r; }
LANES_FN lanes_word lanes_add(lanes_word a, lanes_word b) { LANES_EACH a.v[i] += b.v[i]; return a; }
LANES_FN lanes_word lanes_sub(lanes_word a, lanes_word b) { LANES_EACH a.v[i] -= b.v[i]; return a; }
LANES_FN lanes_word lanes_and(lanes_word a, lanes_word b) { LANES_EACH a.v[i] &= b.v[i]; return a; }
LANES_FN lanes_word lanes_or(lanes_word a, lanes_word b) { LANES_EACH a.v[i] |= b.v[i]; return a; }
LANES_FN lanes_word lanes_xor(lanes_word a, lanes_word b) { LANES_EACH a.v[i] ^= b.v[i]; return a; }
LANES_FN lanes_word lanes_shl(lanes_word a, int n) { LANES_EACH a.v[i] <<= n; return a; }
LANES_FN lanes_word lanes_shr(lanes_word a, int n) { LANES_EACH a.v[i] >>= n; return a; }
#define lanes_shr2(low, high, n) lanes_or(lanes_shr(low, n), lanes_shl(high, 64 - (n)))
LANES_FN lanes_digit lanes_constant(int64_t c) { lanes_digit r; LANES_EACH r.v[i] = c; return r; }

static inline __int128 lanes_product(int64_t a, int64_t b) {
    __int128 p = (__int128)a * b;
#if LANES_PORTABLE_UNSIGNED
    LANES_REQUIRE(a >= 0 && b >= 0 && a >> 52 == 0 && b >> 52 == 0);
#else
    LANES_REQUIRE(p >= -((__int128)1 << 103) && p <= (__int128)1 << 103);
#endif
    return p;
}

#define LANES_MASK 0xfffffffffffffu

LANES_FN void lanes_row_add(lanes_word *t, lanes_digit a, const lanes_digit *b, int n) {
    for (int j = 0; j < n; j++)
        LANES_EACH {
            __int128 p = lanes_product(a.v[i], b[j].v[i]);
            t[j + 1].v[i] += (uint64_t)(p >> 52);
            t[j].v[i] += (uint64_t)p & LANES_MASK;
        }
}

LANES_FN void lanes_row_last(lanes_word *t, lanes_digit a, const lanes_digit *b, int n) {
    const uint64_t sign = LANES_SIGNED ? ~(uint64_t)0 : 1;
    for (int j = 0; j < n; j++)
        LANES_EACH {
            __int128 p = lanes_product(a.v[i], b[j].v[i]);
            t[j + 1].v[i] += sign * (uint64_t)(p >> 52);
            if (j > 0) t[j].v[i] += sign * ((uint64_t)p & LANES_MASK);
        }
}

LANES_FN lanes_digit lanes_mul_low(lanes_digit c, lanes_digit a, lanes_digit b) {
    LANES_EACH {
        const uint64_t product = (uint64_t)lanes_product(a.v[i], b.v[i]);
        a.v[i] = (int64_t)((product + (LANES_SIGNED ? 0 : (uint64_t)c.v[i])) & LANES_MASK);
    }
    return a;
}

LANES_FN lanes_digit lanes_low(lanes_word w) {
    lanes_digit r;
    LANES_EACH r.v[i] = (int64_t)(w.v[i] & LANES_MASK);
    return r;
}

LANES_FN lanes_digit lanes_low_biased(lanes_word w) {
    lanes_digit r = lanes_low(w);
#if LANES_SIGNED
    LANES_EACH r.v[i] -= (int64_t)1 << 51;
#endif
    return r;
}

LANES_FN lanes_digit lanes_top(lanes_word w) {
    lanes_digit r;
    LANES_EACH {
        r.v[i] = (int64_t)w.v[i];
        LANES_REQUIRE(r.v[i] < (int64_t)1 << (LANES_SIGNED ? 51 : 52) && r.v[i] >= (LANES_SIGNED ? -((int64_t)1 << 51) : 0));
    }
    return r;
}

LANES_FN lanes_digit lanes_twice(lanes_digit a) { LANES_EACH a.v[i] += a.v[i]; return a; }

#if LANES_SIGNED
LANES_FN lanes_digit lanes_difference(lanes_word a, lanes_word b) {
    lanes_digit r;
    LANES_EACH r.v[i] = (int64_t)(a.v[i] - b.v[i]);
    return r;
}

LANES_FN lanes_digit lanes_digit_difference(lanes_digit a, lanes_digit b) { LANES_EACH a.v[i] -= b.v[i]; return a; }
#endif

typedef struct { uint64_t factor; int shift; } lanes_scale;
typedef uint64_t lanes_multiples;

LANES_FN lanes_scale lanes_scale_of(uint64_t factor, int shift) { return (lanes_scale){factor, shift}; }
LANES_FN lanes_multiples lanes_multiples_of(uint64_t limb) { return limb; }

LANES_FN lanes_word lanes_scaled_floor(lanes_word w, const lanes_scale *scale) {
    LANES_EACH {
        LANES_REQUIRE(w.v[i] >> 51 == 0);
        w.v[i] = (uint64_t)(((unsigned __int128)w.v[i] * scale->factor) >> scale->shift);
        LANES_REQUIRE(w.v[i] < 8);
    }
    return w;
}

LANES_FN lanes_word lanes_subtract_multiple(lanes_word w, lanes_word q, const lanes_multiples *limb) {
    LANES_EACH w.v[i] -= q.v[i] * *limb;
    return w;
}

LANES_FN lanes_word lanes_sub_small(lanes_word w, lanes_word q, lanes_word lo, lanes_word hi) {
    LANES_EACH w.v[i] -= (q.v[i] & 0xffffffff) * (lo.v[i] + (hi.v[i] << 32));
    return w;
}

LANES_FN int lanes_any_above(lanes_word w, int64_t bound) {
    int any = 0;
    LANES_EACH any |= (int64_t)w.v[i] > bound;
    return any;
}

LANES_FN lanes_word lanes_select(lanes_word sign, lanes_word a, lanes_word b) {
    LANES_EACH b.v[i] = sign.v[i] >> 63 ? a.v[i] : b.v[i];
    return b;
}

LANES_FN int lanes_any_set(lanes_word w, uint64_t mask) {
    uint64_t any = 0;
    LANES_EACH any |= w.v[i] & mask;
    return any != 0;
}

LANES_FN unsigned lanes_equal_or_zero(lanes_word a, lanes_word b) {
    unsigned found = 0;
    LANES_EACH found |= (unsigned)(a.v[i] == b.v[i] || a.v[i] == 0 || b.v[i] == 0) << i;
    return found;
}

LANES_FN void lanes_set_lane(lanes_digit *d, int lane, int64_t v) { d->v[lane] = v; }

LANES_FN lanes_word lanes_consecutive(const void *at) {
    lanes_word w;
    memcpy(&w, at, sizeof w);
    return w;
}

LANES_FN void lanes_gather(lanes_word *w, const char *const at[LANES_WIDTH], long offset, int limbs) {
    LANES_EACH {
        uint64_t l[6];
        memcpy(l, at[i] + offset, 8 * (size_t)limbs);
        for (int j = 0; j < limbs; j++) w[j].v[i] = l[j];
    }
}

LANES_FN void lanes_scatter(const lanes_word *w, char *const at[LANES_WIDTH], long offset, int limbs) {
    LANES_EACH {
        uint64_t l[6];
        for (int j = 0; j < limbs; j++) l[j] = w[j].v[i];
        memcpy(at[i] + offset, l, 8 * (size_t)limbs);
    }
}

/// Nothing to set up around a kernel: no floating-point operations.
static inline unsigned lanes_enter(void) { return 0; }
static inline void lanes_leave(unsigned saved) { (void)saved; }

#endif
