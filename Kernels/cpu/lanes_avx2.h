// SPDX-License-Identifier: Apache-2.0

// Lane operations on AVX2 + FMA: 4 lanes; products of 52-bit digits on the double-precision FMA units
// (Emmart, Zheng, Weems, "Faster modular exponentiation using double precision floating point arithmetic", ARITH 2018),
// here with signed digits. See lanes.h for the contract of each operation.
//
// A multiplicand digit is a double that holds an integer. With a, b such that −2^103 ≤ ab ≤ 2^103 and the rounding mode
// toward zero:
//   hi = fma(a, b, 3·2^103):       3·2^103 + ab lies in [2^104, 2^105], where doubles are 2^52 apart, so
//                                  hi = 3·2^103 + 2^52·⌊ab/2^52⌋ and its bits are HI_BIAS + ⌊ab/2^52⌋ (2^105 itself included:
//                                  the bits of doubles go on counting across the power of two).
//   s = (3·2^103 + 2^52) − hi:     = 2^52 − 2^52·⌊ab/2^52⌋, a multiple of 2^52 below 2^104: exact.
//   lo = fma(a, b, s):             = 2^52 + (ab mod 2^52), an integer in [2^52, 2^53): exact; its bits are LO_BIAS + (ab mod 2^52).
// The words that accumulate these bits start at minus the sum of the biases (mod 2^64), which costs nothing.
#ifndef MARTLET_LANES_AVX2_H
#define MARTLET_LANES_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#if defined(__clang__)
#define LANES_UNROLL _Pragma("clang loop unroll(full)")
#else
#define LANES_UNROLL _Pragma("GCC unroll 16")
#endif

#define LANES_WIDTH 4
#define LANES_SIGNED 1
#define LANES_TARGET __attribute__((target("avx2,fma")))
#define LANES_FN static inline __attribute__((always_inline, target("avx2,fma")))

typedef __m256i lanes_word;
typedef __m256d lanes_digit;

#define LANES_HI_BIAS 0x4678000000000000u ///< the bits of 3·2^103
#define LANES_LO_BIAS 0x4330000000000000u ///< the bits of 2^52
/// Makes the compiler align the frame, for else it spills vectors to places that straddle cache lines.
#define LANES_ALIGN_FRAME() lanes_word frame_; __asm__ volatile("" : : "m"(frame_))
#define LANES_TOP_BIAS 0x4338000000000000u ///< the bits of 3·2^51

/// Keeps the compiler from reordering and reassociating the accumulations, which costs it one spill a product and undoes
/// the interleaving of the streams.
#ifndef LANES_NO_PIN
#define LANES_PIN2(a, b) __asm__ volatile("" : "+x"(a), "+x"(b))
#define LANES_PIN1(a) __asm__ volatile("" : "+x"(a))
#else
#define LANES_PIN2(a, b)
#define LANES_PIN1(a)
#endif

LANES_FN lanes_word lanes_set(uint64_t v) { return _mm256_set1_epi64x((long long)v); }
LANES_FN lanes_word lanes_add(lanes_word a, lanes_word b) { return _mm256_add_epi64(a, b); }
LANES_FN lanes_word lanes_sub(lanes_word a, lanes_word b) { return _mm256_sub_epi64(a, b); }
LANES_FN lanes_word lanes_and(lanes_word a, lanes_word b) { return _mm256_and_si256(a, b); }
LANES_FN lanes_word lanes_or(lanes_word a, lanes_word b) { return _mm256_or_si256(a, b); }
LANES_FN lanes_word lanes_xor(lanes_word a, lanes_word b) { return _mm256_xor_si256(a, b); }
#define lanes_shl(a, n) _mm256_slli_epi64(a, n)
#define lanes_shr(a, n) _mm256_srli_epi64(a, n)
#define lanes_shr2(low, high, n) lanes_or(lanes_shr(low, n), lanes_shl(high, 64 - (n)))

LANES_FN lanes_digit lanes_constant(int64_t v) { return _mm256_set1_pd((double)v); }

// A row's products are issued stage by stage, so that the chain of an FMA, a subtraction and an FMA of each is hidden by the
// others and few operations wait in the scheduler.
LANES_FN void lanes_row_add(lanes_word *t, lanes_digit a, const lanes_digit *b, int n) {
    const lanes_digit c1 = _mm256_set1_pd(0x1.8p104), c2 = _mm256_set1_pd(0x1.8p104 + 0x1p52);
    lanes_digit h[8], l[8];
    LANES_UNROLL for (int j = 0; j < n; j++) { h[j] = _mm256_fmadd_pd(a, b[j], c1); LANES_PIN1(h[j]); }
    LANES_UNROLL for (int j = 0; j < n; j++) {
        t[j + 1] = _mm256_add_epi64(t[j + 1], _mm256_castpd_si256(h[j]));
        l[j] = _mm256_sub_pd(c2, h[j]);
        LANES_PIN2(l[j], t[j + 1]);
    }
    LANES_UNROLL for (int j = 0; j < n; j++) { l[j] = _mm256_fmadd_pd(a, b[j], l[j]); LANES_PIN1(l[j]); }
    LANES_UNROLL for (int j = 0; j < n; j++) { t[j] = _mm256_add_epi64(t[j], _mm256_castpd_si256(l[j])); LANES_PIN1(t[j]); }
}

