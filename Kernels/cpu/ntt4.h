// SPDX-License-Identifier: Apache-2.0

// Number-theoretic transforms in lanes, written once over lanes.h. Include from one file a backend, after its lane operations.
//
// A tile is 2^layers vectors in scratch. Where layers are left below the pass, a vector is LANES_WIDTH neighbouring elements, and
// a tile such a column of one block. In the pass at the bottom it has the elements at one position of LANES_WIDTH neighbouring
// blocks, so that no layer ever couples the lanes of a vector.
//
// # Bounds
//
// A vector in scratch is 5 words v with |v_j| < 2^61, for a value |v| < K·p, K = ⌊2^259/p⌋, 42 at most (42 for BN254 Fr, 17 for
// BLS12-381 Fr, and 42 instead of 109 for BLS12-377 Fr: the words and the quotients below would not hold more).
// Butterflies multiply first: (a, c) becomes a ± t with t = wc/ρ, 0 ≤ w < p. Only c is normalised; a is not.
//   signed digits:   c as it stands, |c| < 2^259, so that its top digit is below 2^51. t lies in (−1.51p, 0.51p) + wc/ρ (lanes.h,
//                    without the p that `mul` starts with), so |t| < 1.51p + K·p²/ρ < 2.02p, for K·p/ρ ≤ 1/2.
//   unsigned digits: c + K·p in (0, 2^260). t, less the p that the starting columns take off, lies in
//                    (−p, 1.01p) + w(c + Kp)/ρ, so |t| < 1.01p + 2K·p²/ρ < 2.02p.
// So a layer adds at most 2.02p. Where a factor is one, a ± c is no product and doubles the bound; such layers start from reduced
// values and run two at a time, which makes p into 4p, less than two layers' 4.04p more. A tile begins reduced, and may run
// ⌊(K − 1)/2.02⌋ layers (20, 7) before it must be reduced again.
// Words: a product's columns 5…9 stay below 2^57 in magnitude, so 20 layers stay below 2^61.4; reduced ones are below 2^52.
#ifndef MARTLET_NTT4_H
#define MARTLET_NTT4_H

#include "lanes.h"
#include "martlet_ntt.h"
#include <string.h>

typedef struct {
    lanes_field field;
    lanes_word columns[10]; ///< a product's starting columns
    lanes_word centre[5];   ///< makes a value ready for lanes_normalise
    lanes_word lift[5];     ///< makes it positive for ntt_reduce
    lanes_word p_low[5], p_high[5]; ///< limbs of p, low 32 and high 20 bits
    lanes_scale scale;      ///< 2^209/p, less 2^−40 of it
    int layer_limit;        ///< so many layers between two reductions
} ntt_context;

LANES_FN void ntt_prepare(ntt_context *r, const martlet_field4 *f) {
    lanes_field_prepare(&r->field, f);
    const double p = ((double)r->field.limbs[4] + (double)r->field.limbs[3] * 0x1p-52) * (1 + 0x1p-40); // over 2^208
    const uint64_t room = (uint64_t)(0x1p51 / p), k = room < 42 ? room : 42;
    r->layer_limit = (int)((double)(k - 1) / 2.02);
    r->scale = lanes_scale_of(r->field.scale_factor, r->field.scale_shift - 1);
    for (int j = 0; j < 10; j++) {
        const uint64_t less = !LANES_SIGNED && j >= 5 ? r->field.limbs[j - 5] : 0;
        r->columns[j] = lanes_set(lanes_column_start(j, 1) - less);
    }
    for (int j = 0; j < 5; j++) {
        const lanes_word kp = lanes_set(k * r->field.limbs[j]);
        r->p_low[j] = lanes_set(r->field.limbs[j] & 0xffffffff);
        r->p_high[j] = lanes_set(r->field.limbs[j] >> 32);
        r->centre[j] = LANES_SIGNED ? r->field.split[j] : lanes_add(r->field.split[j], kp);
        r->lift[j] = lanes_add(kp, lanes_set((j < 4 ? LANES_SPLIT_BIAS : 0) - (j > 0 ? LANES_SPLIT_CARRY : 0)));
    }
}

// MARK: elements

