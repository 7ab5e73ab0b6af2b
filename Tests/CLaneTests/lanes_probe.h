// SPDX-License-Identifier: Apache-2.0

// The lane arithmetic on arrays of numbers in memory form, for tests. Include after the lane operations of a path.
#ifndef MARTLET_LANES_PROBE_H
#define MARTLET_LANES_PROBE_H

#include "lane_tests.h"
#include "lanes.h"
#include <string.h>

/// What all products end in: a canonical number in memory.
LANES_FN void lanes_probe_store(number *r, lanes_limbs t, const lanes_field *f) {
    char *at[LANES_WIDTH];
    for (int i = 0; i < LANES_WIDTH; i++) at[i] = (char *)&r[i];
    lanes_store(at, 0, lanes_reduce(t, f));
}

LANES_FN lanes_limbs lanes_probe_load(const number *a) {
    const char *at[LANES_WIDTH];
    for (int i = 0; i < LANES_WIDTH; i++) at[i] = (const char *)&a[i];
    return lanes_load(at, 0);
}

/// All of the results of one vector.
static LANES_TARGET __attribute__((noinline)) void lanes_probe_run(probe_results *r, const number *a, const number *b,
                                                                   const number *c, const lanes_constants *constants) {
    lanes_field field;
    const lanes_field *f = &field;
    lanes_field_prepare(&field, constants);
    const lanes_limbs la = lanes_probe_load(a), lb = lanes_probe_load(b), lc = lanes_probe_load(c);
    const lanes_element ea = lanes_digits(la, f), eb = lanes_digits(lb, f), difference = lanes_subtract(la, lc, f);
    lanes_limbs t[2];

    const lanes_element left[2] = {ea, difference}, right[2] = {eb, eb};
    lanes_mul_columns1(t, left, right, f->mul_reduce, f);
    lanes_probe_store(r->product, t[0], f);
    lanes_mul_columns2(t, left, right, f->mul_reduce, f);
    lanes_probe_store(r->difference_product, t[1], f);

    const lanes_element roots[2] = {ea, eb};
    lanes_square_columns1(t, roots, f->square_reduce, f);
    lanes_probe_store(r->square, t[0], f);
    lanes_square_columns2(t, roots, f->square_reduce, f);
    lanes_probe_store(r->second_square, t[1], f);

    // (ab/ρ)·b/ρ, the middle normalised but not reduced.
    lanes_mul_columns1(t, left, right, f->mul, f);
    const lanes_element middle = lanes_normalise(t[0]);
    lanes_mul_columns1(t, &middle, right, f->mul_reduce, f);
    lanes_probe_store(r->product_of_product, t[0], f);

    // (a + (a − c)i)(b + ai), where the third factor stands for c − a.
    const lanes_element factor[3] = {ea, difference, lanes_subtract(lc, la, f)}, other[2] = {eb, ea};
    lanes_columns(t, factor, other, 0, 0, f->sum_reduce, f, 2, LANES_QUADRATIC);
    lanes_probe_store(r->quadratic[0], t[0], f);
    lanes_probe_store(r->quadratic[1], t[1], f);
    lanes_columns(t, &factor[0], &other[1], &factor[1], &other[0], f->sum_reduce, f, 1, LANES_SUM);
    lanes_probe_store(r->second_component, t[0], f);

    // a + k·p by reduction alone.
    for (int k = 1; k < 8; k++) {
        for (int j = 0; j < LANES_DIGITS; j++)
            t[0].w[j] = lanes_add(lanes_add(la.w[j], f->carry[j]), lanes_set(f->limbs[j] * (uint64_t)k));
        lanes_probe_store(r->reduced[k - 1], t[0], f);
    }
}

#define LANES_DEFINE_PROBE(NAME)                                                                              \
    static void lanes_probe_entry(probe_results *r, const number *a, const number *b, const number *c,       \
                                  const void *constants) {                                                   \
        const unsigned saved = lanes_enter();                                                                 \
        lanes_probe_run(r, a, b, c, (const lanes_constants *)constants);                                     \
        lanes_leave(saved);                                                                                   \
    }                                                                                                         \
    const lane_probe NAME = {lanes_probe_entry, LANES_WIDTH}

#endif
