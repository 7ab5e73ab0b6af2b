// Prime-field arithmetic in lanes: LANES_WIDTH elements side by side, 5 digits of 52 bits each, for moduli of 225 to 254 bits.
//
// Written once over the lane operations of lanes_avx2.h or lanes_portable.h; include one of those first.
//
// # Lane operations
//
// A `lanes_word` holds 64-bit integers (mod 2^64), a `lanes_digit` the factors of products. Two digit sets exist:
//   LANES_SIGNED 1   normalised digits lie in [−2^51, 2^51); a product needs |ab| ≤ 2^103, so one factor may be a difference
//                    of two 52-bit limbs as it stands, or twice a normalised digit;
//   LANES_SIGNED 0   all digits lie in [0, 2^52).
//   lanes_row_add    t[j + 1] += ⌊a·b_j/2^52⌋ + LANES_HI_BIAS, t[j] += (a·b_j mod 2^52) + LANES_LO_BIAS for j < n; lanes_row_sub
//                    subtracts the same for j < 5 but leaves out t[0]
//   lanes_mul_low    ab mod 2^52 as a digit in [0, 2^52)
//   lanes_low        w mod 2^52 as a digit in [0, 2^52)
//   lanes_low_biased (w mod 2^52) − LANES_DIGIT_BIAS as a normalised digit
//   lanes_top        w − LANES_TOP_BIAS as a digit: |value| < 2^51
// The biases are constants that the words' starting values take back, so they cost nothing.
//
// # Values
//
// Digits (d0…d4) stand for Σ d_j·2^(52j) =: v, a residue mod p that need not lie in [0, p). Products are Montgomery products
// with ρ = 2^260: ab/ρ mod p. Every bound below is a multiple of p; ρ/p ≥ 64 since p < 2^254 (BN254: 84.6).
#ifndef MARTLET_LANES_H
#define MARTLET_LANES_H

#include "martlet_field.h"

#define LANES_DIGIT_BIAS (LANES_SIGNED ? (uint64_t)1 << 51 : 0)
#define LANES_SPLIT_BIAS ((uint64_t)1 << 62) ///< keeps a word non-negative where it is split with a logical shift
#define LANES_SPLIT_CARRY ((uint64_t)1 << 10) ///< what that adds to the carry
#define LANES_LIMB_MASK (((uint64_t)1 << 52) - 1)

typedef struct { lanes_digit d[5]; } lanes_element; ///< normalised digits, top digit |d4| < 2^51
typedef struct { lanes_word w[5]; } lanes_limbs;

/// What the lane arithmetic needs to know of a field, broadcast. 2 KiB; made once a call.
typedef struct {
    lanes_digit m[5];          ///< M' = (p·(−p⁻¹ mod 2^52) + 1)/2^52 < p
    lanes_digit p[5];
    lanes_digit p_inverse;     ///< p⁻¹ mod 2^52
    lanes_word p_low[5], p_high[5]; ///< limbs of p, low 32 and high 20 bits
    lanes_word mul[10];        ///< starting columns of a product that ends in digits
    lanes_word mul_reduce[10]; ///< … that ends in limbs for lanes_reduce, 4p added
    lanes_word square_reduce[10];
    lanes_word quadruple[5];   ///< see lanes_quadruple_from
    lanes_word split[5];       ///< biases for lanes_normalise
    lanes_word difference[5];  ///< the same plus p (unsigned digits only)
    uint64_t limbs[5];         ///< of p
    double quotient_scale;     ///< (2^208/p)·(1 − 2^−40)
} lanes_field;

// MARK: products

/// The quotient digit of round i; column i + 1 gets the carry of column i.
LANES_FN lanes_digit lanes_quotient_digit(lanes_word *t, int i, const lanes_field *f) {
    t[i + 1] = lanes_add(t[i + 1], lanes_shr(t[i], 52));
    return i < 4 ? lanes_low_biased(t[i]) : lanes_mul_low(lanes_low(t[i]), f->p_inverse);
}