/// v mod p with limbs in [0, 2^52), for |v| < Kp. As lanes_reduce, but V = v + Kp may come close to 2^260: D is halved, so it is
/// below 2^51 and up to two units of 2^208 too small, and V/p < 85, so 0 ≤ V − qp < p(1 + 2^−33).
LANES_FN lanes_limbs ntt_reduce(lanes_limbs v, const ntt_context *x) {
    const lanes_word mask = lanes_set(LANES_LIMB_MASK);
    LANES_UNROLL for (int j = 0; j < 5; j++) v.w[j] = lanes_add(v.w[j], x->lift[j]);
    const lanes_word d = lanes_add(v.w[4], lanes_shr(v.w[3], 52));
    const lanes_word q = lanes_scaled_floor(lanes_shr(d, 1), &x->scale);
    LANES_UNROLL for (int j = 0; j < 5; j++) v.w[j] = lanes_sub_small(v.w[j], q, x->p_low[j], x->p_high[j]);
    LANES_UNROLL for (int j = 0; j < 4; j++) {
        v.w[j + 1] = lanes_add(v.w[j + 1], lanes_shr(v.w[j], 52));
        v.w[j] = lanes_and(v.w[j], mask);
    }
    if (__builtin_expect(lanes_any_above(v.w[4], (int64_t)x->field.limbs[4] - 1), 0)) {
        lanes_limbs copy = v; // so that v itself stays in registers
        lanes_subtract_once(&copy, &x->field);
        return copy;
    }
    return v;
}

/// Digits of |v| < Kp, of v itself or of v + Kp.
LANES_FN lanes_element ntt_digits(lanes_limbs v, const ntt_context *x) {
    LANES_UNROLL for (int j = 0; j < 5; j++) v.w[j] = lanes_add(v.w[j], x->centre[j]);
    return lanes_normalise(v);
}

/// Digits of limbs in [0, 2^52) of a factor below p.
LANES_FN lanes_element ntt_factor_digits(lanes_limbs v, const ntt_context *x) {
#if LANES_SIGNED
    return lanes_digits(v, &x->field);
#else
    lanes_element r;
    (void)x;
    LANES_UNROLL for (int j = 0; j < 5; j++) r.d[j] = lanes_low(v.w[j]);
    return r;
#endif
}

/// The factors at table, table + step, table + 2·step…
LANES_FN lanes_element ntt_factor(const martlet_limbs4 *table, size_t step, const ntt_context *x) {
    if (step == 0) {
        lanes_word w[4];
        LANES_UNROLL for (int j = 0; j < 4; j++) w[j] = lanes_set(table->l[j]);
        return ntt_factor_digits(lanes_split(w), x);
    }
    const char *at[LANES_WIDTH];
    LANES_UNROLL for (int i = 0; i < LANES_WIDTH; i++) at[i] = (const char *)(table + (size_t)i * step);
    return ntt_factor_digits(lanes_load(at, 0), x);
}

LANES_FN lanes_limbs ntt_add(lanes_limbs a, lanes_limbs b) {
    LANES_UNROLL for (int j = 0; j < 5; j++) a.w[j] = lanes_add(a.w[j], b.w[j]);
    return a;
}

LANES_FN lanes_limbs ntt_sub(lanes_limbs a, lanes_limbs b) {
    LANES_UNROLL for (int j = 0; j < 5; j++) a.w[j] = lanes_sub(a.w[j], b.w[j]);
    return a;
}

/// r_i ← a_i·b_i/ρ for two products. One copy of the code serves all butterflies of the signed digits, whose product is long.
#if LANES_SIGNED
static LANES_TARGET __attribute__((noinline))
#else
LANES_FN
#endif
void ntt_multiply(lanes_limbs r[2], const lanes_element a[2], const lanes_element b[2], const ntt_context *x) {
    LANES_ALIGN_FRAME();
    lanes_mul_columns2(r, a, b, x->columns, &x->field);
}

// MARK: butterflies

/// Two layers on four vectors: pairs (a, c), (b, d) by w[0], then (a, b) by w[1] and (c, d) by w[2].
LANES_FN void ntt_radix4(lanes_limbs *a, lanes_limbs *b, lanes_limbs *c, lanes_limbs *d, const lanes_element w[3],
                         const ntt_context *x) {
    const lanes_element first[2] = {w[0], w[0]};
    lanes_element e[2] = {ntt_digits(*c, x), ntt_digits(*d, x)};
    lanes_limbs t[2];
    ntt_multiply(t, e, first, x);
    e[0] = ntt_digits(ntt_add(*b, t[1]), x);
    e[1] = ntt_digits(ntt_sub(*b, t[1]), x);
    const lanes_limbs sum = ntt_add(*a, t[0]), difference = ntt_sub(*a, t[0]);
    ntt_multiply(t, e, w + 1, x);
    *a = ntt_add(sum, t[0]);
    *b = ntt_sub(sum, t[0]);
    *c = ntt_add(difference, t[1]);
    *d = ntt_sub(difference, t[1]);
}

