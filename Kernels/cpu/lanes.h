// SPDX-License-Identifier: Apache-2.0

// Prime-field arithmetic in lanes: LANES_WIDTH elements side by side, LANES_DIGITS digits of 52 bits each.
//   LANES_DIGITS 5 (default)   4-limb fields of 225 to 255 bits: ρ = 2^260, memory form R = 2^256
//   LANES_DIGITS 8             6-limb fields of 373 to 381 bits: ρ = 2^416, memory form R = 2^384
//
// Written once over the lane operations of lanes_avx2.h, lanes_ifma.h or lanes_portable.h; include one of those first. One
// source file is for one of them and one number of digits.
//
// # Lane operations
//
// A `lanes_word` holds 64-bit integers (mod 2^64), a `lanes_digit` the factors of products. Two digit sets exist:
//   LANES_SIGNED 1   normalised digits lie in [−2^51, 2^51); a product needs |ab| ≤ 2^103, so one factor may be a difference
//                    of two 52-bit limbs as it stands, or twice a normalised digit;
//   LANES_SIGNED 0   all digits lie in [0, 2^52).
//   lanes_row_add    t[j + 1] += ⌊a·b_j/2^52⌋ + LANES_HI_BIAS, t[j] += (a·b_j mod 2^52) + LANES_LO_BIAS for j < n
//   lanes_row_last   the same but leaves out t[0], and subtracts if the digits are signed
//   lanes_mul_low    c + ab mod 2^52 as a digit in [0, 2^52); c is 0 if the digits are signed
//   lanes_low        w mod 2^52 as a digit in [0, 2^52)
//   lanes_low_biased (w mod 2^52) − LANES_DIGIT_BIAS as a normalised digit
//   lanes_top        w − LANES_TOP_BIAS as a digit: |value| < 2^51
//   lanes_shr2       the words (high·2^64 + low)/2^n mod 2^64
//   lanes_scaled_floor, lanes_subtract_multiple   for lanes_reduce
//   lanes_sub_small  the same for greater quotients
// The biases are constants that the words' starting values take back, so they cost nothing.
//
// # Values
//
// Digits (d0, d1…) stand for Σ d_j·2^(52j) =: v, a residue mod p that need not lie in [0, p). Products are Montgomery products
// with ρ = 2^(52·digits): ab/ρ mod p. Every bound below is a multiple of p. The slack ρ/p is 84.6 for BN254, 35 for the 255
// bits of BLS12-381 Fr, 219 for BLS12-377 Fr, and above 2^34 for the fields of 8 digits.
#ifndef MARTLET_LANES_H
#define MARTLET_LANES_H

#include "martlet_field.h"

#ifndef LANES_DIGITS
#define LANES_DIGITS 5
#endif
#if LANES_DIGITS == 5
#define LANES_LIMBS 4 ///< 64-bit limbs of the form in memory
typedef martlet_field4 lanes_constants;
#elif LANES_DIGITS == 8
#define LANES_LIMBS 6
typedef martlet_field6 lanes_constants;
#else
#error "LANES_DIGITS must be 5 or 8"
#endif

#define LANES_DIGIT_BIAS (LANES_SIGNED ? (uint64_t)1 << 51 : 0)
#define LANES_SPLIT_BIAS ((uint64_t)1 << 62) ///< keeps a word non-negative where it is split with a logical shift
#define LANES_SPLIT_CARRY ((uint64_t)1 << 10) ///< what that adds to the carry
#define LANES_LIMB_MASK (((uint64_t)1 << 52) - 1)

typedef struct { lanes_digit d[LANES_DIGITS]; } lanes_element; ///< normalised digits, top digit below 2^51 in magnitude
typedef struct { lanes_word w[LANES_DIGITS]; } lanes_limbs;

