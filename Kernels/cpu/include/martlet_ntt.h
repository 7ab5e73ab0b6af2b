// SPDX-License-Identifier: Apache-2.0

// Number-theoretic transforms in lanes, for scalar fields of 253 to 255 bits.
//
// A transform of n = 2^log elements is a few passes over the array. A pass runs some adjacent layers on tiles: it takes a tile's
// elements into scratch memory, runs the layers there on unreduced values, and puts the elements back. The tiles of a pass are
// independent of one another. Elements in memory: Montgomery form with R = 2^256, below the modulus.
#ifndef MARTLET_NTT_H
#define MARTLET_NTT_H

#include "martlet_field.h"
#include <stddef.h>

/// Some layers of a transform.
///
/// With B = 2^above blocks of 2^(log − above) elements each, the pass runs the layers that couple elements 2^(log − above − 1)
/// down to 2^(log − above − layers) apart. Either nothing is left below them (log = above + layers; then above ≥ lane_log), or at
/// least lane_log layers are.
///
/// Factors are in lane form: w·2^260 mod p. `inverse[i]` = ω^(−rev(i)) is the factor of block i of every layer;
/// `forward[h + j]` that of position j in a block of 2h elements. Of the two tables one may be NULL: that direction is then left
/// out. With both, the inverse layers run first and the forward ones then; only for log = above + layers.
typedef struct {
    const martlet_field4 *field;
    const martlet_limbs4 *inverse, *forward;
    uint32_t log, above, layers;
} martlet_ntt4_pass;

/// The kernels of one set of lanes. All are thread-safe for disjoint tiles and ranges, and leave MXCSR as it was.
typedef struct {
    uint32_t lane_log; ///< log2 of the elements in a vector
    /// Bytes of scratch memory, of any alignment, for passes of so many layers. Not cleared: it holds values of the elements.
    size_t (*scratch)(uint32_t layers);
    /// Runs the tiles first ..< end, of 2^(log − layers − lane_log) in all.
    void (*run)(martlet_limbs4 *values, const martlet_ntt4_pass *pass, size_t first, size_t end, void *scratch);
    /// Runs the tiles on a, b and c (forward only), and then a ← (a·b − c·s)·u/2^520 mod p, for all of these as they lie in
    /// memory; b and c are left as they were. `scratch` is three times as large.
    void (*combine)(martlet_limbs4 *a, const martlet_limbs4 *b, const martlet_limbs4 *c, const martlet_ntt4_pass *pass,
                    const martlet_limbs4 *s, const martlet_limbs4 *u, size_t first, size_t end, void *scratch);
    /// r_i ← a_i·s_(i·step)/2^260 mod p for all of these as they lie in memory, step 0 or 1; r may be a.
    void (*multiply)(martlet_limbs4 *r, const martlet_limbs4 *a, const martlet_limbs4 *s, size_t step, size_t count,
                     const martlet_field4 *f);
} martlet_ntt4;

/// The kernels for a CPU path, NULL where it has none.
const martlet_ntt4 *martlet_ntt4_kernels(int path);

#if defined(__x86_64__)
extern const martlet_ntt4 martlet_ntt4_avx2, martlet_ntt4_ifma;
#endif
extern const martlet_ntt4 martlet_ntt4_emulated;

#endif
