// SPDX-License-Identifier: Apache-2.0

// Coordinates of points: elements of Fp for COORDINATE_DEGREE 1, of Fp2 = Fp[u]/(u² + COORDINATE_Q) for 2, stored as c0‖c1.
// COORDINATE_Q is 1 or 5.

#if COORDINATE_DEGREE == 1
typedef fe coord;

#define COORD_VECTORS FIELD_VECTORS
#define coord_zero fe_zero
#define coord_one fe_one
#define coord_is_zero fe_is_zero
#define coord_equal fe_equal
#define coord_select fe_select
#define coord_add fe_add
#define coord_sub fe_sub
#define coord_neg fe_neg
#define coord_double fe_double
#define coord_mul fe_mul
#define coord_sqr fe_sqr
#define coord_load fe_load_vectors
#define coord_store fe_store_vectors
#else
// How products in Fp2 are compiled: a program may say otherwise.
#ifndef COORDINATE_PRODUCT
#define COORDINATE_PRODUCT NOINLINE
#endif

typedef struct {
    fe c0, c1;
} coord;

#define COORD_VECTORS (2 * FIELD_VECTORS)

static inline coord coord_zero(void) {
    coord r = {fe_zero(), fe_zero()};
    return r;
}

static inline coord coord_one(void) {
    coord r = {fe_one(), fe_zero()};
    return r;
}

static inline int coord_is_zero(coord a) { return fe_is_zero(a.c0) & fe_is_zero(a.c1); }

static inline int coord_equal(coord a, coord b) { return fe_equal(a.c0, b.c0) & fe_equal(a.c1, b.c1); }

static inline coord coord_select(int first, coord a, coord b) {
    coord r = {fe_select(first, a.c0, b.c0), fe_select(first, a.c1, b.c1)};
    return r;
}

static inline coord coord_add(coord a, coord b) {
    coord r = {fe_add(a.c0, b.c0), fe_add(a.c1, b.c1)};
    return r;
}

static inline coord coord_sub(coord a, coord b) {
    coord r = {fe_sub(a.c0, b.c0), fe_sub(a.c1, b.c1)};
    return r;
}

static inline coord coord_neg(coord a) {
    coord r = {fe_neg(a.c0), fe_neg(a.c1)};
    return r;
}

static inline coord coord_double(coord a) { return coord_add(a, a); }

// q·a in Fp.
static inline fe fe_times_q(fe a) {
#if COORDINATE_Q == 1
    return a;
#else
    return fe_add(fe_double(fe_double(a)), a);
#endif
}

// Karatsuba: three products.
COORDINATE_PRODUCT coord coord_mul(coord a, coord b) {
    fe low = fe_mul(a.c0, b.c0), high = fe_mul(a.c1, b.c1);
    fe cross = fe_mul(fe_add(a.c0, a.c1), fe_add(b.c0, b.c1));
    coord r = {fe_sub(low, fe_times_q(high)), fe_sub(fe_sub(cross, low), high)};
    return r;
}

// (c0 + q·c1)(c0 − c1) − (q − 1)·c0·c1 + 2·c0·c1·u: two products.
COORDINATE_PRODUCT coord coord_sqr(coord a) {
    coord r = {fe_mul(fe_add(a.c0, fe_times_q(a.c1)), fe_sub(a.c0, a.c1)), fe_double(fe_mul(a.c0, a.c1))};
#if COORDINATE_Q == 5
    r.c0 = fe_sub(r.c0, fe_double(r.c1));
#endif
    return r;
}

static inline coord coord_load(__global const uint4 *vectors) {
    coord r = {fe_load_vectors(vectors), fe_load_vectors(vectors + FIELD_VECTORS)};
    return r;
}

static inline void coord_store(__global uint4 *vectors, coord a) {
    fe_store_vectors(vectors, a.c0);
    fe_store_vectors(vectors + FIELD_VECTORS, a.c1);
}
#endif

// a^(p − 2) in Fp, so a⁻¹, or 0 for 0.
NOINLINE fe fe_invert(fe a) {
    fe r = fe_one();
#pragma unroll 1
    for (int i = 32 * FIELD_WORDS - 1; i >= 0; i--) {
        // p is odd and more than 2, so p − 2 has p's words but for the lowest, from which nothing is borrowed.
        uint word = field_modulus[i >> 5] - (i < 32 ? 2 : 0);
        r = fe_sqr(r);
        if (word >> (i & 31) & 1) r = fe_mul(r, a);
    }
    return r;
}

// a⁻¹, or 0 for 0.
static inline coord coord_invert(coord a) {
#if COORDINATE_DEGREE == 1
    return fe_invert(a);
#else
    fe inverse = fe_invert(fe_add(fe_sqr(a.c0), fe_times_q(fe_sqr(a.c1))));
    coord r = {fe_mul(a.c0, inverse), fe_neg(fe_mul(a.c1, inverse))};
    return r;
#endif
}