/// What the lane arithmetic needs to know of a field, broadcast. 2 to 4 KiB; made once a call.
typedef struct {
    lanes_digit m[LANES_DIGITS];               ///< M' = (p·(−p⁻¹ mod 2^52) + 1)/2^52 < p
    lanes_digit p[LANES_DIGITS];
    lanes_digit p_inverse;                     ///< p⁻¹ mod 2^52 if the digits are signed, else −p⁻¹
    lanes_multiples multiples[LANES_DIGITS];   ///< of the limbs of p
    lanes_word mul[2 * LANES_DIGITS];          ///< starting columns of a product that ends in digits
    lanes_word mul_reduce[2 * LANES_DIGITS];   ///< … that ends in limbs for lanes_reduce, 4p added
    lanes_word square_reduce[2 * LANES_DIGITS];
    lanes_word sum[2 * LANES_DIGITS];          ///< as `mul` for the sum of two products
    lanes_word sum_reduce[2 * LANES_DIGITS];
    lanes_word split[LANES_DIGITS];            ///< biases for lanes_normalise
    lanes_word carry[LANES_DIGITS];            ///< biases for lanes_carry and lanes_reduce
    lanes_word modulus[LANES_DIGITS];          ///< limbs of p
    uint64_t limbs[LANES_DIGITS];              ///< the same, once
    lanes_scale scale;                         ///< for the quotient of lanes_reduce
    uint64_t scale_factor;                     ///< the same as scale_factor/2^scale_shift
    int scale_shift;
} lanes_field;

// MARK: products

/// The quotient digit of round i; column i + 1 gets the carry of column i.
LANES_FN lanes_digit lanes_quotient_digit(lanes_word *t, int i, const lanes_field *f) {
    t[i + 1] = lanes_add(t[i + 1], lanes_shr(t[i], 52));
    return i < LANES_DIGITS - 1 ? lanes_low_biased(t[i]) : lanes_mul_low(f->p_inverse, lanes_low(t[i]), f->p_inverse);
}

enum { LANES_PRODUCT, LANES_SQUARE, LANES_SUM, LANES_QUADRATIC };

/// Row i of a square: a_i² and 2·a_i·a_j for j > i. Signed: |2·a_i·a_j| ≤ 2·2^51·2^51 = 2^103.
LANES_FN void lanes_square_row(lanes_word t[2 * LANES_DIGITS], const lanes_digit *a, int i) {
#if LANES_SIGNED
    // The factors a_i, 2a_{i+1}, 2a_{i+2}…
    lanes_digit row[LANES_DIGITS];
    row[0] = a[i];
    LANES_UNROLL for (int j = 1; j < LANES_DIGITS; j++)
        if (i + j < LANES_DIGITS) row[j] = lanes_twice(a[i + j]);
    lanes_row_add(&t[2 * i], a[i], row, LANES_DIGITS - i);
#else
    lanes_row_add(&t[2 * i], a[i], &a[i], LANES_DIGITS - i);
    if (i < LANES_DIGITS - 1) lanes_row_add(&t[2 * i + 1], a[i], &a[i + 1], LANES_DIGITS - 1 - i);
#endif
}

/// Row i of stream s.
LANES_FN void lanes_row(lanes_word t[2 * LANES_DIGITS], const lanes_element *a, const lanes_element *b, const lanes_element *a1,
                        const lanes_element *b1, int s, int i, int kind) {
    if (kind == LANES_PRODUCT) {
        lanes_row_add(&t[i], a[s].d[i], b[s].d, LANES_DIGITS);
    } else if (kind == LANES_SQUARE) {
        lanes_square_row(t, a[s].d, i);
    } else if (kind == LANES_SUM) {
        lanes_row_add(&t[i], a->d[i], b->d, LANES_DIGITS);
        lanes_row_add(&t[i], a1->d[i], b1->d, LANES_DIGITS);
    } else {
        lanes_row_add(&t[i], a[0].d[i], b[s].d, LANES_DIGITS);
        lanes_row_add(&t[i], a[s == 0 ? 2 : 1].d[i], b[1 - s].d, LANES_DIGITS);
    }
}

/// A product of which some rounds are done.
typedef struct {
    lanes_word t[2 * LANES_DIGITS];
    lanes_digit q;
} lanes_progress;

