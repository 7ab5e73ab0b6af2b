// SPDX-License-Identifier: Apache-2.0

// Scalar kernels for prime fields of 4 and 6 limbs in Montgomery form.
//
// Representation, everywhere in this header: little-endian 64-bit limbs, Montgomery form with
// R = 2^(64·n), fully reduced (below the modulus), unless a comment says otherwise.
// Nothing here is constant-time, except that no function branches on more than a comparison
// with the modulus; `martlet_inverse*` is variable-time.
#ifndef MARTLET_FIELD_H
#define MARTLET_FIELD_H

#include "martlet_curves.h"
#include <stdint.h>

typedef struct { uint64_t l[4]; } martlet_limbs4;
typedef struct { uint64_t l[6]; } martlet_limbs6;

/// Everything that a prime field's arithmetic needs to know. Written by generate.py.
typedef struct {
    martlet_limbs4 modulus;       ///< p, canonical
    uint64_t inv;                 ///< −p⁻¹ mod 2^64
    martlet_limbs4 one;           ///< R mod p
    martlet_limbs4 r_squared;     ///< R² mod p
    martlet_limbs4 two_adic_root; ///< g^((p−1)/2^s), Montgomery: a primitive 2^s-th root of unity
    uint32_t two_adicity;         ///< s, the exponent of 2 in p−1
    uint32_t bit_width;           ///< number of bits of p
    uint64_t inv62;               ///< p⁻¹ mod 2^62
    int64_t modulus62[5];         ///< p in limbs of 62 bits
} martlet_field4;

typedef struct {
    martlet_limbs6 modulus;
    uint64_t inv;
    martlet_limbs6 one;
    martlet_limbs6 r_squared;
    martlet_limbs6 two_adic_root;
    uint32_t two_adicity;
    uint32_t bit_width;
    uint64_t inv62;
    int64_t modulus62[7];
} martlet_field6;

// Swift cannot take the address of an imported global; the functions can.
#define MARTLET_DECLARE_FIELD4(NAME)                                                                            \
    extern const martlet_field4 martlet_##NAME##_constants;                                                     \
    static inline const martlet_field4 *martlet_##NAME(void) { return &martlet_##NAME##_constants; }
#define MARTLET_DECLARE_FIELD6(NAME)                                                                            \
    extern const martlet_field6 martlet_##NAME##_constants;                                                     \
    static inline const martlet_field6 *martlet_##NAME(void) { return &martlet_##NAME##_constants; }

MARTLET_FIELDS4(MARTLET_DECLARE_FIELD4)
MARTLET_FIELDS6(MARTLET_DECLARE_FIELD6)

// MARK: CPU paths

/// The sets of kernels that this library holds. Scalar products are those of ADX from MARTLET_CPU_ADX up.
enum {
    MARTLET_CPU_IFMA_EMULATED = -1, ///< as portable, and the batches of IFMA in plain C: slow, for tests
    MARTLET_CPU_PORTABLE = 0,
    MARTLET_CPU_ADX = 1,  ///< scalar products by mulx, adcx and adox
    MARTLET_CPU_AVX2 = 2, ///< as ADX, and batches in lanes on AVX2 and FMA
    MARTLET_CPU_IFMA = 3, ///< as ADX, and batches in lanes on AVX-512 IFMA
};

/// What MARTLET_CPU may ask for beside a path: nothing, and what is no path or not one of this machine.
enum { MARTLET_CPU_NO_WISH = -2, MARTLET_CPU_UNKNOWN = -3, MARTLET_CPU_UNSUPPORTED = -4 };

/// The path that the environment variable MARTLET_CPU asks for; for `ifma` where the machine lacks it, its emulation.
int martlet_cpu_wish(void);

/// The path in use. Set once before the first product, from the CPU's features and the environment variable MARTLET_CPU
/// (portable | adx | avx2 | ifma | ifma-emulated; `ifma` means its emulation on a machine without it). Every path gives
/// the same bits, so a change is never a wrong result.
extern int martlet_cpu_path;

static inline int martlet_cpu_current(void) { return martlet_cpu_path; }

/// 1 when this machine can run `path`, else 0.
int martlet_cpu_supports(int path);

/// Switches to `path`; returns 0, or −1 (and changes nothing) when this machine cannot run it.
int martlet_cpu_select(int path);

/// The number of processors that the scheduler grants to this process, at least 1.
int martlet_available_cores(void);

/// The floating-point control and status word of the calling thread (MXCSR on x86-64, else 0): what kernels must not change.
uint32_t martlet_floating_point_control(void);

// MARK: products

