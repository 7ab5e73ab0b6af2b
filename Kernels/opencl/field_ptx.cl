// SPDX-License-Identifier: Apache-2.0

// Carry chains in PTX, written by generate_ptx.py.
//
// Of FIELD_WORDS words each, the least significant first. Products keep two accumulators of two-word products, for even and
// odd words of one factor, so that the low and the high half of each product are added by neighbouring instructions, which
// NVIDIA's assembler joins into one wide multiply-add.

#if FIELD_PTX
#ifndef __NV_CL_C_VERSION
#error "PTX is for NVIDIA's compiler only"
#endif

#if FIELD_WORDS == 8
// a += b, without a carry out.
static inline void ptx_add(uint *a, const uint *b) {
    asm volatile(
        "add.cc.u32 %0, %0, %8;\n\t"
        "addc.cc.u32 %1, %1, %9;\n\t"
        "addc.cc.u32 %2, %2, %10;\n\t"
        "addc.cc.u32 %3, %3, %11;\n\t"
        "addc.cc.u32 %4, %4, %12;\n\t"
        "addc.cc.u32 %5, %5, %13;\n\t"
        "addc.cc.u32 %6, %6, %14;\n\t"
        "addc.u32 %7, %7, %15;"
        : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3]), "+&r"(a[4]), "+&r"(a[5]), "+&r"(a[6]), "+&r"(a[7])
        : "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(b[4]), "r"(b[5]), "r"(b[6]), "r"(b[7]));
}

// a −= b; returns all ones where that is negative, else 0.
static inline uint ptx_sub_borrow(uint *a, const uint *b) {
    uint borrow = 0;
    asm volatile(
        "sub.cc.u32 %0, %0, %9;\n\t"
        "subc.cc.u32 %1, %1, %10;\n\t"
        "subc.cc.u32 %2, %2, %11;\n\t"
        "subc.cc.u32 %3, %3, %12;\n\t"
        "subc.cc.u32 %4, %4, %13;\n\t"
        "subc.cc.u32 %5, %5, %14;\n\t"
        "subc.cc.u32 %6, %6, %15;\n\t"
        "subc.cc.u32 %7, %7, %16;\n\t"
        "subc.u32 %8, 0, 0;"
        : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3]), "+&r"(a[4]), "+&r"(a[5]), "+&r"(a[6]), "+&r"(a[7]), "+&r"(borrow)
        : "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(b[4]), "r"(b[5]), "r"(b[6]), "r"(b[7]));
    return borrow;
}

// even += b times the even words of a; the carry goes to odd.
static inline void ptx_add_even(uint *even, uint *odd, const uint *a, uint b) {
    asm volatile(
        "mad.lo.cc.u32 %0, %9, %13, %0;\n\t"
        "madc.hi.cc.u32 %1, %9, %13, %1;\n\t"
        "madc.lo.cc.u32 %2, %10, %13, %2;\n\t"
        "madc.hi.cc.u32 %3, %10, %13, %3;\n\t"
        "madc.lo.cc.u32 %4, %11, %13, %4;\n\t"
        "madc.hi.cc.u32 %5, %11, %13, %5;\n\t"
        "madc.lo.cc.u32 %6, %12, %13, %6;\n\t"
        "madc.hi.cc.u32 %7, %12, %13, %7;\n\t"
        "addc.u32 %8, %8, 0;"
        : "+&r"(even[0]), "+&r"(even[1]), "+&r"(even[2]), "+&r"(even[3]), "+&r"(even[4]), "+&r"(even[5]), "+&r"(even[6]), "+&r"(even[7]), "+&r"(odd[7])
        : "r"(a[0]), "r"(a[2]), "r"(a[4]), "r"(a[6]), "r"(b));
}

// odd += b times the odd words of a.
static inline void ptx_add_odd(uint *odd, const uint *a, uint b) {
    asm volatile(
        "mad.lo.cc.u32 %0, %8, %12, %0;\n\t"
        "madc.hi.cc.u32 %1, %8, %12, %1;\n\t"
        "madc.lo.cc.u32 %2, %9, %12, %2;\n\t"
        "madc.hi.cc.u32 %3, %9, %12, %3;\n\t"
        "madc.lo.cc.u32 %4, %10, %12, %4;\n\t"
        "madc.hi.cc.u32 %5, %10, %12, %5;\n\t"
        "madc.lo.cc.u32 %6, %11, %12, %6;\n\t"
        "madc.hi.u32 %7, %11, %12, %7;"
        : "+&r"(odd[0]), "+&r"(odd[1]), "+&r"(odd[2]), "+&r"(odd[3]), "+&r"(odd[4]), "+&r"(odd[5]), "+&r"(odd[6]), "+&r"(odd[7])
        : "r"(a[1]), "r"(a[3]), "r"(a[5]), "r"(a[7]), "r"(b));
}