/// The upper half of the columns of Montgomery products, of one or two streams side by side to hide one another's latency.
///   LANES_PRODUCT    a_s·b_s
///   LANES_SQUARE     a_s²
///   LANES_SUM        a·b + a1·b1, one stream
///   LANES_QUADRATIC  for i² = −q and a_2 = −q·a_1, the components a_0·b_0 + a_2·b_1 and a_0·b_1 + a_1·b_0 of
///                    (a_0 + a_1·i)(b_0 + b_1·i), two streams
///
/// With n digits, T = Σ a_i·b_j·2^(52(i+j)) is accumulated by rows. Rounds i < n − 1 use M = 2^52·M' − 1 ≡ 0 mod p: with the digit
/// q = t_i mod 2^52, adding q·M clears column i without a multiplication for q: t_i − q is divisible by 2^52, and q·M' goes
/// one column up. The last round makes the column n − 1 divisible by means of p itself, with q in [0, 2^52):
///   signed digits:   subtract q·p, q = t·p⁻¹ mod 2^52; the lowest half cancels that of t exactly. With the p that the
///                    starting columns hold, r = (T + Σ q_i·2^(52i)·M − q·2^(52(n−1))·p)/ρ + p lies in
///                    T/ρ − p/2·(1 + ε) − p + p < r < T/ρ + p/2·(1 + ε) + p, that is T/ρ − 0.51p < r < T/ρ + 1.51p;
///   unsigned digits: add q·p, q = −t·p⁻¹ mod 2^52; the sum of the lowest half and that of t is 0 or 2^52, and the carry
///                    comes of 2^52 − 1 in the starting column, which q takes back: T/ρ ≤ r < T/ρ + 2.01p.
/// For M < 2^52·p, and Σ 2^(52i) over i < n − 1 is below 2^(52(n−2))·(1 + ε).
/// Each column takes at most 3n low halves below 2^52 and 3n high halves below 2^52 in magnitude, and a carry: below 2^58.
///
/// The rows are ordered so that between a quotient digit and its use, and between that and the next one, there is other work.
/// lanes_begin starts stream s, lanes_round does the rounds i = 0…n − 1, and lanes_result then has the upper half.
LANES_FN void lanes_begin(lanes_progress *r, const lanes_element *a, const lanes_element *b, const lanes_element *a1,
                          const lanes_element *b1, const lanes_word *start, const lanes_field *f, int s, int kind) {
    LANES_UNROLL for (int k = 0; k < 2 * LANES_DIGITS; k++) r->t[k] = start[k];
    lanes_row(r->t, a, b, a1, b1, s, 0, kind);
    r->q = lanes_quotient_digit(r->t, 0, f);
    lanes_row(r->t, a, b, a1, b1, s, 1, kind);
}

LANES_FN void lanes_round(lanes_progress *r, const lanes_element *a, const lanes_element *b, const lanes_element *a1,
                          const lanes_element *b1, const lanes_field *f, int s, int i, int kind) {
    enum { N = LANES_DIGITS };
    lanes_word *t = r->t;
    if (i < N - 1) {
        lanes_row_add(&t[i + 1], r->q, f->m, N);
        r->q = lanes_quotient_digit(t, i + 1, f);
    } else {
        lanes_row_last(&t[N - 1], r->q, f->p, N);
    }
    if (i < N - 2) lanes_row(t, a, b, a1, b1, s, i + 2, kind);
}

LANES_FN lanes_limbs lanes_result(const lanes_progress *r) {
    lanes_limbs v;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) v.w[j] = r->t[LANES_DIGITS + j];
    return v;
}

LANES_FN void lanes_columns(lanes_limbs *r, const lanes_element *a, const lanes_element *b, const lanes_element *a1,
                            const lanes_element *b1, const lanes_word *start, const lanes_field *f, int streams, int kind) {
    lanes_progress progress[2];
    LANES_UNROLL for (int s = 0; s < streams; s++) lanes_begin(&progress[s], a, b, a1, b1, start, f, s, kind);
    LANES_UNROLL for (int i = 0; i < LANES_DIGITS; i++)
        LANES_UNROLL for (int s = 0; s < streams; s++) lanes_round(&progress[s], a, b, a1, b1, f, s, i, kind);
    LANES_UNROLL for (int s = 0; s < streams; s++) r[s] = lanes_result(&progress[s]);
}

LANES_FN void lanes_mul_columns1(lanes_limbs *r, const lanes_element *a, const lanes_element *b, const lanes_word *start,
                                 const lanes_field *f) {
    lanes_columns(r, a, b, 0, 0, start, f, 1, LANES_PRODUCT);
}

LANES_FN void lanes_mul_columns2(lanes_limbs *r, const lanes_element *a, const lanes_element *b, const lanes_word *start,
                                 const lanes_field *f) {
    lanes_columns(r, a, b, 0, 0, start, f, 2, LANES_PRODUCT);
}

LANES_FN void lanes_square_columns1(lanes_limbs *r, const lanes_element *a, const lanes_word *start, const lanes_field *f) {
    lanes_columns(r, a, a, 0, 0, start, f, 1, LANES_SQUARE);
}

LANES_FN void lanes_square_columns2(lanes_limbs *r, const lanes_element *a, const lanes_word *start, const lanes_field *f) {
    lanes_columns(r, a, a, 0, 0, start, f, 2, LANES_SQUARE);
}

