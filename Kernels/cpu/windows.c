// SPDX-License-Identifier: Apache-2.0

// Signed window digits of scalars.
#include "martlet_windows.h"

// Compiled with `limbs` and `limb`, the one in which the window begins, known for scalars of four limbs, and with neither for others.
static inline __attribute__((always_inline)) void digits(uint32_t *digits, uint32_t *tally, const uint32_t *terms, size_t count,
                                                         const uint64_t *scalars, const martlet_window *window,
                                                         const size_t limbs, const size_t limb) {
    const unsigned shift = window->bit % 64;
    const uint64_t mask = ((uint64_t)1 << window->width) - 1;
    for (size_t i = 0; i < count; i++) {
        const uint32_t term = terms[i];
        const uint64_t *scalar = &scalars[limbs * (term & 0x7fffffff)];
        const uint64_t *offset = &window->offsets[limbs * (term >> 31)];
        const uint64_t complement = (uint64_t)0 - (term >> 31);
        unsigned long long carry = 0;
        // Of the limbs below only the carry counts.
        for (size_t j = 0; j < limb; j++) (void)__builtin_addcll(scalar[j] ^ complement, offset[j], carry, &carry);
        const uint64_t low = __builtin_addcll(scalar[limb] ^ complement, offset[limb], carry, &carry);
        const uint64_t high =
            limb + 1 < limbs ? __builtin_addcll(scalar[limb + 1] ^ complement, offset[limb + 1], carry, &carry) : 0;
        // Two shifts, for `shift` may be 0.
        const uint64_t bits = (low >> shift | high << 1 << (63 - shift)) & mask;
        const int32_t digit = (int32_t)bits - (int32_t)window->bias;
        const uint32_t sign = (uint32_t)(digit >> 31);
        const uint32_t magnitude = ((uint32_t)digit ^ sign) - sign;
        digits[i] = magnitude | (sign & 0x80000000);
        tally[magnitude]++;
    }
}

void martlet_window_digits(uint32_t *out, uint32_t *tally, const uint32_t *terms, size_t count, const uint64_t *scalars,
                           size_t limbs, const martlet_window *window) {
    const size_t limb = window->bit / 64;
    if (limbs == 4) {
        switch (limb) {
        case 0: digits(out, tally, terms, count, scalars, window, 4, 0); break;
        case 1: digits(out, tally, terms, count, scalars, window, 4, 1); break;
        case 2: digits(out, tally, terms, count, scalars, window, 4, 2); break;
        default: digits(out, tally, terms, count, scalars, window, 4, 3); break;
        }
    } else {
        digits(out, tally, terms, count, scalars, window, limbs, limb);
    }
}
