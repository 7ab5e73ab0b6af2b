// SPDX-License-Identifier: Apache-2.0

// Batched affine additions in lanes, written once over lanes.h. Include from one file a path and group, after the path's
// lane operations, with LANES_DIGITS (5 or 8) and LANES_DEGREE (1: coordinates in Fp, 2: in Fp[i]/(i² + q)) defined; LANES_Q is q,
// 1 unless defined, and 5 with 8 digits.
//
// # Pairs
//
// All arithmetic is on pairs of vectors: two independent vectors of Fp elements (degree 1), or the components of a vector of
// Fp2 elements (degree 2). Either is an algebra over Fp with a conjugation, that swaps the two or negates the second, and a
// norm e·conj(e) in Fp, so that the code is the same but for lanes_pair_product. One component's arithmetic hides the
// other's latency. A group is LANES_PAIRS such pairs, LANES_CHAINS additions.
//
// # The batch
//
// Each lane of a pair keeps its own running product of denominators; there is one field inversion in all.
// With d = x2 − x1, the raw numbers (not the elements they stand for) obey, mod p, with c⁴ = R·ρ³ (c² = 2^518 or 2^816):
//   forward    P_k = P_{k−1}·d_k/ρ
//   inversion  u·P_n = c²
//   backward   P_{k−1}·u/ρ = u·P_k/d_k = c²/d_k, and the new u·d_k/ρ times P_{k−1} is u·P_k again;
//              λ' = (c²/d_k)·(y2 − y1)/ρ = λ·c²/ρ, for the R of numerator and denominator cancel; λ = slope;
//              λ'²/ρ = λ²·R is the square in the form of the memory;
//              with h² = ρ/R (h = 2^2 or 2^16), λ'·h(x1 − x3)/ρ = λ·(x1 − x3)·R likewise.
// So the powers of ρ that pile up never matter, and the form in memory is converted by moving bits only.
//
// Signs: ±P1 ± P2 is ±(P1 + σP2), so y2 is negated before and y3 after, each where its lane asks for it.
// Exceptional pairs: d is replaced by one, in both passes; what then comes out is garbage, but within the bounds.
//
// # Bounds
//
// In units of p, by the rule of lanes_columns; ρ/p > 84 (5 digits: 254 bits, BN254) or 2^34. A product of Fp2 takes
// a_0·b_0 + (−q·a_1)·b_1, where unsigned digits have 3p − a_1 for −a_1, so a_1 ≤ 2.5 is enough; likewise both have 13p − 5a_1 for
// −5a_1, in (0, 21), which makes nothing larger: a square is then the product of a by a, and with ρ/p > 2^34 for q = 5 no product of
// the numbers below adds 2^−24.
//                          signed           unsigned
//   d, y2 − y1             −1…1             0…2
//   P, u, P·u/ρ, λ'        −0.6…1.6         0…2.3     2·1.6·1.6/84 < 0.07; (2.3·2.3 + 3·2.3)/84 < 0.15
//   λ'²/ρ                  −0.7…1.7         0…2.3     Fp2: (a_0 + a_1)·(a_0 − a_1) ≤ 3.2·2.2, 4.6·5.3; 2a_0·a_1 less
//   x3 + 4p                1.3…5.7          2…6.3     within lanes_reduce's p…8p
//   x1 − x3                −1.7…3.7         −2.3…3    and 3p more where a positive number is needed
//   h(x1 − x3)             −6.8…14.8        2.8…24    5 digits; 8 digits below 7h, with ρ/p > 2^34 no matter
//   λ'·h(x1 − x3)/ρ        −1.1…2.1         0…3.6     2·1.6·14.8/84 < 0.57; (2.3·24 + 3·24)/84 < 1.52
//   y3 + 4p                1.9…6.1          3…7.6
//   9p − (y3 + 4p)         2.9…7.1          1.4…6     where y3 is negated
// The top digit of 24p < 2^259 is below 2^51, as asked of unsigned digits; of signed ones |14.8p| < 2^258.
#ifndef MARTLET_AFFINE_BATCH_H
#define MARTLET_AFFINE_BATCH_H

#include "lanes.h"
#include "martlet_batch.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// What was measured best for the path; see docs/lanes.md.
#ifndef LANES_PAIRS
#define LANES_PAIRS 1 ///< in a group
#endif
#ifndef LANES_WOVEN
#define LANES_WOVEN (LANES_WIDTH == 8) ///< whether other work is woven into the products
#endif
#ifndef LANES_STREAMS
#define LANES_STREAMS (LANES_WOVEN || LANES_DIGITS == 8 ? 1 : 2) ///< components whose products are woven into one another: 1 or 2
#endif
#ifndef LANES_AHEAD
#define LANES_AHEAD (32 / LANES_CHAINS < 2 ? 2 : 32 / LANES_CHAINS) ///< groups between a prefetch and its use
#endif
#ifndef LANES_Q
#define LANES_Q 1 ///< −i² in Fp2
#endif
#if LANES_Q != 1 && !(LANES_Q == 5 && LANES_DEGREE == 2 && LANES_DIGITS == 8)
#error "LANES_Q must be 1, or 5 with 8 digits and degree 2"
#endif
#if defined(__clang__)
#define LANES_ROLL _Pragma("clang loop unroll(disable)")
#else
#define LANES_ROLL _Pragma("GCC unroll 1")
#endif

