// SPDX-License-Identifier: Apache-2.0

// Signed window digits of scalars.
#include "martlet_windows.h"

static inline __attribute__((always_inline)) void digits(uint32_t *digits, uint32_t *tally, const uint32_t *terms,
                                                         size_t count, const martlet_limbs4 *scalars,
                                                         const martlet_window4 *window, const int limb) {
    const unsigned shift = window->bit % 64;
    const uint64_t mask = ((uint64_t)1 << window->width) - 1;
    for (size_t i = 0; i < count; i++) {
        const uint32_t term = terms[i];
        const martlet_limbs4 *scalar = &scalars[term & 0x7fffffff];
        const martlet_limbs4 *offset = term >> 31 ? &window->negated_offset : &window->offset;
        const uint64_t complement = (uint64_t)0 - (term >> 31);
        uint64_t sum[5];
        unsigned long long carry = 0;
        sum[4] = 0;
        for (int j = 0; j < 4 && j <= limb + 1; j++)
            sum[j] = __builtin_addcll(scalar->l[j] ^ complement, offset->l[j], carry, &carry);
        // Two shifts, for `shift` may be 0.
        const uint64_t bits = (sum[limb] >> shift | sum[limb + 1] << 1 << (63 - shift)) & mask;
        const int32_t digit = (int32_t)bits - (int32_t)window->bias;
        const uint32_t sign = (uint32_t)(digit >> 31);
        const uint32_t magnitude = ((uint32_t)digit ^ sign) - sign;
        digits[i] = magnitude | (sign & 0x80000000);
        tally[magnitude]++;
    }
}

void martlet_window_digits4(uint32_t *out, uint32_t *tally, const uint32_t *terms, size_t count,
                            const martlet_limbs4 *scalars, const martlet_window4 *window) {
    switch (window->bit / 64) {
    case 0: digits(out, tally, terms, count, scalars, window, 0); break;
    case 1: digits(out, tally, terms, count, scalars, window, 1); break;
    case 2: digits(out, tally, terms, count, scalars, window, 2); break;
    default: digits(out, tally, terms, count, scalars, window, 3); break;
    }
}
