// SPDX-License-Identifier: Apache-2.0

// Number-theoretic transforms in passes over tiles, without bit reversal. Follows packed.cl in a program.
//
// Let θ(i) = exp(2πi · rev(i)/2), rev(i) the bits of i behind the point in reverse order, in the field: θ(2^j) is the
// root of order 2^(j + 2) and θ(2^j + i) = θ(2^j)·θ(i) for i < 2^j. `twiddles` holds θ(0), θ(1), …; what a transform of
// size n needs are its first n entries, whatever n is. Layer s of a transform has 2^s blocks of adjacent elements, and one
// factor a block:
//
//     inverse (natural order to bit-reversed order), s = 0, 1, …:    (a, b) ← (a + b/θ(block), a − b/θ(block))
//     forward (back), s = …, 1, 0:                                   (a, b) ← (a + b, (a − b)·θ(block))
//
// 1/θ(i) = −θ(i with all bits below its highest one flipped) for i > 0, so that one table does. On the odd coset, the
// coefficient at place i of the bit-reversed order is multiplied by ω₂ₙ^rev = θ(i).
//
// A pass does `log_rows` adjacent layers: rows are 2^log_stride elements apart, and a work-group takes
// 2^log_columns adjacent columns of one block, 2^NTT_LOG_TILE elements or less, into local memory.
//
// References: Pollard 1971, "The fast Fourier transform in a finite field"; Bailey 1990, "FFTs in external or
// hierarchical memory".

// What `ntt_pass` does: any of both directions, the inverse first.
#define NTT_INVERSE 1
#define NTT_FORWARD 2
// Multiply by `scale` after the inverse.
#define NTT_SCALE 4
// Multiply by θ(place) before the forward transform.
#define NTT_ODD_COSET 8

#define NTT_TILE (1 << NTT_LOG_TILE)

#if FIELD_LIMB_BITS == 64
// CPUs like an element in one cache line.
typedef packed tile_cell;
#define NTT_TILE_CELLS NTT_TILE

static inline fe tile_load(__local const tile_cell *tile, uint e) { return unpack(tile[e]); }

static inline void tile_store(__local tile_cell *tile, uint e, fe a) { tile[e] = pack(a); }
#else
// GPUs have 32 banks of words: word i of all elements, then word i + 1. Bits 5 and 6 of an element's index are mixed into
// the lower five so that 32 neighbouring work-items meet 32 banks in every round of four elements, whatever their distance.
typedef uint tile_cell;
#define NTT_TILE_CELLS (LIMBS * NTT_TILE)

static inline uint tile_place(uint e) { return e ^ ((e >> 5 & 1) * 13) ^ ((e >> 6 & 1) * 22); }

static inline fe tile_load(__local const tile_cell *tile, uint e) {
    __local const tile_cell *at = tile + tile_place(e);
    fe r;
    for (int i = 0; i < LIMBS; i++) r.l[i] = at[i * NTT_TILE];
    return r;
}

static inline void tile_store(__local tile_cell *tile, uint e, fe a) {
    __local tile_cell *at = tile + tile_place(e);
    for (int i = 0; i < LIMBS; i++) at[i * NTT_TILE] = a.l[i];
}
#endif

// Two layers of the inverse on blocks a‖b‖c‖d of the wider one.
static inline void inverse_quad(fe *a, fe *b, fe *c, fe *d, uint block, __global const packed *twiddles) {
    fe p0, p1, p2, p3, y, z;
    if (block == 0) {
        p0 = fe_add(*a, *c), p2 = fe_sub(*a, *c);
        p1 = fe_add(*b, *d), p3 = fe_sub(*b, *d);
        z = fe_mul(p3, unpack(twiddles[1]));
        *a = fe_add(p0, p1), *b = fe_sub(p0, p1);
    } else {
        uint flipped = block ^ (0x7fffffffu >> clz(block));
        fe w = unpack(twiddles[flipped]);
        y = fe_mul(*c, w), z = fe_mul(*d, w);
        p0 = fe_sub(*a, y), p2 = fe_add(*a, y);
        p1 = fe_sub(*b, z), p3 = fe_add(*b, z);
        y = fe_mul(p1, unpack(twiddles[2 * flipped + 1]));
        z = fe_mul(p3, unpack(twiddles[2 * flipped]));
        *a = fe_sub(p0, y), *b = fe_add(p0, y);
    }
    *c = fe_sub(p2, z), *d = fe_add(p2, z);
}

