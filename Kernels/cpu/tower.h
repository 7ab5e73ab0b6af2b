// SPDX-License-Identifier: Apache-2.0

// The towers of the pairings with lazy reduction: products stay integers of 2n limbs, sums of them are taken
// there, and only the coefficients of the result in Fp6 are reduced, once each.
//
// A template: the including file defines for each inclusion
//     N          the number of limbs
//     QUADRATIC  −u² in Fp2 = Fp[u], 1 or 5
//     XI         the real part of ξ = XI + u: 1 or 9 with QUADRATIC 1, 0 with QUADRATIC 5
//     CURVE      the name in the kernels' names
//     CONSTANTS  the field's constants
//     PATH       the CPU path in the kernels' names
// and for each N the functions of this path
//     multiply_wide_N(uint64_t r[2N], const uint64_t a[N], const uint64_t b[N])  r = a·b, r apart from a and b
//     reduce_low_N(uint64_t r[N], const uint64_t t[N], f)                        r = (t + m·p)/2^(64N) ≤ p for some m
//     add_N, subtract_N(uint64_t r[N], a, b, p)                                  in Fp
//     subtract_once_N(uint64_t a[N], p)                                          a − p unless that is negative
//
// Wide values are two's complement integers of 2N limbs. The bounds below are in units of p²; with R = 2^(64N),
// p·R is 5.29p² for BN254, 9.84p² for BLS12-381 and 152p² for BLS12-377, and R² is 28p², 96p² and 23181p². A wide value in
// (−pR, 2pR) is reduced by at most two subtractions of p. With QUADRATIC 5 all sums below stay within ±40p²: nothing there is
// close to a bound, and those that the comments give are of QUADRATIC 1.
//
// References: Aranha, Karabina, Longa, Gebotys and López 2011, "Faster explicit formulas for computing pairings over
// ordinary curves" (lazy reduction in towers); Scott 2007, "Implementing cryptographic pairings".

#define PASTE2(A, B) A##_##B
#define PASTE(A, B) PASTE2(A, B)
#define LOCAL(NAME) PASTE(NAME, CURVE)
#define WIDTH(NAME) PASTE(NAME, N)
#define GLUE_FP2_(NAME, N_, PATH_) martlet_fp2_##NAME##N_##_##PATH_
#define GLUE_FP2(NAME, N_, PATH_) GLUE_FP2_(NAME, N_, PATH_)
#define GLUE_TOWER_(CURVE_, NAME, PATH_) martlet_##CURVE_##_##NAME##_##PATH_
#define GLUE_TOWER(CURVE_, NAME, PATH_) GLUE_TOWER_(CURVE_, NAME, PATH_)
#define EXPORT_FP2(NAME) GLUE_FP2(NAME, N, PATH)
#define GLUE_TABLE_(CURVE_, PATH_) martlet_##CURVE_##_tower_##PATH_
#define GLUE_TABLE(CURVE_, PATH_) GLUE_TABLE_(CURVE_, PATH_)
#define EXPORT(NAME) GLUE_TOWER(CURVE, NAME, PATH)
#define GLUE_MUL_(N_, PATH_) martlet_mul##N_##_##PATH_
#define GLUE_MUL(N_, PATH_) GLUE_MUL_(N_, PATH_)
#define MONTGOMERY GLUE_MUL(N, PATH)
#define GLUE_TYPE_(NAME, N_) martlet_##NAME##N_
#define GLUE_TYPE(NAME, N_) GLUE_TYPE_(NAME, N_)

#define limbs GLUE_TYPE(limbs, N)
#define field GLUE_TYPE(field, N)
#define wide LOCAL(wide)
#define wide2 LOCAL(wide2)

typedef struct { uint64_t l[2 * N]; } wide;
typedef struct { wide re, im; } wide2;

// The carries stay in flags only if no loop remains.
#define UNROLLED _Pragma("clang loop unroll(full)")
#define FORCED static inline __attribute__((always_inline))
#define SHARED static __attribute__((noinline))

// MARK: Fp and Fp2

/// a + b without reduction.
FORCED void LOCAL(sum)(limbs *r, const limbs *a, const limbs *b) {
    unsigned long long carry = 0;
    UNROLLED for (int i = 0; i < N; i++) r->l[i] = __builtin_addcll(a->l[i], b->l[i], carry, &carry);
}

FORCED void LOCAL(sum2)(limbs r[2], const limbs a[2], const limbs b[2]) {
    LOCAL(sum)(&r[0], &a[0], &b[0]);
    LOCAL(sum)(&r[1], &a[1], &b[1]);
}

