// Batched affine additions in lanes, written once over lanes.h. Include from one file a backend.
//
// Every lane keeps its own running product of denominators, and LANES_STREAMS vectors go side by side, so that one's
// arithmetic hides the other's latency: LANES_WIDTH·LANES_STREAMS chains, and one inversion for all of them.
//
// With d = x2 − x1, the raw numbers (not the elements they stand for) obey, mod p and with ρ = 2^260:
//   forward    P_k = P_{k−1}·d_k/ρ
//   inversion  u·P_n = 2^518
//   backward   P_{k−1}·u/ρ = u·P_k/d_k = 2^518/d_k, and the new u·d_k/ρ times P_{k−1} is u·P_k again;
//              λ' = (2^518/d_k)·(y2 − y1)/ρ = λ·2^258, for the 2^256 of numerator and denominator cancel;
//              λ'²/ρ = λ²·2^256 is the square in the form of the slots;
//              λ'·4(x1 − x3)/ρ = λ·(x1 − x3)·2^256 likewise.
// So the powers ρ that pile up never matter, and the slots' form (R = 2^256) is converted by moving bits only.
//
// Bounds in units of p (ρ/p ≥ 64; of a signed value the magnitude), by the rule of LANES_DEFINE_COLUMNS:
//   d, y2 − y1           signed 1       unsigned 2
//   P, u                 signed 1.54    unsigned 2.1    1.51 + 1.54/64, 2.01 + 2·2.1/64
//   P·u/ρ                signed 1.55    unsigned 2.1
//   λ'                   signed 1.54    unsigned 2.1
//   λ'²/ρ                −0.51…1.55     0…2.1
//   x3 + 4p              1.49…5.55      2…6.1           within lanes_reduce's p…8p
//   4(x1 − x3)           −6.2…14.1      3.6…24          24p < 2^260·24/64: the top digit is below 2^51
//   y3 + 4p              2.1…5.9        3…6.9           1.54·14.1/64 < 0.35, 2.1·24/64 < 0.8
#ifndef MARTLET_AFFINE_BATCH4_H
#define MARTLET_AFFINE_BATCH4_H

#include "lanes.h"
#include <stddef.h>
#include <stdint.h>

#ifndef LANES_STREAMS
#define LANES_STREAMS 2
#endif
#ifndef LANES_ROLL
#if defined(__clang__)
#define LANES_ROLL _Pragma("clang loop unroll(disable)")
#else
#define LANES_ROLL _Pragma("GCC unroll 1")
#endif
#endif
enum { LANES_CHAINS = LANES_WIDTH * LANES_STREAMS };

/// Memory that a batch works in.
typedef struct {
    martlet_limbs4 filler[LANES_CHAINS][4]; ///< pairs of points for the chains without one in the last group
    martlet_limbs4 ends[LANES_CHAINS];      ///< of the chains
    lanes_field field;
    lanes_element products[];               ///< LANES_STREAMS a group
} lanes_batch;

static inline size_t lanes_batch_size(size_t count) {
    size_t groups = (count + LANES_CHAINS - 1) / LANES_CHAINS;
    return sizeof(lanes_batch) + groups * LANES_STREAMS * sizeof(lanes_element) + 64; // 64: the block is aligned here
}

/// Where the points of a group's pairs are.
typedef struct {
    char *first[LANES_STREAMS][LANES_WIDTH];
    char *second[LANES_STREAMS][LANES_WIDTH];
} lanes_pairs;

LANES_FN void lanes_find(lanes_pairs *r, lanes_batch *batch, martlet_limbs4 *slots, const uint32_t *first,
                         const uint32_t *second, size_t base, size_t count) {
    if (__builtin_expect(base + LANES_CHAINS <= count, 1)) {
        LANES_UNROLL for (int c = 0; c < LANES_CHAINS; c++) {
            r->first[c / LANES_WIDTH][c % LANES_WIDTH] = (char *)(slots + 2 * (size_t)first[base + c]);
            r->second[c / LANES_WIDTH][c % LANES_WIDTH] = (char *)(slots + 2 * (size_t)second[base + c]);
        }
    } else {
        for (int c = 0; c < LANES_CHAINS; c++) {
            int filled = base + (size_t)c < count;
            r->first[c / LANES_WIDTH][c % LANES_WIDTH] =
                filled ? (char *)(slots + 2 * (size_t)first[base + c]) : (char *)batch->filler[c];
            r->second[c / LANES_WIDTH][c % LANES_WIDTH] =
                filled ? (char *)(slots + 2 * (size_t)second[base + c]) : (char *)(batch->filler[c] + 2);
        }
    }
}

