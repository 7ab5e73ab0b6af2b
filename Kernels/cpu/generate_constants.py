#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes field_constants.c: the parameters of the prime fields that Martlet computes in.

Run: python3 generate_constants.py > field_constants.c
Moduli: BN254 as in EIP-196, BLS12-381 as in draft-irtf-cfrg-pairing-friendly-curves. The generator of the
2-power roots of unity of both scalar fields is 5, as in the circom/snarkjs formats.
"""

FIELDS = [
    ("bn254_fp", 4, 21888242871839275222246405745257275088696311157297823662689037894645226208583, None),
    ("bn254_fr", 4, 21888242871839275222246405745257275088548364400416034343698204186575808495617, 5),
    ("bls12_381_fr", 4, 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001, 5),
    ("bls12_381_fp", 6, int(
        "1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB", 16), None),
]


def limbs(value, count, bits=64):
    """`value` as `count` little-endian limbs of `bits` bits."""
    return [(value >> (bits * i)) & ((1 << bits) - 1) for i in range(count)]


def braces(values):
    return "{" + ", ".join(f"0x{v:016x}" for v in values) + "}"


def main():
    print("// SPDX-License-Identifier: Apache-2.0\n")
    print("// Written by generate_constants.py: do not edit.")
    print('#include "martlet_field.h"')
    for name, n, p, generator in FIELDS:
        r = (1 << (64 * n)) % p
        odd, adicity = p - 1, 0
        while odd % 2 == 0:
            odd, adicity = odd // 2, adicity + 1
        if generator is None:
            generator = next(g for g in range(2, 100) if pow(g, (p - 1) // 2, p) == p - 1)
        root = pow(generator, odd, p)
        assert pow(root, 1 << (adicity - 1), p) == p - 1
        m62 = limbs(p, 5 if n == 4 else 7, 62)
        print(f"""
const martlet_field{n} martlet_{name}_constants = {{
    .modulus = {{{braces(limbs(p, n))}}},
    .inv = 0x{-pow(p, -1, 1 << 64) % (1 << 64):016x},
    .one = {{{braces(limbs(r, n))}}},
    .r_squared = {{{braces(limbs(r * r % p, n))}}},
    .two_adic_root = {{{braces(limbs(root * r % p, n))}}},
    .two_adicity = {adicity},
    .bit_width = {p.bit_length()},
    .inv62 = 0x{pow(p, -1, 1 << 62):016x},
    .modulus62 = {braces(m62)},
}};""")


if __name__ == "__main__":
    main()
