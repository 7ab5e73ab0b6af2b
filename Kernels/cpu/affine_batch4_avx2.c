// Batched affine additions on AVX2 + FMA.
//
// The lanes need rounding toward zero (and masked exceptions, for every product is inexact). MXCSR is set here and put back
// with its flags. lanes_batch_run is not inlined, so no floating-point instruction moves across.
#include "martlet_batch.h"

#if defined(__x86_64__)
#include "lanes_avx2.h"
#include "affine_batch4.h"

enum { MXCSR_TOWARD_ZERO = 0x7f80 }; // all exceptions masked, no flags, no flushing to zero

size_t martlet_affine_add_batch4_avx2_scratch(size_t count) { return lanes_batch_size(count); }

void martlet_affine_add_batch4_avx2(martlet_limbs4 *slots, const uint32_t *first, const uint32_t *second, size_t count,
                                    void *scratch, const martlet_field4 *f) {
    if (count == 0) return;
    const unsigned saved = _mm_getcsr();
    _mm_setcsr(MXCSR_TOWARD_ZERO);
    lanes_batch_run(slots, first, second, count, scratch, f);
    _mm_setcsr(saved);
}
#endif