#define LANES_JOIN_(a, b) a##b
#define LANES_JOIN(a, b) LANES_JOIN_(a, b)
#define LANES_SCALAR(name) LANES_JOIN(name, LANES_LIMBS) ///< martlet_mul ↦ martlet_mul4 or martlet_mul6

typedef LANES_SCALAR(martlet_limbs) lanes_scalar;

enum {
    LANES_VECTORS = 2 / LANES_DEGREE,            ///< vectors of points in a pair
    LANES_CHAINS = LANES_PAIRS * LANES_VECTORS * LANES_WIDTH,
    LANES_COORDINATE = LANES_DEGREE * LANES_LIMBS * 8,
    LANES_POINT = 2 * LANES_COORDINATE,          ///< bytes
    LANES_HALF_SHIFT = LANES_DIGITS == 5 ? 2 : 16, ///< h = 2^this
    LANES_POSITIVE = !LANES_SIGNED || LANES_DIGITS == 8, ///< whether x1 − x3 must not be negative
};

/// A pair as the first factor of a product; degree 2 has −q times the second component at the end.
typedef struct { lanes_element e[LANES_DEGREE + 1]; } lanes_factor;

/// Memory that a batch works in.
typedef struct {
    lanes_field field;
    lanes_word negative[LANES_DIGITS];     ///< 3p and twice the biases of `split`; for q = 5 13p and six times these
    lanes_word difference[LANES_DIGITS];   ///< 3p and the biases of `split`
    lanes_word abscissa[LANES_DIGITS];     ///< see lanes_run
    lanes_word opposite[LANES_DIGITS];     ///< 9p and twice the biases of `carry`
    lanes_scalar ends[LANES_WIDTH];
    uint32_t tail[2 * LANES_CHAINS];       ///< the references of the last group
    char discarded[LANES_POINT];           ///< where sums beyond `count` go
    lanes_element products[][2];           ///< LANES_PAIRS a group, 64-byte aligned
} lanes_batch;

static inline size_t lanes_batch_size(size_t count) {
    size_t groups = (count + LANES_CHAINS - 1) / LANES_CHAINS;
    return sizeof(lanes_batch) + groups * LANES_PAIRS * 2 * sizeof(lanes_element) + 64; // 64: the block is aligned here
}

static LANES_TARGET void lanes_batch_prepare(lanes_batch *batch, const lanes_constants *constants) {
    lanes_field *f = &batch->field;
    lanes_field_prepare(f, constants);
    for (int j = 0; j < LANES_DIGITS; j++) {
        const lanes_word p = f->modulus[j], p2 = lanes_add(p, p), p4 = lanes_add(p2, p2), p3 = lanes_add(p2, p);
        batch->difference[j] = lanes_add(p3, f->split[j]);
        batch->negative[j] = lanes_add(batch->difference[j], f->split[j]);
        if (LANES_Q == 5) {
            const lanes_word split2 = lanes_add(f->split[j], f->split[j]), p5 = lanes_add(p4, p);
            batch->negative[j] = lanes_add(batch->negative[j], lanes_add(lanes_add(p5, p5), lanes_add(split2, split2)));
        }
        batch->opposite[j] = lanes_add(lanes_add(p4, lanes_add(p4, p)), lanes_add(f->carry[j], f->carry[j]));
        // To 2x1 + x2 + this − (4p + λ² and the biases of `carry`), see lanes_scaled_abscissa.
        lanes_word offset = lanes_add(p4, f->carry[j]);
        if (LANES_POSITIVE) offset = lanes_add(offset, p3);
        offset = lanes_add(offset, LANES_DIGITS == 5 ? lanes_shr(f->split[j], 2) : f->carry[j]);
        batch->abscissa[j] = offset;
    }
}

// MARK: pairs

#define LANES_START(f) (LANES_DEGREE == 2 ? (f)->sum : (f)->mul)
#define LANES_START_REDUCE(f) (LANES_DEGREE == 2 ? (f)->sum_reduce : (f)->mul_reduce)

/// Other work, cut into LANES_DIGITS pieces, that has nothing to do with the product at hand.
typedef void lanes_work(void *context, int piece);

LANES_FN void lanes_no_work(void *context, int piece) { (void)context, (void)piece; }

enum { LANES_PAIR, LANES_COMPONENTWISE, LANES_COMPONENTWISE_SQUARE }; ///< kinds of products of pairs

#if LANES_WOVEN
/// Component c of a product of pairs and a piece of work a round. The processor does not look far enough ahead to do both at a
/// time if one comes after the other.
LANES_FN void lanes_weave(lanes_limbs r[2], const lanes_element *a, const lanes_element b[2], int c, const lanes_word *start,
                          const lanes_field *f, int kind, lanes_work *work, void *context) {
    // Of Fp2: a_0·b_c + (a_2·b_1 or a_1·b_0), where a_2 = −q·a_1
    const int sum = kind == LANES_PAIR && LANES_DEGREE == 2, columns = sum ? LANES_SUM : LANES_PRODUCT;
    const lanes_element *left = &a[sum ? 0 : c], *right = &b[c], *left1 = &a[2 - c], *right1 = &b[1 - c];
    lanes_progress progress;
    lanes_begin(&progress, left, right, left1, right1, start, f, 0, columns);
    LANES_UNROLL for (int i = 0; i < LANES_DIGITS; i++) {
        lanes_round(&progress, left, right, left1, right1, f, 0, i, columns);
        work(context, i);
    }
    r[c] = lanes_result(&progress);
}
#else
// Out of line: the loop with all products in it would exceed the caches of instructions.
static LANES_TARGET __attribute__((noinline)) void lanes_pair_product(lanes_limbs r[2], const lanes_element *a,
                                                                      const lanes_element b[2], const lanes_word *start,
                                                                      const lanes_field *f) {
    LANES_ALIGN_FRAME();
#if LANES_DEGREE == 1
    for (int s = 0; s < 2; s += LANES_STREAMS)
        lanes_columns(r + s, a + s, b + s, NULL, NULL, start, f, LANES_STREAMS, LANES_PRODUCT);
#elif LANES_STREAMS == 2
    lanes_columns(r, a, b, NULL, NULL, start, f, 2, LANES_QUADRATIC);
#else
    for (int s = 0; s < 2; s++) lanes_columns(r + s, &a[0], &b[s], &a[2 - s], &b[1 - s], start, f, 1, LANES_SUM);
#endif
}