/// The columns 5…9 of the Montgomery product, for S independent products side by side, which hide one another's latency.
///
/// T = Σ a_i·b_j·2^(52(i+j)) is accumulated by rows. Rounds 0…3 use M = 2^52·M' − 1 ≡ 0 mod p: with q = t_i mod 2^52 (digit) adding
/// q·M clears column i without a multiplication for q: t_i − q is divisible by 2^52, and q·M' goes one column up.
/// Round 4 subtracts q·p with q = t_4·p⁻¹ mod 2^52; its lowest half cancels t_4's low half exactly. The result is
///   r = (T + Σ_{i<4} q_i·2^(52i)·M − q_4·2^208·p)/2^260, and with the p in the starting columns
///   signed digits:   T/ρ − p/2·(1 + ε) − p + p < r < T/ρ + p/2·(1 + ε) + p,   that is T/ρ − 0.51p < r < T/ρ + 1.51p
///   unsigned digits: T/ρ − p + p < r < T/ρ + p(1 + ε) + p,                   that is T/ρ < r < T/ρ + 2.01p
/// for M < 2^52·p and Σ 2^(52i) over i < 4 below 2^156(1 + ε) = 2^208(1 + ε)/2^52.
/// Each column takes at most 10 low halves below 2^52 and 10 high halves below 2^52 in magnitude, and a carry: below 2^57.
///
/// The rows are ordered so that between a quotient digit and its use, and between that and the next one, there is other work.
#define LANES_DEFINE_COLUMNS(NAME, S, SQUARE)                                                                          \
    LANES_FN void NAME(lanes_limbs *r, const lanes_element *a, const lanes_element *b, const lanes_word *start,            \
                       const lanes_field *f) {                                                                         \
        lanes_word t[S][10];                                                                                           \
        lanes_digit q[S];(void)b;                                                                                        \
        LANES_UNROLL for (int k = 0; k < 10; k++)                                                                      \
            LANES_UNROLL for (int s = 0; s < S; s++) t[s][k] = start[k];                                               \
        LANES_UNROLL for (int s = 0; s < S; s++) {                                                                     \
            LANES_ROW_##SQUARE(t[s], a[s].d, b[s].d, 0);                                                               \
            q[s] = lanes_quotient_digit(t[s], 0, f);                                                                   \
            LANES_ROW_##SQUARE(t[s], a[s].d, b[s].d, 1);                                                               \
        }                                                                                                              \
        LANES_UNROLL for (int i = 0; i < 5; i++) {                                                                     \
            LANES_UNROLL for (int s = 0; s < S; s++) {                                                                 \
                if (i < 4) lanes_row_add(&t[s][i + 1], q[s], f->m, 5);                                                 \
                else lanes_row_sub(&t[s][4], q[s], f->p, 5);                                                              \
                if (i < 4) q[s] = lanes_quotient_digit(t[s], i + 1, f);                                                \
                if (i < 3) LANES_ROW_##SQUARE(t[s], a[s].d, b[s].d, i + 2);                                            \
            }                                                                                                          \
        }                                                                                                              \
        LANES_UNROLL for (int s = 0; s < S; s++)                                                                       \
            LANES_UNROLL for (int j = 0; j < 5; j++) r[s].w[j] = t[s][5 + j];                                          \
    }

#define LANES_ROW_0(t, a, b, i) lanes_row_add(&(t)[i], (a)[i], b, 5)
#define LANES_ROW_1(t, a, b, i) lanes_square_row(t, a, i)

/// Row i of a square: a_i² and 2·a_i·a_j for j > i. Signed: |2·a_i·a_j| ≤ 2·2^51·2^51 = 2^103.
LANES_FN void lanes_square_row(lanes_word t[10], const lanes_digit *a, int i) {
#if LANES_SIGNED
    // The factors a_i, 2a_{i+1}, 2a_{i+2}…
    lanes_digit row[5];
    row[0] = a[i];
    LANES_UNROLL for (int j = 1; j < 5; j++)
        if (i + j < 5) row[j] = lanes_twice(a[i + j]);
    lanes_row_add(&t[2 * i], a[i], row, 5 - i);
#else
    lanes_row_add(&t[2 * i], a[i], &a[i], 5 - i);
    if (i < 4) lanes_row_add(&t[2 * i + 1], a[i], &a[i + 1], 4 - i);
#endif
}

