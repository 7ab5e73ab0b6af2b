// SPDX-License-Identifier: Apache-2.0

// Lane operations on AVX-512 IFMA: 8 lanes; products of 52-bit digits by vpmadd52luq and vpmadd52huq. See lanes.h for the
// contract of each operation.
//
// The instructions read the low 52 bits of each factor only, so digits need no masking: a `lanes_digit` may carry anything
// above bit 52. No rounding mode is involved.
#ifndef MARTLET_LANES_IFMA_H
#define MARTLET_LANES_IFMA_H

#include <immintrin.h>
#include <stdint.h>

#if defined(__clang__)
#define LANES_UNROLL _Pragma("clang loop unroll(full)")
#else
#define LANES_UNROLL _Pragma("GCC unroll 16")
#endif

#define LANES_WIDTH 8
#define LANES_SIGNED 0
#define LANES_TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512ifma,evex512")))
#define LANES_FN static inline __attribute__((always_inline, target("avx512f,avx512dq,avx512vl,avx512ifma,evex512")))

typedef __m512i lanes_word;
typedef __m512i lanes_digit;

#define LANES_HI_BIAS 0u
#define LANES_LO_BIAS 0u
#define LANES_TOP_BIAS 0u
/// Makes the compiler align the frame, for else it spills vectors to places that straddle cache lines.
#define LANES_ALIGN_FRAME() lanes_word frame_; __asm__ volatile("" : : "m"(frame_))

LANES_FN lanes_word lanes_set(uint64_t v) { return _mm512_set1_epi64((long long)v); }
LANES_FN lanes_word lanes_add(lanes_word a, lanes_word b) { return _mm512_add_epi64(a, b); }
LANES_FN lanes_word lanes_sub(lanes_word a, lanes_word b) { return _mm512_sub_epi64(a, b); }
LANES_FN lanes_word lanes_and(lanes_word a, lanes_word b) { return _mm512_and_si512(a, b); }
LANES_FN lanes_word lanes_or(lanes_word a, lanes_word b) { return _mm512_or_si512(a, b); }
LANES_FN lanes_word lanes_xor(lanes_word a, lanes_word b) { return _mm512_xor_si512(a, b); }
#define lanes_shl(a, n) _mm512_slli_epi64(a, n)
#define lanes_shr(a, n) _mm512_srli_epi64(a, n)
#define lanes_shr2(low, high, n) lanes_or(lanes_shr(low, n), lanes_shl(high, 64 - (n)))

LANES_FN lanes_digit lanes_constant(int64_t v) { return _mm512_set1_epi64(v); }

LANES_FN void lanes_row_add(lanes_word *t, lanes_digit a, const lanes_digit *b, int n) {
    LANES_UNROLL for (int j = 0; j < n; j++) t[j] = _mm512_madd52lo_epu64(t[j], a, b[j]);
    LANES_UNROLL for (int j = 0; j < n; j++) t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], a, b[j]);
}

LANES_FN void lanes_row_last(lanes_word *t, lanes_digit a, const lanes_digit *b, int n) {
    LANES_UNROLL for (int j = 1; j < n; j++) t[j] = _mm512_madd52lo_epu64(t[j], a, b[j]);
    LANES_UNROLL for (int j = 0; j < n; j++) t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], a, b[j]);
}

/// c + ab, of which the next product reads the low 52 bits.
LANES_FN lanes_digit lanes_mul_low(lanes_digit c, lanes_digit a, lanes_digit b) { return _mm512_madd52lo_epu64(c, a, b); }

LANES_FN lanes_digit lanes_low_biased(lanes_word w) { return w; }

LANES_FN lanes_digit lanes_low(lanes_word w) { return w; }

LANES_FN lanes_digit lanes_top(lanes_word w) { return w; }

typedef struct { lanes_word factor, shift; } lanes_scale;
typedef lanes_word lanes_multiples; ///< 0, 1, …, 7 times a limb

/// The scale factor/2^shift.
LANES_FN lanes_scale lanes_scale_of(uint64_t factor, int shift) {
    return (lanes_scale){lanes_set(factor), lanes_set((uint64_t)(shift - 52))};
}

/// ⌊w·scale⌋ for 0 ≤ w < 2^52.
LANES_FN lanes_word lanes_scaled_floor(lanes_word w, const lanes_scale *scale) {
    return _mm512_srlv_epi64(_mm512_madd52hi_epu64(_mm512_setzero_si512(), w, scale->factor), scale->shift);
}

LANES_FN lanes_multiples lanes_multiples_of(uint64_t limb) {
    return _mm512_mullo_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), lanes_set(limb));
}

/// w − q·limb for q < 8: a look-up, for vpermq reads the low three bits of each index.
LANES_FN lanes_word lanes_subtract_multiple(lanes_word w, lanes_word q, const lanes_multiples *limb) {
    return _mm512_sub_epi64(w, _mm512_permutexvar_epi64(q, *limb));
}

/// w − q·(lo + 2^32·hi) for the low 32 bits of q, and lo, hi below 2^32.
LANES_FN lanes_word lanes_sub_small(lanes_word w, lanes_word q, lanes_word lo, lanes_word hi) {
    w = _mm512_sub_epi64(w, _mm512_mul_epu32(q, lo));
    return _mm512_sub_epi64(w, _mm512_slli_epi64(_mm512_mul_epu32(q, hi), 32));
}

/// Whether any lane has w > bound, as signed numbers.
LANES_FN int lanes_any_above(lanes_word w, int64_t bound) {
    return _mm512_cmpgt_epi64_mask(w, _mm512_set1_epi64(bound)) != 0;
}