#if LANES_DEGREE == 2
static LANES_TARGET __attribute__((noinline)) void lanes_componentwise_product(lanes_limbs r[2], const lanes_element a[2],
                                                                               const lanes_element b[2],
                                                                               const lanes_word *start, const lanes_field *f) {
    LANES_ALIGN_FRAME();
    for (int s = 0; s < 2; s += LANES_STREAMS)
        lanes_columns(r + s, a + s, b + s, NULL, NULL, start, f, LANES_STREAMS, LANES_PRODUCT);
}
#else
#define lanes_componentwise_product lanes_pair_product
#endif

#if LANES_DEGREE == 1 && LANES_SIGNED
static LANES_TARGET __attribute__((noinline)) void lanes_componentwise_square(lanes_limbs r[2], const lanes_element a[2],
                                                                              const lanes_field *f) {
    LANES_ALIGN_FRAME();
    for (int s = 0; s < 2; s += LANES_STREAMS)
        lanes_columns(r + s, a + s, a + s, NULL, NULL, f->square_reduce, f, LANES_STREAMS, LANES_SQUARE);
}
#else
#define lanes_componentwise_square(r, a, f) lanes_componentwise_product(r, a, a, (f)->mul_reduce, f)
#endif
#endif

/// Component c of a product of pairs (of a factor, if the kind is LANES_PAIR), and the work. To be called for c = 0, then 1;
/// the result is only there after the second call unless LANES_EARLY.
LANES_FN void lanes_product_and(lanes_limbs r[2], const lanes_element *a, const lanes_element b[2], int c,
                                const lanes_word *start, const lanes_field *f, int kind, lanes_work *work, void *context) {
#if LANES_WOVEN
    lanes_weave(r, a, b, c, start, f, kind, work, context);
#else
    LANES_UNROLL for (int i = 0; i < LANES_DIGITS; i++) work(context, i);
    if (c == 0) return;
    if (kind == LANES_PAIR) lanes_pair_product(r, a, b, start, f);
    else if (kind == LANES_COMPONENTWISE) lanes_componentwise_product(r, a, b, start, f);
    else lanes_componentwise_square(r, a, f);
#endif
}

enum { LANES_EARLY = LANES_WOVEN && LANES_DEGREE == 1 }; ///< components do not wait for one another

/// Component c of a factor from limbs that hold the biases of `split`.
LANES_FN void lanes_make_factor(lanes_factor *r, const lanes_limbs *t, int c, const lanes_batch *batch) {
    r->e[c] = lanes_normalise(*t);
#if LANES_DEGREE == 2
    if (c == 0) return;
#if LANES_Q == 5
    lanes_limbs opposite;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++)
        opposite.w[j] = lanes_sub(batch->negative[j], lanes_add(lanes_shl(t->w[j], 2), t->w[j]));
    r->e[2] = lanes_normalise(opposite);
#elif LANES_SIGNED
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++)
        r->e[2].d[j] = lanes_digit_difference(lanes_constant(0), r->e[1].d[j]);
#else
    lanes_limbs opposite;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) opposite.w[j] = lanes_sub(batch->negative[j], t->w[j]);
    r->e[2] = lanes_normalise(opposite);
#endif
#endif
    (void)batch;
}

/// r = a·b/ρ as a factor.
LANES_FN void lanes_multiply(lanes_factor *r, const lanes_factor *a, const lanes_element b[2], const lanes_batch *batch) {
    const lanes_field *f = &batch->field;
    lanes_limbs t[2];
    for (int c = 0; c < 2; c++) lanes_product_and(t, a->e, b, c, LANES_START(f), f, LANES_PAIR, lanes_no_work, NULL);
    for (int c = 0; c < 2; c++) lanes_make_factor(r, &t[c], c, batch);
}

/// The factors of the square of a = a_0 + a_1·i, for i² = −1: (a_0 + a_1)·(a_0 − a_1) and 2a_0·a_1. The slope is given both as a
/// factor and as limbs that hold the biases of `split`.
LANES_FN void lanes_square_factors(lanes_element left[2], lanes_element right[2], const lanes_factor *a, const lanes_limbs t[2],
                                   const lanes_batch *batch) {
    const lanes_field *f = &batch->field;
    lanes_limbs sum;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) sum.w[j] = lanes_sub(lanes_add(t[0].w[j], t[1].w[j]), f->split[j]);
    left[0] = lanes_normalise(sum);
    right[1] = a->e[1];
