// SPDX-License-Identifier: Apache-2.0

// The tower kernels with mulx and the two independent carry chains of adcx and adox (x86-64, ADX + BMI2).
#include "martlet_tower.h"

#if defined(__x86_64__)

// A row of the wide product: the limbs in T0… += a·b[i], the new top limb in HI; low halves go on OF, high ones on CF.
// T0 is then final and its register free.
#define FIRST_STEP(OFF, T) "mulxq " OFF "(%[a]), %[lo], %[" T "]\n\t"
#define WIDE_BEGIN(OFF, T0, HI)                                                                                 \
    "movq " OFF "(%[b]), %%rdx\n\t"                                                                             \
    "xorl %k[lo], %k[lo]\n\t"                                                                                   \
    "mulxq 0(%[a]), %[lo], %[" HI "]\n\t"                                                                       \
    "adoxq %[lo], %[" T0 "]\n\t"                                                                                \
    "movq %[" T0 "], " OFF "(%[r])\n\t"
#define WIDE_STEP(OFF, T, HI)                                                                                   \
    "adcxq %[" HI "], %[" T "]\n\t"                                                                             \
    "mulxq " OFF "(%[a]), %[lo], %[" HI "]\n\t"                                                                 \
    "adoxq %[lo], %[" T "]\n\t"
#define WIDE_END(HI)                                                                                            \
    "movl $0, %k[lo]\n\t"                                                                                       \
    "adcxq %[lo], %[" HI "]\n\t"                                                                                \
    "adoxq %[lo], %[" HI "]\n\t"

#define WIDE_ROW4(OFF, A, B, C, D, HI)                                                                          \
    WIDE_BEGIN(OFF, A, HI) WIDE_STEP("8", B, HI) WIDE_STEP("16", C, HI) WIDE_STEP("24", D, HI) WIDE_END(HI)

#define WIDE_ROW6(OFF, A, B, C, D, E, F, HI)                                                                    \
    WIDE_BEGIN(OFF, A, HI) WIDE_STEP("8", B, HI) WIDE_STEP("16", C, HI) WIDE_STEP("24", D, HI)                  \
    WIDE_STEP("32", E, HI) WIDE_STEP("40", F, HI) WIDE_END(HI)

static inline __attribute__((always_inline)) void multiply_wide_4(uint64_t *r, const uint64_t *a, const uint64_t *b) {
    uint64_t t0, t1, t2, t3, t4, lo;
    __asm__ volatile(
        "movq 0(%[b]), %%rdx\n\t"
        "mulxq 0(%[a]), %[t0], %[t1]\n\t"
        "movq %[t0], 0(%[r])\n\t"
        "mulxq 8(%[a]), %[lo], %[t2]\n\t"
        "addq %[lo], %[t1]\n\t"
        "mulxq 16(%[a]), %[lo], %[t3]\n\t"
        "adcq %[lo], %[t2]\n\t"
        "mulxq 24(%[a]), %[lo], %[t4]\n\t"
        "adcq %[lo], %[t3]\n\t"
        "adcq $0, %[t4]\n\t"
        WIDE_ROW4("8", "t1", "t2", "t3", "t4", "t0")
        WIDE_ROW4("16", "t2", "t3", "t4", "t0", "t1")
        WIDE_ROW4("24", "t3", "t4", "t0", "t1", "t2")
        "movq %[t4], 32(%[r])\n\t"
        "movq %[t0], 40(%[r])\n\t"
        "movq %[t1], 48(%[r])\n\t"
        "movq %[t2], 56(%[r])\n\t"
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [lo] "=&r"(lo)
        : [a] "r"(a), [b] "r"(b), [r] "r"(r)
        : "rdx", "cc", "memory");
}