/// The same where w[0] and w[1] are one, on one set of four or two; factor = w[2]. The values must be reduced, or are made so.
LANES_FN void ntt_radix4_ones(lanes_limbs *a, lanes_limbs *b, lanes_limbs *c, lanes_limbs *d, const lanes_element *factor, int sets,
                              int reduced, const ntt_context *x) {
    const lanes_element w[2] = {*factor, *factor};
    lanes_element e[2];
    lanes_limbs t[2];
    for (int s = 0; s < sets && !reduced; s++) {
        a[s] = ntt_reduce(a[s], x);
        b[s] = ntt_reduce(b[s], x);
        c[s] = ntt_reduce(c[s], x);
        d[s] = ntt_reduce(d[s], x);
    }
    LANES_UNROLL for (int s = 0; s < 2; s++) e[s] = ntt_digits(ntt_sub(b[s < sets ? s : 0], d[s < sets ? s : 0]), x);
    ntt_multiply(t, e, w, x);
    for (int s = 0; s < sets; s++) {
        const lanes_limbs ac = ntt_add(a[s], c[s]), bd = ntt_add(b[s], d[s]), difference = ntt_sub(a[s], c[s]);
        a[s] = ntt_add(ac, bd);
        b[s] = ntt_sub(ac, bd);
        c[s] = ntt_add(difference, t[s]);
        d[s] = ntt_sub(difference, t[s]);
    }
}

/// One layer on two pairs of vectors.
LANES_FN void ntt_radix2(lanes_limbs *a, lanes_limbs *b, lanes_limbs *c, lanes_limbs *d, const lanes_element w[2],
                         const ntt_context *x) {
    const lanes_element e[2] = {ntt_digits(*b, x), ntt_digits(*d, x)};
    lanes_limbs t[2];
    ntt_multiply(t, e, w, x);
    const lanes_limbs low = *a, high = *c;
    *a = ntt_add(low, t[0]);
    *b = ntt_sub(low, t[0]);
    *c = ntt_add(high, t[1]);
    *d = ntt_sub(high, t[1]);
}

// MARK: layers of a tile

typedef struct {
    lanes_limbs *at;
    int log;   ///< of the number of vectors
    int grown; ///< layers since the last reduction
} ntt_tile;

LANES_FN void ntt_reduce_tile(ntt_tile *tile, const ntt_context *x) {
    for (size_t i = 0; i < (size_t)1 << tile->log; i++) tile->at[i] = ntt_reduce(tile->at[i], x);
    tile->grown = 0;
}

/// Makes room for so many layers.
LANES_FN void ntt_reserve(ntt_tile *tile, int layers, const ntt_context *x) {
    if (tile->grown + layers > x->layer_limit) ntt_reduce_tile(tile, x);
    tile->grown += layers;
}

/// The tile is block number `block` of its layer, or its lanes the blocks `block`, block + 1… where across is 1.
static LANES_TARGET __attribute__((noinline)) void ntt_inverse_layers(ntt_tile *tile, const martlet_limbs4 *table, size_t block,
                                                                      size_t across, const ntt_context *x) {
    LANES_ALIGN_FRAME();
    const int log = tile->log;
    int done = 0;
    for (; done + 2 <= log; done += 2) {
        const size_t blocks = (size_t)1 << done, quarter = (size_t)1 << (log - done - 2);
        ntt_reserve(tile, 2, x);
        for (size_t j = 0; j < blocks; j++) {
            lanes_limbs *a = tile->at + 4 * quarter * j;
            const size_t number = (block << done) + j;
            if (number == 0 && across == 0) {
                const lanes_element w = ntt_factor(table + 1, 0, x);
                for (size_t i = 0; i < quarter; i += 2)
                    ntt_radix4_ones(a + i, a + quarter + i, a + 2 * quarter + i, a + 3 * quarter + i, &w, quarter > 1 ? 2 : 1,
                                    done == 0, x);
                continue;
            }
            const size_t step = across << done;
            const lanes_element w[3] = {ntt_factor(table + number, step, x), ntt_factor(table + 2 * number, 2 * step, x),
                                        ntt_factor(table + 2 * number + 1, 2 * step, x)};
            for (size_t i = 0; i < quarter; i++)
                ntt_radix4(a + i, a + quarter + i, a + 2 * quarter + i, a + 3 * quarter + i, w, x);
        }
    }
    if (done < log) {
        // One layer is left, of at least two pairs: a tile has 4 vectors or more.
        ntt_reserve(tile, 1, x);
        for (size_t j = 0; j < (size_t)1 << done; j += 2) {
            lanes_limbs *a = tile->at + 2 * j;
            const size_t number = (block << done) + j, step = across << done;
            const lanes_element w[2] = {ntt_factor(table + number, step, x), ntt_factor(table + number + 1, step, x)};
            ntt_radix2(a, a + 1, a + 2, a + 3, w, x);
        }
    }
}

