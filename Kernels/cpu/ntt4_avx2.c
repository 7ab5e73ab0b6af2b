// SPDX-License-Identifier: Apache-2.0

// Number-theoretic transforms on AVX2 + FMA. MXCSR: as in affine_batch4_avx2.c.
#include "martlet_ntt.h"

#if defined(__x86_64__)
#include "lanes_avx2.h"
#include "ntt4.h"

enum { MXCSR_TOWARD_ZERO = 0x7f80 }; // all exceptions masked, no flags, no flushing to zero

static void run(martlet_limbs4 *values, const martlet_ntt4_pass *pass, size_t first, size_t end, void *scratch) {
    const unsigned saved = _mm_getcsr();
    _mm_setcsr(MXCSR_TOWARD_ZERO);
    ntt_run(values, pass, first, end, scratch);
    _mm_setcsr(saved);
}

static void combine(martlet_limbs4 *a, const martlet_limbs4 *b, const martlet_limbs4 *c, const martlet_ntt4_pass *pass,
                    const martlet_limbs4 *s, const martlet_limbs4 *u, size_t first, size_t end, void *scratch) {
    const unsigned saved = _mm_getcsr();
    _mm_setcsr(MXCSR_TOWARD_ZERO);
    ntt_combine(a, b, c, pass, s, u, first, end, scratch);
    _mm_setcsr(saved);
}

static void multiply(martlet_limbs4 *r, const martlet_limbs4 *a, const martlet_limbs4 *s, size_t step, size_t count,
                     const martlet_field4 *f) {
    const unsigned saved = _mm_getcsr();
    _mm_setcsr(MXCSR_TOWARD_ZERO);
    ntt_products(r, a, s, step, count, f);
    _mm_setcsr(saved);
}

const martlet_ntt4 martlet_ntt4_avx2 = {NTT_LANE_LOG, ntt_scratch, run, combine, multiply};
#endif
