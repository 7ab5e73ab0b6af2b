#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes field_ptx.cl: the carry chains of field.cl for NVIDIA, in inline PTX.

    generate_ptx.py          prints the file
    generate_ptx.py --check  exits with 1 unless field_ptx.cl is what would be printed and computes what it should

A carry flag lives from one instruction to the next only, so every chain is one asm statement. Operands that are written
are also read, and are written before all others have been read ("+&r"): an operand that is only read must not share a
register with them, though both may begin with the same value.
"""

import pathlib
import random
import re
import sys

HEADER = """\
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
"""

FOOTER = """\
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
"""


def function(comment, signature, code, written, read, result=None):
    """One function whose body is one asm statement. code: lists of opcode and operands, by name or number."""
    names = {name: f"%{i}" for i, name in enumerate(written + read)}
    lines = []
    for opcode, *operands in code:
        text = ", ".join(names.get(o, str(o)) for o in operands)
        lines.append(f'        "{opcode}.u32 {text};\\n\\t"')
    lines[-1] = lines[-1].replace("\\n\\t", "")
    out = [f"// {line}" for line in comment.split("\n")] + [f"static inline {signature} {{"]
    if result:
        out.append(f"    uint {result} = 0;")
    out += ["    asm volatile("] + lines
    out.append("        : " + ", ".join(f'"+&r"({w})' for w in written))
    out.append("        : " + ", ".join(f'"r"({r})' for r in read) + ");")
    if result:
        out.append(f"    return {result};")
    return "\n".join(out + ["}", ""])


def functions(n):
    word = lambda name, i: f"{name}[{i}]"
    a, b, r = ([word(name, i) for i in range(n)] for name in "abr")
    even, odd = ([word(name, i) for i in range(n)] for name in ("even", "odd"))
    parts = []

    code = [["add.cc" if i == 0 else "addc.cc" if i < n - 1 else "addc", a[i], a[i], b[i]] for i in range(n)]
    parts.append(function("a += b, without a carry out.", "void ptx_add(uint *a, const uint *b)", code, a, b))

    code = [["sub.cc" if i == 0 else "subc.cc", a[i], a[i], b[i]] for i in range(n)]
    code.append(["subc", "borrow", 0, 0])
    parts.append(
        function("a −= b; returns all ones where that is negative, else 0.",
                 "uint ptx_sub_borrow(uint *a, const uint *b)", code, a + ["borrow"], b, "borrow"))

    code = []
    for j in range(0, n, 2):
        code.append(["mad.lo.cc" if j == 0 else "madc.lo.cc", even[j], a[j], "b", even[j]])
        code.append(["madc.hi.cc", even[j + 1], a[j], "b", even[j + 1]])
    code.append(["addc", odd[n - 1], odd[n - 1], 0])
    parts.append(
        function("even += b times the even words of a; the carry goes to odd.",
                 "void ptx_add_even(uint *even, uint *odd, const uint *a, uint b)", code,
                 even + [odd[n - 1]], a[0::2] + ["b"]))

    code = []
    for j in range(0, n, 2):
        code.append(["mad.lo.cc" if j == 0 else "madc.lo.cc", odd[j], a[j + 1], "b", odd[j]])
        code.append(["madc.hi.cc" if j < n - 2 else "madc.hi", odd[j + 1], a[j + 1], "b", odd[j + 1]])
    parts.append(
        function("odd += b times the odd words of a.", "void ptx_add_odd(uint *odd, const uint *a, uint b)",
                 code, odd, a[1::2] + ["b"]))

    code = [["add.cc", even[0], even[0], odd[1]]]
    for j in range(0, n, 2):
        low, high = (odd[j + 2], odd[j + 3]) if j < n - 2 else (0, 0)
        code.append(["madc.lo.cc", odd[j], a[j + 1], "b", low])
        code.append(["madc.hi.cc" if j < n - 2 else "madc.hi", odd[j + 1], a[j + 1], "b", high])
    parts.append(
        function("Divides odd by 2^64, where its lowest word is 0, and adds b times the odd words of a; the word between\n"
                 "goes to even.", "void ptx_shift_odd(uint *even, uint *odd, const uint *a, uint b)", code,
                 [even[0]] + odd, a[1::2] + ["b"]))

    code = [["add.cc" if i == 0 else "addc.cc", r[i], r[i], odd[i + 1]] for i in range(n - 1)]
    code.append(["addc", r[n - 1], r[n - 1], 0])
    parts.append(
        function("r += odd/2^32, of which the lowest word is 0.", "void ptx_merge(uint *r, const uint *odd)", code, r,
                 odd[1:]))
    return "\n".join(parts)


def text():
    return HEADER + functions(8) + "#else\n" + functions(12) + FOOTER


class Chains:
    """The asm statements of field_ptx.cl for n words, executed."""

    def __init__(self, source, n):
        eight, twelve = source.split("#else\n")[:2]
        self.functions = {}
        pattern = r"static inline \w+ (\w+)\(([^)]*)\) \{\n(?:    uint \w+ = 0;\n)?    asm volatile\((.*?)\n        : (.*?)\n        : (.*?)\);"
        for name, parameters, code, written, read in re.findall(pattern, eight if n == 8 else twelve, re.S):
            operands = re.findall(r'"(?:\+&r|r)"\(([^)]*)\)', written + read)
            lines = [line.split(None, 1) for line in re.findall(r'"([^;"]*);', code)]
            names = [p.split()[-1].lstrip("*") for p in parameters.split(",")]
            outputs = len(re.findall(r'"\+&r"', written))
            self.functions[name] = (names, operands, outputs, [(op, args.split(", ")) for op, args in lines])

    def __call__(self, name, *arguments):
        """Runs a function on lists of words, which it may change, and single words; returns its last written operand."""
        names, operands, outputs, code = self.functions[name]
        memory = dict(zip(names, arguments))

        def get(operand):
            base, _, index = operand.rstrip("]").partition("[")
            return memory.get(base, 0) if index == "" else memory[base][int(index)]

        registers = [get(o) for o in operands]
        flag = None
        for op, arguments in code:
            values = [registers[int(x[1:])] if x[0] == "%" else int(x) for x in arguments[1:]]
            mnemonic, *kinds = op.split(".")
            assert kinds[-1] == "u32"
            carry = 0
            if mnemonic.endswith("c"):
                assert flag is not None, "a carry that nothing set"
                carry = flag
            if mnemonic.startswith("mad"):
                product = values[0] * values[1]
                total = (product >> 32 if "hi" in kinds else product & 0xFFFFFFFF) + values[2] + carry
            elif mnemonic.startswith("add"):
                total = values[0] + values[1] + carry
            else:
                total = values[0] - values[1] - carry
            target = int(arguments[0][1:])
            assert target < outputs, "an operand is written that is only read"
            registers[target] = total & 0xFFFFFFFF
            flag = (total >> 32 & 1 if total >= 0 else 1) if "cc" in kinds else None
            if "cc" not in kinds:
                assert mnemonic == "subc" or total >> 32 == 0, "a carry is lost"
        for operand, value in zip(operands[:outputs], registers):
            base, _, index = operand.rstrip("]").partition("[")
            if index != "":
                memory[base][int(index)] = value
        return registers[outputs - 1]


def check(source, n, p, rng):
    """Compares the functions with integer arithmetic, the C around the asm statements done in Python."""
    run = Chains(source, n)
    words = lambda x: [x >> 32 * i & 0xFFFFFFFF for i in range(n)]
    value = lambda w: sum(x << 32 * i for i, x in enumerate(w))
    modulus, inverse = words(p), -pow(p, -1, 1 << 32) % (1 << 32)

    def reduce_row(even, odd):
        m = even[0] * inverse & 0xFFFFFFFF
        run("ptx_add_odd", odd, modulus, m)
        run("ptx_add_even", even, odd, modulus, m)

    def multiply(a, b):
        products = lambda first: [w for j in range(first, n, 2) for w in (a[j] * b[0] & 0xFFFFFFFF, a[j] * b[0] >> 32)]
        r, odd = products(0), products(1)
        reduce_row(r, odd)
        roles = (odd, r)
        for i in range(1, n):
            run("ptx_shift_odd", *roles, a, b[i])
            run("ptx_add_even", *roles, a, b[i])
            reduce_row(*roles)
            roles = roles[::-1]
        run("ptx_merge", r, odd)
        return value(r)

    edges = [0, 1, 2, p - 1, p - 2, p >> 1, (1 << 32 * n) % p, (1 << 32) - 1, 1 << 32 * (n - 1)]
    pairs = [(a, b) for a in edges for b in edges]
    pairs += [(rng.randrange(p), rng.randrange(p)) for _ in range(100)]
    for a, b in pairs:
        product = multiply(words(a), words(b))
        assert product < 2 * p and (product << 32 * n) % p == a * b % p, (n, a, b)
        total = words(a)
        run("ptx_add", total, words(b))
        assert value(total) == a + b
        mask = run("ptx_sub_borrow", total, modulus)
        assert value(total) == (a + b - p) % (1 << 32 * n) and mask == (0xFFFFFFFF if a + b < p else 0)


def main():
    if sys.argv[1:] != ["--check"]:
        print(text(), end="")
        return
    source = pathlib.Path(__file__).with_name("field_ptx.cl").read_text()
    if source != text():
        sys.exit("field_ptx.cl is not what generate_ptx.py writes")
    seed = random.randrange(1 << 64)
    print("seed", seed)
    rng = random.Random(seed)
    check(source, 8, 0x30644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD47, rng)
    check(source, 8, 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001, rng)
    check(source, 12, int(
        "1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB", 16), rng)


if __name__ == "__main__":
    main()