// Divides odd by 2^64, where its lowest word is 0, and adds b times the odd words of a; the word between
// goes to even.
static inline void ptx_shift_odd(uint *even, uint *odd, const uint *a, uint b) {
    asm volatile(
        "add.cc.u32 %0, %0, %2;\n\t"
        "madc.lo.cc.u32 %1, %9, %13, %3;\n\t"
        "madc.hi.cc.u32 %2, %9, %13, %4;\n\t"
        "madc.lo.cc.u32 %3, %10, %13, %5;\n\t"
        "madc.hi.cc.u32 %4, %10, %13, %6;\n\t"
        "madc.lo.cc.u32 %5, %11, %13, %7;\n\t"
        "madc.hi.cc.u32 %6, %11, %13, %8;\n\t"
        "madc.lo.cc.u32 %7, %12, %13, 0;\n\t"
        "madc.hi.u32 %8, %12, %13, 0;"
        : "+&r"(even[0]), "+&r"(odd[0]), "+&r"(odd[1]), "+&r"(odd[2]), "+&r"(odd[3]), "+&r"(odd[4]), "+&r"(odd[5]), "+&r"(odd[6]), "+&r"(odd[7])
        : "r"(a[1]), "r"(a[3]), "r"(a[5]), "r"(a[7]), "r"(b));
}

// r += odd/2^32, of which the lowest word is 0.
static inline void ptx_merge(uint *r, const uint *odd) {
    asm volatile(
        "add.cc.u32 %0, %0, %8;\n\t"
        "addc.cc.u32 %1, %1, %9;\n\t"
        "addc.cc.u32 %2, %2, %10;\n\t"
        "addc.cc.u32 %3, %3, %11;\n\t"
        "addc.cc.u32 %4, %4, %12;\n\t"
        "addc.cc.u32 %5, %5, %13;\n\t"
        "addc.cc.u32 %6, %6, %14;\n\t"
        "addc.u32 %7, %7, 0;"
        : "+&r"(r[0]), "+&r"(r[1]), "+&r"(r[2]), "+&r"(r[3]), "+&r"(r[4]), "+&r"(r[5]), "+&r"(r[6]), "+&r"(r[7])
        : "r"(odd[1]), "r"(odd[2]), "r"(odd[3]), "r"(odd[4]), "r"(odd[5]), "r"(odd[6]), "r"(odd[7]));
}
#else
// a += b, without a carry out.
static inline void ptx_add(uint *a, const uint *b) {
    asm volatile(
        "add.cc.u32 %0, %0, %12;\n\t"
        "addc.cc.u32 %1, %1, %13;\n\t"
        "addc.cc.u32 %2, %2, %14;\n\t"
        "addc.cc.u32 %3, %3, %15;\n\t"
        "addc.cc.u32 %4, %4, %16;\n\t"
        "addc.cc.u32 %5, %5, %17;\n\t"
        "addc.cc.u32 %6, %6, %18;\n\t"
        "addc.cc.u32 %7, %7, %19;\n\t"
        "addc.cc.u32 %8, %8, %20;\n\t"
        "addc.cc.u32 %9, %9, %21;\n\t"
        "addc.cc.u32 %10, %10, %22;\n\t"
        "addc.u32 %11, %11, %23;"
        : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3]), "+&r"(a[4]), "+&r"(a[5]), "+&r"(a[6]), "+&r"(a[7]), "+&r"(a[8]), "+&r"(a[9]), "+&r"(a[10]), "+&r"(a[11])
        : "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(b[4]), "r"(b[5]), "r"(b[6]), "r"(b[7]), "r"(b[8]), "r"(b[9]), "r"(b[10]), "r"(b[11]));
}

