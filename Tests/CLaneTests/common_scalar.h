// The scalar batch: the same additions with martlet_mul4 and one inversion. Reference and rival of the lanes.
#include "martlet_field.h"
#include <stddef.h>
static void scalar_batch(martlet_limbs4 *slots, const uint32_t *first, const uint32_t *second, size_t count,
                         martlet_limbs4 *scratch /* 2·count */, const martlet_field4 *f) {
    if (!count) return;
    martlet_limbs4 product = f->one, inverse;
    for (size_t k = 0; k < count; k++) {
        martlet_limbs4 *p = slots + 2 * (size_t)first[k], *q = slots + 2 * (size_t)second[k];
        martlet_limbs4 d = martlet_sub4(q[0], p[0], f);
        scratch[2 * k] = d;
        scratch[2 * k + 1] = product;
        product = martlet_mul4(product, d, f);
    }
    martlet_inverse4(&inverse, &product, f);
    for (size_t k = count; k-- > 0;) {
        martlet_limbs4 *p = slots + 2 * (size_t)first[k], *q = slots + 2 * (size_t)second[k];
        martlet_limbs4 i = martlet_mul4(inverse, scratch[2 * k + 1], f);
        inverse = martlet_mul4(inverse, scratch[2 * k], f);
        martlet_limbs4 l = martlet_mul4(martlet_sub4(q[1], p[1], f), i, f);
        martlet_limbs4 x = martlet_sub4(martlet_sub4(martlet_mul4(l, l, f), p[0], f), q[0], f);
        p[1] = martlet_sub4(martlet_mul4(l, martlet_sub4(p[0], x, f), f), p[1], f);
        p[0] = x;
    }
}
static inline void scalar_double(martlet_limbs4 p[2], const martlet_field4 *f) {
    martlet_limbs4 x2 = martlet_mul4(p[0], p[0], f), y2 = martlet_add4(p[1], p[1], f), i;
    martlet_inverse4(&i, &y2, f);
    martlet_limbs4 l = martlet_mul4(martlet_add4(x2, martlet_add4(x2, x2, f), f), i, f);
    martlet_limbs4 x = martlet_sub4(martlet_sub4(martlet_mul4(l, l, f), p[0], f), p[0], f);
    p[1] = martlet_sub4(martlet_mul4(l, martlet_sub4(p[0], x, f), f), p[1], f);
    p[0] = x;
}