#if LANES_SIGNED
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) {
        right[0].d[j] = lanes_digit_difference(a->e[0].d[j], a->e[1].d[j]);
        left[1].d[j] = lanes_twice(a->e[0].d[j]);
    }
    (void)batch;
#else
    lanes_limbs difference, twice;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) {
        difference.w[j] = lanes_add(lanes_sub(t[0].w[j], t[1].w[j]), batch->difference[j]);
        twice.w[j] = lanes_sub(lanes_add(t[0].w[j], t[0].w[j]), f->split[j]);
    }
    right[0] = lanes_normalise(difference);
    left[1] = lanes_normalise(twice);
#endif
}

#if LANES_Q == 5
/// The conjugate of a: the products of its components by 1 and −1, as a factor does not have −a_1.
static LANES_TARGET __attribute__((noinline)) void lanes_conjugate(lanes_element r[2], const lanes_factor *a, const lanes_field *f,
                                                                   const lanes_constants *constants) {
    const lanes_scalar power = {{(uint64_t)1 << 2 * LANES_HALF_SHIFT}}, none = {{0}}; // ρ/R
    const lanes_scalar rho = LANES_SCALAR(martlet_mul)(constants->r_squared, power, constants);
    const lanes_scalar scalars[2] = {rho, LANES_SCALAR(martlet_sub)(none, rho, constants)};
    lanes_element ones[2];
    lanes_limbs t[2];
    for (int c = 0; c < 2; c++) {
        uint64_t limbs[LANES_DIGITS];
        lanes_split_scalar(limbs, scalars[c].l);
        lanes_broadcast_digits(ones[c].d, limbs);
    }
    for (int c = 0; c < 2; c++) lanes_product_and(t, a->e, ones, c, f->mul, f, LANES_COMPONENTWISE, lanes_no_work, NULL);
    for (int c = 0; c < 2; c++) r[c] = lanes_normalise(t[c]);
}
#endif

/// The chains' products to what the backward pass starts from: c² over each.
static LANES_TARGET __attribute__((noinline)) void lanes_invert_chains(lanes_factor chain[LANES_PAIRS], lanes_batch *batch,
                                                                       const lanes_constants *constants) {
    const lanes_field *f = &batch->field;
    // The product of the pairs, its norm n, and that in memory form: n·1/ρ.
    lanes_factor before[LANES_PAIRS], product = chain[0];
    for (int i = 1; i < LANES_PAIRS; i++) {
        before[i] = product;
        lanes_multiply(&product, &product, chain[i].e, batch);
    }
#if LANES_Q == 5
    lanes_element conjugate[2];
    lanes_conjugate(conjugate, &product, f, constants);
#else
    const lanes_element conjugate[2] = {product.e[LANES_DEGREE == 2 ? 0 : 1], product.e[LANES_DEGREE == 2 ? 2 : 0]};
#endif
    lanes_factor norm;
    lanes_multiply(&norm, &product, conjugate, batch);
    const uint64_t limbs[LANES_DIGITS] = {1};
    lanes_element one[2];
    lanes_broadcast_digits(one[0].d, limbs);
    one[1] = one[0];
    lanes_limbs t[2];
    for (int c = 0; c < 2; c++)
        lanes_product_and(t, norm.e, one, c, f->mul_reduce, f, LANES_COMPONENTWISE, lanes_no_work, NULL);
    char *at[LANES_WIDTH];
    for (int i = 0; i < LANES_WIDTH; i++) at[i] = (char *)&batch->ends[i];
    lanes_store(at, 0, lanes_reduce(t[0], f));

    // With e = n/ρ, the ends become c²/(ρ·e) = c²/n: martlet_inverse gives R²/e, and h/R times that is c²/(ρ·e).
    lanes_scalar ends[LANES_WIDTH], inverse, all = batch->ends[0], h = {{1 << LANES_HALF_SHIFT}};
    for (int i = 1; i < LANES_WIDTH; i++) {
        ends[i] = all;
        all = LANES_SCALAR(martlet_mul)(all, batch->ends[i], constants);
    }
    LANES_SCALAR(martlet_inverse)(&inverse, &all, constants);
    inverse = LANES_SCALAR(martlet_mul)(inverse, h, constants);
    for (int i = LANES_WIDTH - 1; i > 0; i--) {
        ends[i] = LANES_SCALAR(martlet_mul)(inverse, ends[i], constants);
        inverse = LANES_SCALAR(martlet_mul)(inverse, batch->ends[i], constants);
    }
    ends[0] = inverse;
    memcpy(batch->ends, ends, sizeof ends);

    lanes_element scale[2];
    scale[0] = scale[1] = lanes_digits(lanes_load((const char *const *)at, 0), f);
    lanes_factor u;
    for (int c = 0; c < 2; c++)
        lanes_product_and(t, conjugate, scale, c, f->mul, f, LANES_COMPONENTWISE, lanes_no_work, NULL);
    for (int c = 0; c < 2; c++) lanes_make_factor(&u, &t[c], c, batch);
    for (int i = LANES_PAIRS - 1; i > 0; i--) {
        lanes_factor end;
        lanes_multiply(&end, &u, before[i].e, batch);
        lanes_multiply(&u, &u, chain[i].e, batch);
        chain[i] = end;
    }
    chain[0] = u;
}

// MARK: points