LANES_DEFINE_COLUMNS(lanes_mul_columns1, 1, 0)
LANES_DEFINE_COLUMNS(lanes_mul_columns2, 2, 0)
LANES_DEFINE_COLUMNS(lanes_square_columns1, 1, 1)
LANES_DEFINE_COLUMNS(lanes_square_columns2, 2, 1)

/// Normalised digits of limbs that hold the biases of `split`.
LANES_FN lanes_element lanes_normalise(lanes_limbs v) {
    lanes_element r;
    LANES_UNROLL for (int j = 0; j < 4; j++) {
        r.d[j] = lanes_low_biased(v.w[j]);
        v.w[j + 1] = lanes_add(v.w[j + 1], lanes_shr(v.w[j], 52));
    }
    r.d[4] = lanes_top(v.w[4]);
    return r;
}

// MARK: between the form in memory and digits

/// The 64-bit limbs w as 52-bit limbs, each in [0, 2^52).
LANES_FN lanes_limbs lanes_split(const lanes_word w[4]) {
    const lanes_word mask = lanes_set(LANES_LIMB_MASK);
    lanes_limbs r;
    r.w[0] = lanes_and(w[0], mask);
    r.w[1] = lanes_and(lanes_or(lanes_shr(w[0], 52), lanes_shl(w[1], 12)), mask);
    r.w[2] = lanes_and(lanes_or(lanes_shr(w[1], 40), lanes_shl(w[2], 24)), mask);
    r.w[3] = lanes_and(lanes_or(lanes_shr(w[2], 28), lanes_shl(w[3], 36)), mask);
    r.w[4] = lanes_shr(w[3], 16);
    return r;
}

/// 52-bit limbs in [0, 2^52) as 64-bit limbs.
LANES_FN void lanes_join(lanes_word w[4], lanes_limbs v) {
    w[0] = lanes_or(v.w[0], lanes_shl(v.w[1], 52));
    w[1] = lanes_or(lanes_shr(v.w[1], 12), lanes_shl(v.w[2], 40));
    w[2] = lanes_or(lanes_shr(v.w[2], 24), lanes_shl(v.w[3], 28));
    w[3] = lanes_or(lanes_shr(v.w[3], 36), lanes_shl(v.w[4], 16));
}

LANES_FN lanes_limbs lanes_load(const char *const at[LANES_WIDTH], long offset) {
    lanes_word w[4];
    lanes_gather(w, at, offset);
    return lanes_split(w);
}

LANES_FN void lanes_store(char *const at[LANES_WIDTH], long offset, lanes_limbs v) {
    lanes_word w[4];
    lanes_join(w, v);
    lanes_scatter(w, at, offset);
}

/// Digits of limbs in [0, 2^52) of a value below p.
LANES_FN lanes_element lanes_digits(lanes_limbs v, const lanes_field *f) {
    LANES_UNROLL for (int j = 0; j < 5; j++) v.w[j] = lanes_add(v.w[j], f->split[j]);
    return lanes_normalise(v);
}

/// a − b for limbs in [0, 2^52) of values below p, fit to be multiplied by normalised digits.
/// Signed digits: limb by limb, in (−2^52, 2^52), a value in (−p, p); no carries. Unsigned: a − b + p, in (0, 2p), normalised.
LANES_FN lanes_element lanes_subtract(lanes_limbs a, lanes_limbs b, const lanes_field *f) {
#if LANES_SIGNED
    lanes_element r;
    (void)f;
    LANES_UNROLL for (int j = 0; j < 5; j++) r.d[j] = lanes_difference(a.w[j], b.w[j]);
    return r;
#else
    LANES_UNROLL for (int j = 0; j < 5; j++) a.w[j] = lanes_sub(lanes_add(a.w[j], f->difference[j]), b.w[j]);
    return lanes_normalise(a);
#endif
}