/// Normalised digits of limbs that hold the biases of `split`.
LANES_FN lanes_element lanes_normalise(lanes_limbs v) {
    enum { TOP = LANES_DIGITS - 1 };
    lanes_element r;
    LANES_UNROLL for (int j = 0; j < TOP; j++) {
        r.d[j] = lanes_low_biased(v.w[j]);
        v.w[j + 1] = lanes_add(v.w[j + 1], lanes_shr(v.w[j], 52));
    }
    r.d[TOP] = lanes_top(v.w[TOP]);
    return r;
}

/// Limbs in [0, 2^52), the top one as it falls out, of limbs that hold the biases of `carry`.
LANES_FN lanes_limbs lanes_carry(lanes_limbs v) {
    const lanes_word mask = lanes_set(LANES_LIMB_MASK);
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS - 1; j++) {
        v.w[j + 1] = lanes_add(v.w[j + 1], lanes_shr(v.w[j], 52));
        v.w[j] = lanes_and(v.w[j], mask);
    }
    return v;
}

// MARK: between the form in memory and digits

/// The 64-bit limbs w as 52-bit limbs, each in [0, 2^52).
LANES_FN lanes_limbs lanes_split(const lanes_word w[LANES_LIMBS]) {
    const lanes_word mask = lanes_set(LANES_LIMB_MASK);
    lanes_limbs r;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) {
        const int word = 52 * j / 64, shift = 52 * j % 64;
        r.w[j] = w[word];
        if (shift > 12 && word + 1 < LANES_LIMBS) r.w[j] = lanes_shr2(w[word], w[word + 1], shift);
        else if (shift > 0) r.w[j] = lanes_shr(w[word], shift);
        if (j < LANES_DIGITS - 1) r.w[j] = lanes_and(r.w[j], mask);
    }
    return r;
}

/// 52-bit limbs in [0, 2^52) as 64-bit limbs.
LANES_FN void lanes_join(lanes_word w[LANES_LIMBS], lanes_limbs v) {
    LANES_UNROLL for (int k = 0; k < LANES_LIMBS; k++) {
        const int limb = 64 * k / 52, shift = 64 * k % 52;
        w[k] = lanes_or(lanes_shr(v.w[limb], shift), lanes_shl(v.w[limb + 1], 52 - shift));
        if (104 - shift < 64) w[k] = lanes_or(w[k], lanes_shl(v.w[limb + 2], 104 - shift));
    }
}

LANES_FN lanes_limbs lanes_load(const char *const at[LANES_WIDTH], long offset) {
    lanes_word w[LANES_LIMBS];
    lanes_gather(w, at, offset, LANES_LIMBS);
    return lanes_split(w);
}

LANES_FN void lanes_store(char *const at[LANES_WIDTH], long offset, lanes_limbs v) {
    lanes_word w[LANES_LIMBS];
    lanes_join(w, v);
    lanes_scatter(w, at, offset, LANES_LIMBS);
}

/// Digits of limbs in [0, 2^52), or of limbs whose sum is not negative and that stay within ±2^53.
LANES_FN lanes_element lanes_digits(lanes_limbs v, const lanes_field *f) {
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) v.w[j] = lanes_add(v.w[j], f->split[j]);
    return lanes_normalise(v);
}

/// a − b for limbs in [0, 2^52) of values below p, fit to be multiplied by normalised digits.
/// Signed digits: limb by limb, in (−2^52, 2^52), a value in (−p, p); no carries. Unsigned: a − b + p, in (0, 2p), normalised.
LANES_FN lanes_element lanes_subtract(lanes_limbs a, lanes_limbs b, const lanes_field *f) {
#if LANES_SIGNED
    lanes_element r;
    (void)f;
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) r.d[j] = lanes_difference(a.w[j], b.w[j]);
    return r;
#else
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) a.w[j] = lanes_sub(lanes_add(a.w[j], f->modulus[j]), b.w[j]);
    return lanes_digits(a, f);
#endif
}

/// r − p where r ≥ p. Limbs in [0, 2^52), r < 2p. Kept out of line: with random values one call in 2^34 (5 digits) or in
/// 2^13 (8 digits) needs it.
static LANES_TARGET __attribute__((noinline, cold)) void lanes_subtract_once(lanes_limbs *r, const lanes_field *f) {
    const lanes_word mask = lanes_set(LANES_LIMB_MASK);
    lanes_limbs d;
    lanes_word borrow = lanes_set(0); // 0 or −1, held as bits 52… of the limb before
    for (int j = 0; j < LANES_DIGITS; j++) {
        lanes_word limb = lanes_add(lanes_sub(r->w[j], f->modulus[j]), borrow);
        borrow = lanes_sub(lanes_set(0), lanes_shr(limb, 63));
        d.w[j] = lanes_and(limb, mask);
    }
    for (int j = 0; j < LANES_DIGITS; j++) r->w[j] = lanes_select(borrow, r->w[j], d.w[j]);
}

