// Batched affine additions by the lanes algorithm in plain C: for tests of the algorithm on any machine.
#include "lanes_portable.h"
#include "affine_batch4.h"
#include "martlet_batch.h"

size_t martlet_affine_add_batch4_portable_scratch(size_t count) { return lanes_batch_size(count); }

void martlet_affine_add_batch4_portable(martlet_limbs4 *slots, const uint32_t *first, const uint32_t *second, size_t count,
                                        void *scratch, const martlet_field4 *f) {
    if (count > 0) lanes_batch_run(slots, first, second, count, scratch, f);
}