static inline __attribute__((always_inline)) void multiply_wide_6(uint64_t *r, const uint64_t *a, const uint64_t *b) {
    uint64_t t0, t1, t2, t3, t4, t5, t6, lo;
    __asm__ volatile(
        "movq 0(%[b]), %%rdx\n\t"
        "mulxq 0(%[a]), %[t0], %[t1]\n\t"
        "movq %[t0], 0(%[r])\n\t"
        "mulxq 8(%[a]), %[lo], %[t2]\n\t"
        "addq %[lo], %[t1]\n\t"
        "mulxq 16(%[a]), %[lo], %[t3]\n\t"
        "adcq %[lo], %[t2]\n\t"
        "mulxq 24(%[a]), %[lo], %[t4]\n\t"
        "adcq %[lo], %[t3]\n\t"
        "mulxq 32(%[a]), %[lo], %[t5]\n\t"
        "adcq %[lo], %[t4]\n\t"
        "mulxq 40(%[a]), %[lo], %[t6]\n\t"
        "adcq %[lo], %[t5]\n\t"
        "adcq $0, %[t6]\n\t"
        WIDE_ROW6("8", "t1", "t2", "t3", "t4", "t5", "t6", "t0")
        WIDE_ROW6("16", "t2", "t3", "t4", "t5", "t6", "t0", "t1")
        WIDE_ROW6("24", "t3", "t4", "t5", "t6", "t0", "t1", "t2")
        WIDE_ROW6("32", "t4", "t5", "t6", "t0", "t1", "t2", "t3")
        WIDE_ROW6("40", "t5", "t6", "t0", "t1", "t2", "t3", "t4")
        "movq %[t6], 48(%[r])\n\t"
        "movq %[t0], 56(%[r])\n\t"
        "movq %[t1], 64(%[r])\n\t"
        "movq %[t2], 72(%[r])\n\t"
        "movq %[t3], 80(%[r])\n\t"
        "movq %[t4], 88(%[r])\n\t"
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
          [t6] "=&r"(t6), [lo] "=&r"(lo)
        : [a] "r"(a), [b] "r"(b), [r] "r"(r)
        : "rdx", "cc", "memory");
}

// A row of the reduction: (T0… + m·p)/2^64 with m = T0·(−p⁻¹), the low halves on OF and the high ones on CF. T0 plus
// its low half is zero and leaves only a carry; its register then takes the new top limb.
#define REDUCE_BEGIN(INV, T0, T1)                                                                               \
    "movq " INV "(%[f]), %%rdx\n\t"                                                                             \
    "imulq %[" T0 "], %%rdx\n\t"                                                                                \
    "xorl %k[lo], %k[lo]\n\t"                                                                                   \
    "mulxq 0(%[f]), %[lo], %[hi]\n\t"                                                                           \
    "adoxq %[lo], %[" T0 "]\n\t"                                                                                \
    "adcxq %[hi], %[" T1 "]\n\t"
#define REDUCE_STEP(OFF, T, TNEXT)                                                                              \
    "mulxq " OFF "(%[f]), %[lo], %[hi]\n\t"                                                                     \
    "adoxq %[lo], %[" T "]\n\t"                                                                                 \
    "adcxq %[hi], %[" TNEXT "]\n\t"
// T0 is zero here, and no carry leaves the new top limb.
#define REDUCE_END(OFF, T, T0)                                                                                  \
    "mulxq " OFF "(%[f]), %[lo], %[hi]\n\t"                                                                     \
    "adoxq %[lo], %[" T "]\n\t"                                                                                 \
    "adcxq %[hi], %[" T0 "]\n\t"                                                                                \
    "movl $0, %k[lo]\n\t"                                                                                       \
    "adoxq %[lo], %[" T0 "]\n\t"

#define REDUCE_ROW4(A, B, C, D)                                                                                 \
    REDUCE_BEGIN("32", A, B) REDUCE_STEP("8", B, C) REDUCE_STEP("16", C, D) REDUCE_END("24", D, A)

#define REDUCE_ROW6(A, B, C, D, E, F)                                                                           \
    REDUCE_BEGIN("48", A, B) REDUCE_STEP("8", B, C) REDUCE_STEP("16", C, D) REDUCE_STEP("24", D, E)             \
    REDUCE_STEP("32", E, F) REDUCE_END("40", F, A)

