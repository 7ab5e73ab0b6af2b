// Lane operations in plain C, lane by lane: the very algorithm of the vector kernels, for any machine.
// LANES_PORTABLE_UNSIGNED 1 gives the unsigned digits of AVX-512 IFMA, 0 (default) the signed ones of AVX2.
#ifndef MARTLET_LANES_PORTABLE_H
#define MARTLET_LANES_PORTABLE_H

#include <stdint.h>
#include <string.h>

#ifndef LANES_PORTABLE_UNSIGNED
#define LANES_PORTABLE_UNSIGNED 0
#endif
#if defined(__clang__)
#define LANES_UNROLL _Pragma("clang loop unroll(full)")
#else
#define LANES_UNROLL _Pragma("GCC unroll 16")
#endif

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
LANES_FN lanes_word lanes_shl(lanes_word a, int n) { LANES_EACH a.v[i] <<= n; return a; }
LANES_FN lanes_word lanes_shr(lanes_word a, int n) { LANES_EACH a.v[i] >>= n; return a; }
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

LANES_FN void lanes_row_sub(lanes_word *t, lanes_digit a, const lanes_digit *b, int n) {
    for (int j = 0; j < n; j++)
        LANES_EACH {
            __int128 p = lanes_product(a.v[i], b[j].v[i]);
            t[j + 1].v[i] -= (uint64_t)(p >> 52);
            if (j > 0) t[j].v[i] -= (uint64_t)p & LANES_MASK;
        }
}

LANES_FN lanes_digit lanes_mul_low(lanes_digit a, lanes_digit b) {
    LANES_EACH a.v[i] = (int64_t)((uint64_t)lanes_product(a.v[i], b.v[i]) & LANES_MASK);
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
#endif

LANES_FN lanes_word lanes_scaled_floor(lanes_word w, double scale) {
    LANES_EACH {
        LANES_REQUIRE(w.v[i] >> 51 == 0);
        w.v[i] = (uint64_t)((double)w.v[i] * scale);
    }
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

LANES_FN void lanes_gather(lanes_word w[4], const char *const at[LANES_WIDTH], long offset) {
    LANES_EACH {
        uint64_t l[4];
        memcpy(l, at[i] + offset, sizeof l);
        for (int j = 0; j < 4; j++) w[j].v[i] = l[j];
    }
}

LANES_FN void lanes_scatter(const lanes_word w[4], char *const at[LANES_WIDTH], long offset) {
    LANES_EACH {
        uint64_t l[4];
        for (int j = 0; j < 4; j++) l[j] = w[j].v[i];
        memcpy(at[i] + offset, l, sizeof l);
    }
}

#endif