// a −= b; returns all ones where that is negative, else 0.
static inline uint ptx_sub_borrow(uint *a, const uint *b) {
    uint borrow = 0;
    asm volatile(
        "sub.cc.u32 %0, %0, %13;\n\t"
        "subc.cc.u32 %1, %1, %14;\n\t"
        "subc.cc.u32 %2, %2, %15;\n\t"
        "subc.cc.u32 %3, %3, %16;\n\t"
        "subc.cc.u32 %4, %4, %17;\n\t"
        "subc.cc.u32 %5, %5, %18;\n\t"
        "subc.cc.u32 %6, %6, %19;\n\t"
        "subc.cc.u32 %7, %7, %20;\n\t"
        "subc.cc.u32 %8, %8, %21;\n\t"
        "subc.cc.u32 %9, %9, %22;\n\t"
        "subc.cc.u32 %10, %10, %23;\n\t"
        "subc.cc.u32 %11, %11, %24;\n\t"
        "subc.u32 %12, 0, 0;"
        : "+&r"(a[0]), "+&r"(a[1]), "+&r"(a[2]), "+&r"(a[3]), "+&r"(a[4]), "+&r"(a[5]), "+&r"(a[6]), "+&r"(a[7]), "+&r"(a[8]), "+&r"(a[9]), "+&r"(a[10]), "+&r"(a[11]), "+&r"(borrow)
        : "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(b[4]), "r"(b[5]), "r"(b[6]), "r"(b[7]), "r"(b[8]), "r"(b[9]), "r"(b[10]), "r"(b[11]));
    return borrow;
}

// even += b times the even words of a; the carry goes to odd.
static inline void ptx_add_even(uint *even, uint *odd, const uint *a, uint b) {
    asm volatile(
        "mad.lo.cc.u32 %0, %13, %19, %0;\n\t"
        "madc.hi.cc.u32 %1, %13, %19, %1;\n\t"
        "madc.lo.cc.u32 %2, %14, %19, %2;\n\t"
        "madc.hi.cc.u32 %3, %14, %19, %3;\n\t"
        "madc.lo.cc.u32 %4, %15, %19, %4;\n\t"
        "madc.hi.cc.u32 %5, %15, %19, %5;\n\t"
        "madc.lo.cc.u32 %6, %16, %19, %6;\n\t"
        "madc.hi.cc.u32 %7, %16, %19, %7;\n\t"
        "madc.lo.cc.u32 %8, %17, %19, %8;\n\t"
        "madc.hi.cc.u32 %9, %17, %19, %9;\n\t"
        "madc.lo.cc.u32 %10, %18, %19, %10;\n\t"
        "madc.hi.cc.u32 %11, %18, %19, %11;\n\t"
        "addc.u32 %12, %12, 0;"
        : "+&r"(even[0]), "+&r"(even[1]), "+&r"(even[2]), "+&r"(even[3]), "+&r"(even[4]), "+&r"(even[5]), "+&r"(even[6]), "+&r"(even[7]), "+&r"(even[8]), "+&r"(even[9]), "+&r"(even[10]), "+&r"(even[11]), "+&r"(odd[11])
        : "r"(a[0]), "r"(a[2]), "r"(a[4]), "r"(a[6]), "r"(a[8]), "r"(a[10]), "r"(b));
}

// odd += b times the odd words of a.
static inline void ptx_add_odd(uint *odd, const uint *a, uint b) {
    asm volatile(
        "mad.lo.cc.u32 %0, %12, %18, %0;\n\t"
        "madc.hi.cc.u32 %1, %12, %18, %1;\n\t"
        "madc.lo.cc.u32 %2, %13, %18, %2;\n\t"
        "madc.hi.cc.u32 %3, %13, %18, %3;\n\t"
        "madc.lo.cc.u32 %4, %14, %18, %4;\n\t"
        "madc.hi.cc.u32 %5, %14, %18, %5;\n\t"
        "madc.lo.cc.u32 %6, %15, %18, %6;\n\t"
        "madc.hi.cc.u32 %7, %15, %18, %7;\n\t"
        "madc.lo.cc.u32 %8, %16, %18, %8;\n\t"
        "madc.hi.cc.u32 %9, %16, %18, %9;\n\t"
        "madc.lo.cc.u32 %10, %17, %18, %10;\n\t"
        "madc.hi.u32 %11, %17, %18, %11;"
        : "+&r"(odd[0]), "+&r"(odd[1]), "+&r"(odd[2]), "+&r"(odd[3]), "+&r"(odd[4]), "+&r"(odd[5]), "+&r"(odd[6]), "+&r"(odd[7]), "+&r"(odd[8]), "+&r"(odd[9]), "+&r"(odd[10]), "+&r"(odd[11])
        : "r"(a[1]), "r"(a[3]), "r"(a[5]), "r"(a[7]), "r"(a[9]), "r"(a[11]), "r"(b));
}

// Divides odd by 2^64, where its lowest word is 0, and adds b times the odd words of a; the word between
// goes to even.
static inline void ptx_shift_odd(uint *even, uint *odd, const uint *a, uint b) {
    asm volatile(
        "add.cc.u32 %0, %0, %2;\n\t"
        "madc.lo.cc.u32 %1, %13, %19, %3;\n\t"
        "madc.hi.cc.u32 %2, %13, %19, %4;\n\t"
        "madc.lo.cc.u32 %3, %14, %19, %5;\n\t"
        "madc.hi.cc.u32 %4, %14, %19, %6;\n\t"
        "madc.lo.cc.u32 %5, %15, %19, %7;\n\t"
        "madc.hi.cc.u32 %6, %15, %19, %8;\n\t"
        "madc.lo.cc.u32 %7, %16, %19, %9;\n\t"
        "madc.hi.cc.u32 %8, %16, %19, %10;\n\t"
        "madc.lo.cc.u32 %9, %17, %19, %11;\n\t"
        "madc.hi.cc.u32 %10, %17, %19, %12;\n\t"
        "madc.lo.cc.u32 %11, %18, %19, 0;\n\t"
        "madc.hi.u32 %12, %18, %19, 0;"
        : "+&r"(even[0]), "+&r"(odd[0]), "+&r"(odd[1]), "+&r"(odd[2]), "+&r"(odd[3]), "+&r"(odd[4]), "+&r"(odd[5]), "+&r"(odd[6]), "+&r"(odd[7]), "+&r"(odd[8]), "+&r"(odd[9]), "+&r"(odd[10]), "+&r"(odd[11])
        : "r"(a[1]), "r"(a[3]), "r"(a[5]), "r"(a[7]), "r"(a[9]), "r"(a[11]), "r"(b));
}

// r += odd/2^32, of which the lowest word is 0.
static inline void ptx_merge(uint *r, const uint *odd) {
    asm volatile(
        "add.cc.u32 %0, %0, %12;\n\t"
        "addc.cc.u32 %1, %1, %13;\n\t"
        "addc.cc.u32 %2, %2, %14;\n\t"
        "addc.cc.u32 %3, %3, %15;\n\t"
        "addc.cc.u32 %4, %4, %16;\n\t"
        "addc.cc.u32 %5, %5, %17;\n\t"
        "addc.cc.u32 %6, %6, %18;\n\t"
        "addc.cc.u32 %7, %7, %19;\n\t"
        "addc.cc.u32 %8, %8, %20;\n\t"
        "addc.cc.u32 %9, %9, %21;\n\t"
        "addc.cc.u32 %10, %10, %22;\n\t"
        "addc.u32 %11, %11, 0;"
        : "+&r"(r[0]), "+&r"(r[1]), "+&r"(r[2]), "+&r"(r[3]), "+&r"(r[4]), "+&r"(r[5]), "+&r"(r[6]), "+&r"(r[7]), "+&r"(r[8]), "+&r"(r[9]), "+&r"(r[10]), "+&r"(r[11])
        : "r"(odd[1]), "r"(odd[2]), "r"(odd[3]), "r"(odd[4]), "r"(odd[5]), "r"(odd[6]), "r"(odd[7]), "r"(odd[8]), "r"(odd[9]), "r"(odd[10]), "r"(odd[11]));
}
#endif

// Adds the multiple of p to even + odd·2^32 that makes the lowest word 0.
static inline void ptx_reduce_row(uint *even, uint *odd, const uint *modulus) {
    uint m = even[0] * FIELD_INVERSE32;
    ptx_add_odd(odd, modulus, m);
    ptx_add_even(even, odd, modulus, m);
}

// Divides what the row before left by 2^32 and adds a·b, with the accumulators in changed roles.
static inline void ptx_row(uint *even, uint *odd, const uint *a, uint b, const uint *modulus) {
    ptx_shift_odd(even, odd, a, b);
    ptx_add_even(even, odd, a, b);
    ptx_reduce_row(even, odd, modulus);
}

// r = a·b/2^(32·FIELD_WORDS) mod p, below 2p. Montgomery's product, word by word of b.
static inline void ptx_multiply(uint *r, const uint *a, const uint *b) {
    const uint modulus[FIELD_WORDS] = {FIELD_MODULUS};
    uint odd[FIELD_WORDS];
#pragma unroll
    for (int j = 0; j < FIELD_WORDS; j += 2) {
        ulong low = (ulong)a[j] * b[0], high = (ulong)a[j + 1] * b[0];
        r[j] = (uint)low, r[j + 1] = (uint)(low >> 32);
        odd[j] = (uint)high, odd[j + 1] = (uint)(high >> 32);
    }
    ptx_reduce_row(r, odd, modulus);
    ptx_row(odd, r, a, b[1], modulus);
#pragma unroll
    for (int i = 2; i < FIELD_WORDS; i += 2) {
        ptx_row(r, odd, a, b[i], modulus);
        ptx_row(odd, r, a, b[i + 1], modulus);
    }
    ptx_merge(r, odd);
}

// a −= b, plus p where that is negative.
static inline void ptx_sub(uint *a, const uint *b) {
    uint modulus[FIELD_WORDS] = {FIELD_MODULUS};
    uint mask = ptx_sub_borrow(a, b);
#pragma unroll
    for (int i = 0; i < FIELD_WORDS; i++) modulus[i] &= mask;
    ptx_add(a, modulus);
}

// r = a − p; returns all ones where that is negative, else 0.
static inline uint ptx_reduce(uint *r, const uint *a) {
    const uint modulus[FIELD_WORDS] = {FIELD_MODULUS};
#pragma unroll
    for (int i = 0; i < FIELD_WORDS; i++) r[i] = a[i];
    return ptx_sub_borrow(r, modulus);
}
#endif
