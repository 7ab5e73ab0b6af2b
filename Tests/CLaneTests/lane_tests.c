// SPDX-License-Identifier: Apache-2.0

// Products, squares, reductions and whole batches of the lane kernels against the portable scalar products.
#include "martlet_lane_tests.h"
#include "lane_groups.h"
#include "lane_tests.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// MARK: paths

enum { GROUPS = MARTLET_GROUP_COUNT };

#define DECLARE_PROBES(PATH) extern const lane_probe lane_probe_##PATH##_5, lane_probe_##PATH##_8;
DECLARE_PROBES(signed)
DECLARE_PROBES(unsigned)
DECLARE_PROBES(avx2)
DECLARE_PROBES(ifma)
#define PROBES(PATH) {&lane_probe_##PATH##_5, &lane_probe_##PATH##_8}

#define DECLARE_ADDITIONS(NAME, name) \
    extern const martlet_addition_kernel lane_addition_signed_##name, lane_addition_unsigned_##name;
MARTLET_GROUPS(DECLARE_ADDITIONS)
#define SIGNED(NAME, name) &lane_addition_signed_##name,
#define UNSIGNED(NAME, name) &lane_addition_unsigned_##name,

typedef struct {
    const char *name;
    const lane_probe *probes[2];                      ///< for 5 and 8 digits
    const martlet_addition_kernel *additions[GROUPS]; ///< NULL: those of the library
    int library;                                      ///< MARTLET_CPU_…
} lane_path;

static const lane_path paths[] = {
    [MARTLET_LANES_SIGNED] = {"signed", PROBES(signed), {MARTLET_GROUPS(SIGNED)}, MARTLET_CPU_PORTABLE},
    [MARTLET_LANES_UNSIGNED] = {"unsigned", PROBES(unsigned), {MARTLET_GROUPS(UNSIGNED)}, MARTLET_CPU_PORTABLE},
    [MARTLET_LANES_EMULATED] = {"emulated", PROBES(unsigned), {NULL}, MARTLET_CPU_IFMA_EMULATED},
#if defined(__x86_64__)
    [MARTLET_LANES_AVX2] = {"avx2", PROBES(avx2), {NULL}, MARTLET_CPU_AVX2},
    [MARTLET_LANES_IFMA] = {"ifma", PROBES(ifma), {NULL}, MARTLET_CPU_IFMA},
#endif
};

int martlet_lanes_supported(int path) {
    if (path < 0 || (size_t)path >= sizeof paths / sizeof *paths) return 0;
    return martlet_cpu_supports(paths[path].library);
}

// MARK: failures

static jmp_buf failed;
static char message[200];
static const char *current; ///< the path under test

static _Noreturn void fail(const char *what, const char *where) {
    snprintf(message, sizeof message, "%s: %s, %s", current, where, what);
    longjmp(failed, 1);
}

// MARK: fields

typedef struct {
    const char *name;
    int limbs, bits;
    const martlet_field4 *four;
    const martlet_field6 *six;
} field;

static const field fields[] = {LANE_FIELDS};
enum { FIELDS = sizeof fields / sizeof *fields };

static const number zero;

#define AS4(a) ((martlet_limbs4){{(a).l[0], (a).l[1], (a).l[2], (a).l[3]}})
#define AS6(a) ((martlet_limbs6){{(a).l[0], (a).l[1], (a).l[2], (a).l[3], (a).l[4], (a).l[5]}})

static number of4(martlet_limbs4 a) { return (number){{a.l[0], a.l[1], a.l[2], a.l[3]}}; }
static number of6(martlet_limbs6 a) { return (number){{a.l[0], a.l[1], a.l[2], a.l[3], a.l[4], a.l[5]}}; }

static number modulus(const field *f) { return f->four ? of4(f->four->modulus) : of6(f->six->modulus); }

static number add(number a, number b, const field *f) {
    return f->four ? of4(martlet_add4(AS4(a), AS4(b), f->four)) : of6(martlet_add6(AS6(a), AS6(b), f->six));
}

static number subtract(number a, number b, const field *f) {
    return f->four ? of4(martlet_sub4(AS4(a), AS4(b), f->four)) : of6(martlet_sub6(AS6(a), AS6(b), f->six));
}

static number negate(number a, const field *f) { return subtract(zero, a, f); }

static number multiply(number a, number b, const field *f) {
    if (f->four) {
        martlet_limbs4 r, a4 = AS4(a), b4 = AS4(b);
        martlet_mul4_portable(&r, &a4, &b4, f->four);
        return of4(r);
    }
    martlet_limbs6 r, a6 = AS6(a), b6 = AS6(b);
    martlet_mul6_portable(&r, &a6, &b6, f->six);
    return of6(r);
}