static inline __attribute__((always_inline)) void reduce_low_4(uint64_t *r, const uint64_t *t, const martlet_field4 *f) {
    _Static_assert(__builtin_offsetof(martlet_field4, inv) == 32, "the assembly reads -1/p at this offset");
    uint64_t t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], hi, lo;
    __asm__(
        REDUCE_ROW4("t0", "t1", "t2", "t3") REDUCE_ROW4("t1", "t2", "t3", "t0")
        REDUCE_ROW4("t2", "t3", "t0", "t1") REDUCE_ROW4("t3", "t0", "t1", "t2")
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [hi] "=&r"(hi), [lo] "=&r"(lo)
        : [f] "r"(f), "m"(*f)
        : "rdx", "cc");
    r[0] = t0, r[1] = t1, r[2] = t2, r[3] = t3;
}

static inline __attribute__((always_inline)) void reduce_low_6(uint64_t *r, const uint64_t *t, const martlet_field6 *f) {
    _Static_assert(__builtin_offsetof(martlet_field6, inv) == 48, "the assembly reads -1/p at this offset");
    uint64_t t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], t4 = t[4], t5 = t[5], hi, lo;
    __asm__(
        REDUCE_ROW6("t0", "t1", "t2", "t3", "t4", "t5") REDUCE_ROW6("t1", "t2", "t3", "t4", "t5", "t0")
        REDUCE_ROW6("t2", "t3", "t4", "t5", "t0", "t1") REDUCE_ROW6("t3", "t4", "t5", "t0", "t1", "t2")
        REDUCE_ROW6("t4", "t5", "t0", "t1", "t2", "t3") REDUCE_ROW6("t5", "t0", "t1", "t2", "t3", "t4")
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), [t5] "+&r"(t5),
          [hi] "=&r"(hi), [lo] "=&r"(lo)
        : [f] "r"(f), "m"(*f)
        : "rdx", "cc");
    r[0] = t0, r[1] = t1, r[2] = t2, r[3] = t3, r[4] = t4, r[5] = t5;
}

// Sums and differences in Fp with conditional moves, which the compiler makes masks of.

static inline __attribute__((always_inline)) void add_4(uint64_t *r, const uint64_t *a, const uint64_t *b, const uint64_t *p) {
    uint64_t s0 = a[0], s1 = a[1], s2 = a[2], s3 = a[3], d0, d1, d2, d3;
    __asm__(
        "addq 0(%[b]), %[s0]\n\t" "adcq 8(%[b]), %[s1]\n\t" "adcq 16(%[b]), %[s2]\n\t" "adcq 24(%[b]), %[s3]\n\t"
        "movq %[s0], %[d0]\n\t" "movq %[s1], %[d1]\n\t" "movq %[s2], %[d2]\n\t" "movq %[s3], %[d3]\n\t"
        "subq 0(%[p]), %[s0]\n\t" "sbbq 8(%[p]), %[s1]\n\t" "sbbq 16(%[p]), %[s2]\n\t" "sbbq 24(%[p]), %[s3]\n\t"
        "cmovcq %[d0], %[s0]\n\t" "cmovcq %[d1], %[s1]\n\t" "cmovcq %[d2], %[s2]\n\t" "cmovcq %[d3], %[s3]\n\t"
        : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [d0] "=&r"(d0), [d1] "=&r"(d1),
          [d2] "=&r"(d2), [d3] "=&r"(d3)
        : [b] "r"(b), [p] "r"(p), "m"(*(const martlet_limbs4 *)b), "m"(*(const martlet_limbs4 *)p)
        : "cc");
    r[0] = s0, r[1] = s1, r[2] = s2, r[3] = s3;
}

