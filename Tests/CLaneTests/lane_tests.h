// SPDX-License-Identifier: Apache-2.0

// What the tests of the lane kernels share.
#ifndef LANE_TESTS_H
#define LANE_TESTS_H

#include "martlet_batch.h"
#include <stdint.h>

enum { WIDEST = 8 };

/// A number of 4 or 6 limbs.
typedef struct { uint64_t l[6]; } number;

typedef struct {
    number product[WIDEST], difference_product[WIDEST], square[WIDEST], second_square[WIDEST], product_of_product[WIDEST];
    number quadratic[2][WIDEST], second_component[WIDEST];
    number reduced[7][WIDEST];
} probe_results;

typedef struct {
    void (*run)(probe_results *r, const number *a, const number *b, const number *c, const void *constants);
    int width;
} lane_probe;

#endif