/// r − p where r ≥ p. Limbs in [0, 2^52), r < 2p. Kept out of line: one call in 2^37 needs it.
static LANES_TARGET __attribute__((noinline, cold)) void lanes_subtract_once(lanes_limbs *r, const lanes_field *f) {
    const lanes_word mask = lanes_set(LANES_LIMB_MASK);
    lanes_limbs d;
    lanes_word borrow = lanes_set(0); // 0 or −1, held as bits 52… of the limb before
    for (int j = 0; j < 5; j++) {
        lanes_word limb = lanes_add(lanes_sub(r->w[j], lanes_set(f->limbs[j])), borrow);
        borrow = lanes_sub(lanes_set(0), lanes_shr(limb, 63));
        d.w[j] = lanes_and(limb, mask);
    }
    for (int j = 0; j < 5; j++) r->w[j] = lanes_select(borrow, r->w[j], d.w[j]);
}

/// The value V mod p with limbs in [0, 2^52). V is in limbs that hold the biases of `mul_reduce`; p ≤ V < 8p.
///
/// With D = ⌊V/2^208⌋ up to one unit too small (and at most 2^−40 too large: the columns 5, 6 may be negative), the quotient
/// q = ⌊D·scale⌋ satisfies V/p − 2^−37 − 1 < q ≤ V/p: D·2^208/p ≤ (V/2^208 + 2^−40)·2^208/p, less than what the factor 1 − 2^−40
/// of `scale` takes off, because V/2^208 ≥ 2^16. So 0 ≤ V − qp < p(1 + 2^−37), and only when the top limb reaches that of p
/// does the result still need a look.
LANES_FN lanes_limbs lanes_reduce(lanes_limbs v, const lanes_field *f) {
    const lanes_word mask = lanes_set(LANES_LIMB_MASK);
    lanes_word q = lanes_scaled_floor(lanes_add(v.w[4], lanes_shr(v.w[3], 52)), f->quotient_scale);
    LANES_UNROLL for (int j = 0; j < 5; j++) v.w[j] = lanes_sub_small(v.w[j], q, f->p_low[j], f->p_high[j]);
    LANES_UNROLL for (int j = 0; j < 4; j++) {
        v.w[j + 1] = lanes_add(v.w[j + 1], lanes_shr(v.w[j], 52));
        v.w[j] = lanes_and(v.w[j], mask);
    }
    if (__builtin_expect(lanes_any_above(v.w[4], (int64_t)f->limbs[4] - 1), 0)) {
        lanes_limbs copy = v; // so that v itself stays in registers
        lanes_subtract_once(&copy, f);
        return copy;
    }
    return v;
}

// MARK: the field's constants

/// Digits of 52-bit limbs, in the digit set in use.
LANES_FN void lanes_broadcast_digits(lanes_digit d[5], const uint64_t limbs[5]) {
    int64_t carry = 0;
    for (int j = 0; j < 5; j++) {
        int64_t v = (int64_t)limbs[j] + carry;
        carry = 0;
        if (LANES_SIGNED && j < 4 && v >= (int64_t)1 << 51) v -= (int64_t)1 << 52, carry = 1;
        d[j] = lanes_constant(v);
    }
}

static inline void lanes_split_scalar(uint64_t r[5], const uint64_t w[4]) {
    r[0] = w[0] & LANES_LIMB_MASK;
    r[1] = (w[0] >> 52 | w[1] << 12) & LANES_LIMB_MASK;
    r[2] = (w[1] >> 40 | w[2] << 24) & LANES_LIMB_MASK;
    r[3] = (w[2] >> 28 | w[3] << 36) & LANES_LIMB_MASK;
    r[4] = w[3] >> 16;
}

