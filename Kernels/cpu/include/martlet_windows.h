// SPDX-License-Identifier: Apache-2.0

// Signed window digits of scalars.
#ifndef MARTLET_WINDOWS_H
#define MARTLET_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

/// One window of `width` bits, from bit `bit` on, of integers of some limbs: the least significant first.
typedef struct {
    const uint64_t *offsets; ///< what is added to a scalar; behind it, to the complement ~s of one whose term is negated
    uint32_t bit, width;     ///< `width` is 1…31, and `bit` a bit of the scalars
    uint32_t bias;           ///< taken from the bits of the window: 2^(width−1), or 0 in the top window
} martlet_window;

/// digits[i] = the digit of term i: its magnitude, and bit 31 set when it is negative; and tally[magnitude] += 1.
///
/// Bits 0…30 of terms[i] are the index of its scalar, bit 31 tells that the term is negated. Scalars are canonical, `limbs` limbs
/// each, one behind the other. The sums with the offsets are taken mod 2^(64·limbs), and have zeros above. `tally` has
/// 2^(width−1) + 1 entries or, in the top window, as many as its digits need.
void martlet_window_digits(uint32_t *digits, uint32_t *tally, const uint32_t *terms, size_t count, const uint64_t *scalars,
                           size_t limbs, const martlet_window *window);

#endif
