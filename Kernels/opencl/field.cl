// SPDX-License-Identifier: Apache-2.0

// Prime field elements in Montgomery form, R = 2^(32·FIELD_WORDS), always below the modulus.
//
// The host defines, before this text, for one field: FIELD_WORDS (8 or 12 words of 32 bits), FIELD_MODULUS, FIELD_ONE
// (R mod p) and FIELD_R2 (R² mod p) as lists of words, the least significant first, FIELD_INVERSE32 and FIELD_INVERSE64
// (−p⁻¹ mod 2³² and 2⁶⁴), and how products are made: FIELD_LIMB_BITS 64 (for CPUs) or 32 (products of words in ulong),
// FIELD_PTX 1 for NVIDIA's carry chains (field_ptx.cl comes before). All give the same bits. The modulus must leave its
// top bit free.
//
// Products are not inlined: inlined, a group operation takes compilers minutes.

#if FIELD_LIMB_BITS == 64
typedef ulong limb;
#define LIMBS (FIELD_WORDS / 2)
#define FIELD_INVERSE FIELD_INVERSE64
#else
typedef uint limb;
#define LIMBS FIELD_WORDS
#define FIELD_INVERSE FIELD_INVERSE32
#endif

typedef struct {
    limb l[LIMBS];
} fe;

#define NOINLINE __attribute__((noinline))

// How products are compiled: a program may say otherwise.
#ifndef FIELD_PRODUCT
#define FIELD_PRODUCT NOINLINE
#endif

__constant uint field_modulus[FIELD_WORDS] = {FIELD_MODULUS};
__constant uint field_one[FIELD_WORDS] = {FIELD_ONE};
__constant uint field_r2[FIELD_WORDS] = {FIELD_R2};

// Limb i of a constant.
static inline limb constant_limb(__constant const uint *words, int i) {
#if FIELD_LIMB_BITS == 64
    return words[2 * i] | (ulong)words[2 * i + 1] << 32;
#else
    return words[i];
#endif
}

static inline fe fe_constant(__constant const uint *words) {
    fe r;
#pragma unroll
    for (int i = 0; i < LIMBS; i++) r.l[i] = constant_limb(words, i);
    return r;
}

static inline fe fe_zero(void) {
    fe r;
#pragma unroll
    for (int i = 0; i < LIMBS; i++) r.l[i] = 0;
    return r;
}

static inline fe fe_one(void) { return fe_constant(field_one); }

// Memory is addressed in words and need not be aligned to more.
static inline fe fe_load(__global const uint *words) {
    fe r;
#if FIELD_LIMB_BITS == 64
#pragma unroll
    for (int i = 0; i < LIMBS; i++) r.l[i] = words[2 * i] | (ulong)words[2 * i + 1] << 32;
#else
#pragma unroll
    for (int i = 0; i < LIMBS / 4; i++) {
        uint4 v = vload4(i, words);
        r.l[4 * i] = v.x, r.l[4 * i + 1] = v.y, r.l[4 * i + 2] = v.z, r.l[4 * i + 3] = v.w;
    }
#endif
    return r;
}

static inline void fe_store(__global uint *words, fe a) {
#if FIELD_LIMB_BITS == 64
#pragma unroll
    for (int i = 0; i < LIMBS; i++) words[2 * i] = (uint)a.l[i], words[2 * i + 1] = (uint)(a.l[i] >> 32);
#else
#pragma unroll
    for (int i = 0; i < LIMBS / 4; i++) {
        vstore4((uint4)(a.l[4 * i], a.l[4 * i + 1], a.l[4 * i + 2], a.l[4 * i + 3]), i, words);
    }
#endif
}

// Vectors of four words that an element takes.
#define FIELD_VECTORS (FIELD_WORDS / 4)

// As fe_load, of memory aligned to 16 bytes.
static inline fe fe_load_vectors(__global const uint4 *vectors) {
    fe r;
#pragma unroll
    for (int i = 0; i < FIELD_VECTORS; i++) {
        uint4 v = vectors[i];
#if FIELD_LIMB_BITS == 64
        r.l[2 * i] = v.x | (ulong)v.y << 32, r.l[2 * i + 1] = v.z | (ulong)v.w << 32;
#else
        r.l[4 * i] = v.x, r.l[4 * i + 1] = v.y, r.l[4 * i + 2] = v.z, r.l[4 * i + 3] = v.w;
#endif
    }
    return r;
}

static inline void fe_store_vectors(__global uint4 *vectors, fe a) {
#pragma unroll
    for (int i = 0; i < FIELD_VECTORS; i++) {
#if FIELD_LIMB_BITS == 64
        ulong low = a.l[2 * i], high = a.l[2 * i + 1];
        vectors[i] = (uint4)((uint)low, (uint)(low >> 32), (uint)high, (uint)(high >> 32));
#else
        vectors[i] = (uint4)(a.l[4 * i], a.l[4 * i + 1], a.l[4 * i + 2], a.l[4 * i + 3]);
#endif
    }
}

static inline int fe_is_zero(fe a) {
    limb any = 0;
#pragma unroll
    for (int i = 0; i < LIMBS; i++) any |= a.l[i];
    return any == 0;
}

static inline int fe_equal(fe a, fe b) {
    limb any = 0;
#pragma unroll
    for (int i = 0; i < LIMBS; i++) any |= a.l[i] ^ b.l[i];
    return any == 0;
}

