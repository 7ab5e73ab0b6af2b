// SPDX-License-Identifier: Apache-2.0

// Batches of affine additions with one field inversion.
#ifndef MARTLET_BATCH_H
#define MARTLET_BATCH_H

#include "martlet_field.h"
#include <stddef.h>
#include <stdint.h>

/// The groups that have batched additions.
#define MARTLET_NUMBER_OF(NAME, name) MARTLET_##NAME,
enum { MARTLET_GROUPS(MARTLET_NUMBER_OF) MARTLET_GROUP_COUNT };

/// sums[k] = ±points[a] ± points[b] for k < count, where a = references[2k], b = references[2k+1]: bits 0…30 the index, bit 31
/// set: that point is negated.
///
/// `points`: affine, memory form (Montgomery R = 2^(64·limbs), canonical, little-endian limbs, x then y, of the quadratic
/// extension component 0 first; identity all zero), of any alignment (may be a mapped file). `sums` must not overlap
/// `points`. A point may be referenced any number of times. `scratch`: as many bytes as the kernel's `scratch` says for `count`,
/// of any alignment. `exceptional`: room for `count`.
///
/// Pairs that the formula does not cover (equal x, either operand the identity) are not computed: their k are written to
/// `exceptional` in ascending order and their number is returned; their `sums` entries hold garbage for the caller to replace. A
/// regular pair may be declared exceptional too, with a chance of about 2^−62. All other sums are exact and canonical.
///
/// Thread-safe; leaves MXCSR as it was.
typedef size_t martlet_addition(void *sums, const void *points, const uint32_t *references, size_t count, void *scratch,
                                uint32_t *exceptional);

typedef struct {
    martlet_addition *add;
    size_t (*scratch)(size_t count); ///< bytes that `add` needs for `count` pairs or fewer
    size_t fewest;                   ///< below so many pairs scalar code is as fast
} martlet_addition_kernel;

/// The kernel of `path` (MARTLET_CPU_…, martlet_cpu_current() for the one in use) for `group` (MARTLET_BN254_G1…), NULL where
/// there is none. The machine must support the path.
const martlet_addition_kernel *martlet_addition_kernel_for(int path, int group);

/// Asks for the cache lines of `size` bytes.
static inline void martlet_prefetch(const void *memory, size_t size) {
    for (size_t at = 0; at < size; at += 64) __builtin_prefetch((const char *)memory + at);
}

#endif
