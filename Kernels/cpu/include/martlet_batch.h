// Batches of affine additions with one field inversion.
#ifndef MARTLET_BATCH_H
#define MARTLET_BATCH_H

#include "martlet_field.h"
#include <stddef.h>
#include <stdint.h>

#define MARTLET_AFFINE_BATCH(PATH)                                                                              \
    void martlet_affine_add_batch4_##PATH(martlet_limbs4 *slots, const uint32_t *first, const uint32_t *second, \
                                          size_t count, void *scratch, const martlet_field4 *f);                \
    size_t martlet_affine_add_batch4_##PATH##_scratch(size_t count);

MARTLET_AFFINE_BATCH(portable)
MARTLET_AFFINE_BATCH(unsigned)
MARTLET_AFFINE_BATCH(avx2)
#endif