FORCED void LOCAL(add_fp)(limbs *r, const limbs *a, const limbs *b, const field *f) {
    WIDTH(add)(r->l, a->l, b->l, f->modulus.l);
}

FORCED void LOCAL(subtract_fp)(limbs *r, const limbs *a, const limbs *b, const field *f) {
    WIDTH(subtract)(r->l, a->l, b->l, f->modulus.l);
}

FORCED void LOCAL(add_many)(limbs *r, const limbs *a, const limbs *b, int count, const field *f) {
    for (int i = 0; i < count; i++) LOCAL(add_fp)(&r[i], &a[i], &b[i], f);
}

FORCED void LOCAL(subtract_many)(limbs *r, const limbs *a, const limbs *b, int count, const field *f) {
    for (int i = 0; i < count; i++) LOCAL(subtract_fp)(&r[i], &a[i], &b[i], f);
}

/// a − p unless that is negative.
FORCED void LOCAL(once)(limbs *a, const field *f) {
    WIDTH(subtract_once)(a->l, f->modulus.l);
}

// MARK: Wide integers

FORCED void LOCAL(wide_subtract)(wide *r, const wide *a, const wide *b) {
    unsigned long long borrow = 0;
    UNROLLED for (int i = 0; i < 2 * N; i++) r->l[i] = __builtin_subcll(a->l[i], b->l[i], borrow, &borrow);
}

FORCED void LOCAL(wide_add)(wide *r, const wide *a, const wide *b) {
    unsigned long long carry = 0;
    UNROLLED for (int i = 0; i < 2 * N; i++) r->l[i] = __builtin_addcll(a->l[i], b->l[i], carry, &carry);
}

/// t −= a + b.
FORCED void LOCAL(wide2_subtract_both)(wide2 *t, const wide2 *a, const wide2 *b) {
    LOCAL(wide_subtract)(&t->re, &t->re, &a->re);
    LOCAL(wide_subtract)(&t->re, &t->re, &b->re);
    LOCAL(wide_subtract)(&t->im, &t->im, &a->im);
    LOCAL(wide_subtract)(&t->im, &t->im, &b->im);
}

/// t/R mod p for t in (−pR, pR), or below 2pR if `twice`.
FORCED void LOCAL(reduce)(limbs *r, const wide *t, int twice, const field *f) {
    limbs low, high;
    WIDTH(reduce_low)(low.l, t->l, f);
    const uint64_t mask = (uint64_t)((int64_t)t->l[2 * N - 1] >> 63);
    unsigned long long carry = 0;
    UNROLLED for (int i = 0; i < N; i++) high.l[i] = __builtin_addcll(t->l[N + i], f->modulus.l[i] & mask, carry, &carry);
    carry = 0;
    UNROLLED for (int i = 0; i < N; i++) high.l[i] = __builtin_addcll(high.l[i], low.l[i], carry, &carry);
    LOCAL(once)(&high, f);
    if (twice) LOCAL(once)(&high, f);
    *r = high;
}

SHARED void LOCAL(reduce2)(limbs r[2], const wide2 *t, const field *f) {
    LOCAL(reduce)(&r[0], &t->re, 0, f);
    LOCAL(reduce)(&r[1], &t->im, XI == 9, f);
}

#if QUADRATIC == 5
/// t −= 5a.
FORCED void LOCAL(wide_subtract_five)(wide *t, const wide *a) {
    wide four;
    UNROLLED for (int i = 0; i < 2 * N; i++) four.l[i] = a->l[i] << 2 | (i == 0 ? 0 : a->l[i - (i > 0)] >> 62);
    LOCAL(wide_subtract)(t, t, &four);
    LOCAL(wide_subtract)(t, t, a);
}
#endif

/// a·b by Karatsuba for coefficients below 2p: re in (−4, 4), im in [0, 8); a quarter of that for reduced ones. With
/// QUADRATIC 5 re is in (−20, 4).
SHARED void LOCAL(multiply2)(wide2 *r, const limbs a[2], const limbs b[2]) {
    limbs s, t;
    wide low, high, both;
    LOCAL(sum)(&s, &a[0], &a[1]);
    LOCAL(sum)(&t, &b[0], &b[1]);
    WIDTH(multiply_wide)(low.l, a[0].l, b[0].l);
    WIDTH(multiply_wide)(high.l, a[1].l, b[1].l);
    WIDTH(multiply_wide)(both.l, s.l, t.l);
#if QUADRATIC == 5
    r->re = low;
    LOCAL(wide_subtract_five)(&r->re, &high);
#else
    LOCAL(wide_subtract)(&r->re, &low, &high);
#endif
    LOCAL(wide_subtract)(&both, &both, &low);
    LOCAL(wide_subtract)(&r->im, &both, &high);
}