/// Asks for the points of a full group of pairs.
static inline void lanes_prefetch(const martlet_limbs4 *slots, const uint32_t *first, const uint32_t *second, size_t base) {
    for (int c = 0; c < LANES_CHAINS; c++) {
        __builtin_prefetch(slots + 2 * (size_t)first[base + c]);
        __builtin_prefetch(slots + 2 * (size_t)second[base + c]);
    }
}

#if LANES_STREAMS == 2
#define LANES_MUL_COLUMNS lanes_mul_columns2
#define LANES_SQUARE_COLUMNS lanes_square_columns2
#else
#define LANES_MUL_COLUMNS lanes_mul_columns1
#define LANES_SQUARE_COLUMNS lanes_square_columns1
#endif

// Out of line: the backward loop with all products in it would exceed the instruction cache.
static LANES_TARGET __attribute__((noinline)) void lanes_mul_streams_call(lanes_limbs *r, const lanes_element *a,
                                                                          const lanes_element *b, const lanes_word *start,
                                                                          const lanes_field *f) {
    LANES_ALIGN_FRAME();
    lanes_limbs t[LANES_STREAMS];
    LANES_MUL_COLUMNS(t, a, b, start, f);
    LANES_UNROLL for (int s = 0; s < LANES_STREAMS; s++) r[s] = t[s];
}

/// r_s = a_s·b_s/ρ for the streams, as normalised digits.
LANES_FN void lanes_mul_streams(lanes_element *r, const lanes_element *a, const lanes_element *b, const lanes_field *f) {
    lanes_limbs t[LANES_STREAMS];
    lanes_mul_streams_call(t, a, b, f->mul, f);
    LANES_UNROLL for (int s = 0; s < LANES_STREAMS; s++) r[s] = lanes_normalise(t[s]);
}

static LANES_TARGET __attribute__((noinline)) void lanes_square_streams(lanes_limbs *r, const lanes_element *a,
                                                                        const lanes_field *f) {
    LANES_ALIGN_FRAME();
    lanes_limbs t[LANES_STREAMS];
    LANES_SQUARE_COLUMNS(t, a, a, f->square_reduce, f);
    LANES_UNROLL for (int s = 0; s < LANES_STREAMS; s++) r[s] = t[s];
}

/// The ends of the chains to what the backward pass starts from: 2^518 over each, and all of it in limbs.
static void lanes_invert_ends(martlet_limbs4 *ends, const martlet_field4 *f) {
    // In terms of field elements (raw number = element·2^256): 2^512/P is the inverse, 64 times that is asked for.
    martlet_limbs4 before[LANES_CHAINS], inverse, product = ends[0];
    for (int c = 1; c < LANES_CHAINS; c++) {
        before[c] = product;
        product = martlet_mul4(product, ends[c], f);
    }
    martlet_inverse4(&inverse, &product, f);
    for (int i = 0; i < 6; i++) inverse = martlet_add4(inverse, inverse, f);
    // The factor 64 stays in `inverse`, so each end gets it once.
    for (int c = LANES_CHAINS - 1; c > 0; c--) {
        martlet_limbs4 end = ends[c];
        ends[c] = martlet_mul4(inverse, before[c], f);
        inverse = martlet_mul4(inverse, end, f);
    }
    ends[0] = inverse;
}

