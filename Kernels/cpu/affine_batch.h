// Batched affine additions in lanes, written once over lanes.h. Include from one file a path and group, after the path's
// lane operations, with LANES_DIGITS (5 or 8) and LANES_DEGREE (1: coordinates in Fp, 2: in Fp[i]/(i² + 1)) defined.
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
// a_0·b_0 + (−a_1)·b_1, where unsigned digits have 3p − a_1 for −a_1, so a_1 ≤ 2.5 is enough.
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
#ifndef LANES_STREAMS
#define LANES_STREAMS 2 ///< components whose products are woven into one another: 1 or 2
#endif
#ifndef LANES_AHEAD
#define LANES_AHEAD (64 / LANES_CHAINS < 2 ? 2 : 64 / LANES_CHAINS) ///< groups between a prefetch and its use
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

/// A pair as the first factor of a product; degree 2 has minus the second component at the end.
typedef struct { lanes_element e[LANES_DEGREE + 1]; } lanes_factor;

/// Memory that a batch works in.
typedef struct {
    lanes_field field;
    lanes_word negative[LANES_DIGITS];     ///< 3p and twice the biases of `split`
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
        batch->opposite[j] = lanes_add(lanes_add(p4, lanes_add(p4, p)), lanes_add(f->carry[j], f->carry[j]));
        // To 2x1 + x2 + this − (4p + λ² and the biases of `carry`), see lanes_scaled_abscissa.
        lanes_word offset = lanes_add(p4, f->carry[j]);
        if (LANES_POSITIVE) offset = lanes_add(offset, p3);
        offset = lanes_add(offset, LANES_DIGITS == 5 ? lanes_shr(f->split[j], 2) : f->carry[j]);
        batch->abscissa[j] = offset;
    }
}

// MARK: pairs

/// Products of a pair by a pair. Out of line: the loop with all products in it would exceed the caches of instructions.
static LANES_TARGET __attribute__((noinline)) void lanes_pair_product(lanes_limbs r[2], const lanes_factor *a,
                                                                 const lanes_element b[2], const lanes_word *start,
                                                                 const lanes_field *f) {
    LANES_ALIGN_FRAME();
    enum { KIND = LANES_DEGREE == 2 ? LANES_QUADRATIC : LANES_PRODUCT };
    for (int s = 0; s < 2; s += LANES_STREAMS) lanes_columns(r + s, a->e, b, start, f, s, LANES_STREAMS, KIND);
}

#define LANES_START(f) (LANES_DEGREE == 2 ? (f)->sum : (f)->mul)
#define LANES_START_REDUCE(f) (LANES_DEGREE == 2 ? (f)->sum_reduce : (f)->mul_reduce)

#if LANES_DEGREE == 2
/// a_0·b_0 and a_1·b_1.
static LANES_TARGET __attribute__((noinline)) void lanes_componentwise_product(lanes_limbs r[2], const lanes_element a[2],
                                                                               const lanes_element b[2],
                                                                               const lanes_word *start, const lanes_field *f) {
    LANES_ALIGN_FRAME();
    for (int s = 0; s < 2; s += LANES_STREAMS) lanes_columns(r + s, a, b, start, f, s, LANES_STREAMS, LANES_PRODUCT);
}
#else
#define lanes_componentwise_product(r, a, b, start, f) lanes_pair_product(r, (const lanes_factor *)(a), b, start, f)
#endif

#if LANES_DEGREE == 1 && LANES_SIGNED
static LANES_TARGET __attribute__((noinline)) void lanes_square_componentwise(lanes_limbs r[2], const lanes_element a[2],
                                                                              const lanes_field *f) {
    LANES_ALIGN_FRAME();
    for (int s = 0; s < 2; s += LANES_STREAMS)
        lanes_columns(r + s, a, a, f->square_reduce, f, s, LANES_STREAMS, LANES_SQUARE);
}
#endif

/// The pair of limbs that hold the biases of `split`, as a factor.
LANES_FN void lanes_make_factor(lanes_factor *r, const lanes_limbs t[2], const lanes_batch *batch) {
    LANES_UNROLL for (int c = 0; c < 2; c++) r->e[c] = lanes_normalise(t[c]);
#if LANES_DEGREE == 2
#if LANES_SIGNED
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++)
        r->e[2].d[j] = lanes_digit_difference(lanes_constant(0), r->e[1].d[j]);
    (void)batch;
#else
    lanes_limbs opposite;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) opposite.w[j] = lanes_sub(batch->negative[j], t[1].w[j]);
    r->e[2] = lanes_normalise(opposite);
#endif
#else
    (void)batch;
#endif
}