// With u² = −1 the products in Fp2 are the same for all fields of N limbs, and belong to no tower.
#if QUADRATIC == 1
#define FP2_MUL EXPORT_FP2(mul)
#define FP2_SQUARE EXPORT_FP2(square)
#define FP2_LINKAGE
#else
#define FP2_MUL LOCAL(fp2_mul)
#define FP2_SQUARE LOCAL(fp2_square)
#define FP2_LINKAGE static
#endif

FP2_LINKAGE void FP2_MUL(limbs *r, const limbs *a, const limbs *b, const field *f) {
    wide2 t;
    LOCAL(multiply2)(&t, a, b);
    LOCAL(reduce)(&r[0], &t.re, 0, f);
    LOCAL(reduce)(&r[1], &t.im, 0, f);
}

#if QUADRATIC == 1

// Nothing to be lazy about: (a0 + a1)(a0 − a1) and 2·a0·a1, whose operands below 2p the Montgomery product takes.
void FP2_SQUARE(limbs *r, const limbs *a, const field *f) {
    limbs s, d, t;
    LOCAL(sum)(&s, &a[0], &a[1]);
    LOCAL(subtract_fp)(&d, &a[0], &a[1], f);
    LOCAL(sum)(&t, &a[0], &a[0]);
    MONTGOMERY(&r[1], &t, &a[1], f);
    MONTGOMERY(&r[0], &s, &d, f);
}

#else

// (a0 + 5a1)(a0 − a1) − 4·a0·a1 and 2·a0·a1; the Montgomery product takes the operand below 6p too, since 6p² is far below pR.
static void FP2_SQUARE(limbs *r, const limbs *a, const field *f) {
    limbs s, d, t;
    LOCAL(sum)(&s, &a[1], &a[1]);
    LOCAL(sum)(&s, &s, &s);
    LOCAL(sum)(&s, &s, &a[1]);
    LOCAL(sum)(&s, &s, &a[0]);
    LOCAL(subtract_fp)(&d, &a[0], &a[1], f);
    MONTGOMERY(&t, &a[0], &a[1], f);
    MONTGOMERY(&d, &s, &d, f);
    LOCAL(add_fp)(&r[1], &t, &t, f);
    LOCAL(add_fp)(&t, &r[1], &r[1], f);
    LOCAL(subtract_fp)(&r[0], &d, &t, f);
}

#endif

static void EXPORT(fp2_mul)(void *r, const void *a, const void *b) { FP2_MUL(r, a, b, &CONSTANTS); }

static void EXPORT(fp2_square)(void *r, const void *a) { FP2_SQUARE(r, a, &CONSTANTS); }

// MARK: The non-residue

#if XI == 0

/// ξ·a = u·a in Fp2.
FORCED void LOCAL(times_xi)(limbs r[2], const limbs a[2], const field *f) {
    limbs t;
    LOCAL(add_fp)(&t, &a[1], &a[1], f);
    LOCAL(add_fp)(&t, &t, &t, f);
    LOCAL(add_fp)(&t, &t, &a[1], f);
    r[1] = a[0];
    LOCAL(subtract_fp)(&r[0], &f->modulus, &t, f);
    LOCAL(once)(&r[0], f);
}

/// base + ξ·t, reduced; it must lie in (−pR, pR).
SHARED void LOCAL(reduce_plus_xi)(limbs r[2], const wide2 *base, const wide2 *t, const field *f) {
    wide x = base->re;
    LOCAL(wide_subtract_five)(&x, &t->im);
    LOCAL(reduce)(&r[0], &x, 0, f);
    LOCAL(wide_add)(&x, &base->im, &t->re);
    LOCAL(reduce)(&r[1], &x, 0, f);
}

#elif XI == 1

/// ξ·a in Fp2.
FORCED void LOCAL(times_xi)(limbs r[2], const limbs a[2], const field *f) {
    limbs re;
    LOCAL(subtract_fp)(&re, &a[0], &a[1], f);
    LOCAL(add_fp)(&r[1], &a[0], &a[1], f);
    r[0] = re;
}

/// base + ξ·t, reduced; it must lie in (−pR, pR).
SHARED void LOCAL(reduce_plus_xi)(limbs r[2], const wide2 *base, const wide2 *t, const field *f) {
    wide x;
    LOCAL(wide_add)(&x, &base->re, &t->re);
    LOCAL(wide_subtract)(&x, &x, &t->im);
    LOCAL(reduce)(&r[0], &x, 0, f);
    LOCAL(wide_add)(&x, &base->im, &t->re);
    LOCAL(wide_add)(&x, &x, &t->im);
    LOCAL(reduce)(&r[1], &x, 0, f);
}