/// Bit 63 of `sign` chooses a (1) or b (0).
LANES_FN lanes_word lanes_select(lanes_word sign, lanes_word a, lanes_word b) {
    return _mm512_mask_blend_epi64(_mm512_movepi64_mask(sign), b, a);
}

/// Whether a lane has a bit of `mask`.
LANES_FN int lanes_any_set(lanes_word w, uint64_t mask) { return _mm512_test_epi64_mask(w, lanes_set(mask)) != 0; }

/// The lanes, as bits, where a = b or one of them is zero.
LANES_FN unsigned lanes_equal_or_zero(lanes_word a, lanes_word b) {
    return (unsigned)(_mm512_cmpeq_epi64_mask(a, b) | _mm512_testn_epi64_mask(a, a) | _mm512_testn_epi64_mask(b, b));
}

LANES_FN void lanes_set_lane(lanes_digit *d, int lane, int64_t v) { ((int64_t *)d)[lane] = v; }

/// LANES_WIDTH consecutive 64-bit words.
LANES_FN lanes_word lanes_consecutive(const void *at) { return _mm512_loadu_si512(at); }

/// w[j] lane i = 64-bit limb j of the number of 4 or 6 limbs at at[i] + offset.
LANES_FN void lanes_gather(lanes_word *w, const char *const at[8], long offset, int limbs) {
#define PAIR(A, B)                                                                                                    \
    _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(at[A] + offset))),                   \
                       _mm256_loadu_si256((const __m256i *)(at[B] + offset)), 1)
    // Each register holds numbers i and i + 4; 128-bit quarters are then brought together: even pairs to words 0, 1.
    __m512i a = PAIR(0, 4), b = PAIR(1, 5), c = PAIR(2, 6), d = PAIR(3, 7);
#undef PAIR
    __m512i ab0 = _mm512_unpacklo_epi64(a, b), ab1 = _mm512_unpackhi_epi64(a, b); // words (0, 2) and (1, 3) of 0 1 | 4 5
    __m512i cd0 = _mm512_unpacklo_epi64(c, d), cd1 = _mm512_unpackhi_epi64(c, d);
    // In 128-bit quarters: ab0 = w0(0,1) w2(0,1) w0(4,5) w2(4,5), cd0 likewise for 2 3 | 6 7.
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    w[0] = _mm512_permutex2var_epi64(ab0, low, cd0);
    w[1] = _mm512_permutex2var_epi64(ab1, low, cd1);
    w[2] = _mm512_permutex2var_epi64(ab0, high, cd0);
    w[3] = _mm512_permutex2var_epi64(ab1, high, cd1);
    if (limbs == 6) {
#define QUARTER(A) _mm_loadu_si128((const __m128i *)(at[A] + offset + 32))
        __m512i even = _mm512_castsi128_si512(QUARTER(0)), odd = _mm512_castsi128_si512(QUARTER(1));
        even = _mm512_inserti64x2(even, QUARTER(2), 1), odd = _mm512_inserti64x2(odd, QUARTER(3), 1);
        even = _mm512_inserti64x2(even, QUARTER(4), 2), odd = _mm512_inserti64x2(odd, QUARTER(5), 2);
        even = _mm512_inserti64x2(even, QUARTER(6), 3), odd = _mm512_inserti64x2(odd, QUARTER(7), 3);
#undef QUARTER
        w[4] = _mm512_unpacklo_epi64(even, odd);
        w[5] = _mm512_unpackhi_epi64(even, odd);
    }
}

/// The inverse of lanes_gather.
LANES_FN void lanes_scatter(const lanes_word *w, char *const at[8], long offset, int limbs) {
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    __m512i ab0 = _mm512_permutex2var_epi64(w[0], low, w[2]), cd0 = _mm512_permutex2var_epi64(w[0], high, w[2]);
    __m512i ab1 = _mm512_permutex2var_epi64(w[1], low, w[3]), cd1 = _mm512_permutex2var_epi64(w[1], high, w[3]);
    __m512i a = _mm512_unpacklo_epi64(ab0, ab1), b = _mm512_unpackhi_epi64(ab0, ab1);
    __m512i c = _mm512_unpacklo_epi64(cd0, cd1), d = _mm512_unpackhi_epi64(cd0, cd1);
#define STORE(R, A, B)                                                                                                 \
    _mm256_storeu_si256((__m256i *)(at[A] + offset), _mm512_castsi512_si256(R));                                       \
    _mm256_storeu_si256((__m256i *)(at[B] + offset), _mm512_extracti64x4_epi64(R, 1))
    STORE(a, 0, 4);
    STORE(b, 1, 5);
    STORE(c, 2, 6);
    STORE(d, 3, 7);
#undef STORE
    if (limbs == 6) {
        const __m512i even = _mm512_unpacklo_epi64(w[4], w[5]), odd = _mm512_unpackhi_epi64(w[4], w[5]);
#define STORE(R, A, I) _mm_storeu_si128((__m128i *)(at[A] + offset + 32), _mm512_extracti64x2_epi64(R, I))
        STORE(even, 0, 0);
        STORE(odd, 1, 0);
        STORE(even, 2, 1);
        STORE(odd, 3, 1);
        STORE(even, 4, 2);
        STORE(odd, 5, 2);
        STORE(even, 6, 3);
        STORE(odd, 7, 3);
#undef STORE
    }
}

/// Nothing to set up around a kernel: no floating-point operations.
static inline unsigned lanes_enter(void) { return 0; }
static inline void lanes_leave(unsigned saved) { (void)saved; }

#endif
