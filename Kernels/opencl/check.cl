// SPDX-License-Identifier: Apache-2.0

// What shows that a device computes products rightly, and how fast.

// Of each pair of elements: the product, the first's square, sum, difference, the first's negative, and the integer that
// the first stands for. CHECK_RESULTS elements a pair.
#define CHECK_RESULTS 6

__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void field_check(
    __global const uint *a, __global const uint *b, __global uint *results, uint count) {
    uint i = get_global_id(0);
    if (i >= count) return;
    fe x = fe_load(a + i * FIELD_WORDS), y = fe_load(b + i * FIELD_WORDS);
    __global uint *out = results + i * CHECK_RESULTS * FIELD_WORDS;
    fe_store(out, fe_mul(x, y));
    fe_store(out + FIELD_WORDS, fe_sqr(x));
    fe_store(out + 2 * FIELD_WORDS, fe_add(x, y));
    fe_store(out + 3 * FIELD_WORDS, fe_sub(x, y));
    fe_store(out + 4 * FIELD_WORDS, fe_neg(x));
    fe_store(out + 5 * FIELD_WORDS, fe_from_montgomery(x));
}

// Replaces each element x by x·yⁿ, by a chain of n products that depend on each other.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void product_chain(
    __global uint *values, __global const uint *factor, uint length) {
    uint i = get_global_id(0);
    fe x = fe_load(values + i * FIELD_WORDS), y = fe_load(factor);
#pragma unroll 1
    for (uint k = 0; k < length; k++) x = fe_mul(x, y);
    fe_store(values + i * FIELD_WORDS, x);
}
