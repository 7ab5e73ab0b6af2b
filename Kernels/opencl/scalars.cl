// SPDX-License-Identifier: Apache-2.0

// Signed digits of scalars, and the sort of all digits by the bucket that they add a point to.
//
// The field of the program is Fr; FIELD_MODULUS is the group order r. Scalars are canonical, FIELD_WORDS words each. Of a
// scalar s > r/2 the digits are those of r − s with the other sign. Window w of `bits` bits gives a digit d with
// |d| ≤ 2^(bits − 1), which belongs to bucket |d| − 1 of group w mod `groups`, and to the multiples 2^(bits·groups·level)
// of the points, level = w / groups. Digits of zero are left out.
//
// `halves` is Σ 2^(bits·w + bits − 1) over all windows but the highest: a scalar plus that has, in each of those windows, its
// digit plus 2^(bits − 1), so that no window depends on the ones below.
//
// Keys are group·2^(bits − 1) + bucket. The sort is by counting: count, exclusive scan, place. Afterwards offsets[key] is
// where the key's entries end, which is where the next key's begin.

__constant uint scalar_order[FIELD_WORDS] = {FIELD_MODULUS};

// Digits up to this size in the lowest window are counted in local memory first: most of a witness is 0, ±1 or small, and
// atomics on few addresses are slow.
#define HOT_DIGITS 32

typedef struct {
    uint w[FIELD_WORDS];
    uint negative;
} signed_scalar;

// An integer of FIELD_WORDS words as an argument of a kernel.
#if FIELD_WORDS == 8
typedef uint8 integer;
#define INTEGER_WORDS(v) {v.s0, v.s1, v.s2, v.s3, v.s4, v.s5, v.s6, v.s7}
#elif FIELD_WORDS == 12
typedef struct {
    uint w[12];
} integer;
#define INTEGER_WORDS(v) \
    {v.w[0], v.w[1], v.w[2], v.w[3], v.w[4], v.w[5], v.w[6], v.w[7], v.w[8], v.w[9], v.w[10], v.w[11]}
#endif

static inline signed_scalar scalar_load(__global const uint4 *scalars, size_t index, integer halves) {
    signed_scalar s;
#pragma unroll
    for (int i = 0; i < FIELD_WORDS / 4; i++) {
        uint4 v = scalars[FIELD_WORDS / 4 * index + i];
        s.w[4 * i] = v.x, s.w[4 * i + 1] = v.y, s.w[4 * i + 2] = v.z, s.w[4 * i + 3] = v.w;
    }
    uint difference[FIELD_WORDS];
    uint borrow = 0;
#pragma unroll
    for (int i = 0; i < FIELD_WORDS; i++) {
        ulong t = (ulong)scalar_order[i] - s.w[i] - borrow;
        difference[i] = (uint)t;
        borrow = (uint)(t >> 32) & 1;
    }
    // Whether r − s < s: compared from the lowest word upwards, the highest difference decides.
    uint less = 0;
#pragma unroll
    for (int i = 0; i < FIELD_WORDS; i++) less = difference[i] == s.w[i] ? less : difference[i] < s.w[i];
    s.negative = less;
#pragma unroll
    for (int i = 0; i < FIELD_WORDS; i++) s.w[i] = less ? difference[i] : s.w[i];
    uint words[FIELD_WORDS] = INTEGER_WORDS(halves);
    ulong sum = 0;
#pragma unroll
    for (int i = 0; i < FIELD_WORDS; i++) {
        sum = (sum >> 32) + s.w[i] + words[i];
        s.w[i] = (uint)sum;
    }
    return s;
}

// The digit of a window.
static inline int scalar_digit(const signed_scalar *s, uint bits, uint window, uint windows) {
    uint bit = bits * window, word = bit >> 5, low = 0, high = 0;
    // Chosen, not indexed: what is indexed lies in memory.
#pragma unroll
    for (uint i = 0; i < FIELD_WORDS; i++) {
        low = i == word ? s->w[i] : low;
        high = i == word + 1 ? s->w[i] : high;
    }
    uint value = (uint)((low | (ulong)high << 32) >> (bit & 31)) & ((1u << bits) - 1);
    return (int)value - (window + 1 == windows ? 0 : 1 << (bits - 1));
}