#else

/// The integer x of N + 1 limbs modulo p up to one p for 0 ≤ x < 12p.
///
/// h = floor(x/2^250) is up to 146 and p/2^250 is 12.0979…, so floor(21h/256) never exceeds x/p and falls short of it
/// by less than 1/12.09 + 146·(1/12.0979 − 21/256) < 0.18 before the floor: the result is below 2p.
FORCED void LOCAL(subtract_multiple)(limbs *r, const uint64_t x[N + 1], const field *f) {
    const uint64_t h = x[N] << 6 | x[N - 1] >> 58;
    const uint64_t q = h * 21 >> 8;
    unsigned __int128 product = 0;
    unsigned long long borrow = 0;
    UNROLLED for (int i = 0; i < N; i++) {
        product = (unsigned __int128)q * f->modulus.l[i] + (uint64_t)(product >> 64);
        r->l[i] = __builtin_subcll(x[i], (uint64_t)product, borrow, &borrow);
    }
}

/// XI·a + b mod p for reduced a and b ≤ p.
FORCED void LOCAL(times_nine_plus)(limbs *r, const limbs *a, const limbs *b, const field *f) {
    uint64_t x[N + 1];
    unsigned long long carry = 0;
    UNROLLED for (int i = 0; i < N; i++) {
        const uint64_t eight = a->l[i] << 3 | (i == 0 ? 0 : a->l[i - (i > 0)] >> 61);
        x[i] = __builtin_addcll(eight, a->l[i], carry, &carry);
    }
    x[N] = (a->l[N - 1] >> 61) + carry;
    carry = 0;
    UNROLLED for (int i = 0; i < N; i++) x[i] = __builtin_addcll(x[i], b->l[i], carry, &carry);
    x[N] += carry;
    LOCAL(subtract_multiple)(r, x, f);
    LOCAL(once)(r, f);
}

FORCED void LOCAL(times_xi)(limbs r[2], const limbs a[2], const field *f) {
    limbs re, minus;
    unsigned long long borrow = 0;
    UNROLLED for (int i = 0; i < N; i++) minus.l[i] = __builtin_subcll(f->modulus.l[i], a[1].l[i], borrow, &borrow);
    LOCAL(times_nine_plus)(&re, &a[0], &minus, f);
    LOCAL(times_nine_plus)(&r[1], &a[1], &a[0], f);
    r[0] = re;
}

/// base + 9t + sign·s for an integer in (−4pR, 8pR), reduced.
FORCED void LOCAL(reduce_nine)(limbs *r, const wide *base, const wide *t, const wide *s, int negative, const field *f) {
    uint64_t x[2 * N + 1];
    unsigned long long carry = 0;
    const uint64_t sign = (uint64_t)((int64_t)t->l[2 * N - 1] >> 63);
    UNROLLED for (int i = 0; i < 2 * N; i++) {
        const uint64_t eight = t->l[i] << 3 | (i == 0 ? 0 : t->l[i - (i > 0)] >> 61);
        x[i] = __builtin_addcll(eight, t->l[i], carry, &carry);
    }
    x[2 * N] = (uint64_t)((int64_t)t->l[2 * N - 1] >> 61) + sign + carry;
    carry = 0;
    UNROLLED for (int i = 0; i < 2 * N; i++) x[i] = __builtin_addcll(x[i], base->l[i], carry, &carry);
    x[2 * N] += (uint64_t)((int64_t)base->l[2 * N - 1] >> 63) + carry;
    const uint64_t sign_s = (uint64_t)((int64_t)s->l[2 * N - 1] >> 63);
    carry = 0;
    if (negative) {
        UNROLLED for (int i = 0; i < 2 * N; i++) x[i] = __builtin_subcll(x[i], s->l[i], carry, &carry);
        x[2 * N] -= sign_s + carry;
    } else {
        UNROLLED for (int i = 0; i < 2 * N; i++) x[i] = __builtin_addcll(x[i], s->l[i], carry, &carry);
        x[2 * N] += sign_s + carry;
    }
    // 4pR makes it positive: 4p < R.
    carry = 0;
    UNROLLED for (int i = 0; i < N; i++) {
        const uint64_t four = f->modulus.l[i] << 2 | (i == 0 ? 0 : f->modulus.l[i - (i > 0)] >> 62);
        x[N + i] = __builtin_addcll(x[N + i], four, carry, &carry);
    }
    x[2 * N] += carry;
    limbs high, low;
    LOCAL(subtract_multiple)(&high, x + N, f);
    WIDTH(reduce_low)(low.l, x, f);
    carry = 0;
    UNROLLED for (int i = 0; i < N; i++) high.l[i] = __builtin_addcll(high.l[i], low.l[i], carry, &carry);
    LOCAL(once)(&high, f);
    LOCAL(once)(&high, f);
    *r = high;
}