/// The value V mod p with limbs in [0, 2^52). V is in limbs that hold the biases of `carry`; p ≤ V < 8p.
///
/// Let W = 2^(52(n−1)), and D = ⌊V/W⌋ up to one unit too small (and at most 2^−40 too large: the lower columns may be
/// negative). The quotient q = ⌊D·scale⌋, with scale = (W/p)·(1 − 2^−40) at most and 2^−50 less at least, satisfies
/// V/p − W/p − 2^−36 − 1 < q ≤ V/p: for D ≤ V/W + 2^−40, and that is less than what the factor 1 − 2^−40 takes off, because
/// V/W ≥ 1. So 0 ≤ V − qp < p + W + p·2^−36, and only when the top limb reaches that of p does the result still need a look.
/// lanes_reduce_nearly leaves it at that, and says whether a lane needs the look.
LANES_FN lanes_limbs lanes_reduce_nearly(lanes_limbs v, int *look, const lanes_field *f) {
    enum { TOP = LANES_DIGITS - 1 };
    lanes_word q = lanes_scaled_floor(lanes_add(v.w[TOP], lanes_shr(v.w[TOP - 1], 52)), &f->scale);
    LANES_UNROLL for (int j = 0; j < LANES_DIGITS; j++) v.w[j] = lanes_subtract_multiple(v.w[j], q, &f->multiples[j]);
    v = lanes_carry(v);
    *look = lanes_any_above(v.w[TOP], (int64_t)f->limbs[TOP] - 1);
    return v;
}

LANES_FN lanes_limbs lanes_reduce(lanes_limbs v, const lanes_field *f) {
    int look;
    v = lanes_reduce_nearly(v, &look, f);
    if (__builtin_expect(look, 0)) {
        lanes_limbs copy = v; // so that v itself stays in registers
        lanes_subtract_once(&copy, f);
        return copy;
    }
    return v;
}

// MARK: the field's constants

static inline void lanes_split_scalar(uint64_t r[LANES_DIGITS], const uint64_t w[LANES_LIMBS]) {
    for (int j = 0; j < LANES_DIGITS; j++) {
        const int word = 52 * j / 64, shift = 52 * j % 64;
        r[j] = w[word] >> shift;
        if (shift > 12 && word + 1 < LANES_LIMBS) r[j] |= w[word + 1] << (64 - shift);
        r[j] &= LANES_LIMB_MASK;
    }
}

/// Digits of 52-bit limbs, in the digit set in use.
LANES_FN void lanes_broadcast_digits(lanes_digit d[LANES_DIGITS], const uint64_t limbs[LANES_DIGITS]) {
    int64_t carry = 0;
    for (int j = 0; j < LANES_DIGITS; j++) {
        int64_t v = (int64_t)limbs[j] + carry;
        carry = 0;
        if (LANES_SIGNED && j < LANES_DIGITS - 1 && v >= (int64_t)1 << 51) v -= (int64_t)1 << 52, carry = 1;
        d[j] = lanes_constant(v);
    }
}

/// Minus the biases of all halves that column k of `products` products (0: a square) takes, plus those for the splits of
/// the lower columns.
static inline uint64_t lanes_column_start(int k, int products) {
    enum { N = LANES_DIGITS };
    // The digit products i + j = k and k − 1; in a square those with i ≤ j.
    const int here = k < N ? k + 1 : 2 * N - 1 - k, below = k - 1 < N ? k : 2 * N - k;
    int64_t low = products > 0 ? products * here : (here + 1) / 2, high = products > 0 ? products * below : (below + 1) / 2;
    // Those of q_i·M' at columns i + 1 + j, for i < N − 1, are as many without one row.
    low += here - (k < N);
    high += below - (k > 0 && k - 1 < N);
    // Less those of the last round.
    low -= k > N - 1 && k < 2 * N - 1;
    high -= k > N - 1;
    uint64_t start = 0 - (uint64_t)low * LANES_LO_BIAS - (uint64_t)high * LANES_HI_BIAS;
    if (k < N) start += LANES_SPLIT_BIAS;
    if (k < N - 1) start += LANES_DIGIT_BIAS;
    if (k == N - 1 && !LANES_SIGNED) start += LANES_LIMB_MASK; // for the carry of the last round
    if (k > 0 && k < N + 1) start -= LANES_SPLIT_CARRY;
    return start;
}