// Two layers of the forward transform, of blocks a‖b and c‖d and then of a‖b‖c‖d.
static inline void forward_quad(fe *a, fe *b, fe *c, fe *d, uint block, __global const packed *twiddles) {
    fe p0 = fe_add(*a, *b), p1 = fe_sub(*a, *b);
    fe p2 = fe_add(*c, *d), p3 = fe_sub(*c, *d);
    p3 = fe_mul(p3, unpack(twiddles[2 * block + 1]));
    if (block != 0) p1 = fe_mul(p1, unpack(twiddles[2 * block]));
    *a = fe_add(p0, p2), *b = fe_add(p1, p3);
    *c = fe_sub(p0, p2), *d = fe_sub(p1, p3);
    if (block != 0) {
        fe w = unpack(twiddles[block]);
        *c = fe_mul(*c, w), *d = fe_mul(*d, w);
    }
}

// One pass over up to three vectors of 2^(log_groups + log_rows + log_columns) elements: work-group g, counted from
// `first`, takes tile g mod 2^log_groups of vector g >> log_groups.
//
// twiddles: θ, as many as a vector has elements; flags: see NTT_INVERSE and following. In place; Montgomery form.
KERNEL void ntt_pass(
    __global packed *vector0, __global packed *vector1, __global packed *vector2, __global const packed *twiddles,
    uint log_rows, uint log_columns, uint log_stride, uint log_groups, uint first, uint flags, packed scale) {
    __local tile_cell tile[NTT_TILE_CELLS];
    uint item = get_local_id(0);
    uint group = first + get_group_id(0);
    uint which = group >> log_groups;
    __global packed *vector = which == 0 ? vector0 : which == 1 ? vector1 : vector2;
    group &= (1u << log_groups) - 1;
    // The block of the pass's first layer, and where the tile begins.
    uint block = group >> (log_stride - log_columns);
    uint column = (group << log_columns) & ((1u << log_stride) - 1);
    uint base = (block << (log_stride + log_rows)) + column;
    uint columns = (1u << log_columns) - 1;
#define PLACE(e) (base + (((e) >> log_columns) << log_stride) + ((e) & columns))

    uint elements = 1u << (log_rows + log_columns);
    uint odd = log_rows & 1;
    int inverse = (flags & NTT_INVERSE) != 0, forward = (flags & NTT_FORWARD) != 0;
    int coset = (flags & NTT_ODD_COSET) != 0, scaled = (flags & NTT_SCALE) != 0;

    // An odd number of layers leaves the widest one on its own.
    uint middle = elements >> 1;
#pragma unroll 1
    for (uint e = item; e < (odd && inverse ? middle : 0); e += WORK_GROUP) {
        fe a = unpack(vector[PLACE(e)]), b = unpack(vector[PLACE(e + middle)]);
        if (block != 0) b = fe_neg(fe_mul(b, unpack(twiddles[block ^ (0x7fffffffu >> clz(block))])));
        fe sum = fe_add(a, b), difference = fe_sub(a, b);
        if (log_rows == 1 && scaled) sum = fe_mul(sum, unpack(scale)), difference = fe_mul(difference, unpack(scale));
        if (log_rows == 1 && !forward) {
            vector[PLACE(e)] = pack(sum), vector[PLACE(e + middle)] = pack(difference);
        } else {
            tile_store(tile, e, sum), tile_store(tile, e + middle, difference);
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);

#pragma unroll 1
    for (uint layer = inverse ? odd : log_rows; layer < log_rows; layer += 2) {
        uint log_quarter = log_rows - 2 - layer + log_columns, quarter = 1u << log_quarter;
        int last = layer + 2 == log_rows;
#pragma unroll 1
        for (uint t = item; t < elements >> 2; t += WORK_GROUP) {
            uint sub = t >> log_quarter;
            uint e = (sub << (log_quarter + 2)) + (t & (quarter - 1));
            fe a, b, c, d;
            if (layer == 0) {
                a = unpack(vector[PLACE(e)]), b = unpack(vector[PLACE(e + quarter)]);
                c = unpack(vector[PLACE(e + 2 * quarter)]), d = unpack(vector[PLACE(e + 3 * quarter)]);
            } else {
                a = tile_load(tile, e), b = tile_load(tile, e + quarter);
                c = tile_load(tile, e + 2 * quarter), d = tile_load(tile, e + 3 * quarter);
            }
            inverse_quad(&a, &b, &c, &d, (block << layer) + sub, twiddles);
            if (last && scaled) {
                fe s = unpack(scale);
                a = fe_mul(a, s), b = fe_mul(b, s), c = fe_mul(c, s), d = fe_mul(d, s);
            }
            if (last && !forward) {
                vector[PLACE(e)] = pack(a), vector[PLACE(e + quarter)] = pack(b);
                vector[PLACE(e + 2 * quarter)] = pack(c), vector[PLACE(e + 3 * quarter)] = pack(d);
            } else {
                tile_store(tile, e, a), tile_store(tile, e + quarter, b);
                tile_store(tile, e + 2 * quarter, c), tile_store(tile, e + 3 * quarter, d);
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

#pragma unroll 1
    for (uint done = forward ? 0 : log_rows; done + 1 < log_rows; done += 2) {
        uint log_quarter = done + log_columns, quarter = 1u << log_quarter;
        int last = done + 2 == log_rows;
#pragma unroll 1
        for (uint t = item; t < elements >> 2; t += WORK_GROUP) {
            uint sub = t >> log_quarter;
            uint e = (sub << (log_quarter + 2)) + (t & (quarter - 1));
            fe a, b, c, d;
            if (done == 0 && !inverse) {
                a = unpack(vector[PLACE(e)]), b = unpack(vector[PLACE(e + quarter)]);
                c = unpack(vector[PLACE(e + 2 * quarter)]), d = unpack(vector[PLACE(e + 3 * quarter)]);
            } else {
                a = tile_load(tile, e), b = tile_load(tile, e + quarter);
                c = tile_load(tile, e + 2 * quarter), d = tile_load(tile, e + 3 * quarter);
            }
            if (done == 0 && coset) {
                a = fe_mul(a, unpack(twiddles[PLACE(e)])), b = fe_mul(b, unpack(twiddles[PLACE(e + quarter)]));
                c = fe_mul(c, unpack(twiddles[PLACE(e + 2 * quarter)]));
                d = fe_mul(d, unpack(twiddles[PLACE(e + 3 * quarter)]));
            }
            forward_quad(&a, &b, &c, &d, (block << (log_rows - 2 - done)) + sub, twiddles);
            if (last) {
                vector[PLACE(e)] = pack(a), vector[PLACE(e + quarter)] = pack(b);
                vector[PLACE(e + 2 * quarter)] = pack(c), vector[PLACE(e + 3 * quarter)] = pack(d);
            } else {
                tile_store(tile, e, a), tile_store(tile, e + quarter, b);
                tile_store(tile, e + 2 * quarter, c), tile_store(tile, e + 3 * quarter, d);
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

#pragma unroll 1
    for (uint e = item; e < (odd && forward ? middle : 0); e += WORK_GROUP) {
        fe a, b;
        if (log_rows == 1 && !inverse) {
            a = unpack(vector[PLACE(e)]), b = unpack(vector[PLACE(e + middle)]);
        } else {
            a = tile_load(tile, e), b = tile_load(tile, e + middle);
        }
        if (log_rows == 1 && coset) {
            a = fe_mul(a, unpack(twiddles[PLACE(e)])), b = fe_mul(b, unpack(twiddles[PLACE(e + middle)]));
        }
        fe difference = fe_sub(a, b);
        if (block != 0) difference = fe_mul(difference, unpack(twiddles[block]));
        vector[PLACE(e)] = pack(fe_add(a, b)), vector[PLACE(e + middle)] = pack(difference);
    }
#undef PLACE
}

// twiddles[2^log_half + i] ← θ(2^log_half + i) = θ(i)·factor for i = first …, where `factor` is θ(2^log_half).
KERNEL void ntt_twiddles(__global packed *twiddles, uint log_half, uint first, packed factor) {
    uint i = first + get_global_id(0);
    if (i < 1u << log_half) twiddles[(1u << log_half) + i] = pack(fe_mul(unpack(twiddles[i]), unpack(factor)));
}