static inline __attribute__((always_inline)) void add_6(uint64_t *r, const uint64_t *a, const uint64_t *b, const uint64_t *p) {
    uint64_t s0 = a[0], s1 = a[1], s2 = a[2], s3 = a[3], s4 = a[4], s5 = a[5], d0, d1, d2, d3, d4, d5;
    __asm__(
        "addq 0(%[b]), %[s0]\n\t" "adcq 8(%[b]), %[s1]\n\t" "adcq 16(%[b]), %[s2]\n\t"
        "adcq 24(%[b]), %[s3]\n\t" "adcq 32(%[b]), %[s4]\n\t" "adcq 40(%[b]), %[s5]\n\t"
        "movq %[s0], %[d0]\n\t" "movq %[s1], %[d1]\n\t" "movq %[s2], %[d2]\n\t"
        "movq %[s3], %[d3]\n\t" "movq %[s4], %[d4]\n\t" "movq %[s5], %[d5]\n\t"
        "subq 0(%[p]), %[s0]\n\t" "sbbq 8(%[p]), %[s1]\n\t" "sbbq 16(%[p]), %[s2]\n\t"
        "sbbq 24(%[p]), %[s3]\n\t" "sbbq 32(%[p]), %[s4]\n\t" "sbbq 40(%[p]), %[s5]\n\t"
        "cmovcq %[d0], %[s0]\n\t" "cmovcq %[d1], %[s1]\n\t" "cmovcq %[d2], %[s2]\n\t"
        "cmovcq %[d3], %[s3]\n\t" "cmovcq %[d4], %[s4]\n\t" "cmovcq %[d5], %[s5]\n\t"
        : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [s4] "+&r"(s4), [s5] "+&r"(s5),
          [d0] "=&r"(d0), [d1] "=&r"(d1), [d2] "=&r"(d2), [d3] "=&r"(d3), [d4] "=&r"(d4), [d5] "=&r"(d5)
        : [b] "r"(b), [p] "r"(p)
        : "cc", "memory");
    r[0] = s0, r[1] = s1, r[2] = s2, r[3] = s3, r[4] = s4, r[5] = s5;
}

static inline __attribute__((always_inline)) void subtract_once_4(uint64_t *a, const uint64_t *p) {
    uint64_t s0 = a[0], s1 = a[1], s2 = a[2], s3 = a[3], d0 = s0, d1 = s1, d2 = s2, d3 = s3;
    __asm__(
        "subq 0(%[p]), %[s0]\n\t" "sbbq 8(%[p]), %[s1]\n\t" "sbbq 16(%[p]), %[s2]\n\t" "sbbq 24(%[p]), %[s3]\n\t"
        "cmovcq %[d0], %[s0]\n\t" "cmovcq %[d1], %[s1]\n\t" "cmovcq %[d2], %[s2]\n\t" "cmovcq %[d3], %[s3]\n\t"
        : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3)
        : [d0] "r"(d0), [d1] "r"(d1), [d2] "r"(d2), [d3] "r"(d3), [p] "r"(p), "m"(*(const martlet_limbs4 *)p)
        : "cc");
    a[0] = s0, a[1] = s1, a[2] = s2, a[3] = s3;
}

static inline __attribute__((always_inline)) void subtract_once_6(uint64_t *a, const uint64_t *p) {
    uint64_t s0 = a[0], s1 = a[1], s2 = a[2], s3 = a[3], s4 = a[4], s5 = a[5];
    uint64_t d0 = s0, d1 = s1, d2 = s2, d3 = s3, d4 = s4, d5 = s5;
    __asm__(
        "subq 0(%[p]), %[s0]\n\t" "sbbq 8(%[p]), %[s1]\n\t" "sbbq 16(%[p]), %[s2]\n\t"
        "sbbq 24(%[p]), %[s3]\n\t" "sbbq 32(%[p]), %[s4]\n\t" "sbbq 40(%[p]), %[s5]\n\t"
        "cmovcq %[d0], %[s0]\n\t" "cmovcq %[d1], %[s1]\n\t" "cmovcq %[d2], %[s2]\n\t"
        "cmovcq %[d3], %[s3]\n\t" "cmovcq %[d4], %[s4]\n\t" "cmovcq %[d5], %[s5]\n\t"
        : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [s4] "+&r"(s4), [s5] "+&r"(s5)
        : [d0] "r"(d0), [d1] "r"(d1), [d2] "r"(d2), [d3] "r"(d3), [d4] "r"(d4), [d5] "r"(d5), [p] "r"(p)
        : "cc", "memory");
    a[0] = s0, a[1] = s1, a[2] = s2, a[3] = s3, a[4] = s4, a[5] = s5;
}

