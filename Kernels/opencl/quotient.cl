// SPDX-License-Identifier: Apache-2.0

// What Groth16 needs beside transforms: sparse matrices times the witness, and A·B − C.
//
// Follows packed.cl in a program. A matrix comes in compressed rows: `starts[i]` to `starts[i + 1]` are the terms of row i, each
// a column in `signals` and a coefficient in `values`. Witness values are canonical integers; coefficients are in the form
// that makes the term of a one the coefficient itself, so a sum of such terms takes additions only.

// `target` of a row: where its product goes, a row number and this bit for matrix B.
#define TARGET_B 0x80000000u

// sum ← sum + value where w = 1; rest ← rest + value·w/R for other w.
static inline void add_term(
    fe *sum, fe *rest, uint term, __global const uint *signals, __global const packed *values,
    __global const packed *witness) {
    fe w = unpack(witness[signals[term]]);
    limb high = 0;
    for (int i = 1; i < LIMBS; i++) high |= w.l[i];
    if ((high | w.l[0]) == 0) return;
    fe value = unpack(values[term]);
    if (high == 0 && w.l[0] == 1) {
        *sum = fe_add(*sum, value);
    } else {
        *rest = fe_add(*rest, fe_mul(value, w));
    }
}

// sum + rest·R.
static inline fe join_terms(fe sum, fe rest) {
    return fe_is_zero(rest) ? sum : fe_add(sum, fe_mul(rest, fe_constant(field_r2)));
}

// One work-item a row, `count` rows from `first` on.
KERNEL void sparse_rows(
    __global const packed *witness, __global const uint *starts, __global const uint *targets,
    __global const uint *signals, __global const packed *values, __global packed *a, __global packed *b, uint first,
    uint count) {
    uint at = get_global_id(0);
    if (at >= count) return;
    uint row = first + at;
    fe sum = fe_zero(), rest = fe_zero();
    uint end = starts[row + 1];
#pragma unroll 1
    for (uint term = starts[row]; term < end; term++) add_term(&sum, &rest, term, signals, values, witness);
    uint target = targets[row];
    __global packed *products = target & TARGET_B ? b : a;
    products[target & ~TARGET_B] = pack(join_terms(sum, rest));
}

// One work-group a piece of a long row, terms bounds[piece] to bounds[piece + 1]; sums[piece] ← their sum.
KERNEL void sparse_pieces(
    __global const packed *witness, __global const uint *bounds, __global const uint *signals,
    __global const packed *values, __global packed *sums, uint first) {
    __local packed shared[WORK_GROUP];
    uint item = get_local_id(0), piece = first + get_group_id(0);
    fe sum = fe_zero(), rest = fe_zero();
    uint end = bounds[piece + 1];
#pragma unroll 1
    for (uint term = bounds[piece] + item; term < end; term += WORK_GROUP) {
        add_term(&sum, &rest, term, signals, values, witness);
    }
    shared[item] = pack(join_terms(sum, rest));
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 1
    for (uint distance = WORK_GROUP / 2; distance > 0; distance >>= 1) {
        if (item < distance) shared[item] = pack(fe_add(unpack(shared[item]), unpack(shared[item + distance])));
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (item == 0) sums[piece] = shared[0];
}

// The product of long row i ← Σ sums[pieces[i] … pieces[i + 1] − 1], for `count` long rows from `first` on.
KERNEL void sparse_gather(
    __global const packed *sums, __global const uint *pieces, __global const uint *targets, __global packed *a,
    __global packed *b, uint first, uint count) {
    uint at = get_global_id(0);
    if (at >= count) return;
    uint row = first + at;
    fe sum = fe_zero();
    uint end = pieces[row + 1];
#pragma unroll 1
    for (uint piece = pieces[row]; piece < end; piece++) sum = fe_add(sum, unpack(sums[piece]));
    uint target = targets[row];
    __global packed *products = target & TARGET_B ? b : a;
    products[target & ~TARGET_B] = pack(sum);
}

// values[i] ← values[i]·factor/R for `count` values from `first` on.
KERNEL void scale_values(__global packed *values, uint first, uint count, packed factor) {
    uint i = get_global_id(0);
    if (i < count) values[first + i] = pack(fe_mul(unpack(values[first + i]), unpack(factor)));
}

// values[i] ← values[i]·factor·Π roots[k] over the bits k of i that are set, for `count` values from `first`
// on. Factor and roots are in Montgomery form; a value keeps its own.
KERNEL void scale_by_bits(
    __global packed *values, __global const packed *roots, uint first, uint count, packed factor) {
    uint at = get_global_id(0);
    if (at >= count) return;
    uint i = first + at;
    fe value = fe_mul(unpack(values[i]), unpack(factor));
#pragma unroll 1
    for (uint k = 0, bits = i; bits != 0; k++, bits >>= 1) {
        if (bits & 1) value = fe_mul(value, unpack(roots[k]));
    }
    values[i] = pack(value);
}

// c[i] ← a[i]·b[i]/R for `count` values from `first` on.
KERNEL void multiply_values(
    __global const packed *a, __global const packed *b, __global packed *c, uint first, uint count) {
    uint i = get_global_id(0);
    if (i < count) c[first + i] = pack(fe_mul(unpack(a[first + i]), unpack(b[first + i])));
}

// a[i] ← (a[i]·b[i] − c[i]·factor)/R for `count` values from `first` on.
KERNEL void combine_values(
    __global packed *a, __global const packed *b, __global const packed *c, uint first, uint count, packed factor) {
    uint i = get_global_id(0);
    if (i >= count) return;
    fe product = fe_mul(unpack(a[first + i]), unpack(b[first + i]));
    a[first + i] = pack(fe_sub(product, fe_mul(unpack(c[first + i]), unpack(factor))));
}