SHARED void LOCAL(reduce_plus_xi)(limbs r[2], const wide2 *base, const wide2 *t, const field *f) {
    LOCAL(reduce_nine)(&r[0], &base->re, &t->re, &t->im, 1, f);
    LOCAL(reduce_nine)(&r[1], &base->im, &t->im, &t->re, 0, f);
}

#endif

// MARK: Fp6

/// The product of two elements of Fp2, reduced.
FORCED void LOCAL(product2)(limbs r[2], const limbs a[2], const limbs b[2], const field *f) {
    wide2 t;
    LOCAL(multiply2)(&t, a, b);
    LOCAL(reduce2)(r, &t, f);
}

/// (a0 + a1)(b0 + b1) − v − w, where v = a0·b0 and w = a1·b1 give a0·b1 + a1·b0: re in (−2, 2), im in [0, 4).
FORCED void LOCAL(cross2)(wide2 *r, const limbs *a0, const limbs *a1, const limbs *b0, const limbs *b1, const wide2 *v,
                          const wide2 *w) {
    limbs s[2], t[2];
    LOCAL(sum2)(s, a0, a1);
    LOCAL(sum2)(t, b0, b1);
    LOCAL(multiply2)(r, s, t);
    LOCAL(wide2_subtract_both)(r, v, w);
}

/// Karatsuba over three coefficients. For a product v of reduced elements of Fp2, ξ·v is in (−2, 1) and (−1, 2) for
/// ξ = 1 + u, in (−10, 9) and (−1, 18) for ξ = 9 + u; c2 is in (−3, 3) and [0, 6).
SHARED void LOCAL(fp6_multiply)(limbs r[6], const limbs a[6], const limbs b[6], const field *f) {
    wide2 v0, v1, v2, t01, t02, t12;
    LOCAL(multiply2)(&v0, a, b);
    LOCAL(multiply2)(&v1, a + 2, b + 2);
    LOCAL(multiply2)(&v2, a + 4, b + 4);
    LOCAL(cross2)(&t12, a + 2, a + 4, b + 2, b + 4, &v1, &v2);
    LOCAL(cross2)(&t01, a, a + 2, b, b + 2, &v0, &v1);
    LOCAL(cross2)(&t02, a, a + 4, b, b + 4, &v0, &v2);
    LOCAL(reduce_plus_xi)(r, &v0, &t12, f);
    LOCAL(reduce_plus_xi)(r + 2, &t01, &v2, f);
    LOCAL(wide_add)(&t02.re, &t02.re, &v1.re);
    LOCAL(wide_add)(&t02.im, &t02.im, &v1.im);
    LOCAL(reduce2)(r + 4, &t02, f);
}

/// a·(b0 + b1·v).
SHARED void LOCAL(fp6_multiply_01)(limbs r[6], const limbs a[6], const limbs b0[2], const limbs b1[2], const field *f) {
    wide2 v0, v1, t01, t02, t12;
    LOCAL(multiply2)(&v0, a, b0);
    LOCAL(multiply2)(&v1, a + 2, b1);
    LOCAL(multiply2)(&t12, a + 4, b1);
    LOCAL(multiply2)(&t02, a + 4, b0);
    LOCAL(cross2)(&t01, a, a + 2, b0, b1, &v0, &v1);
    LOCAL(reduce_plus_xi)(r, &v0, &t12, f);
    LOCAL(reduce2)(r + 2, &t01, f);
    LOCAL(wide_add)(&t02.re, &t02.re, &v1.re);
    LOCAL(wide_add)(&t02.im, &t02.im, &v1.im);
    LOCAL(reduce2)(r + 4, &t02, f);
}

static void EXPORT(fp6_mul)(void *to, const void *left, const void *right) {
    limbs *r = to;
    const limbs *a = left, *b = right;
    limbs t[6];
    LOCAL(fp6_multiply)(t, a, b, &CONSTANTS);
    for (int i = 0; i < 6; i++) r[i] = t[i];
}

// MARK: Fp12