LANES_FN void lanes_row_last(lanes_word *t, lanes_digit a, const lanes_digit *b, int n) {
    const lanes_digit c1 = _mm256_set1_pd(0x1.8p104), c2 = _mm256_set1_pd(0x1.8p104 + 0x1p52);
    lanes_digit h[8], l[8];
    LANES_UNROLL for (int j = 0; j < n; j++) { h[j] = _mm256_fmadd_pd(a, b[j], c1); LANES_PIN1(h[j]); }
    LANES_UNROLL for (int j = 0; j < n; j++) {
        t[j + 1] = _mm256_sub_epi64(t[j + 1], _mm256_castpd_si256(h[j]));
        if (j == 0) continue;
        l[j] = _mm256_sub_pd(c2, h[j]);
        LANES_PIN2(l[j], t[j + 1]);
    }
    LANES_UNROLL for (int j = 1; j < n; j++) { l[j] = _mm256_fmadd_pd(a, b[j], l[j]); LANES_PIN1(l[j]); }
    LANES_UNROLL for (int j = 1; j < n; j++) { t[j] = _mm256_sub_epi64(t[j], _mm256_castpd_si256(l[j])); LANES_PIN1(t[j]); }
}

/// ab mod 2^52 in [0, 2^52).
LANES_FN lanes_digit lanes_mul_low(lanes_digit unused, lanes_digit a, lanes_digit b) {
    const lanes_digit c1 = _mm256_set1_pd(0x1.8p104), c2 = _mm256_set1_pd(0x1.8p104 + 0x1p52);
    (void)unused;
    lanes_digit h = _mm256_fmadd_pd(a, b, c1);
    return _mm256_sub_pd(_mm256_fmadd_pd(a, b, _mm256_sub_pd(c2, h)), _mm256_set1_pd(0x1p52));
}

LANES_FN lanes_digit lanes_low_biased(lanes_word w) {
    w = _mm256_and_si256(w, _mm256_set1_epi64x(0xfffffffffffff));
    w = _mm256_or_si256(w, _mm256_set1_epi64x(LANES_LO_BIAS));
    return _mm256_sub_pd(_mm256_castsi256_pd(w), _mm256_set1_pd(0x1.8p52));
}

LANES_FN lanes_digit lanes_low(lanes_word w) {
    w = _mm256_and_si256(w, _mm256_set1_epi64x(0xfffffffffffff));
    w = _mm256_or_si256(w, _mm256_set1_epi64x(LANES_LO_BIAS));
    return _mm256_sub_pd(_mm256_castsi256_pd(w), _mm256_set1_pd(0x1p52));
}

LANES_FN lanes_digit lanes_top(lanes_word w) {
    return _mm256_sub_pd(_mm256_castsi256_pd(w), _mm256_set1_pd(0x1.8p52));
}

LANES_FN lanes_digit lanes_twice(lanes_digit a) { return _mm256_add_pd(a, a); }

LANES_FN lanes_digit lanes_digit_difference(lanes_digit a, lanes_digit b) { return _mm256_sub_pd(a, b); }

/// a − b for words below 2^52: as doubles, exact, in (−2^52, 2^52).
LANES_FN lanes_digit lanes_difference(lanes_word a, lanes_word b) {
    const lanes_word one = _mm256_set1_epi64x(LANES_LO_BIAS);
    return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(a, one)), _mm256_castsi256_pd(_mm256_or_si256(b, one)));
}

typedef struct { double factor; } lanes_scale;
typedef struct { lanes_word low, high; } lanes_multiples; ///< low 32 and high 20 bits of a limb

/// The scale factor/2^shift.
LANES_FN lanes_scale lanes_scale_of(uint64_t factor, int shift) {
    const union { uint64_t bits; double value; } power = {.bits = (uint64_t)(1023 - shift) << 52};
    return (lanes_scale){(double)(int64_t)factor * power.value}; // exact: 52 bits
}

/// ⌊w·scale⌋ for 0 ≤ w < 2^51 and a product below 2^32.
LANES_FN lanes_word lanes_scaled_floor(lanes_word w, const lanes_scale *scale) {
    lanes_digit d = lanes_top(_mm256_add_epi64(w, _mm256_set1_epi64x(LANES_TOP_BIAS)));
    d = _mm256_fmadd_pd(d, _mm256_set1_pd(scale->factor), _mm256_set1_pd(0x1p52));
    return _mm256_castpd_si256(d); // lanes_subtract_multiple reads the low 32 bits only
}

LANES_FN lanes_multiples lanes_multiples_of(uint64_t limb) {
    return (lanes_multiples){lanes_set(limb & 0xffffffff), lanes_set(limb >> 32)};
}

/// w − q·limb for the low 32 bits of q.
LANES_FN lanes_word lanes_subtract_multiple(lanes_word w, lanes_word q, const lanes_multiples *limb) {
    w = _mm256_sub_epi64(w, _mm256_mul_epu32(q, limb->low));
    return _mm256_sub_epi64(w, _mm256_slli_epi64(_mm256_mul_epu32(q, limb->high), 32));
}