/// r = a·b/ρ as a factor.
LANES_FN void lanes_multiply(lanes_factor *r, const lanes_factor *a, const lanes_element b[2], const lanes_batch *batch) {
    lanes_limbs t[2];
    lanes_pair_product(t, a, b, LANES_START(&batch->field), &batch->field);
    lanes_make_factor(r, t, batch);
}

/// The square of the slope, in limbs that hold 4p and the biases of `carry`; the slope is given both as a factor and as limbs that
/// hold the biases of `split`.
LANES_FN void lanes_square_slope(lanes_limbs r[2], const lanes_factor *a, const lanes_limbs t[2], const lanes_batch *batch) {
    const lanes_field *f = &batch->field;
#if LANES_DEGREE == 2
    // (a_0 + a_1)·(a_0 − a_1) and 2a_0·a_1
    lanes_element left[2], right[2];
    lanes_limbs sum;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) sum.w[j] = lanes_sub(lanes_add(t[0].w[j], t[1].w[j]), f->split[j]);
    left[0] = lanes_normalise(sum);
#if LANES_SIGNED
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) {
        right[0].d[j] = lanes_digit_difference(a->e[0].d[j], a->e[1].d[j]);
        left[1].d[j] = lanes_twice(a->e[0].d[j]);
    }
#else
    lanes_limbs difference, twice;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) {
        difference.w[j] = lanes_add(lanes_sub(t[0].w[j], t[1].w[j]), batch->difference[j]);
        twice.w[j] = lanes_sub(lanes_add(t[0].w[j], t[0].w[j]), f->split[j]);
    }
    right[0] = lanes_normalise(difference);
    left[1] = lanes_normalise(twice);
#endif
    right[1] = a->e[1];
    lanes_componentwise_product(r, left, right, f->mul_reduce, f);
#elif LANES_SIGNED
    (void)t;
    lanes_square_componentwise(r, a->e, f);
#else
    (void)t;
    lanes_pair_product(r, a, a->e, f->mul_reduce, f);
#endif
}

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
    const lanes_element conjugate[2] = {product.e[LANES_DEGREE == 2 ? 0 : 1], product.e[LANES_DEGREE == 2 ? 2 : 0]};
    lanes_factor norm;
    lanes_multiply(&norm, &product, conjugate, batch);
    const uint64_t limbs[LANES_DIGITS] = {1};
    lanes_element one[2];
    lanes_broadcast_digits(one[0].d, limbs);
    one[1] = one[0];
    lanes_limbs t[2];
    lanes_componentwise_product(t, norm.e, one, f->mul_reduce, f);
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
    lanes_componentwise_product(t, conjugate, scale, f->mul, f);
    lanes_make_factor(&u, t, batch);
    for (int i = LANES_PAIRS - 1; i > 0; i--) {
        lanes_factor end;
        lanes_multiply(&end, &u, before[i].e, batch);
        lanes_multiply(&u, &u, chain[i].e, batch);
        chain[i] = end;
    }
    chain[0] = u;
}

// MARK: points

/// Where the points of a pair of vectors are.
typedef struct { const char *first[LANES_VECTORS][LANES_WIDTH], *second[LANES_VECTORS][LANES_WIDTH]; } lanes_points;

LANES_FN void lanes_find(lanes_points *r, const char *points, const uint32_t *references) {
    LANES_UNROLL for (int v = 0; v < LANES_VECTORS; v++)
        LANES_UNROLL for (int i = 0; i < LANES_WIDTH; i++) {
            const uint32_t *pair = references + 2 * (v * LANES_WIDTH + i);
            r->first[v][i] = points + (size_t)(pair[0] & 0x7fffffff) * LANES_POINT;
            r->second[v][i] = points + (size_t)(pair[1] & 0x7fffffff) * LANES_POINT;
        }
}

/// Asks for the first `bytes` of a group's points.
LANES_FN void lanes_prefetch(const char *points, const uint32_t *references, int bytes) {
    for (int i = 0; i < 2 * LANES_CHAINS; i++) {
        const char *point = points + (size_t)(references[i] & 0x7fffffff) * LANES_POINT;
        LANES_UNROLL for (int offset = 0; offset < bytes; offset += 64) __builtin_prefetch(point + offset);
        __builtin_prefetch(point + bytes - 1);
    }
}

/// Component c of coordinate `which` (0: x, 1: y).
LANES_FN void lanes_coordinate(lanes_word w[LANES_LIMBS], const char *const at[LANES_VECTORS][LANES_WIDTH], int which, int c) {
    const int vector = LANES_DEGREE == 2 ? 0 : c, component = LANES_DEGREE == 2 ? c : 0;
    lanes_gather(w, at[vector], which * LANES_COORDINATE + component * LANES_LIMBS * 8, LANES_LIMBS);
}