/// r = low + v·high, and r + 6 = both − low − high: the last step of Karatsuba.
FORCED void LOCAL(fp12_combine)(limbs r[12], const limbs low[6], const limbs high[6], const limbs both[6],
                                const field *f) {
    limbs x[2];
    LOCAL(times_xi)(x, high + 4, f);
    LOCAL(add_many)(r, low, x, 2, f);
    LOCAL(add_many)(r + 2, low + 2, high, 4, f);
    LOCAL(subtract_many)(r + 6, both, low, 6, f);
    LOCAL(subtract_many)(r + 6, r + 6, high, 6, f);
}

static void EXPORT(fp12_mul)(void *to, const void *left, const void *right) {
    limbs *r = to;
    const limbs *a = left, *b = right;
    const field *f = &CONSTANTS;
    limbs low[6], high[6], both[6], s[6], t[6];
    LOCAL(add_many)(s, a, a + 6, 6, f);
    LOCAL(add_many)(t, b, b + 6, 6, f);
    LOCAL(fp6_multiply)(low, a, b, f);
    LOCAL(fp6_multiply)(high, a + 6, b + 6, f);
    LOCAL(fp6_multiply)(both, s, t, f);
    LOCAL(fp12_combine)(r, low, high, both, f);
}

// The complex method: with q = c0·c1, (c0 + c1)(c0 + v·c1) − q − v·q and 2q.
static void EXPORT(fp12_square)(void *to, const void *operand) {
    limbs *r = to;
    const limbs *a = operand;
    const field *f = &CONSTANTS;
    limbs s[6], t[6], q[6], both[6], x[2];
    LOCAL(times_xi)(x, a + 10, f);
    LOCAL(add_many)(s, a, a + 6, 6, f);
    LOCAL(add_many)(t, a, x, 2, f);
    LOCAL(add_many)(t + 2, a + 2, a + 6, 4, f);
    LOCAL(fp6_multiply)(q, a, a + 6, f);
    LOCAL(fp6_multiply)(both, s, t, f);
    LOCAL(times_xi)(x, q + 4, f);
    LOCAL(subtract_many)(r, both, q, 6, f);
    LOCAL(subtract_many)(r, r, x, 2, f);
    LOCAL(subtract_many)(r + 2, r + 2, q, 4, f);
    LOCAL(add_many)(r + 6, q, q, 6, f);
}

// 13 products in Fp2: three by b0, five by b1 + b2·v, five by b0 + b1 + b2·v.
static void EXPORT(fp12_mul_034)(void *to, const void *left, const void *right) {
    limbs *r = to;
    const limbs *a = left, *b = right;
    const field *f = &CONSTANTS;
    limbs low[6], high[6], both[6], s[6], t[2];
    LOCAL(add_many)(s, a, a + 6, 6, f);
    LOCAL(add_many)(t, b, b + 2, 2, f);
    for (int i = 0; i < 6; i += 2) LOCAL(product2)(low + i, a + i, b, f);
    LOCAL(fp6_multiply_01)(high, a + 6, b + 2, b + 4, f);
    LOCAL(fp6_multiply_01)(both, s, t, b + 4, f);
    LOCAL(fp12_combine)(r, low, high, both, f);
}

static void EXPORT(fp12_mul_014)(void *to, const void *left, const void *right) {
    limbs *r = to;
    const limbs *a = left, *b = right;
    const field *f = &CONSTANTS;
    limbs low[6], high[6], both[6], s[6], t[2];
    LOCAL(add_many)(s, a, a + 6, 6, f);
    LOCAL(add_many)(t, b + 2, b + 4, 2, f);
    LOCAL(fp6_multiply_01)(low, a, b, b + 2, f);
    LOCAL(product2)(high, a + 10, b + 4, f);
    LOCAL(times_xi)(high, high, f);
    LOCAL(product2)(high + 2, a + 6, b + 4, f);
    LOCAL(product2)(high + 4, a + 8, b + 4, f);
    LOCAL(fp6_multiply_01)(both, s, b, t, f);
    LOCAL(fp12_combine)(r, low, high, both, f);
}

// MARK: The cyclotomic subgroup

// As TowerParameters.cyclotomicSquare explains: Granger and Scott 2010, "Faster squaring in the cyclotomic subgroup of
// sixth degree extensions".

#if XI == 1

// Where R is above 9p even the last step, three times a square plus or minus twice an operand, is taken on wide values.