/// Minus the biases of all halves that column k of a product takes, plus those for the splits of columns 0…4.
static inline uint64_t lanes_column_start(int k, int square) {
    // How many low and high halves a column takes: those of the factors and of q_i·M' less those of q_4·p.
    static const signed char low[2][10] = {{1, 3, 5, 7, 9, 7, 5, 3, 1, 0}, {1, 2, 4, 5, 7, 5, 4, 2, 1, 0}};
    static const signed char high[2][10] = {{0, 1, 3, 5, 7, 8, 7, 5, 3, 1}, {0, 1, 2, 4, 5, 6, 5, 4, 2, 1}};
    uint64_t start = 0 - (uint64_t)low[square][k] * LANES_LO_BIAS - (uint64_t)high[square][k] * LANES_HI_BIAS;
    if (k < 5) start += LANES_SPLIT_BIAS;
    if (k < 4) start += LANES_DIGIT_BIAS;
    if (k > 0 && k < 6) start -= LANES_SPLIT_CARRY;
    return start;
}

/// Whether the lane arithmetic can serve the field.
static inline int lanes_field_fits(const martlet_field4 *f) { return f->bit_width >= 225 && f->bit_width <= 254; }

LANES_FN void lanes_field_prepare(lanes_field *r, const martlet_field4 *f) {
    lanes_split_scalar(r->limbs, f->modulus.l);
    // (p·k + 1)/2^52 with k = −p⁻¹ mod 2^52
    uint64_t k = f->inv & LANES_LIMB_MASK, product[5], m[4], limbs[5];
    unsigned __int128 carry = 1;
    for (int j = 0; j < 4; j++) {
        carry += (unsigned __int128)f->modulus.l[j] * k;
        product[j] = (uint64_t)carry;
        carry >>= 64;
    }
    product[4] = (uint64_t)carry;
    for (int j = 0; j < 4; j++) m[j] = product[j] >> 52 | product[j + 1] << 12;
    lanes_split_scalar(limbs, m);
    lanes_broadcast_digits(r->m, limbs);
    lanes_broadcast_digits(r->p, r->limbs);
    r->p_inverse = lanes_constant((int64_t)((0 - k) & LANES_LIMB_MASK));
    if (LANES_SIGNED && ((0 - k) >> 51 & 1)) // into [−2^51, 2^51)
        r->p_inverse = lanes_constant((int64_t)((0 - k) & LANES_LIMB_MASK) - ((int64_t)1 << 52));
    for (int j = 0; j < 5; j++) {
        uint64_t p = r->limbs[j];
        r->p_low[j] = lanes_set(p & 0xffffffff);
        r->p_high[j] = lanes_set(p >> 32);
        uint64_t lower = j > 0 ? 0 - LANES_SPLIT_CARRY : 0;
        uint64_t split = j < 4 ? LANES_SPLIT_BIAS + LANES_DIGIT_BIAS + lower : LANES_TOP_BIAS + lower;
        uint64_t reduce = j < 4 ? LANES_SPLIT_BIAS + lower : lower;
        r->split[j] = lanes_set(split);
        r->difference[j] = lanes_set(split + p);
        // The product's own p, and 4p more for `reduce`.
        r->mul[5 + j] = lanes_set(lanes_column_start(5 + j, 0) + p + split);
        r->mul_reduce[5 + j] = lanes_set(lanes_column_start(5 + j, 0) + 5 * p + reduce);
        r->square_reduce[5 + j] = lanes_set(lanes_column_start(5 + j, 1) + 5 * p + reduce);
        // 4·(X + this − S) where S holds 4p and `reduce`; 3p more than X − S for unsigned digits.
        uint64_t offset = 4 * p + reduce + (LANES_SIGNED ? 0 : 3 * p);
        r->quadruple[j] = lanes_set(offset + split / 4);
        r->mul[j] = r->mul_reduce[j] = lanes_set(lanes_column_start(j, 0));
        r->square_reduce[j] = lanes_set(lanes_column_start(j, 1));
    }

    double p = (double)r->limbs[4] + (double)r->limbs[3] * 0x1p-52;
    r->quotient_scale = (1 - 0x1p-40) / p;
}

#endif
