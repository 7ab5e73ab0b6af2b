// Batches of affine additions with one field inversion.
#ifndef MARTLET_BATCH_H
#define MARTLET_BATCH_H

#include "martlet_field.h"
#include <stddef.h>
#include <stdint.h>

/// martlet_affine_add_batch4_PATH: slots[first[k]] += slots[second[k]] for k < count, with one field inversion in all.
///
/// A slot is a point in two consecutive martlet_limbs4, x and y, Montgomery form with R = 2^256, below the modulus; results too.
/// 64-byte alignment of `slots` is faster but not needed. Preconditions: no slot is named twice in the two lists (a `second`
/// may recur among the seconds only), the two x of a pair differ, neither point is the identity, and the modulus has 225 to
/// 254 bits (BN254). `scratch` is PATH_scratch(count) bytes of any alignment. A pair whose x are equal spoils all
/// sums of the call (the common product is zero) but nothing else.
///
/// Thread-safe; leaves MXCSR as it was. Not worth a call below about 20 pairs.
#define MARTLET_AFFINE_BATCH(PATH)                                                                              \
    void martlet_affine_add_batch4_##PATH(martlet_limbs4 *slots, const uint32_t *first, const uint32_t *second, \
                                          size_t count, void *scratch, const martlet_field4 *f);                \
    size_t martlet_affine_add_batch4_##PATH##_scratch(size_t count);

MARTLET_AFFINE_BATCH(portable)
MARTLET_AFFINE_BATCH(unsigned)
MARTLET_AFFINE_BATCH(avx2)
#endif