/// Where the points of a vector are.
typedef struct { const char *first[LANES_WIDTH], *second[LANES_WIDTH]; } lanes_points;

LANES_FN const char *lanes_point(const char *points, uint32_t reference) {
    size_t index = reference & 0x7fffffff;
    __asm__("" : "+r"(index)); // lest the compiler make a vector of them, to take it apart again
    return points + index * LANES_POINT;
}

LANES_FN void lanes_find(lanes_points *r, const char *points, const uint32_t *references) {
    LANES_UNROLL for (int i = 0; i < LANES_WIDTH; i++) {
        r->first[i] = lanes_point(points, references[2 * i]);
        r->second[i] = lanes_point(points, references[2 * i + 1]);
    }
}

/// The place of component c in a coordinate, and the vector of points that it belongs to.
LANES_FN long lanes_component(int c) { return LANES_DEGREE == 2 ? c * LANES_LIMBS * 8 : 0; }
LANES_FN int lanes_vector(int c) { return LANES_DEGREE == 2 ? 0 : c; }

/// d becomes one in the lanes that `lanes` names. (Of Fp2 component 0 does; it need not be one, only not zero.)
static LANES_TARGET __attribute__((noinline, cold)) void lanes_set_one(lanes_element *d, unsigned lanes) {
    for (int i = 0; i < LANES_WIDTH; i++)
        for (int j = 0; j < LANES_DIGITS; j++)
            if ((lanes >> i & 1) != 0) lanes_set_lane(&d->d[j], i, j == 0);
}

// MARK: work

/// Asks for `bytes` of the points of a vector of pairs.
typedef struct {
    const char *points;
    const uint32_t *references;
    int bytes;
} lanes_prefetching;

LANES_FN void lanes_prefetch(void *context, int piece) {
    const lanes_prefetching *p = (const lanes_prefetching *)context;
    enum { PIECE = LANES_WIDTH / 2 };
    if (piece >= 4) return;
    LANES_UNROLL for (int i = PIECE * piece; i < PIECE * (piece + 1); i++) {
        const char *point = lanes_point(p->points, p->references[i]);
        LANES_UNROLL for (int offset = 0; offset < LANES_POINT; offset += 64)
            if (offset < p->bytes) __builtin_prefetch(point + offset);
        __builtin_prefetch(point + p->bytes - 1);
    }
}

/// Loads component c of the abscissas and makes that of the denominators x2 − x1.
typedef struct {
    const lanes_points *at;
    int c;
    const lanes_field *f;
    lanes_limbs *x1, *x2;
    lanes_element *d;
    unsigned found; ///< the lanes of exceptional pairs
    lanes_word w1[LANES_LIMBS], w2[LANES_LIMBS];
} lanes_abscissas;

/// The test for exceptional pairs is on the lowest limb (of component 0) alone: it never misses a pair whose x agree or the
/// identity, x = 0; that it finds another pair has a chance of some 2^−62. Their denominators must then be made one.
LANES_FN void lanes_load_abscissas(void *context, int piece) {
    lanes_abscissas *l = (lanes_abscissas *)context;
    if (piece == 0) lanes_gather(l->w1, l->at->first, lanes_component(l->c), LANES_LIMBS);
    if (piece == 1) lanes_gather(l->w2, l->at->second, lanes_component(l->c), LANES_LIMBS);
    if (piece == 2) *l->x1 = lanes_split(l->w1);
    if (piece == 3) *l->x2 = lanes_split(l->w2), l->found = lanes_equal_or_zero(l->w1[0], l->w2[0]);
    if (piece == 4) *l->d = lanes_subtract(*l->x2, *l->x1, l->f);
}

/// Loads component c of the ordinates and makes the difference y2 − y1 with the signs of the references.
typedef struct {
    const lanes_points *at;
    const uint32_t *references;
    int c;
    const lanes_field *f;
    lanes_limbs *y1;
    lanes_element *difference;
    lanes_word *sign; ///< bit 63: the first point is negated
    lanes_word w1[LANES_LIMBS], w2[LANES_LIMBS];
    lanes_limbs y2;
} lanes_ordinates;

LANES_FN void lanes_load_ordinates(void *context, int piece) {
    lanes_ordinates *l = (lanes_ordinates *)context;
    if (piece == 0) lanes_gather(l->w1, l->at->first, LANES_COORDINATE + lanes_component(l->c), LANES_LIMBS);
    if (piece == 1) lanes_gather(l->w2, l->at->second, LANES_COORDINATE + lanes_component(l->c), LANES_LIMBS);
    if (piece == 2) *l->y1 = lanes_split(l->w1);
    if (piece == 3) l->y2 = lanes_split(l->w2);
    if (piece != 4) return;
    // Bits 31 and 63 of a word are the signs of the first and the second point.
    const lanes_word both = lanes_consecutive(l->references);
    *l->sign = lanes_shl(both, 32);
    if (!lanes_any_set(both, (uint64_t)1 << 63 | (uint64_t)1 << 31)) {
        *l->difference = lanes_subtract(l->y2, *l->y1, l->f);
        return;
    }
    const lanes_word differ = lanes_xor(both, *l->sign);
    lanes_limbs t;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) {
        const lanes_word y2 = l->y2.w[j], p = l->f->modulus[j];
        t.w[j] = lanes_sub(lanes_select(differ, lanes_sub(p, y2), y2), l->y1->w[j]);
        if (!LANES_SIGNED) t.w[j] = lanes_add(t.w[j], p);
    }
    *l->difference = lanes_digits(t, l->f);
}

