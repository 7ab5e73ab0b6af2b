// SPDX-License-Identifier: Apache-2.0

// The Montgomery product with mulx and the two independent carry chains of adcx and adox (x86-64, ADX + BMI2).
//
// The same word-by-word interleaving as mul_portable.c. For each limb of b, one row adds a·b[i] with the
// low halves on the OF chain and the high halves on the CF chain; the next row adds m·p and shifts down one limb.
#include "martlet_field.h"

#if defined(__x86_64__)

// One limb j of the row a·b[i]: the high half pending in %[hi] goes up on CF, the new low half on OF.
#define ROW_STEP(T, OFF)                                                                                        \
    "adcxq %[hi], %[" T "]\n\t"                                                                                 \
    "mulxq " OFF "(%[a]), %[lo], %[hi]\n\t"                                                                     \
    "adoxq %[lo], %[" T "]\n\t"

// One limb j of the row m·p, shifted: t[j−1] = t[j] + (high half so far, in TPREV) on CF, new low half on OF.
#define REDUCE_STEP(TPREV, T, OFF)                                                                              \
    "adcxq %[" T "], %[" TPREV "]\n\t"                                                                          \
    "mulxq " OFF "(%[f]), %[lo], %[" T "]\n\t"                                                                  \
    "adoxq %[lo], %[" TPREV "]\n\t"

// m = t[0]·(−p⁻¹); t[0] + low(m·p[0]) is zero mod 2^64 and leaves only its carry.
#define REDUCE_BEGIN(INV)                                                                                       \
    "movq " INV "(%[f]), %%rdx\n\t"                                                                             \
    "imulq %[t0], %%rdx\n\t"                                                                                    \
    "xorl %k[lo], %k[lo]\n\t"                                                                                   \
    "mulxq 0(%[f]), %[lo], %[m]\n\t"                                                                            \
    "adcxq %[t0], %[lo]\n\t"                                                                                    \
    "movq %[m], %[t0]\n\t"

#define REDUCE_END(TLAST)                                                                                       \
    "movl $0, %k[lo]\n\t"                                                                                       \
    "adcxq %[lo], %[" TLAST "]\n\t"                                                                             \
    "adoxq %[hi], %[" TLAST "]\n\t"

#define ROW_BEGIN(OFF)                                                                                          \
    "movq " OFF "(%[b]), %%rdx\n\t"                                                                             \
    "xorl %k[lo], %k[lo]\n\t"

#define ROW_FIRST                                                                                               \
    "mulxq 0(%[a]), %[lo], %[hi]\n\t"                                                                           \
    "adoxq %[lo], %[t0]\n\t"

#define ROW_END                                                                                                 \
    "movl $0, %k[lo]\n\t"                                                                                       \
    "adcxq %[lo], %[hi]\n\t"                                                                                    \
    "adoxq %[lo], %[hi]\n\t"

#define REDUCE4                                                                                                 \
    REDUCE_BEGIN("32")                                                                                          \
    REDUCE_STEP("t0", "t1", "8") REDUCE_STEP("t1", "t2", "16") REDUCE_STEP("t2", "t3", "24")                    \
    REDUCE_END("t3")

#define ROW4(OFF)                                                                                               \
    ROW_BEGIN(OFF) ROW_FIRST ROW_STEP("t1", "8") ROW_STEP("t2", "16") ROW_STEP("t3", "24") ROW_END REDUCE4

#define REDUCE6                                                                                                 \
    REDUCE_BEGIN("48")                                                                                          \
    REDUCE_STEP("t0", "t1", "8") REDUCE_STEP("t1", "t2", "16") REDUCE_STEP("t2", "t3", "24")                    \
    REDUCE_STEP("t3", "t4", "32") REDUCE_STEP("t4", "t5", "40")                                                 \
    REDUCE_END("t5")

#define ROW6(OFF)                                                                                               \
    ROW_BEGIN(OFF) ROW_FIRST ROW_STEP("t1", "8") ROW_STEP("t2", "16") ROW_STEP("t3", "24")                      \
    ROW_STEP("t4", "32") ROW_STEP("t5", "40") ROW_END REDUCE6

void martlet_mul4_adx(martlet_limbs4 *r, const martlet_limbs4 *a, const martlet_limbs4 *b, const martlet_field4 *f) {
    _Static_assert(__builtin_offsetof(martlet_field4, inv) == 32, "the assembly reads -1/p at this offset");
    uint64_t t0, t1, t2, t3, hi, lo, m;
    __asm__(
        "movq 0(%[b]), %%rdx\n\t"
        "xorl %k[lo], %k[lo]\n\t"
        "mulxq 0(%[a]), %[t0], %[t1]\n\t"
        "mulxq 8(%[a]), %[lo], %[t2]\n\t"
        "adoxq %[lo], %[t1]\n\t"
        "mulxq 16(%[a]), %[lo], %[t3]\n\t"
        "adoxq %[lo], %[t2]\n\t"
        "mulxq 24(%[a]), %[lo], %[hi]\n\t"
        "adoxq %[lo], %[t3]\n\t"
        "movl $0, %k[lo]\n\t"
        "adoxq %[lo], %[hi]\n\t"
        REDUCE4 ROW4("8") ROW4("16") ROW4("24")
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [hi] "=&r"(hi), [lo] "=&r"(lo), [m] "=&r"(m)
        : [a] "r"(a), [b] "r"(b), [f] "r"(f), "m"(*a), "m"(*b), "m"(*f)
        : "rdx", "cc");
    martlet_limbs4 t = {{t0, t1, t2, t3}};
    *r = martlet_reduce_once4(t, 0, f);
}

void martlet_mul6_adx(martlet_limbs6 *r, const martlet_limbs6 *a, const martlet_limbs6 *b, const martlet_field6 *f) {
    _Static_assert(__builtin_offsetof(martlet_field6, inv) == 48, "the assembly reads -1/p at this offset");
    uint64_t t0, t1, t2, t3, t4, t5, hi, lo, m;
    __asm__(
        "movq 0(%[b]), %%rdx\n\t"
        "xorl %k[lo], %k[lo]\n\t"
        "mulxq 0(%[a]), %[t0], %[t1]\n\t"
        "mulxq 8(%[a]), %[lo], %[t2]\n\t"
        "adoxq %[lo], %[t1]\n\t"
        "mulxq 16(%[a]), %[lo], %[t3]\n\t"
        "adoxq %[lo], %[t2]\n\t"
        "mulxq 24(%[a]), %[lo], %[t4]\n\t"
        "adoxq %[lo], %[t3]\n\t"
        "mulxq 32(%[a]), %[lo], %[t5]\n\t"
        "adoxq %[lo], %[t4]\n\t"
        "mulxq 40(%[a]), %[lo], %[hi]\n\t"
        "adoxq %[lo], %[t5]\n\t"
        "movl $0, %k[lo]\n\t"
        "adoxq %[lo], %[hi]\n\t"
        REDUCE6 ROW6("8") ROW6("16") ROW6("24") ROW6("32") ROW6("40")
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
          [hi] "=&r"(hi), [lo] "=&r"(lo), [m] "=&r"(m)
        : [a] "r"(a), [b] "r"(b), [f] "r"(f)
        : "rdx", "cc", "memory");
    martlet_limbs6 t = {{t0, t1, t2, t3, t4, t5}};
    *r = martlet_reduce_once6(t, 0, f);
}

#endif
