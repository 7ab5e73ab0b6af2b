// SPDX-License-Identifier: Apache-2.0

// Sums of points by buckets: Σ sᵢ·Pᵢ from the sorted digits of scalars.cl.

#define NO_KEY 0xffffffffu

// The first key from `key` on whose entries end after `position`.
static inline uint key_at(__global const uint *ends, uint key, uint keys, uint position) {
    if (ends[key] > position) return key;
    uint low = key + 1, high = keys - 1;
#pragma unroll 1
    while (low < high) {
        uint middle = (low + high) >> 1;
        if (ends[middle] > position) high = middle;
        else low = middle + 1;
    }
    return low;
}

// Adds up the buckets. The sorted entries are cut into `segments` equal segments, whatever the buckets are, so that no
// distribution of digits makes one work-item slow.
//
// Each work-item sums the runs of equal keys in one segment. The sum of a run that a key begins with goes to the key's
// bucket. Only a segment's first run can continue an earlier segment's: its sum goes to partials, with its key.
//
// Points are those of the scalars from `first` on. Segments from `begin` up to `end` are done by this launch.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void msm_accumulate(
    __global const uint4 *points, uint first, __global const uint *entries, __global const uint *ends, uint keys,
    uint begin, uint end, uint segments, uint least, __global uint4 *buckets, __global uint4 *partials,
    __global uint *partial_keys) {
    uint segment = begin + get_global_id(0);
    if (segment >= end) return;
    uint total = ends[keys - 1];
    uint length = max(least, total / segments + (total % segments != 0));
    uint position = segment * length;
    partial_keys[segment] = NO_KEY;
    if (position >= total) return;
    uint stop = min(position + length, total);
    uint key = key_at(ends, 0, keys, position);
    uint key_end = ends[key];
    int begins = (key == 0 ? 0 : ends[key - 1]) == position;
    xyzz sum = xyzz_identity();
    // As many rounds for every work-item, by one jump back. Where the end of a run decided about rounds, compilers would make
    // a loop within a loop of it, and work-items that run together would wait for the longest run of each round.
#pragma unroll 1
    for (uint round = 0; round < length; round++) {
        if (position < stop) {
            uint entry = entries[position++];
            if (entry >> 1 >= first) {
                size_t index = (entry >> 1) - first;
                affine p = affine_load(points, index);
                p.y = coord_select(entry & 1, coord_neg(p.y), p.y);
                int is_double;
                sum = xyzz_add_affine(sum, p, &is_double);
                if (is_double) sum = affine_double_at(points, index, entry & 1);
            }
            if ((position == key_end) | (position == stop)) {
                xyzz_store(begins ? buckets : partials, begins ? key : segment, sum);
                if (!begins) partial_keys[segment] = key;
                key = key_at(ends, min(key + 1, keys - 1), keys, position);
                key_end = ends[key];
                begins = 1;
                sum = xyzz_identity();
            }
        }
    }
}

// Does the same with partial sums, `length` a work-item, until one is left: the sum of a run that a key begins with is
// added to the key's bucket, the others go to the next level.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void msm_fold(
    __global const uint4 *partials, __global const uint *keys, uint count, uint length, __global uint4 *buckets,
    __global uint4 *next_partials, __global uint *next_keys) {
    uint segment = get_global_id(0);
    uint i = segment * length;
    if (i >= count) return;
    uint end = min(i + length, count);
    uint run = NO_KEY, before = i == 0 ? NO_KEY : keys[i - 1];
    int begins = 0;
    xyzz sum = xyzz_identity();
    next_keys[segment] = NO_KEY;
#pragma unroll 1
    for (; i <= end; i++) {
        uint key = i == end ? NO_KEY : keys[i];
        if (key != run) {
            if (run != NO_KEY) {
                xyzz_store(begins ? buckets : next_partials, begins ? run : segment, sum);
                if (!begins) next_keys[segment] = run;
            }
            begins = key != before;
            run = key;
            sum = begins && key != NO_KEY ? xyzz_load(buckets, key) : xyzz_identity();
        }
        if (key != NO_KEY) sum = xyzz_add(sum, xyzz_load(partials, i));
        before = key;
    }
}