/// Reduces and stores component c of a coordinate of the sums.
typedef struct {
    char *to[LANES_WIDTH];
    const lanes_limbs *from; ///< limbs for lanes_reduce
    const lanes_field *f;
    long offset;
    int look;                ///< some sums may have to be brought below p yet
    lanes_limbs v;
} lanes_storing;

LANES_FN void lanes_store_sums(void *context, int piece) {
    lanes_storing *l = (lanes_storing *)context;
    if (piece == 1) l->v = lanes_reduce_nearly(*l->from, &l->look, l->f);
    if (piece == 3) lanes_store(l->to, l->offset, l->v);
}

/// The look that lanes_reduce_nearly leaves.
static __attribute__((noinline, cold)) void lanes_look(char *const to[LANES_WIDTH], long offset, const lanes_constants *f) {
    for (int i = 0; i < LANES_WIDTH; i++) {
        lanes_scalar v;
        memcpy(&v, to[i] + offset, sizeof v);
        v = LANES_SCALAR(martlet_reduce_once)(v, 0, f);
        memcpy(to[i] + offset, &v, sizeof v);
    }
}

// MARK: the batch

/// h(x1 − x3) from limbs that hold x1 − x3, which may be unnormalised, with the offsets of `abscissa`.
LANES_FN lanes_element lanes_times_h(lanes_limbs v, const lanes_field *f) {
#if LANES_DIGITS == 5
    (void)f;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) v.w[j] = lanes_shl(v.w[j], LANES_HALF_SHIFT);
    return lanes_normalise(v);
#else
    // Sixteen bits are too many for unnormalised limbs.
    const lanes_word mask = lanes_set(LANES_LIMB_MASK);
    v = lanes_carry(v);
    LANES_UNROLL for (int j = LANES_DIGITS - 1; j > 0; j--)
        v.w[j] = lanes_or(lanes_and(lanes_shl(v.w[j], LANES_HALF_SHIFT), mask), lanes_shr(v.w[j - 1], 52 - LANES_HALF_SHIFT));
    v.w[0] = lanes_and(lanes_shl(v.w[0], LANES_HALF_SHIFT), mask);
    return lanes_digits(v, f);
#endif
}

/// From the square of the slope in limbs for lanes_reduce: h(x1 − x3); x1 becomes x3 in limbs for lanes_reduce.
LANES_FN lanes_element lanes_abscissa(lanes_limbs *x1, const lanes_limbs *x2, const lanes_limbs *square,
                                      const lanes_batch *batch) {
    lanes_limbs difference;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) {
        const lanes_word sum = lanes_add(x1->w[j], x2->w[j]);
        const lanes_word offset = lanes_add(lanes_add(x1->w[j], sum), batch->abscissa[j]);
        difference.w[j] = lanes_sub(offset, square->w[j]);
        x1->w[j] = lanes_sub(square->w[j], sum);
    }
    return lanes_times_h(difference, &batch->field);
}

/// From λ(x1 − x3) in limbs for lanes_reduce: y3 likewise, negated where the first point is.
LANES_FN lanes_limbs lanes_ordinate(const lanes_limbs *t, const lanes_limbs *y1, const lanes_word *sign,
                                    const lanes_batch *batch) {
    lanes_limbs y;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) y.w[j] = lanes_sub(t->w[j], y1->w[j]);
    if (lanes_any_set(*sign, (uint64_t)1 << 63))
        LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++)
            y.w[j] = lanes_select(*sign, lanes_sub(batch->opposite[j], y.w[j]), y.w[j]);
    return y;
}

/// Where the sums first… go; those beyond `count` are discarded.
LANES_FN void lanes_places(char *to[LANES_WIDTH], char *sums, size_t first, size_t count, lanes_batch *batch) {
    LANES_UNROLL for (int k = 0; k < LANES_WIDTH; k++) to[k] = sums + (first + (size_t)k) * LANES_POINT;
    if (__builtin_expect(first + LANES_WIDTH > count, 0))
        for (int k = 0; k < LANES_WIDTH; k++)
            if (first + (size_t)k >= count) to[k] = batch->discarded;
}

/// Writes down the pairs that `found` names, base… being those of its bits; returns how many there are now.
static __attribute__((noinline, cold)) size_t lanes_report(uint32_t *exceptional, size_t n, unsigned found, size_t base,
                                                           size_t count) {
    for (; found != 0; found &= found - 1) {
        const size_t k = base + (size_t)__builtin_ctz(found);
        if (k < count) exceptional[n++] = (uint32_t)k;
    }
    return n;
}