/// w − q·(lo + 2^32·hi) for the low 32 bits of q, and lo, hi below 2^32.
LANES_FN lanes_word lanes_sub_small(lanes_word w, lanes_word q, lanes_word lo, lanes_word hi) {
    return lanes_subtract_multiple(w, q, &(lanes_multiples){lo, hi});
}

/// Whether any lane has w > bound, as signed numbers.
LANES_FN int lanes_any_above(lanes_word w, int64_t bound) {
    return !_mm256_testz_si256(_mm256_cmpgt_epi64(w, _mm256_set1_epi64x(bound)), _mm256_set1_epi64x(-1));
}

/// Bit 63 of `sign` chooses a (1) or b (0).
LANES_FN lanes_word lanes_select(lanes_word sign, lanes_word a, lanes_word b) {
    return _mm256_castpd_si256(_mm256_blendv_pd(_mm256_castsi256_pd(b), _mm256_castsi256_pd(a), _mm256_castsi256_pd(sign)));
}

/// Whether a lane has a bit of `mask`.
LANES_FN int lanes_any_set(lanes_word w, uint64_t mask) { return !_mm256_testz_si256(w, lanes_set(mask)); }

/// The lanes, as bits, where a = b or one of them is zero.
LANES_FN unsigned lanes_equal_or_zero(lanes_word a, lanes_word b) {
    const lanes_word zero = _mm256_setzero_si256();
    lanes_word found = _mm256_or_si256(_mm256_cmpeq_epi64(a, zero), _mm256_cmpeq_epi64(b, zero));
    found = _mm256_or_si256(found, _mm256_cmpeq_epi64(a, b));
    return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(found));
}

LANES_FN void lanes_set_lane(lanes_digit *d, int lane, int64_t v) { ((double *)d)[lane] = (double)v; }

/// LANES_WIDTH consecutive 64-bit words.
LANES_FN lanes_word lanes_consecutive(const void *at) { return _mm256_loadu_si256((const __m256i *)at); }

/// w[j] lane i = 64-bit limb j of the number of 4 or 6 limbs at at[i] + offset.
LANES_FN void lanes_gather(lanes_word *w, const char *const at[4], long offset, int limbs) {
#define HALF(A, B, O)                                                                                           \
    _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(at[A] + offset + (O)))),   \
                            _mm_loadu_si128((const __m128i *)(at[B] + offset + (O))), 1)
    LANES_UNROLL for (int j = 0; j < limbs; j += 2) {
        __m256i ac = HALF(0, 2, 8 * j), bd = HALF(1, 3, 8 * j);
        w[j] = _mm256_unpacklo_epi64(ac, bd);
        w[j + 1] = _mm256_unpackhi_epi64(ac, bd);
    }
#undef HALF
}

/// The inverse of lanes_gather.
LANES_FN void lanes_scatter(const lanes_word *w, char *const at[4], long offset, int limbs) {
    __m256i ac0 = _mm256_unpacklo_epi64(w[0], w[1]), bd0 = _mm256_unpackhi_epi64(w[0], w[1]);
    __m256i ac1 = _mm256_unpacklo_epi64(w[2], w[3]), bd1 = _mm256_unpackhi_epi64(w[2], w[3]);
    _mm256_storeu_si256((__m256i *)(at[0] + offset), _mm256_permute2x128_si256(ac0, ac1, 0x20));
    _mm256_storeu_si256((__m256i *)(at[1] + offset), _mm256_permute2x128_si256(bd0, bd1, 0x20));
    _mm256_storeu_si256((__m256i *)(at[2] + offset), _mm256_permute2x128_si256(ac0, ac1, 0x31));
    _mm256_storeu_si256((__m256i *)(at[3] + offset), _mm256_permute2x128_si256(bd0, bd1, 0x31));
    if (limbs == 6) {
        __m256i ac2 = _mm256_unpacklo_epi64(w[4], w[5]), bd2 = _mm256_unpackhi_epi64(w[4], w[5]);
        _mm_storeu_si128((__m128i *)(at[0] + offset + 32), _mm256_castsi256_si128(ac2));
        _mm_storeu_si128((__m128i *)(at[1] + offset + 32), _mm256_castsi256_si128(bd2));
        _mm_storeu_si128((__m128i *)(at[2] + offset + 32), _mm256_extracti128_si256(ac2, 1));
        _mm_storeu_si128((__m128i *)(at[3] + offset + 32), _mm256_extracti128_si256(bd2, 1));
    }
}

/// Around a kernel: rounding toward zero, and exceptions masked, for every product is inexact. The caller's MXCSR is put back
/// with its flags. What comes between must not be inlined, so that no floating-point instruction moves across.
static inline unsigned lanes_enter(void) {
    const unsigned saved = _mm_getcsr();
    _mm_setcsr(0x7f80); // toward zero, all exceptions masked, no flags, no flushing to zero
    return saved;
}
static inline void lanes_leave(unsigned saved) { _mm_setcsr(saved); }

#endif