/// 3a² up to multiples of p, both coefficients in [0, 6).
SHARED void LOCAL(square2_thrice)(wide2 *r, const limbs a[2], const field *f) {
    limbs s, t, d;
    LOCAL(sum)(&s, &a[0], &a[1]);
    LOCAL(sum)(&t, &s, &s);
    LOCAL(sum)(&s, &s, &t);
    LOCAL(subtract_fp)(&d, &a[0], &a[1], f);
    WIDTH(multiply_wide)(r->re.l, s.l, d.l);
    LOCAL(sum)(&s, &a[0], &a[0]);
    LOCAL(sum)(&t, &s, &s);
    LOCAL(sum)(&s, &s, &t);
    WIDTH(multiply_wide)(r->im.l, s.l, a[1].l);
}

/// (t + sign·2c·R)/R mod p for an integer in (−3pR, 4pR).
///
/// It plus 3pR is below 7pR, 67p². With x its upper half, h = floor(x/2^376) is up to 182 and p/2^376 is 26.0042…, so
/// floor(39h/1024) never exceeds x/p and falls short of it by less than 1/26 + 182·(1/26.0042 − 39/1024) < 0.11 before
/// the floor.
FORCED void LOCAL(reduce_with_twice)(limbs *r, const wide *t, const limbs *c, int negative, const field *f) {
    limbs x, low;
    unsigned long long carry = 0;
    if (negative) {
        UNROLLED for (int i = 0; i < N; i++) x.l[i] = __builtin_subcll(f->modulus.l[i], c->l[i], carry, &carry);
    } else {
        LOCAL(sum)(&x, &f->modulus, c);
    }
    LOCAL(sum)(&x, &x, &x);
    LOCAL(sum)(&x, &x, &f->modulus);
    carry = 0;
    UNROLLED for (int i = 0; i < N; i++) x.l[i] = __builtin_addcll(x.l[i], t->l[N + i], carry, &carry);
    const uint64_t q = (x.l[N - 1] >> 56) * 39 >> 10;
    unsigned __int128 product = 0;
    carry = 0;
    UNROLLED for (int i = 0; i < N; i++) {
        product = (unsigned __int128)q * f->modulus.l[i] + (uint64_t)(product >> 64);
        x.l[i] = __builtin_subcll(x.l[i], (uint64_t)product, carry, &carry);
    }
    WIDTH(reduce_low)(low.l, t->l, f);
    LOCAL(sum)(&x, &x, &low);
    LOCAL(once)(&x, f);
    LOCAL(once)(&x, f);
    *r = x;
}

/// With (x + y·s)² = (x² + ξy²) + 2xy·s, r = 3(x² + ξy²) − 2·minus and, as a wide value, cross = 6xy.
SHARED void LOCAL(square_fp4)(limbs r[2], wide2 *cross, const limbs x[2], const limbs y[2], const limbs minus[2],
                              const field *f) {
    wide2 xx, yy;
    limbs s[2];
    LOCAL(square2_thrice)(&xx, x, f);
    LOCAL(square2_thrice)(&yy, y, f);
    LOCAL(add_many)(s, x, y, 2, f);
    LOCAL(square2_thrice)(cross, s, f);
    // In (−12, 6).
    LOCAL(wide2_subtract_both)(cross, &xx, &yy);
    // In (−6, 12) and [0, 18).
    LOCAL(wide_add)(&xx.re, &xx.re, &yy.re);
    LOCAL(wide_subtract)(&xx.re, &xx.re, &yy.im);
    LOCAL(wide_add)(&xx.im, &xx.im, &yy.re);
    LOCAL(wide_add)(&xx.im, &xx.im, &yy.im);
    LOCAL(reduce_with_twice)(&r[0], &xx.re, &minus[0], 1, f);
    LOCAL(reduce_with_twice)(&r[1], &xx.im, &minus[1], 1, f);
}

SHARED void LOCAL(reduce_plus_twice)(limbs r[2], const wide2 *t, const limbs c[2], const field *f) {
    LOCAL(reduce_with_twice)(&r[0], &t->re, &c[0], 0, f);
    LOCAL(reduce_with_twice)(&r[1], &t->im, &c[1], 0, f);
}

static void EXPORT(cyclotomic_square)(void *to, const void *operand) {
    limbs *r = to;
    const limbs *a = operand;
    const field *f = &CONSTANTS;
    limbs x[2], y[2], z[2];
    wide2 x1, y1, z1, xi;
    LOCAL(square_fp4)(x, &x1, a, a + 8, a, f);
    LOCAL(square_fp4)(y, &y1, a + 6, a + 4, a + 2, f);
    LOCAL(square_fp4)(z, &z1, a + 2, a + 10, a + 4, f);
    // In (−18, 18) and (−24, 12).
    LOCAL(wide_subtract)(&xi.re, &z1.re, &z1.im);
    LOCAL(wide_add)(&xi.im, &z1.re, &z1.im);
    LOCAL(reduce_plus_twice)(r + 6, &xi, a + 6, f);
    LOCAL(reduce_plus_twice)(r + 8, &x1, a + 8, f);
    LOCAL(reduce_plus_twice)(r + 10, &y1, a + 10, f);
    for (int i = 0; i < 2; i++) r[i] = x[i], r[2 + i] = y[i], r[4 + i] = z[i];
}