/// Whether the lane arithmetic can serve the field.
static inline int lanes_field_fits(const lanes_constants *f) {
    return f->bit_width >= 52 * (LANES_DIGITS - 1) + 9 && f->bit_width <= (LANES_DIGITS == 5 ? 255 : 381);
}

LANES_FN void lanes_field_prepare(lanes_field *r, const lanes_constants *f) {
    enum { N = LANES_DIGITS };
    lanes_split_scalar(r->limbs, f->modulus.l);
    // (p·k + 1)/2^52 with k = −p⁻¹ mod 2^52
    uint64_t k = f->inv & LANES_LIMB_MASK, product[LANES_LIMBS + 1], m[LANES_LIMBS], limbs[N];
    unsigned __int128 carry = 1;
    for (int j = 0; j < LANES_LIMBS; j++) {
        carry += (unsigned __int128)f->modulus.l[j] * k;
        product[j] = (uint64_t)carry;
        carry >>= 64;
    }
    product[LANES_LIMBS] = (uint64_t)carry;
    for (int j = 0; j < LANES_LIMBS; j++) m[j] = product[j] >> 52 | product[j + 1] << 12;
    lanes_split_scalar(limbs, m);
    lanes_broadcast_digits(r->m, limbs);
    lanes_broadcast_digits(r->p, r->limbs);
    int64_t inverse = (int64_t)(LANES_SIGNED ? (0 - k) & LANES_LIMB_MASK : k);
    if (LANES_SIGNED && inverse >= (int64_t)1 << 51) inverse -= (int64_t)1 << 52;
    r->p_inverse = lanes_constant(inverse);
    for (int j = 0; j < N; j++) {
        const uint64_t p = r->limbs[j], lower = j > 0 ? 0 - LANES_SPLIT_CARRY : 0;
        const uint64_t split = j < N - 1 ? LANES_SPLIT_BIAS + LANES_DIGIT_BIAS + lower : LANES_TOP_BIAS + lower;
        const uint64_t reduce = j < N - 1 ? LANES_SPLIT_BIAS + lower : lower;
        r->multiples[j] = lanes_multiples_of(p);
        r->modulus[j] = lanes_set(p);
        r->split[j] = lanes_set(split);
        r->carry[j] = lanes_set(reduce);
        // The product's own p if the digits are signed, and 4p for `reduce`.
        const uint64_t own = LANES_SIGNED ? p : 0;
        r->mul[j] = r->mul_reduce[j] = lanes_set(lanes_column_start(j, 1));
        r->sum[j] = r->sum_reduce[j] = lanes_set(lanes_column_start(j, 2));
        r->square_reduce[j] = lanes_set(lanes_column_start(j, LANES_SIGNED ? 0 : 1));
        r->mul[N + j] = lanes_set(lanes_column_start(N + j, 1) + own + split);
        r->sum[N + j] = lanes_set(lanes_column_start(N + j, 2) + own + split);
        r->mul_reduce[N + j] = lanes_set(lanes_column_start(N + j, 1) + own + 4 * p + reduce);
        r->sum_reduce[N + j] = lanes_set(lanes_column_start(N + j, 2) + own + 4 * p + reduce);
        r->square_reduce[N + j] = lanes_set(lanes_column_start(N + j, LANES_SIGNED ? 0 : 1) + own + 4 * p + reduce);
    }
    // W/p as factor/2^shift with a factor of 52 bits: for p = W·P·2^(top bits − 64), 2^63 ≤ P < 2^64.
    const int top_bits = (int)f->bit_width - 52 * (N - 1), above = 64 * LANES_LIMBS - (int)f->bit_width;
    uint64_t leading = f->modulus.l[LANES_LIMBS - 1];
    if (above > 0) leading = leading << above | f->modulus.l[LANES_LIMBS - 2] >> (64 - above);
    uint64_t factor = (uint64_t)((((unsigned __int128)1 << 115) - 1) / ((unsigned __int128)leading + 1));
    factor -= (factor >> 40) + 1;
    r->scale_factor = factor;
    r->scale_shift = 51 + top_bits;
    r->scale = lanes_scale_of(r->scale_factor, r->scale_shift);
}

#endif