// a where `first` is not 0, else b.
static inline fe fe_select(int first, fe a, fe b) {
    fe r;
#pragma unroll
    for (int i = 0; i < LIMBS; i++) r.l[i] = first ? a.l[i] : b.l[i];
    return r;
}

#if FIELD_LIMB_BITS == 64 && defined(__has_builtin)
#if __has_builtin(__builtin_addcl) && __has_builtin(__builtin_subcl)
#define FIELD_CARRY_BUILTINS
#endif
#endif

// a + b + *carry mod 2^limb; *carry, 0 or 1, becomes the carry out.
static inline limb add_carry(limb a, limb b, limb *carry) {
#ifdef FIELD_CARRY_BUILTINS
    unsigned long out;
    limb t = __builtin_addcl(a, b, *carry, &out);
    *carry = out;
    return t;
#else
    limb s = a + b;
    limb t = s + *carry;
    *carry = (s < a) | (t < s);
    return t;
#endif
}

// a − b − *borrow mod 2^limb; *borrow, 0 or 1, becomes the borrow out.
static inline limb sub_borrow(limb a, limb b, limb *borrow) {
#ifdef FIELD_CARRY_BUILTINS
    unsigned long out;
    limb t = __builtin_subcl(a, b, *borrow, &out);
    *borrow = out;
    return t;
#else
    limb d = a - b;
    limb t = d - *borrow;
    *borrow = (a < b) | (d < *borrow);
    return t;
#endif
}

#if FIELD_PTX
static inline fe fe_reduce(fe a) {
    fe r;
    uint keep = ptx_reduce(r.l, a.l);
#pragma unroll
    for (int i = 0; i < LIMBS; i++) r.l[i] = keep ? a.l[i] : r.l[i];
    return r;
}

static inline fe fe_add(fe a, fe b) {
    ptx_add(a.l, b.l);
    return fe_reduce(a);
}

static inline fe fe_sub(fe a, fe b) {
    ptx_sub(a.l, b.l);
    return a;
}
#else
// a − p where a ≥ p.
static inline fe fe_reduce(fe a) {
    fe r;
    limb borrow = 0;
#pragma unroll
    for (int i = 0; i < LIMBS; i++) r.l[i] = sub_borrow(a.l[i], constant_limb(field_modulus, i), &borrow);
#pragma unroll
    for (int i = 0; i < LIMBS; i++) r.l[i] = borrow ? a.l[i] : r.l[i];
    return r;
}

static inline fe fe_add(fe a, fe b) {
    limb carry = 0;
#pragma unroll
    for (int i = 0; i < LIMBS; i++) a.l[i] = add_carry(a.l[i], b.l[i], &carry);
    return fe_reduce(a);
}

static inline fe fe_sub(fe a, fe b) {
    limb borrow = 0, carry = 0;
#pragma unroll
    for (int i = 0; i < LIMBS; i++) a.l[i] = sub_borrow(a.l[i], b.l[i], &borrow);
    limb mask = (limb)0 - borrow;
#pragma unroll
    for (int i = 0; i < LIMBS; i++) a.l[i] = add_carry(a.l[i], constant_limb(field_modulus, i) & mask, &carry);
    return a;
}
#endif

static inline fe fe_neg(fe a) { return fe_sub(fe_zero(), a); }

static inline fe fe_double(fe a) { return fe_add(a, a); }

// The low limb of a·b + c + *carry; *carry becomes the high one.
static inline limb multiply_add(limb a, limb b, limb c, limb *carry) {
#if FIELD_LIMB_BITS == 32
    ulong t = (ulong)a * b + c + *carry;
    *carry = (uint)(t >> 32);
    return (uint)t;
#elif defined(__SIZEOF_INT128__)
    unsigned __int128 t = (unsigned __int128)a * b + c + *carry;
    *carry = (ulong)(t >> 64);
    return (ulong)t;
#else
    ulong low = a * b, high = mul_hi(a, b);
    low += c;
    high += low < c;
    low += *carry;
    high += low < *carry;
    *carry = high;
    return low;
#endif
}

// a·b/R mod p.
//
// Coarsely integrated operand scanning (Koç, Acar, Kaliski 1996), without the second carry word, which a free top bit of
// the modulus makes superfluous (Botrel, El Housni, "Faster Montgomery multiplication", 2022).
FIELD_PRODUCT fe fe_mul(fe a, fe b) {
#if FIELD_PTX
    fe t;
    ptx_multiply(t.l, a.l, b.l);
#else
    fe t = fe_zero();
#pragma unroll
    for (int i = 0; i < LIMBS; i++) {
        limb high = 0, reduced = 0;
        limb low = multiply_add(a.l[0], b.l[i], t.l[0], &high);
        limb m = low * FIELD_INVERSE;
        multiply_add(m, constant_limb(field_modulus, 0), low, &reduced);
#pragma unroll
        for (int j = 1; j < LIMBS; j++) {
            low = multiply_add(a.l[j], b.l[i], t.l[j], &high);
            t.l[j - 1] = multiply_add(m, constant_limb(field_modulus, j), low, &reduced);
        }
        t.l[LIMBS - 1] = high + reduced;
    }
#endif
    return fe_reduce(t);
}

static inline __attribute__((always_inline)) fe fe_sqr(fe a) { return fe_mul(a, a); }

// The integer that a stands for, in the same type.
static inline fe fe_from_montgomery(fe a) {
    fe one = fe_zero();
    one.l[0] = 1;
    return fe_mul(a, one);
}