void martlet_mul4_adx(martlet_limbs4 *r, const martlet_limbs4 *a, const martlet_limbs4 *b, const martlet_field4 *f);
void martlet_mul6_adx(martlet_limbs6 *r, const martlet_limbs6 *a, const martlet_limbs6 *b, const martlet_field6 *f);
void martlet_mul4_portable(martlet_limbs4 *r, const martlet_limbs4 *a, const martlet_limbs4 *b, const martlet_field4 *f);
void martlet_mul6_portable(martlet_limbs6 *r, const martlet_limbs6 *a, const martlet_limbs6 *b, const martlet_field6 *f);

/// The modular inverse of a Montgomery value, in Montgomery form; 0 maps to 0. Variable-time
/// (Bernstein–Yang 2019, "Fast constant-time gcd computation and modular inversion", in 62-step batches).
void martlet_inverse4(martlet_limbs4 *r, const martlet_limbs4 *a, const martlet_field4 *f);
void martlet_inverse6(martlet_limbs6 *r, const martlet_limbs6 *a, const martlet_field6 *f);

#define MARTLET_LIMB_FUNCTIONS(N)                                                                               \
    /* r = a − p when a ≥ p, else a; `a` has N limbs and the bit `carry` above them. */                         \
    static inline martlet_limbs##N martlet_reduce_once##N(martlet_limbs##N a, uint64_t carry,                   \
                                                          const martlet_field##N *f) {                          \
        martlet_limbs##N d;                                                                                     \
        unsigned long long borrow = 0;                                                                          \
        for (int i = 0; i < N; i++) d.l[i] = __builtin_subcll(a.l[i], f->modulus.l[i], borrow, &borrow);        \
        uint64_t keep = (uint64_t)0 - (uint64_t)(borrow > carry);                                               \
        for (int i = 0; i < N; i++) a.l[i] = d.l[i] ^ ((d.l[i] ^ a.l[i]) & keep);                               \
        return a;                                                                                               \
    }                                                                                                           \
    static inline martlet_limbs##N martlet_add##N(martlet_limbs##N a, martlet_limbs##N b,                       \
                                                  const martlet_field##N *f) {                                  \
        unsigned long long carry = 0;                                                                           \
        for (int i = 0; i < N; i++) a.l[i] = __builtin_addcll(a.l[i], b.l[i], carry, &carry);                   \
        return martlet_reduce_once##N(a, carry, f);                                                             \
    }                                                                                                           \
    static inline martlet_limbs##N martlet_sub##N(martlet_limbs##N a, martlet_limbs##N b,                       \
                                                  const martlet_field##N *f) {                                  \
        unsigned long long borrow = 0, carry = 0;                                                               \
        for (int i = 0; i < N; i++) a.l[i] = __builtin_subcll(a.l[i], b.l[i], borrow, &borrow);                 \
        uint64_t mask = (uint64_t)0 - (uint64_t)borrow;                                                         \
        for (int i = 0; i < N; i++) a.l[i] = __builtin_addcll(a.l[i], f->modulus.l[i] & mask, carry, &carry);   \
        return a;                                                                                               \
    }                                                                                                           \
    static inline martlet_limbs##N martlet_neg##N(martlet_limbs##N a, const martlet_field##N *f) {              \
        uint64_t any = 0;                                                                                       \
        for (int i = 0; i < N; i++) any |= a.l[i];                                                              \
        uint64_t mask = (uint64_t)0 - (uint64_t)(any != 0);                                                     \
        unsigned long long borrow = 0;                                                                          \
        for (int i = 0; i < N; i++)                                                                             \
            a.l[i] = __builtin_subcll(f->modulus.l[i] & mask, a.l[i], borrow, &borrow);                         \
        return a;                                                                                               \
    }                                                                                                           \
    /* The Montgomery product a·b·R⁻¹ mod p, on the path in use. */                                             \
    static inline martlet_limbs##N martlet_mul##N(martlet_limbs##N a, martlet_limbs##N b,                       \
                                                  const martlet_field##N *f) {                                  \
        martlet_limbs##N r;                                                                                     \
        MARTLET_DISPATCH_MUL(N, &r, &a, &b, f);                                                                 \
        return r;                                                                                               \
    }

#if defined(__x86_64__)
#define MARTLET_DISPATCH_MUL(N, r, a, b, f)                                                                     \
    if (__builtin_expect(martlet_cpu_path >= MARTLET_CPU_ADX, 1)) martlet_mul##N##_adx(r, a, b, f);            \
    else martlet_mul##N##_portable(r, a, b, f)
#else
#define MARTLET_DISPATCH_MUL(N, r, a, b, f) martlet_mul##N##_portable(r, a, b, f)
#endif

MARTLET_LIMB_FUNCTIONS(4)
MARTLET_LIMB_FUNCTIONS(6)

#endif