static LANES_TARGET __attribute__((noinline)) void lanes_batch_run(martlet_limbs4 *slots, const uint32_t *first,
                                                                   const uint32_t *second, size_t count, void *scratch,
                                                                   const martlet_field4 *constants) {
    lanes_batch *batch = (lanes_batch *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
    lanes_field *f = &batch->field;
    lanes_field_prepare(f, constants);
    const size_t groups = (count + LANES_CHAINS - 1) / LANES_CHAINS;
    if (count % LANES_CHAINS != 0) {
        const martlet_limbs4 zero = {{0, 0, 0, 0}};
        for (int c = 0; c < LANES_CHAINS; c++) {
            batch->filler[c][0] = batch->filler[c][1] = batch->filler[c][3] = zero;
            batch->filler[c][2] = constants->one; // x2 − x1 = 1
        }
    }

    lanes_element chain[LANES_STREAMS], inverse[LANES_STREAMS], slope[LANES_STREAMS], temporary[LANES_STREAMS];
    lanes_limbs limbs[LANES_STREAMS], x1[LANES_STREAMS], x2[LANES_STREAMS];
    uint64_t start[5];
    lanes_split_scalar(start, constants->one.l); // any number prime to p would do
    for (int s = 0; s < LANES_STREAMS; s++) lanes_broadcast_digits(chain[s].d, start);

    lanes_element *products = batch->products;
    lanes_pairs at;
    for (size_t g = 0; g < groups; g++) {
        lanes_find(&at, batch, slots, first, second, g * LANES_CHAINS, count);
        if ((g + 3) * LANES_CHAINS <= count) lanes_prefetch(slots, first, second, (g + 2) * LANES_CHAINS);
        for (int s = 0; s < LANES_STREAMS; s++) {
            x1[s] = lanes_load((const char *const *)at.first[s], 0);
            x2[s] = lanes_load((const char *const *)at.second[s], 0);
            temporary[s] = lanes_subtract(x2[s], x1[s], f);
            products[g * LANES_STREAMS + (size_t)s] = chain[s];
        }
        lanes_mul_streams(chain, chain, temporary, f);
    }

    // To limbs: times ρ mod p, over ρ. The scalar products and the inversion do not mind the rounding mode.
    martlet_limbs4 rho = constants->one;
    for (int i = 0; i < 4; i++) rho = martlet_add4(rho, rho, constants);
    lanes_split_scalar(start, rho.l);
    for (int s = 0; s < LANES_STREAMS; s++) lanes_broadcast_digits(temporary[s].d, start);
    lanes_mul_streams_call(limbs, chain, temporary, f->mul_reduce, f);
    char *end[LANES_WIDTH];
    for (int s = 0; s < LANES_STREAMS; s++) {
        for (int i = 0; i < LANES_WIDTH; i++) end[i] = (char *)&batch->ends[s * LANES_WIDTH + i];
        lanes_store(end, 0, lanes_reduce(limbs[s], f));
    }
    lanes_invert_ends(batch->ends, constants);
    for (int s = 0; s < LANES_STREAMS; s++) {
        for (int i = 0; i < LANES_WIDTH; i++) end[i] = (char *)&batch->ends[s * LANES_WIDTH + i];
        chain[s] = lanes_digits(lanes_load((const char *const *)end, 0), f);
    }

    lanes_limbs y1[LANES_STREAMS];
    for (size_t g = groups; g-- > 0;) {
        lanes_find(&at, batch, slots, first, second, g * LANES_CHAINS, count);
        LANES_ROLL for (int s = 0; s < LANES_STREAMS; s++) {
            x1[s] = lanes_load((const char *const *)at.first[s], 0);
            x2[s] = lanes_load((const char *const *)at.second[s], 0);
            y1[s] = lanes_load((const char *const *)at.first[s], 32);
            lanes_limbs y2 = lanes_load((const char *const *)at.second[s], 32);
            temporary[s] = lanes_subtract(x2[s], x1[s], f);
            slope[s] = lanes_subtract(y2, y1[s], f);
        }
        if (g > 0) lanes_prefetch(slots, first, second, (g - 1) * LANES_CHAINS);
        lanes_mul_streams(inverse, chain, &products[g * LANES_STREAMS], f);
        lanes_mul_streams(chain, chain, temporary, f);
        lanes_mul_streams(slope, inverse, slope, f);
        lanes_square_streams(limbs, slope, f);
        LANES_ROLL for (int s = 0; s < LANES_STREAMS; s++) {
            lanes_limbs quadruple;
            LANES_UNROLL for (int j = 0; j < 5; j++) {
                lanes_word sum = lanes_add(x1[s].w[j], x2[s].w[j]);
                lanes_word t = lanes_sub(lanes_add(lanes_add(x1[s].w[j], sum), f->quadruple[j]), limbs[s].w[j]);
                quadruple.w[j] = lanes_shl(t, 2);
                x1[s].w[j] = lanes_sub(limbs[s].w[j], sum);
            }
            temporary[s] = lanes_normalise(quadruple);
        }
        lanes_mul_streams_call(limbs, slope, temporary, f->mul_reduce, f);
        LANES_ROLL for (int s = 0; s < LANES_STREAMS; s++) {
            lanes_store(at.first[s], 0, lanes_reduce(x1[s], f));
            LANES_UNROLL for (int j = 0; j < 5; j++) limbs[s].w[j] = lanes_sub(limbs[s].w[j], y1[s].w[j]);
            lanes_store(at.first[s], 32, lanes_reduce(limbs[s], f));
        }
    }
}

#endif