#else

/// (x + y·s)² = (x² + ξy²) + 2xy·s in three squarings. Reduced at once: six interleaved Montgomery products cost
/// less than six wide ones, four reductions and the sums of wide values.
SHARED void LOCAL(square_fp4)(limbs r[2], limbs cross[2], const limbs x[2], const limbs y[2], const field *f) {
    limbs xx[2], yy[2], s[2];
    FP2_SQUARE(xx, x, f);
    FP2_SQUARE(yy, y, f);
    LOCAL(add_many)(s, x, y, 2, f);
    FP2_SQUARE(cross, s, f);
    LOCAL(subtract_many)(cross, cross, xx, 2, f);
    LOCAL(subtract_many)(cross, cross, yy, 2, f);
    LOCAL(times_xi)(yy, yy, f);
    LOCAL(add_many)(r, xx, yy, 2, f);
}

/// 2(a − b) + a and 2(a + b) + a.
FORCED void LOCAL(thrice_minus_twice)(limbs *r, const limbs *a, const limbs *b, const field *f) {
    for (int i = 0; i < 2; i++) {
        limbs t;
        LOCAL(subtract_fp)(&t, &a[i], &b[i], f);
        LOCAL(add_fp)(&t, &t, &t, f);
        LOCAL(add_fp)(&r[i], &t, &a[i], f);
    }
}

FORCED void LOCAL(thrice_plus_twice)(limbs *r, const limbs *a, const limbs *b, const field *f) {
    for (int i = 0; i < 2; i++) {
        limbs t;
        LOCAL(add_fp)(&t, &a[i], &b[i], f);
        LOCAL(add_fp)(&t, &t, &t, f);
        LOCAL(add_fp)(&r[i], &t, &a[i], f);
    }
}

static void EXPORT(cyclotomic_square)(void *to, const void *operand) {
    limbs *r = to;
    const limbs *a = operand;
    const field *f = &CONSTANTS;
    limbs x0[2], x1[2], y0[2], y1[2], z0[2], z1[2];
    LOCAL(square_fp4)(x0, x1, a, a + 8, f);
    LOCAL(square_fp4)(y0, y1, a + 6, a + 4, f);
    LOCAL(square_fp4)(z0, z1, a + 2, a + 10, f);
    LOCAL(times_xi)(z1, z1, f);
    LOCAL(thrice_minus_twice)(r, x0, a, f);
    LOCAL(thrice_minus_twice)(r + 2, y0, a + 2, f);
    LOCAL(thrice_minus_twice)(r + 4, z0, a + 4, f);
    LOCAL(thrice_plus_twice)(r + 6, z1, a + 6, f);
    LOCAL(thrice_plus_twice)(r + 8, x1, a + 8, f);
    LOCAL(thrice_plus_twice)(r + 10, y1, a + 10, f);
}

#endif

// MARK: The table

const martlet_tower GLUE_TABLE(CURVE, PATH) = {
    EXPORT(fp2_mul),
    EXPORT(fp2_square),
    EXPORT(fp6_mul),
    EXPORT(fp12_mul),
    EXPORT(fp12_square),
    EXPORT(cyclotomic_square),
    EXPORT(fp12_mul_034),
    EXPORT(fp12_mul_014),
};

#undef FP2_MUL
#undef FP2_SQUARE
#undef FP2_LINKAGE
#undef PASTE2
#undef PASTE
#undef LOCAL
#undef WIDTH
#undef GLUE_FP2_
#undef GLUE_FP2
#undef GLUE_TOWER_
#undef GLUE_TOWER
#undef EXPORT_FP2
#undef EXPORT
#undef GLUE_MUL_
#undef GLUE_MUL
#undef MONTGOMERY
#undef GLUE_TYPE_
#undef GLUE_TYPE
#undef limbs
#undef field
#undef wide
#undef wide2
#undef FORCED
#undef UNROLLED
#undef SHARED
#undef GLUE_TABLE_
#undef GLUE_TABLE
#undef N
#undef QUADRATIC
#undef XI
#undef CURVE
#undef CONSTANTS
