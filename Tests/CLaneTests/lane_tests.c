// Products, squares, reductions and whole batches of the lane kernels against the portable scalar ones, on random and
// edge values: 0, 1, p - 1, limbs of 52 bits all ones or around 2^51, powers of two, and k*p + small before reduction.
#include "common_scalar.h"
#include "martlet_batch.h"
#include "martlet_lane_tests.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#define P(N) int martlet_probe_width_##N(void); \
  void martlet_probe_##N(int, martlet_limbs4 *, const martlet_limbs4 *, const martlet_limbs4 *, const martlet_limbs4 *, const martlet_field4 *);
P(avx2) P(portable) P(unsigned)
typedef struct { const char *name; int rz; int width;
  void (*probe)(int, martlet_limbs4 *, const martlet_limbs4 *, const martlet_limbs4 *, const martlet_limbs4 *, const martlet_field4 *);
  void (*batch)(martlet_limbs4 *, const uint32_t *, const uint32_t *, size_t, void *, const martlet_field4 *);
  size_t (*scratch)(size_t); } path_t;
static uint64_t state;
static uint64_t rnd(void) { uint64_t z = (state += 0x9e3779b97f4a7c15); z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9; z = (z ^ z >> 27) * 0x94d049bb133111eb; return z ^ z >> 31; }
static int below(martlet_limbs4 a, const martlet_field4 *f) { for (int i = 3; i >= 0; i--) if (a.l[i] != f->modulus.l[i]) return a.l[i] < f->modulus.l[i]; return 0; }
static martlet_limbs4 element(const martlet_field4 *f) {
    martlet_limbs4 a; unsigned kind = rnd() % 16;
    for (int i = 0; i < 4; i++) a.l[i] = rnd();
    a.l[3] &= ((uint64_t)1 << (f->bit_width - 192)) - 1;
    switch (kind) {
    case 0: memset(&a, 0, sizeof a); a.l[0] = rnd() % 4; break;
    case 1: a = f->modulus; a.l[0] -= 1 + rnd() % 4; break;
    case 2: for (int i = 0; i < 4; i++) a.l[i] = (rnd() & 1) ? ~(uint64_t)0 : 0; break;
    case 3: { // 52-bit limbs all ones, zero, or around 2^51
        uint64_t d[5]; for (int i = 0; i < 5; i++) { uint64_t c[6] = {0xfffffffffffff, 0, 0x8000000000000, 0x7ffffffffffff, 1, 0x8000000000001}; d[i] = c[rnd() % 6]; }
        d[4] >>= 4; a.l[0] = d[0] | d[1] << 52; a.l[1] = d[1] >> 12 | d[2] << 40; a.l[2] = d[2] >> 24 | d[3] << 28; a.l[3] = d[3] >> 36 | d[4] << 16; break; }
    case 4: { int b = rnd() % f->bit_width; memset(&a, 0, sizeof a); a.l[b / 64] = (uint64_t)1 << b % 64; if (rnd() & 1) a = martlet_neg4(a, f); break; }
    case 5: { int b = rnd() % 256; for (int i = 0; i < 4; i++) a.l[i] = i < b / 64 ? ~(uint64_t)0 : i == b / 64 ? ((uint64_t)1 << b % 64) - 1 : 0; break; }
    }
    a.l[3] &= ((uint64_t)1 << (f->bit_width - 192)) - 1;
    while (!below(a, f)) a = martlet_reduce_once4(a, 0, f);
    return a;
}
static jmp_buf failed;
static char message[160];
static _Noreturn void fail(const char *what, const path_t *p) { snprintf(message, sizeof message, "%s on %s", what, p->name); longjmp(failed, 1); }
static martlet_limbs4 times16(martlet_limbs4 a, const martlet_field4 *f) { for (int i = 0; i < 4; i++) a = martlet_add4(a, a, f); return a; }
static unsigned csr_in(const path_t *p) { unsigned s = 0;
#if defined(__x86_64__)
  s = _mm_getcsr(); if (p->rz) _mm_setcsr(0x7f80);
#endif
  return s; }
