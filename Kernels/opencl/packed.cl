// SPDX-License-Identifier: Apache-2.0

// Elements of a field in vectors. Follows field.cl in a program.

#define KERNEL __kernel __attribute__((reqd_work_group_size(WORK_GROUP, 1, 1)))

// An element in global memory; one of 8 words is aligned to its size.
#if FIELD_WORDS == 8
#if FIELD_LIMB_BITS == 64
typedef ulong4 packed;
#else
typedef uint8 packed;
#endif

static inline fe unpack(packed v) {
    fe r;
    r.l[0] = v.s0, r.l[1] = v.s1, r.l[2] = v.s2, r.l[3] = v.s3;
#if FIELD_LIMB_BITS == 32
    r.l[4] = v.s4, r.l[5] = v.s5, r.l[6] = v.s6, r.l[7] = v.s7;
#endif
    return r;
}

static inline packed pack(fe a) {
#if FIELD_LIMB_BITS == 64
    return (packed)(a.l[0], a.l[1], a.l[2], a.l[3]);
#else
    return (packed)(a.l[0], a.l[1], a.l[2], a.l[3], a.l[4], a.l[5], a.l[6], a.l[7]);
#endif
}
#else
// There is no vector of 12 words.
typedef fe packed;

static inline fe unpack(packed v) { return v; }

static inline packed pack(fe a) { return a; }
#endif