/// d becomes one in the lanes of vector v that `lanes` names.
static LANES_TARGET __attribute__((noinline, cold)) void lanes_set_one(lanes_element d[2], int v, unsigned lanes) {
    for (int i = 0; i < LANES_WIDTH; i++) {
        if ((lanes >> i & 1) == 0) continue;
        for (int j = 0; j < LANES_DIGITS; j++) {
            lanes_set_lane(&d[v].d[j], i, j == 0);
            if (LANES_DEGREE == 2) lanes_set_lane(&d[1].d[j], i, 0);
        }
    }
}

/// Loads the abscissas and makes the denominators x2 − x1; returns the lanes of exceptional pairs, vector by vector, whose
/// denominators are one. The test is on the lowest limb (of component 0) alone: it never misses a pair whose x agree
/// or the identity, x = 0; that it finds another pair has a chance of some 2^−62.
LANES_FN unsigned lanes_denominators(lanes_element d[2], lanes_limbs x1[2], lanes_limbs x2[2], const lanes_points *at,
                                     const lanes_field *f) {
    unsigned found[2] = {0, 0};
    LANES_UNROLL for (int c = 0; c < 2; c++) {
        lanes_word w1[LANES_LIMBS], w2[LANES_LIMBS];
        lanes_coordinate(w1, at->first, 0, c);
        lanes_coordinate(w2, at->second, 0, c);
        if (c < LANES_VECTORS) found[c] = lanes_equal_or_zero(w1[0], w2[0]);
        x1[c] = lanes_split(w1);
        x2[c] = lanes_split(w2);
        d[c] = lanes_subtract(x2[c], x1[c], f);
    }
    if (__builtin_expect((found[0] | found[1]) != 0, 0))
        for (int v = 0; v < LANES_VECTORS; v++) lanes_set_one(d, v, found[v]);
    return found[0] | found[1] << LANES_WIDTH;
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

enum { LANES_SIGN = 31 }; ///< the bit of a reference that negates

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

    lanes_factor chain[LANES_PAIRS];
    lanes_element d[LANES_PAIRS][2];
    lanes_limbs x1[LANES_PAIRS][2], x2[LANES_PAIRS][2];
    uint64_t start[LANES_DIGITS];
    lanes_split_scalar(start, constants->one.l); // any number prime to p would do
    for (int c = 0; c < 2; c++)
        for (int j = 0; j < LANES_DIGITS; j++)
            x1[0][c].w[j] = lanes_add(f->split[j], lanes_set(c < LANES_VECTORS ? start[j] : 0));
    for (int i = 0; i < LANES_PAIRS; i++) lanes_make_factor(&chain[i], x1[0], batch);

    size_t exceptions = 0;
    for (size_t g = 0; g < groups; g++) {
        const uint32_t *pairs = g < full ? references + 2 * LANES_CHAINS * g : batch->tail;
        if (g + LANES_AHEAD < full)
            lanes_prefetch(points, references + 2 * LANES_CHAINS * (g + LANES_AHEAD), LANES_COORDINATE);
        LANES_UNROLL for (int i = 0; i < LANES_PAIRS; i++) {
            lanes_points at;
            lanes_find(&at, points, pairs + 2 * LANES_VECTORS * LANES_WIDTH * i);
            unsigned found = lanes_denominators(d[i], x1[i], x2[i], &at, f);
            const size_t base = g * LANES_CHAINS + (size_t)i * LANES_VECTORS * LANES_WIDTH;
            for (; __builtin_expect(found != 0, 0); found &= found - 1) {
                const size_t k = base + (size_t)__builtin_ctz(found);
                if (k < count) exceptional[exceptions++] = (uint32_t)k;
            }
            lanes_element *product = batch->products[g * LANES_PAIRS + (size_t)i];
            LANES_UNROLL for (int c = 0; c < 2; c++) product[c] = chain[i].e[c];
        }
        LANES_UNROLL for (int i = 0; i < LANES_PAIRS; i++) lanes_multiply(&chain[i], &chain[i], d[i], batch);
    }

    lanes_invert_chains(chain, batch, constants);

    lanes_factor factor[LANES_PAIRS];
    lanes_element slope[LANES_PAIRS][2];
    lanes_limbs y1[LANES_PAIRS][2], t[LANES_PAIRS][2];
    lanes_word sign[LANES_PAIRS][LANES_VECTORS];
    for (size_t g = groups; g-- > 0;) {
        const uint32_t *pairs = g < full ? references + 2 * LANES_CHAINS * g : batch->tail;
        if (g >= LANES_AHEAD) lanes_prefetch(points, references + 2 * LANES_CHAINS * (g - LANES_AHEAD), LANES_POINT);
        LANES_ROLL for (int i = 0; i < LANES_PAIRS; i++) {
            const uint32_t *own = pairs + 2 * LANES_VECTORS * LANES_WIDTH * i;
            lanes_points at;
            lanes_find(&at, points, own);
            (void)lanes_denominators(d[i], x1[i], x2[i], &at, f);
            LANES_UNROLL for (int c = 0; c < 2; c++) {
                lanes_word w1[LANES_LIMBS], w2[LANES_LIMBS];
                lanes_coordinate(w1, at.first, 1, c);
                lanes_coordinate(w2, at.second, 1, c);
                y1[i][c] = lanes_split(w1);
                lanes_limbs y2 = lanes_split(w2);
                // Bits 63 and 31 of a word are the signs of the second and the first point.
                const int v = c < LANES_VECTORS ? c : 0;
                const lanes_word both = lanes_consecutive(own + 2 * LANES_WIDTH * v);
                if (c == v) sign[i][v] = lanes_shl(both, 63 - LANES_SIGN);
                if (lanes_any_set(both, (uint64_t)1 << 63 | (uint64_t)1 << LANES_SIGN)) {
                    const lanes_word differ = lanes_xor(both, sign[i][v]);
                    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) {
                        y2.w[j] = lanes_select(differ, lanes_sub(f->modulus[j], y2.w[j]), y2.w[j]);
                        y2.w[j] = lanes_sub(y2.w[j], y1[i][c].w[j]);
                        if (!LANES_SIGNED) y2.w[j] = lanes_add(y2.w[j], f->modulus[j]);
                    }
                    slope[i][c] = lanes_digits(y2, f);
                } else {
                    slope[i][c] = lanes_subtract(y2, y1[i][c], f);
                }
            }
        }
        LANES_UNROLL for (int i = 0; i < LANES_PAIRS; i++) lanes_multiply(&factor[i], &chain[i], batch->products[g * LANES_PAIRS + (size_t)i], batch);
        LANES_UNROLL for (int i = 0; i < LANES_PAIRS; i++) lanes_multiply(&chain[i], &chain[i], d[i], batch);
        LANES_UNROLL for (int i = 0; i < LANES_PAIRS; i++) {
            lanes_pair_product(t[i], &factor[i], slope[i], LANES_START(f), f);
            lanes_make_factor(&factor[i], t[i], batch);
        }
        LANES_UNROLL for (int i = 0; i < LANES_PAIRS; i++) lanes_square_slope(t[i], &factor[i], t[i], batch);
        LANES_UNROLL for (int i = 0; i < LANES_PAIRS; i++) {
            LANES_ROLL for (int c = 0; c < 2; c++) {
                lanes_limbs difference;
                LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) {
                    lanes_word sum = lanes_add(x1[i][c].w[j], x2[i][c].w[j]);
                    lanes_word offset = lanes_add(lanes_add(x1[i][c].w[j], sum), batch->abscissa[j]);
                    difference.w[j] = lanes_sub(offset, t[i][c].w[j]);
                    x1[i][c].w[j] = lanes_sub(t[i][c].w[j], sum);
                }
                d[i][c] = lanes_times_h(difference, f);
            }
            lanes_pair_product(t[i], &factor[i], d[i], LANES_START_REDUCE(f), f);
        }
        LANES_ROLL for (int i = 0; i < LANES_PAIRS; i++) {
            const size_t base = g * LANES_CHAINS + (size_t)i * LANES_VECTORS * LANES_WIDTH;
            LANES_ROLL for (int c = 0; c < 2; c++) {
                const int v = c < LANES_VECTORS ? c : 0;
                char *to[LANES_WIDTH];
                LANES_UNROLL for (int k = 0; k < LANES_WIDTH; k++) to[k] = sums + (base + (size_t)(v * LANES_WIDTH + k)) * LANES_POINT;
                if (__builtin_expect(g >= full, 0))
                    for (int k = 0; k < LANES_WIDTH; k++)
                        if (base + (size_t)(v * LANES_WIDTH + k) >= count) to[k] = batch->discarded;
                const long component = LANES_DEGREE == 2 ? c * LANES_LIMBS * 8 : 0;
                lanes_store(to, component, lanes_reduce(x1[i][c], f));
                LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) t[i][c].w[j] = lanes_sub(t[i][c].w[j], y1[i][c].w[j]);
                if (lanes_any_set(sign[i][v], (uint64_t)1 << 63))
                    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++)
                        t[i][c].w[j] = lanes_select(sign[i][v], lanes_sub(batch->opposite[j], t[i][c].w[j]), t[i][c].w[j]);
                lanes_store(to, LANES_COORDINATE + component, lanes_reduce(t[i][c], f));
            }
        }
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