/// Vector 0 is at position `column` of blocks of `width` elements, vector i at column + i·width of wider ones; its lanes are
/// neighbours where across is 1.
static LANES_TARGET __attribute__((noinline)) void ntt_forward_layers(ntt_tile *tile, const martlet_limbs4 *table, size_t width,
                                                                      size_t column, size_t across, const ntt_context *x) {
    LANES_ALIGN_FRAME();
    const int log = tile->log;
    const size_t count = (size_t)1 << log;
    int done = log % 2;
    if (done == 1) {
        ntt_reserve(tile, 1, x);
        const lanes_element factor = ntt_factor(table + width + column, across, x), w[2] = {factor, factor};
        for (lanes_limbs *a = tile->at; a < tile->at + count; a += 4) ntt_radix2(a, a + 1, a + 2, a + 3, w, x);
    }
    for (; done < log; done += 2) {
        const size_t quarter = (size_t)1 << done, half = width << done;
        ntt_reserve(tile, 2, x);
        for (size_t j = 0; j < quarter; j++) {
            const martlet_limbs4 *inner = table + half + column + width * j, *outer = inner + half;
            const lanes_element w[3] = {ntt_factor(inner, across, x), ntt_factor(outer, across, x),
                                        ntt_factor(outer + half, across, x)};
            for (lanes_limbs *a = tile->at + j; a < tile->at + count; a += 4 * quarter)
                ntt_radix4(a, a + 2 * quarter, a + quarter, a + 3 * quarter, w, x);
        }
    }
}

// MARK: passes

/// Where the elements of a tile lie, and what its factors are.
typedef struct {
    size_t base, row, lane; ///< vector i, lane l is element base + i·row + l·lane
    size_t block, inverse_across, width, column, forward_across;
} ntt_place;

static inline ntt_place ntt_locate(const martlet_ntt4_pass *pass, size_t tile) {
    ntt_place r = {0};
    const uint32_t below = pass->log - pass->above - pass->layers;
    r.row = r.width = (size_t)1 << below;
    if (below == 0) {
        r.block = tile * LANES_WIDTH;
        r.base = r.block << pass->layers;
        r.lane = (size_t)1 << pass->layers;
        r.inverse_across = 1;
    } else {
        r.block = tile * LANES_WIDTH >> below;
        r.column = tile * LANES_WIDTH & (r.width - 1);
        r.base = (r.block << (pass->log - pass->above)) + r.column;
        r.lane = 1;
        r.forward_across = 1;
    }
    return r;
}

LANES_FN void ntt_take(ntt_tile *tile, const martlet_limbs4 *values, const ntt_place *place) {
    const char *at[LANES_WIDTH];
    for (int i = 0; i < LANES_WIDTH; i++) at[i] = (const char *)(values + place->base + (size_t)i * place->lane);
    const long row = (long)(place->row * sizeof *values);
    for (size_t i = 0; i < (size_t)1 << tile->log; i++) tile->at[i] = lanes_load(at, (long)i * row);
    tile->grown = 0;
}

LANES_FN void ntt_put(martlet_limbs4 *values, const ntt_tile *tile, const ntt_place *place, const ntt_context *x) {
    char *at[LANES_WIDTH];
    for (int i = 0; i < LANES_WIDTH; i++) at[i] = (char *)(values + place->base + (size_t)i * place->lane);
    const long row = (long)(place->row * sizeof *values);
    for (size_t i = 0; i < (size_t)1 << tile->log; i++) lanes_store(at, (long)i * row, ntt_reduce(tile->at[i], x));
}

LANES_FN void ntt_layers(ntt_tile *tile, const martlet_ntt4_pass *pass, const ntt_place *place, const ntt_context *x) {
    if (pass->inverse != NULL) ntt_inverse_layers(tile, pass->inverse, place->block, place->inverse_across, x);
    if (pass->forward != NULL)
        ntt_forward_layers(tile, pass->forward, place->width, place->column, place->forward_across, x);
}

enum { NTT_ALIGNMENT = 64 };

static inline size_t ntt_scratch(uint32_t layers) { return (sizeof(lanes_limbs) << layers) + NTT_ALIGNMENT; }