NOINLINE xyzz xyzz_multiply(xyzz p, uint factor) {
    xyzz product = xyzz_identity();
#pragma unroll 1
    for (int bit = 31 - clz(factor); bit >= 0; bit--) {
        product = xyzz_double(product);
        if (factor >> bit & 1) product = xyzz_add(product, p);
    }
    return product;
}

// The part of Σ (k + 1)·bucket[k], over each group's buckets k, that each chunk of buckets gives: running sums from the
// last bucket down, and the multiple of the chunk's sum by the number of buckets before it.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void msm_reduce(
    __global const uint4 *buckets, uint chunk, uint chunks_per_group, uint chunks, __global uint4 *sums) {
    uint number = get_global_id(0);
    if (number >= chunks) return;
    xyzz sum = xyzz_identity(), weighted = xyzz_identity();
#pragma unroll 1
    for (uint k = chunk; k > 0; k--) {
        sum = xyzz_add(sum, xyzz_load(buckets, (size_t)number * chunk + k - 1));
        weighted = xyzz_add(weighted, sum);
    }
    uint before = number % chunks_per_group * chunk;
    xyzz_store(sums, number, xyzz_add(weighted, xyzz_multiply(sum, before)));
}

// Of each group's `count` points, the sums of `length` neighbours.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void msm_sum(
    __global const uint4 *points, uint groups, uint count, uint length, __global uint4 *sums) {
    uint per_group = (count + length - 1) / length;
    uint number = get_global_id(0);
    if (number >= groups * per_group) return;
    uint begin = number % per_group * length;
    uint end = min(begin + length, count);
    uint base = number / per_group * count;
    xyzz sum = xyzz_identity();
#pragma unroll 1
    for (uint i = begin; i < end; i++) sum = xyzz_add(sum, xyzz_load(points, base + i));
    xyzz_store(sums, number, sum);
}

// 2^doublings · points[first + i] for i < count.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void msm_double(
    __global const uint4 *points, uint first, uint count, uint doublings, __global uint4 *multiples) {
    uint i = get_global_id(0);
    if (i >= count) return;
    xyzz p = xyzz_from_affine(affine_load(points, first + i));
#pragma unroll 1
    for (uint k = 0; k < doublings; k++) p = xyzz_double(p);
    xyzz_store(multiples, i, p);
}

// Writes points as affine ones to table[first + i], `length` a work-item with one inversion by Montgomery's trick.
// The place of each is first used for the product of the ZZZ before it.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void msm_normalise(
    __global const uint4 *points, uint count, uint length, __global uint4 *table, uint first) {
    uint begin = min((uint)get_global_id(0) * length, count);
    uint end = min(begin + length, count);
    if (begin == end) return;
    coord product = coord_one();
#pragma unroll 1
    for (uint i = begin; i < end; i++) {
        coord zzz = coord_load(points + (size_t)i * XYZZ_VECTORS + 3 * COORD_VECTORS);
        coord_store(table + (size_t)(first + i) * AFFINE_VECTORS, product);
        if (!coord_is_zero(zzz)) product = coord_mul(product, zzz);
    }
    coord inverse = coord_invert(product);
#pragma unroll 1
    for (uint i = end; i > begin; i--) {
        xyzz p = xyzz_load(points, i - 1);
        affine q = {coord_zero(), coord_zero()};
        if (!xyzz_is_identity(p)) {
            coord before = coord_load(table + (size_t)(first + i - 1) * AFFINE_VECTORS);
            coord cube = coord_mul(inverse, before);  // 1/ZZZ
            inverse = coord_mul(inverse, p.zzz);
            coord root = coord_mul(cube, p.zz);  // ZZ/ZZZ, whose square is 1/ZZ
            q.x = coord_mul(p.x, coord_sqr(root));
            q.y = coord_mul(p.y, cube);
        }
        affine_store(table, first + i - 1, q);
    }
}