// Adds p or zero: p is loaded first and cleared where nothing was borrowed.

static inline __attribute__((always_inline)) void subtract_4(uint64_t *r, const uint64_t *a, const uint64_t *b, const uint64_t *p) {
    uint64_t s0 = a[0], s1 = a[1], s2 = a[2], s3 = a[3], d0 = p[0], d1 = p[1], d2 = p[2], d3 = p[3];
    __asm__(
        "subq 0(%[b]), %[s0]\n\t" "sbbq 8(%[b]), %[s1]\n\t" "sbbq 16(%[b]), %[s2]\n\t" "sbbq 24(%[b]), %[s3]\n\t"
        "cmovncq %[zero], %[d0]\n\t" "cmovncq %[zero], %[d1]\n\t" "cmovncq %[zero], %[d2]\n\t" "cmovncq %[zero], %[d3]\n\t"
        "addq %[d0], %[s0]\n\t" "adcq %[d1], %[s1]\n\t" "adcq %[d2], %[s2]\n\t" "adcq %[d3], %[s3]\n\t"
        : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [d0] "+&r"(d0), [d1] "+&r"(d1),
          [d2] "+&r"(d2), [d3] "+&r"(d3)
        : [b] "r"(b), [zero] "r"((uint64_t)0), "m"(*(const martlet_limbs4 *)b)
        : "cc");
    r[0] = s0, r[1] = s1, r[2] = s2, r[3] = s3;
}

static inline __attribute__((always_inline)) void subtract_6(uint64_t *r, const uint64_t *a, const uint64_t *b, const uint64_t *p) {
    uint64_t s0 = a[0], s1 = a[1], s2 = a[2], s3 = a[3], s4 = a[4], s5 = a[5];
    uint64_t d0 = p[0], d1 = p[1], d2 = p[2], d3 = p[3], d4 = p[4], d5 = p[5];
    __asm__(
        "subq 0(%[b]), %[s0]\n\t" "sbbq 8(%[b]), %[s1]\n\t" "sbbq 16(%[b]), %[s2]\n\t"
        "sbbq 24(%[b]), %[s3]\n\t" "sbbq 32(%[b]), %[s4]\n\t" "sbbq 40(%[b]), %[s5]\n\t"
        "cmovncq %[zero], %[d0]\n\t" "cmovncq %[zero], %[d1]\n\t" "cmovncq %[zero], %[d2]\n\t"
        "cmovncq %[zero], %[d3]\n\t" "cmovncq %[zero], %[d4]\n\t" "cmovncq %[zero], %[d5]\n\t"
        "addq %[d0], %[s0]\n\t" "adcq %[d1], %[s1]\n\t" "adcq %[d2], %[s2]\n\t"
        "adcq %[d3], %[s3]\n\t" "adcq %[d4], %[s4]\n\t" "adcq %[d5], %[s5]\n\t"
        : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [s4] "+&r"(s4), [s5] "+&r"(s5),
          [d0] "+&r"(d0), [d1] "+&r"(d1), [d2] "+&r"(d2), [d3] "+&r"(d3), [d4] "+&r"(d4), [d5] "+&r"(d5)
        : [b] "r"(b), [zero] "m"((const uint64_t){0})
        : "cc", "memory");
    r[0] = s0, r[1] = s1, r[2] = s2, r[3] = s3, r[4] = s4, r[5] = s5;
}

#define PATH adx

#include "towers.h"

#endif