static number inverse(number a, const field *f) {
    if (f->four) {
        martlet_limbs4 r, a4 = AS4(a);
        martlet_inverse4(&r, &a4, f->four);
        return of4(r);
    }
    martlet_limbs6 r, a6 = AS6(a);
    martlet_inverse6(&r, &a6, f->six);
    return of6(r);
}

static int equal(number a, number b) { return memcmp(&a, &b, sizeof a) == 0; }

static int below_modulus(number a, const field *f) {
    const number p = modulus(f);
    for (int i = f->limbs - 1; i >= 0; i--)
        if (a.l[i] != p.l[i]) return a.l[i] < p.l[i];
    return 0;
}

// MARK: random and edge values

static uint64_t state;

static uint64_t random64(void) { // splitmix64
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/// Limbs of 52 bits: all ones, zero, or around 2^51.
static number edge_digits(const field *f) {
    static const uint64_t choices[] = {0xfffffffffffff, 0, 0x8000000000000, 0x7ffffffffffff, 1, 0x8000000000001};
    number a = zero;
    for (int bit = 0; bit < 64 * f->limbs; bit += 52) {
        const uint64_t digit = choices[random64() % 6];
        a.l[bit / 64] |= digit << bit % 64;
        if (bit % 64 > 12 && bit / 64 + 1 < f->limbs) a.l[bit / 64 + 1] |= digit >> (64 - bit % 64);
    }
    return a;
}

static number element(const field *f) {
    number a = zero;
    const int bit = (int)(random64() % (uint64_t)f->bits);
    switch (random64() % 16) {
    case 0: // near zero
        a.l[0] = random64() % 4;
        break;
    case 1: // near p
        a = modulus(f);
        a.l[0] -= 1 + random64() % 4;
        break;
    case 2: // runs of ones
        for (int i = 0; i < f->limbs; i++) a.l[i] = (random64() & 1) != 0 ? ~(uint64_t)0 : 0;
        break;
    case 3:
        a = edge_digits(f);
        break;
    case 4: // ±2^k
        a.l[bit / 64] = (uint64_t)1 << bit % 64;
        if (below_modulus(a, f) && (random64() & 1) != 0) a = negate(a, f);
        break;
    case 5: // 2^k − 1
        for (int i = 0; i < bit / 64; i++) a.l[i] = ~(uint64_t)0;
        a.l[bit / 64] = ((uint64_t)1 << bit % 64) - 1;
        break;
    default:
        for (int i = 0; i < f->limbs; i++) a.l[i] = random64();
    }
    a.l[f->limbs - 1] &= ~(uint64_t)0 >> (64 * f->limbs - f->bits);
    while (!below_modulus(a, f)) a = add(a, zero, f); // takes p off
    return a;
}

// MARK: products

static void expect(const number *got, const number *wanted, int width, const char *what, const field *f) {
    for (int i = 0; i < width; i++) {
        if (!below_modulus(got[i], f)) fail("not reduced", f->name);
        if (!equal(got[i], wanted[i])) fail(what, f->name);
    }
}

/// About `n` products.
static void products(const lane_probe *probe, const field *f, long n) {
    enum { KINDS = 8 }; // products a vector
    // R/ρ in memory form turns ab/R into ab/ρ.
    number shift = zero;
    const int power = f->limbs == 4 ? 252 : 352;
    shift.l[power / 64] = (uint64_t)1 << power % 64;
    const void *constants = f->four ? (const void *)f->four : (const void *)f->six;
    for (long done = 0; done < n; done += KINDS * probe->width) {
        number a[WIDEST], b[WIDEST], c[WIDEST];
        struct { number product[WIDEST], difference[WIDEST], square[2][WIDEST], twice[WIDEST], quadratic[2][WIDEST]; } wanted;
        probe_results got;
        memset(&got, 0, sizeof got);
        for (int i = 0; i < probe->width; i++) {
            a[i] = element(f), b[i] = element(f), c[i] = element(f);
            const number scaled = multiply(b[i], shift, f), difference = subtract(a[i], c[i], f);
            wanted.product[i] = multiply(a[i], scaled, f);
            wanted.difference[i] = multiply(difference, scaled, f);
            wanted.twice[i] = multiply(wanted.product[i], scaled, f);
            wanted.square[1][i] = multiply(b[i], scaled, f);
            const number root = multiply(a[i], shift, f), mixed = multiply(difference, root, f);
            wanted.square[0][i] = multiply(a[i], root, f);
            wanted.quadratic[0][i] = subtract(wanted.product[i], mixed, f);
            wanted.quadratic[1][i] = add(wanted.square[0][i], wanted.difference[i], f);
        }
        probe->run(&got, a, b, c, constants);
        expect(got.product, wanted.product, probe->width, "product", f);
        expect(got.difference_product, wanted.difference, probe->width, "product with a difference", f);
        expect(got.square, wanted.square[0], probe->width, "square", f);
        expect(got.second_square, wanted.square[1], probe->width, "square of the second stream", f);
        expect(got.product_of_product, wanted.twice, probe->width, "product of a product", f);
        expect(got.quadratic[0], wanted.quadratic[0], probe->width, "component 0 of a quadratic product", f);
        expect(got.quadratic[1], wanted.quadratic[1], probe->width, "component 1 of a quadratic product", f);
        expect(got.second_component, wanted.quadratic[1], probe->width, "component 1 alone", f);
        for (int k = 0; k < 7; k++) expect(got.reduced[k], a, probe->width, "reduction", f);
    }
}

// MARK: batches

/// A group's coordinates are elements of Fp or of Fp2 = Fp[i]/(i² + quadratic).
typedef struct {
    const char *name;
    const field *base;
    int degree, quadratic;
} group;

static const group groups[GROUPS] = {LANE_GROUPS};

typedef struct { number c[2]; } coordinate;
typedef struct { coordinate x, y; } point;

static coordinate subtract2(coordinate a, coordinate b, const group *g) {
    return (coordinate){{subtract(a.c[0], b.c[0], g->base), subtract(a.c[1], b.c[1], g->base)}};
}

/// a times the small number that is −i².
static number times_quadratic(number a, const group *g) {
    number r = zero;
    for (int i = 0; i < g->quadratic; i++) r = add(r, a, g->base);
    return r;
}

static coordinate multiply2(coordinate a, coordinate b, const group *g) {
    const field *f = g->base;
    if (g->degree == 1) return (coordinate){{multiply(a.c[0], b.c[0], f), zero}};
    coordinate r;
    r.c[0] = subtract(multiply(a.c[0], b.c[0], f), times_quadratic(multiply(a.c[1], b.c[1], f), g), f);
    r.c[1] = add(multiply(a.c[0], b.c[1], f), multiply(a.c[1], b.c[0], f), f);
    return r;
}

static coordinate inverse2(coordinate a, const group *g) {
    const field *f = g->base;
    const number norm = add(multiply(a.c[0], a.c[0], f), times_quadratic(multiply(a.c[1], a.c[1], f), g), f);
    if (g->degree == 1) return (coordinate){{inverse(a.c[0], f), zero}};
    const number i = inverse(norm, f);
    return (coordinate){{multiply(a.c[0], i, f), multiply(negate(a.c[1], f), i, f)}};
}

static int equal2(coordinate a, coordinate b) { return equal(a.c[0], b.c[0]) && equal(a.c[1], b.c[1]); }

static int is_identity(point p) {
    const coordinate none = {{zero, zero}};
    return equal2(p.x, none) && equal2(p.y, none);
}

/// The sum of points whose x differ. The formulas do not ask whether the points are on the curve.
static point sum(point p, point q, const group *g) {
    const coordinate slope = multiply2(subtract2(q.y, p.y, g), inverse2(subtract2(q.x, p.x, g), g), g);
    point r;
    r.x = subtract2(subtract2(multiply2(slope, slope, g), p.x, g), q.x, g);
    r.y = subtract2(multiply2(slope, subtract2(p.x, r.x, g), g), p.y, g);
    return r;
}

static size_t point_size(const group *g) { return (size_t)(2 * g->degree * g->base->limbs) * 8; }

static void store_point(unsigned char *at, point p, const group *g) {
    const size_t size = (size_t)g->base->limbs * 8;
    for (int c = 0; c < g->degree; c++) {
        memcpy(at + (size_t)c * size, &p.x.c[c], size);
        memcpy(at + (size_t)(g->degree + c) * size, &p.y.c[c], size);
    }
}

static point load_point(const unsigned char *at, const group *g) {
    const size_t size = (size_t)g->base->limbs * 8;
    point p;
    memset(&p, 0, sizeof p);
    for (int c = 0; c < g->degree; c++) {
        memcpy(&p.x.c[c], at + (size_t)c * size, size);
        memcpy(&p.y.c[c], at + (size_t)(g->degree + c) * size, size);
    }
    return p;
}

static point random_point(const group *g) {
    point p;
    memset(&p, 0, sizeof p);
    for (int c = 0; c < g->degree; c++) p.x.c[c] = element(g->base), p.y.c[c] = element(g->base);
    return p;
}

/// A call with a mode of the floating-point unit, checked not to change; then the mode of before.
static size_t call_in_a_mode(const martlet_addition_kernel *kernel, void *sums, const void *points,
                             const uint32_t *references, size_t count, void *scratch, uint32_t *exceptional, const char *where) {
#if defined(__x86_64__)
    // Nearest; toward zero with the inexact exception unmasked; up; down with flags set.
    static const unsigned modes[] = {0x1f80, 0x6f80, 0x5f80, 0x3fa1};
    const unsigned mode = modes[random64() % 4], saved = _mm_getcsr();
    _mm_setcsr(mode);
#endif
    const size_t n = kernel->add(sums, points, references, count, scratch, exceptional);
#if defined(__x86_64__)
    const unsigned after = _mm_getcsr();
    _mm_setcsr(saved);
    if (after != mode) fail("MXCSR changed", where);
#else
    (void)where;
#endif
    return n;
}

enum { POINTS = 512, CANARY = 64, CANARY_BYTE = 0xa5 };

static void check_canary(const unsigned char *at, const char *what, const char *where) {
    for (int i = 0; i < CANARY; i++)
        if (at[i] != CANARY_BYTE) fail(what, where);
}

static void batch(const martlet_addition_kernel *kernel, const group *g, const unsigned char *points, size_t count) {
    const size_t size = point_size(g), scratch_size = kernel->scratch(count), shift = random64() % 64;
    uint32_t *references = malloc(8 * count + 8), *exceptional = malloc(4 * count + 4);
    unsigned char *scratch = malloc(scratch_size + shift + CANARY), *sums = malloc(count * size + CANARY);
    memset(scratch, CANARY_BYTE, scratch_size + shift + CANARY);
    memset(sums, CANARY_BYTE, count * size + CANARY);
    const uint64_t kind = random64() % 4; // no signs in every fourth call, many exceptions in another
    for (size_t k = 0; k < 2 * count; k++) {
        references[k] = (uint32_t)(random64() % POINTS);
        if (k % 2 == 1 && kind == 1 && random64() % 8 == 0) references[k] = references[k - 1];
        if (kind != 0) references[k] |= (uint32_t)random64() & (uint32_t)1 << 31;
    }
    const size_t n = call_in_a_mode(kernel, sums, points, references, count, scratch + shift, exceptional, g->name);
    check_canary(scratch + shift + scratch_size, "scratch overrun", g->name);
    check_canary(sums + count * size, "sums overrun", g->name);

    size_t exception = 0;
    for (size_t k = 0; k < count; k++) {
        point p[2];
        for (int i = 0; i < 2; i++) {
            p[i] = load_point(points + (references[2 * k + (size_t)i] & 0x7fffffff) * size, g);
            if (references[2 * k + (size_t)i] >> 31 == 0) continue;
            for (int c = 0; c < g->degree; c++) p[i].y.c[c] = negate(p[i].y.c[c], g->base);
        }
        const int must = is_identity(p[0]) || is_identity(p[1]) || equal2(p[0].x, p[1].x);
        if (exception < n && exceptional[exception] == k) {
            // Only the lowest limbs are compared, which the edge values of these tests make agree now and then.
            const uint64_t first = p[0].x.c[0].l[0], second = p[1].x.c[0].l[0];
            if (!must && first != second && first != 0 && second != 0) fail("a regular pair is declared exceptional", g->name);
            exception++;
            continue;
        }
        if (must) fail("an exceptional pair is not found", g->name);
        const point wanted = sum(p[0], p[1], g);
        unsigned char bytes[sizeof(point)];
        store_point(bytes, wanted, g);
        if (memcmp(bytes, sums + k * size, size) != 0) fail("sum", g->name);
    }
    if (exception != n) fail("the list of exceptional pairs", g->name);
    free(references), free(exceptional), free(scratch), free(sums);
}

static void batches(const martlet_addition_kernel *kernel, const group *g) {
    if (kernel == NULL) return;
    const size_t size = point_size(g), shift = random64() % 64;
    unsigned char *block = malloc(POINTS * size + 64), *points = block + shift;
    for (size_t k = 0; k < POINTS; k++) {
        point p = random_point(g);
        if (k % 64 == 7) memset(&p, 0, sizeof p);
        if (k % 64 == 8) memset(&p.y, 0, sizeof p.y);
        if (k % 64 > 8 && k % 64 < 12) p.x = load_point(points + (k - 1) * size, g).x; // equal x, other y
        store_point(points + k * size, p, g);
    }
    for (size_t count = 0; count <= 70; count++) batch(kernel, g, points, count);
    static const size_t larger[] = {255, 256, 1000, 2048};
    for (int i = 0; i < 4; i++) batch(kernel, g, points, larger[i]);
    free(block);
}

const char *martlet_test_lanes(int path, uint64_t seed, long n) {
    if (!martlet_lanes_supported(path)) return "this machine does not have the path";
    const lane_path *p = &paths[path];
    state = seed;
    current = p->name;
    if (setjmp(failed) != 0) return message;
    for (int k = 0; k < FIELDS; k++) products(p->probes[fields[k].limbs == 4 ? 0 : 1], &fields[k], n);
    for (int k = 0; k < GROUPS; k++)
        batches(p->additions[k] != NULL ? p->additions[k] : martlet_addition_kernel_for(p->library, k), &groups[k]);
    return NULL;
}