static void csr_out(unsigned s) {
#if defined(__x86_64__)
  _mm_setcsr(s);
#else
  (void)s;
#endif
}
static void products(const path_t *p, const martlet_field4 *f, long n) {
    for (long k = 0; k < n; k += p->width) {
        martlet_limbs4 a[8], b[8], z[8], r[6][8];
        for (int i = 0; i < p->width; i++) a[i] = element(f), b[i] = element(f), z[i] = element(f);
        unsigned s = csr_in(p);
        for (int kind = 0; kind < 6; kind++) if (kind != 4) p->probe(kind, r[kind], a, b, z, f);
        csr_out(s);
        for (int i = 0; i < p->width; i++) {
            martlet_limbs4 e, t;
            martlet_mul4_portable(&e, &a[i], &b[i], f);
            t = times16(r[0][i], f); if (!below(r[0][i], f) || memcmp(&t, &e, 32)) fail("product", p);
            martlet_mul4_portable(&e, &e, &b[i], f);
            t = times16(times16(r[5][i], f), f); if (!below(r[5][i], f) || memcmp(&t, &e, 32)) fail("product of a product", p);
            martlet_mul4_portable(&e, &a[i], &a[i], f);
            t = times16(r[1][i], f); if (!below(r[1][i], f) || memcmp(&t, &e, 32)) fail("square", p);
            martlet_mul4_portable(&e, &b[i], &b[i], f);
            t = times16(r[3][i], f); if (!below(r[3][i], f) || memcmp(&t, &e, 32)) fail("square 2", p);
            e = martlet_sub4(a[i], z[i], f); martlet_mul4_portable(&e, &e, &b[i], f);
            t = times16(r[2][i], f); if (!below(r[2][i], f) || memcmp(&t, &e, 32)) fail("difference times b", p);
        }
    }
}
// Reduction of a + k·p for k = 1…6, where a is near 0 and near p, hits the rare path; a + k·p must give a.
static void reductions(const path_t *p, const martlet_field4 *field, long n) {
    martlet_field4 f = *field;
    for (long k = 0; k < n; k++) {
        martlet_limbs4 a[8], r[8];
        for (int i = 0; i < p->width; i++) {
            a[i] = element(field);
            if (rnd() % 3 == 0) { memset(&a[i], 0, 32); a[i].l[0] = rnd() % 4; if (rnd() & 1) a[i].l[rnd() % 4] = rnd() >> 12; if (!below(a[i], field)) a[i] = field->one; }
            if (rnd() % 4 == 0) a[i] = martlet_neg4(a[i], field);
        }
        f.two_adicity = 1 + rnd() % 7;
        unsigned s = csr_in(p); p->probe(4, r, a, a, a, &f); csr_out(s);
        for (int i = 0; i < p->width; i++) if (memcmp(&a[i], &r[i], 32)) fail("reduction", p);
    }
}
static void batches(const path_t *p, const martlet_field4 *f) {
    enum { N = 4096 };
    martlet_limbs4 *base = malloc(N * 64), *u = malloc(N * 64), *v = malloc(N * 64), *sc = malloc(N * 64);
    // k·G for k = 1…N
    martlet_limbs4 g[2]; g[0] = f->one; g[1] = martlet_add4(f->one, f->one, f);
    memcpy(base, g, 64); memcpy(base + 2, g, 64); scalar_double(base + 2, f);
    for (int k = 2; k < N; k++) {
        uint32_t one = 0, two = 1; martlet_limbs4 t[4]; memcpy(t, base + 2 * (k - 1), 64); memcpy(t + 2, g, 64);
        scalar_batch(t, &one, &two, 1, sc, f); memcpy(base + 2 * k, t, 64);
    }
    for (int k = 0; k < N; k++) { // on the curve
        martlet_limbs4 x = base[2 * k], y = base[2 * k + 1], l = martlet_mul4(y, y, f), r = martlet_mul4(martlet_mul4(x, x, f), x, f);
        r = martlet_add4(r, martlet_add4(f->one, martlet_add4(f->one, f->one, f), f), f);
        if (memcmp(&l, &r, 32)) fail("reference points", p);
    }
    static uint32_t perm[N];
    for (int i = 0; i < 75; i++) {
        size_t count = i == 0 ? 0 : i <= 70 ? (size_t)i : i == 71 ? 1000 : i == 72 ? 2048 : i == 73 ? 1023 : 1024;
        for (int rep = 0; rep < 5; rep++) {
            for (uint32_t k = 0; k < N; k++) perm[k] = k;
            for (uint32_t k = N - 1; k > 0; k--) { uint32_t j = rnd() % (k + 1), t = perm[k]; perm[k] = perm[j]; perm[j] = t; }
            memcpy(u, base, N * 64);
            for (int k = 0; k < N; k++) if (rnd() & 1) u[2 * k + 1] = martlet_neg4(u[2 * k + 1], f);
            memcpy(v, u, N * 64);
            size_t size = p->scratch(count); unsigned char *s = malloc(size + 64); memset(s, 0xa5, size + 64);
            int shift = (int)(rnd() % 64) & ~7; // any alignment of malloc or worse
            if (shift) { s = realloc(s, size + 192); memset(s, 0xa5, size + 192); }
#if defined(__x86_64__)
            unsigned modes[4] = {0x1f80, p->rz ? 0x0fa0 : 0x1fa0 /* inexact unmasked */, 0x5f80, 0x9fc0}, mode = modes[rnd() % 4], saved = _mm_getcsr(); _mm_setcsr(mode);
#endif
            p->batch(u, perm, perm + count, count, s + shift, f);
#if defined(__x86_64__)
            unsigned after = _mm_getcsr(); _mm_setcsr(saved); if (p->rz ? after != mode : ((after ^ mode) & ~0x3fu) != 0) fail("MXCSR", p);
#endif
            for (int k = 0; k < 64; k++) if (s[size + shift + k] != 0xa5) fail("scratch overrun", p);
            free(s);
            scalar_batch(v, perm, perm + count, count, sc, f);
            if (memcmp(u, v, N * 64)) fail("batch", p);
        }
    }
    free(base); free(u); free(v); free(sc);
}
const char *martlet_test_lanes(int path, uint64_t seed, long n) {
    const path_t paths[] = {
        {"portable", 0, 4, martlet_probe_portable, martlet_affine_add_batch4_portable, martlet_affine_add_batch4_portable_scratch},
        {"unsigned", 0, 4, martlet_probe_unsigned, martlet_affine_add_batch4_unsigned, martlet_affine_add_batch4_unsigned_scratch},
#if defined(__x86_64__)
        {"avx2", 1, 4, martlet_probe_avx2, martlet_affine_add_batch4_avx2, martlet_affine_add_batch4_avx2_scratch},
#endif
    };
    if (path < 0 || (size_t)path >= sizeof paths / sizeof *paths) return "there is no such path on this architecture";
    const martlet_field4 *fields[] = {martlet_bn254_fp(), martlet_bn254_fr()};
    state = seed;
    if (setjmp(failed) != 0) return message;
    for (int k = 0; k < 2; k++) {
        products(&paths[path], fields[k], n);
        reductions(&paths[path], fields[k], n / 4);
    }
    batches(&paths[path], fields[0]);
    return NULL;
}
