// SPDX-License-Identifier: Apache-2.0

// Signed window digits of scalars.
#ifndef MARTLET_WINDOWS_H
#define MARTLET_WINDOWS_H

#include "martlet_field.h"
#include <stddef.h>
#include <stdint.h>

/// One window of `width` bits, from bit `bit` on, of integers of 4 limbs.
typedef struct {
    martlet_limbs4 offset;         ///< added to a scalar
    martlet_limbs4 negated_offset; ///< added to the complement ~s of a scalar whose term is negated
    uint32_t bit, width;
    uint32_t bias;                 ///< taken from the bits of the window: 2^(width−1), or 0 in the top window
} martlet_window4;

/// digits[i] = the digit of term i: its magnitude, and bit 31 set when it is negative; and tally[magnitude] += 1.
///
/// Bits 0…30 of terms[i] are the index of its scalar, bit 31 tells that the term is negated. Scalars are canonical. The sums with
/// the offsets are taken mod 2^256; a window must not reach beyond bit 256. `tally` has 2^(width−1) + 1 entries or, in the
/// top window, as many as its digits need.
void martlet_window_digits4(uint32_t *digits, uint32_t *tally, const uint32_t *terms, size_t count,
                            const martlet_limbs4 *scalars, const martlet_window4 *window);

#endif