static LANES_TARGET __attribute__((noinline)) size_t lanes_run(char *sums, const char *points, const uint32_t *references,
                                                               size_t count, void *scratch, uint32_t *exceptional,
                                                               const lanes_constants *constants) {
    lanes_batch *batch = (lanes_batch *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
    const lanes_field *f = &batch->field;
    lanes_batch_prepare(batch, constants);
    const size_t groups = (count + LANES_CHAINS - 1) / LANES_CHAINS, full = count / LANES_CHAINS;
    // The last group is filled up with the last pair.
    for (size_t c = 0; full < groups && c < LANES_CHAINS; c++) {
        const size_t k = full * LANES_CHAINS + c < count ? full * LANES_CHAINS + c : count - 1;
        memcpy(&batch->tail[2 * c], &references[2 * k], 8);
    }

    lanes_factor chain[LANES_PAIRS], factor[LANES_PAIRS];
    lanes_element d[2][LANES_PAIRS][2], slope[LANES_PAIRS][2];
    lanes_limbs x1[LANES_PAIRS][2], x2[LANES_PAIRS][2], y1[LANES_PAIRS][2], t[LANES_PAIRS][2];
    lanes_points at[LANES_PAIRS][LANES_VECTORS];
    lanes_word sign[LANES_PAIRS][LANES_VECTORS];
    uint64_t start[LANES_DIGITS];
    lanes_split_scalar(start, constants->one.l); // any number prime to p would do
    for (int i = 0; i < LANES_PAIRS; i++)
        for (int c = 0; c < 2; c++) {
            for (int j = 0; j < LANES_DIGITS; j++)
                t[i][c].w[j] = lanes_add(f->split[j], lanes_set(c < LANES_VECTORS ? start[j] : 0));
            lanes_make_factor(&chain[i], &t[i][c], c, batch);
        }

// Vector v of pair i of group g: where its references are, and the number of its first addition.
#define LANES_REFERENCES(g, i, v)                                                                                      \
    (((g) < full ? references + 2 * LANES_CHAINS * (g) : batch->tail) + 2 * LANES_WIDTH * (LANES_VECTORS * (i) + (v)))
#define LANES_NUMBER(g, i, v) ((g) * LANES_CHAINS + (size_t)(LANES_WIDTH * (LANES_VECTORS * (i) + (v))))

    // Each product goes with the loading of the next group's abscissas; before the first there is only that.
    size_t exceptions = 0;
    for (size_t g = 0; g <= groups; g++) {
        const size_t next = g < groups ? g : groups - 1, ahead = g + LANES_AHEAD < full ? g + LANES_AHEAD : next;
        LANES_ROLL for (int i = 0; i < LANES_PAIRS; i++) {
            LANES_ROLL for (int c = 0; c < 2; c++) {
                const int v = lanes_vector(c);
                if (c < LANES_VECTORS) {
                    const lanes_prefetching prefetching = {points, LANES_REFERENCES(ahead, i, v), LANES_COORDINATE};
                    for (int piece = 0; piece < 4; piece++) lanes_prefetch((void *)&prefetching, piece);
                    lanes_find(&at[i][v], points, LANES_REFERENCES(next, i, v));
                }
                lanes_element *denominator = &d[g & 1][i][c];
                lanes_abscissas load = {.at = &at[i][v], .c = c, .f = f, .x1 = &x1[i][c], .x2 = &x2[i][c], .d = denominator};
                if (g == 0) {
                    for (int piece = 0; piece < LANES_DIGITS; piece++) lanes_load_abscissas(&load, piece);
                } else {
                    batch->products[(g - 1) * LANES_PAIRS + (size_t)i][c] = chain[i].e[c];
                    lanes_product_and(t[i], chain[i].e, d[(g - 1) & 1][i], c, LANES_START(f), f, LANES_PAIR,
                                      lanes_load_abscissas, &load);
                    if (LANES_EARLY) lanes_make_factor(&chain[i], &t[i][c], c, batch);
                }
                if (__builtin_expect(load.found != 0 && c < LANES_VECTORS, 0)) {
                    lanes_set_one(denominator, load.found);
                    if (g < groups) exceptions = lanes_report(exceptional, exceptions, load.found, LANES_NUMBER(g, i, v), count);
                }
            }
            for (int c = 0; c < 2 && g > 0 && !LANES_EARLY; c++) lanes_make_factor(&chain[i], &t[i][c], c, batch);
        }
    }

    lanes_invert_chains(chain, batch, constants);

    // The ordinates of the sums of a group are finished with a product of the next one. At first there are none to finish.
    lanes_storing late[LANES_PAIRS][2];
    lanes_limbs ordinate[LANES_PAIRS][2];
    for (int i = 0; i < LANES_PAIRS; i++)
        for (int c = 0; c < 2; c++) {
            for (int j = 0; j < LANES_DIGITS; j++) ordinate[i][c].w[j] = lanes_add(f->carry[j], f->modulus[j]);
            late[i][c] = (lanes_storing){.from = &ordinate[i][c], .f = f};
            lanes_places(late[i][c].to, sums, count, count, batch);
        }

    for (size_t g = groups; g-- > 0;) {
        const size_t ahead = g >= LANES_AHEAD ? g - LANES_AHEAD : g;
        LANES_ROLL for (int i = 0; i < LANES_PAIRS; i++) {
            LANES_ROLL for (int c = 0; c < 2; c++) {
                const int v = lanes_vector(c);
                if (c < LANES_VECTORS) lanes_find(&at[i][v], points, LANES_REFERENCES(g, i, v));
                lanes_abscissas load = {.at = &at[i][v], .c = c, .f = f, .x1 = &x1[i][c], .x2 = &x2[i][c], .d = &d[0][i][c]};
                lanes_product_and(t[i], chain[i].e, batch->products[g * LANES_PAIRS + (size_t)i], c, LANES_START(f), f, LANES_PAIR,
                                  lanes_load_abscissas, &load);
                if (__builtin_expect(load.found != 0 && c < LANES_VECTORS, 0)) lanes_set_one(&d[0][i][c], load.found);
                if (LANES_EARLY) lanes_make_factor(&factor[i], &t[i][c], c, batch);
            }
            for (int c = 0; c < 2 && !LANES_EARLY; c++) lanes_make_factor(&factor[i], &t[i][c], c, batch);
        }
        LANES_ROLL for (int i = 0; i < LANES_PAIRS; i++) {
            LANES_ROLL for (int c = 0; c < 2; c++) {
                const int v = lanes_vector(c);
                lanes_ordinates load = {.at = &at[i][v], .references = LANES_REFERENCES(g, i, v), .c = c, .f = f,
                                        .y1 = &y1[i][c], .difference = &slope[i][c], .sign = &sign[i][v]};
                lanes_product_and(t[i], chain[i].e, d[0][i], c, LANES_START(f), f, LANES_PAIR, lanes_load_ordinates, &load);
                if (LANES_EARLY) lanes_make_factor(&chain[i], &t[i][c], c, batch);
            }
            for (int c = 0; c < 2 && !LANES_EARLY; c++) lanes_make_factor(&chain[i], &t[i][c], c, batch);
        }
        LANES_ROLL for (int i = 0; i < LANES_PAIRS; i++) {
            LANES_ROLL for (int c = 0; c < 2; c++) {
                lanes_product_and(t[i], factor[i].e, slope[i], c, LANES_START(f), f, LANES_PAIR, lanes_store_sums, &late[i][c]);
                if (__builtin_expect(late[i][c].look, 0)) lanes_look(late[i][c].to, late[i][c].offset, constants);
                if (LANES_EARLY) lanes_make_factor(&factor[i], &t[i][c], c, batch);
            }
            for (int c = 0; c < 2 && !LANES_EARLY; c++) lanes_make_factor(&factor[i], &t[i][c], c, batch);
        }
        LANES_ROLL for (int i = 0; i < LANES_PAIRS; i++) {
            enum { FACTORS = LANES_DEGREE == 2 && LANES_Q == 1 }; // of which the square is a componentwise product
            lanes_element left[2], right[2];
            if (FACTORS) lanes_square_factors(left, right, &factor[i], t[i], batch);
            LANES_ROLL for (int c = 0; c < 2; c++) {
                lanes_prefetching prefetching = {points, LANES_REFERENCES(ahead, i, lanes_vector(c)), LANES_POINT};
                const int kind = LANES_Q != 1 ? LANES_PAIR : FACTORS ? LANES_COMPONENTWISE : LANES_COMPONENTWISE_SQUARE;
                lanes_product_and(t[i], FACTORS ? left : factor[i].e, FACTORS ? right : factor[i].e, c,
                                  LANES_Q != 1 ? f->sum_reduce : f->mul_reduce, f, kind, lanes_prefetch, &prefetching);
                if (LANES_EARLY) d[0][i][c] = lanes_abscissa(&x1[i][c], &x2[i][c], &t[i][c], batch);
            }
            for (int c = 0; c < 2 && !LANES_EARLY; c++) d[0][i][c] = lanes_abscissa(&x1[i][c], &x2[i][c], &t[i][c], batch);
        }
        LANES_ROLL for (int i = 0; i < LANES_PAIRS; i++) {
            LANES_ROLL for (int c = 0; c < 2; c++) {
                lanes_storing store = {.from = &x1[i][c], .f = f, .offset = lanes_component(c)};
                lanes_places(store.to, sums, LANES_NUMBER(g, i, lanes_vector(c)), count, batch);
                memcpy(late[i][c].to, store.to, sizeof store.to);
                late[i][c].offset = LANES_COORDINATE + lanes_component(c);
                lanes_product_and(t[i], factor[i].e, d[0][i], c, LANES_START_REDUCE(f), f, LANES_PAIR, lanes_store_sums, &store);
                if (__builtin_expect(store.look, 0)) lanes_look(store.to, store.offset, constants);
                if (LANES_EARLY) ordinate[i][c] = lanes_ordinate(&t[i][c], &y1[i][c], &sign[i][lanes_vector(c)], batch);
            }
            for (int c = 0; c < 2 && !LANES_EARLY; c++)
                ordinate[i][c] = lanes_ordinate(&t[i][c], &y1[i][c], &sign[i][lanes_vector(c)], batch);
        }
    }
    for (int i = 0; i < LANES_PAIRS; i++)
        for (int c = 0; c < 2; c++) {
            for (int piece = 0; piece < LANES_DIGITS; piece++) lanes_store_sums(&late[i][c], piece);
            if (late[i][c].look) lanes_look(late[i][c].to, late[i][c].offset, constants);
        }
    return exceptions;
}

/// Defines the kernel of a path and group for dispatch.c.
#define LANES_DEFINE_ADDITION(NAME, CONSTANTS, FEWEST)                                                                 \
    static size_t lanes_addition(void *sums, const void *points, const uint32_t *references, size_t count,            \
                                 void *scratch, uint32_t *exceptional) {                                              \
        if (count == 0) return 0;                                                                                      \
        const unsigned saved = lanes_enter();                                                                          \
        const size_t n = lanes_run((char *)sums, (const char *)points, references, count, scratch, exceptional, &CONSTANTS); \
        lanes_leave(saved);                                                                                            \
        return n;                                                                                                      \
    }                                                                                                                  \
    const martlet_addition_kernel NAME = {lanes_addition, lanes_batch_size, FEWEST}

#endif