// Adds the number of digits with each key, of the scalars from `first` on, to counts.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void digits_count(
    __global const uint4 *scalars, uint first, uint count, uint bits, uint windows, uint groups, integer halves,
    __global uint *counts) {
    __local uint hot[HOT_DIGITS];
    uint local_id = get_local_id(0);
    size_t index = get_global_id(0);
    if (local_id < HOT_DIGITS) hot[local_id] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (index < count) {
        signed_scalar s = scalar_load(scalars, first + index, halves);
        uint group = 0;
#pragma unroll 1
        for (uint window = 0; window < windows; window++) {
            uint size = abs(scalar_digit(&s, bits, window, windows));
            if (size != 0) {
                if (window == 0 && size <= HOT_DIGITS) atomic_inc(&hot[size - 1]);
                else atomic_inc(&counts[(group << (bits - 1)) + size - 1]);
            }
            group = group + 1 == groups ? 0 : group + 1;
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (local_id < HOT_DIGITS && hot[local_id] != 0) atomic_add(&counts[local_id], hot[local_id]);
}

// Writes the entry of each digit, (level·stride + index)·2 + sign with the index counted from `first`, to the place that
// offsets[key] counts up. All scalars are gone through for `per_pass` windows, then for as many more, and so on: what is
// written at a time shall fit a cache.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void digits_place(
    __global const uint4 *scalars, uint first, uint count, uint bits, uint windows, uint groups, integer halves,
    uint per_pass, uint stride, __global uint *offsets, __global uint *entries) {
    __local uint hot[HOT_DIGITS], base[HOT_DIGITS];
    uint local_id = get_local_id(0), work_groups = (count + WORK_GROUP - 1) / WORK_GROUP;
    size_t index = get_group_id(0) % work_groups * WORK_GROUP + local_id;
    uint window = get_group_id(0) / work_groups * per_pass, end = min(window + per_pass, windows);
    uint hot_size = 0, hot_rank = 0, hot_sign = 0;
    if (local_id < HOT_DIGITS) hot[local_id] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (index < count) {
        signed_scalar s = scalar_load(scalars, first + index, halves);
        uint group = window % groups, point = index + window / groups * stride;
#pragma unroll 1
        for (; window < end; window++) {
            int digit = scalar_digit(&s, bits, window, windows);
            uint size = abs(digit), sign = (digit < 0) ^ s.negative;
            if (window == 0 && size != 0 && size <= HOT_DIGITS) {
                hot_size = size, hot_sign = sign;
                hot_rank = atomic_inc(&hot[size - 1]);
            } else if (size != 0) {
                entries[atomic_inc(&offsets[(group << (bits - 1)) + size - 1])] = point << 1 | sign;
            }
            if (++group == groups) group = 0, point += stride;
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (local_id < HOT_DIGITS && hot[local_id] != 0) {
        base[local_id] = atomic_add(&offsets[local_id], hot[local_id]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (hot_size != 0) entries[base[hot_size - 1] + hot_rank] = (uint)index << 1 | hot_sign;
}

// Values that one work-item scans.
#define SCAN_ITEMS 8

// Replaces each block of WORK_GROUP·SCAN_ITEMS values by its exclusive prefix sums, and writes the block's sum.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void scan_blocks(
    __global uint *values, uint first, uint count, uint sums) {
    __local uint totals[WORK_GROUP];
    uint local_id = get_local_id(0);
    uint begin = min((uint)get_global_id(0) * SCAN_ITEMS, count);
    uint end = min(begin + SCAN_ITEMS, count);
    uint total = 0;
    for (uint i = begin; i < end; i++) total += values[first + i];
    totals[local_id] = total;
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 1
    for (uint step = 1; step < WORK_GROUP; step <<= 1) {
        uint before = local_id >= step ? totals[local_id - step] : 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        totals[local_id] += before;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    uint sum = totals[local_id] - total;
    for (uint i = begin; i < end; i++) {
        uint value = values[first + i];
        values[first + i] = sum;
        sum += value;
    }
    if (local_id == WORK_GROUP - 1) values[sums + get_group_id(0)] = totals[local_id];
}

// Adds to each block what comes before it.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1))) void scan_add(
    __global uint *values, uint first, uint count, uint sums) {
    uint before = values[sums + get_group_id(0)];
    uint begin = min((uint)get_global_id(0) * SCAN_ITEMS, count);
    uint end = min(begin + SCAN_ITEMS, count);
    for (uint i = begin; i < end; i++) values[first + i] += before;
}
