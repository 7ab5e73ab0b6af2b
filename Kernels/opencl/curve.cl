// SPDX-License-Identifier: Apache-2.0

// Points of y² = x³ + b.
//
// Affine points are x‖y in memory, the identity all zero. Sums are in extended Jacobian coordinates X‖Y‖ZZ‖ZZZ
// (x = X/ZZ, y = Y/ZZZ, ZZ³ = ZZZ²), the identity with ZZ = 0. Additions are complete: identities, equal and opposite
// points are handled. Formulas: Explicit-Formulas Database, "XYZZ coordinates for short Weierstrass curves", a = 0.

// How additions of affine points are compiled: a program may say otherwise.
#ifndef GROUP_OPERATION
#define GROUP_OPERATION NOINLINE
#endif

typedef struct {
    coord x, y;
} affine;

typedef struct {
    coord x, y, zz, zzz;
} xyzz;

// Vectors of four words that a point takes.
#define AFFINE_VECTORS (2 * COORD_VECTORS)
#define XYZZ_VECTORS (4 * COORD_VECTORS)

static inline affine affine_load(__global const uint4 *points, size_t index) {
    __global const uint4 *at = points + index * AFFINE_VECTORS;
    affine r = {coord_load(at), coord_load(at + COORD_VECTORS)};
    return r;
}

static inline void affine_store(__global uint4 *points, size_t index, affine p) {
    __global uint4 *at = points + index * AFFINE_VECTORS;
    coord_store(at, p.x);
    coord_store(at + COORD_VECTORS, p.y);
}

static inline int affine_is_identity(affine p) { return coord_is_zero(p.x) & coord_is_zero(p.y); }

static inline xyzz xyzz_load(__global const uint4 *points, size_t index) {
    __global const uint4 *at = points + index * XYZZ_VECTORS;
    xyzz r = {coord_load(at), coord_load(at + COORD_VECTORS), coord_load(at + 2 * COORD_VECTORS),
        coord_load(at + 3 * COORD_VECTORS)};
    return r;
}

static inline void xyzz_store(__global uint4 *points, size_t index, xyzz p) {
    __global uint4 *at = points + index * XYZZ_VECTORS;
    coord_store(at, p.x);
    coord_store(at + COORD_VECTORS, p.y);
    coord_store(at + 2 * COORD_VECTORS, p.zz);
    coord_store(at + 3 * COORD_VECTORS, p.zzz);
}

static inline xyzz xyzz_identity(void) {
    xyzz r = {coord_zero(), coord_zero(), coord_zero(), coord_zero()};
    return r;
}

static inline int xyzz_is_identity(xyzz p) { return coord_is_zero(p.zz); }

static inline xyzz xyzz_from_affine(affine p) {
    xyzz r = {p.x, p.y, coord_one(), coord_one()};
    return affine_is_identity(p) ? xyzz_identity() : r;
}

// 2·p by dbl-2008-s-1: 6M + 4S. Of the identity, and of a point of order two, ZZ stays or becomes zero.
NOINLINE xyzz xyzz_double(xyzz p) {
    coord u = coord_double(p.y);
    coord v = coord_sqr(u);
    coord w = coord_mul(u, v);
    coord s = coord_mul(p.x, v);
    coord square = coord_sqr(p.x);
    coord m = coord_add(coord_double(square), square);
    xyzz r;
    r.x = coord_sub(coord_sqr(m), coord_double(s));
    r.y = coord_sub(coord_mul(m, coord_sub(s, r.x)), coord_mul(w, p.y));
    r.zz = coord_mul(v, p.zz);
    r.zzz = coord_mul(w, p.zzz);
    return r;
}

// 2·points[index], or its negative, by mdbl-2008-s-1: 4M + 3S.
NOINLINE xyzz affine_double_at(__global const uint4 *points, size_t index, int negates) {
    affine p = affine_load(points, index);
    if (affine_is_identity(p)) return xyzz_identity();
    coord u = coord_double(negates ? coord_neg(p.y) : p.y);
    xyzz r;
    r.zz = coord_sqr(u);
    r.zzz = coord_mul(u, r.zz);
    coord s = coord_mul(p.x, r.zz);
    coord square = coord_sqr(p.x);
    coord m = coord_add(coord_double(square), square);
    r.x = coord_sub(coord_sqr(m), coord_double(s));
    r.y = coord_sub(coord_mul(m, coord_sub(s, r.x)), coord_mul(r.zzz, negates ? coord_neg(p.y) : p.y));
    return r;
}

// p + q by madd-2008-s, 8M + 2S, unless that is a doubling: then *is_double is set. Whoever asked doubles q himself, so that
// points need not lie in memory for a function that is hardly ever called.
GROUP_OPERATION xyzz xyzz_add_affine(xyzz p, affine q, int *is_double) {
    *is_double = 0;
    if (affine_is_identity(q)) return p;
    if (xyzz_is_identity(p)) return xyzz_from_affine(q);
    coord h = coord_sub(coord_mul(q.x, p.zz), p.x);
    coord r = coord_sub(coord_mul(q.y, p.zzz), p.y);
    if (coord_is_zero(h)) {
        *is_double = coord_is_zero(r);
        return xyzz_identity();
    }
    coord hh = coord_sqr(h);
    coord hhh = coord_mul(h, hh);
    coord v = coord_mul(p.x, hh);
    xyzz sum;
    sum.x = coord_sub(coord_sub(coord_sqr(r), hhh), coord_double(v));
    sum.y = coord_sub(coord_mul(r, coord_sub(v, sum.x)), coord_mul(p.y, hhh));
    sum.zz = coord_mul(p.zz, hh);
    sum.zzz = coord_mul(p.zzz, hhh);
    return sum;
}

// p + q by add-2008-s: 12M + 2S.
NOINLINE xyzz xyzz_add(xyzz p, xyzz q) {
    if (xyzz_is_identity(q)) return p;
    if (xyzz_is_identity(p)) return q;
    coord u = coord_mul(p.x, q.zz);
    coord s = coord_mul(p.y, q.zzz);
    coord h = coord_sub(coord_mul(q.x, p.zz), u);
    coord r = coord_sub(coord_mul(q.y, p.zzz), s);
    if (coord_is_zero(h)) return coord_is_zero(r) ? xyzz_double(p) : xyzz_identity();
    coord hh = coord_sqr(h);
    coord hhh = coord_mul(h, hh);
    coord v = coord_mul(u, hh);
    xyzz sum;
    sum.x = coord_sub(coord_sub(coord_sqr(r), hhh), coord_double(v));
    sum.y = coord_sub(coord_mul(r, coord_sub(v, sum.x)), coord_mul(s, hhh));
    sum.zz = coord_mul(coord_mul(p.zz, q.zz), hh);
    sum.zzz = coord_mul(coord_mul(p.zzz, q.zzz), hhh);
    return sum;
}