static inline lanes_limbs *ntt_aligned(void *scratch) {
    return (lanes_limbs *)(((uintptr_t)scratch + NTT_ALIGNMENT - 1) & ~(uintptr_t)(NTT_ALIGNMENT - 1));
}

static LANES_TARGET __attribute__((noinline)) void ntt_run(martlet_limbs4 *values, const martlet_ntt4_pass *pass, size_t first,
                                                           size_t end, void *scratch) {
    ntt_context x;
    ntt_prepare(&x, pass->field);
    for (size_t i = first; i < end; i++) {
        const ntt_place place = ntt_locate(pass, i);
        ntt_tile tile = {ntt_aligned(scratch), (int)pass->layers, 0};
        ntt_take(&tile, values, &place);
        ntt_layers(&tile, pass, &place, &x);
        ntt_put(values, &tile, &place, &x);
    }
}

static LANES_TARGET __attribute__((noinline)) void ntt_combine(martlet_limbs4 *a, const martlet_limbs4 *b, const martlet_limbs4 *c,
                                                               const martlet_ntt4_pass *pass, const martlet_limbs4 *s,
                                                               const martlet_limbs4 *u, size_t first, size_t end,
                                                               void *scratch) {
    ntt_context x;
    ntt_prepare(&x, pass->field);
    const lanes_element scale = ntt_factor(s, 0, &x), unscale[2] = {ntt_factor(u, 0, &x), ntt_factor(u, 0, &x)};
    const size_t count = (size_t)1 << pass->layers;
    const martlet_limbs4 *const sources[3] = {a, b, c};
    for (size_t i = first; i < end; i++) {
        const ntt_place place = ntt_locate(pass, i);
        ntt_tile tiles[3];
        for (int k = 0; k < 3; k++) {
            tiles[k] = (ntt_tile){ntt_aligned(scratch) + (size_t)k * count, (int)pass->layers, 0};
            ntt_take(&tiles[k], sources[k], &place);
            ntt_layers(&tiles[k], pass, &place, &x);
        }
        ntt_reduce_tile(&tiles[1], &x); // a multiplicand below p, as if it were a factor
        for (size_t j = 0; j < count; j += 2) {
            lanes_element e[2], w[2];
            lanes_limbs ab[2], cs[2];
            for (int k = 0; k < 2; k++) {
                e[k] = ntt_digits(tiles[0].at[j + (size_t)k], &x);
                w[k] = ntt_factor_digits(tiles[1].at[j + (size_t)k], &x); // reduced: limbs in [0, 2^52)
            }
            ntt_multiply(ab, e, w, &x);
            for (int k = 0; k < 2; k++) e[k] = ntt_digits(tiles[2].at[j + (size_t)k], &x), w[k] = scale;
            ntt_multiply(cs, e, w, &x);
            for (int k = 0; k < 2; k++) e[k] = ntt_digits(ntt_sub(ab[k], cs[k]), &x);
            ntt_multiply(&tiles[0].at[j], e, unscale, &x);
        }
        ntt_put(a, &tiles[0], &place, &x);
    }
}

static LANES_TARGET __attribute__((noinline)) void ntt_products(martlet_limbs4 *r, const martlet_limbs4 *a, const martlet_limbs4 *s,
                                                                size_t step, size_t count, const martlet_field4 *f) {
    ntt_context x;
    ntt_prepare(&x, f);
    for (size_t i = 0; i < count; i += 2 * LANES_WIDTH) {
        lanes_element e[2], w[2];
        lanes_limbs t[2];
        char *to[2][LANES_WIDTH];
        for (int g = 0; g < 2; g++) {
            const char *from[LANES_WIDTH], *by[LANES_WIDTH];
            for (int k = 0; k < LANES_WIDTH; k++) {
                // The last group is filled with the last element, which is then stored more than once.
                const size_t at = i + (size_t)(g * LANES_WIDTH + k), index = at < count ? at : count - 1;
                from[k] = (const char *)&a[index];
                by[k] = (const char *)&s[index * step];
                to[g][k] = (char *)&r[index];
            }
            e[g] = ntt_digits(lanes_load(from, 0), &x);
            w[g] = ntt_factor_digits(lanes_load(by, 0), &x);
        }
        ntt_multiply(t, e, w, &x);
        for (int g = 0; g < 2; g++) lanes_store(to[g], 0, ntt_reduce(t[g], &x));
    }
}

#define NTT_LANE_LOG (LANES_WIDTH == 8 ? 3 : 2)

#endif
