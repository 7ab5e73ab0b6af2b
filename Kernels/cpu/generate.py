#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what is different from field to field, from tower to tower and from group to group: the one place where C learns of a curve.

Run: python3 generate.py
It writes, here, field_constants.c, include/martlet_curves.h, towers.h and affine_batch_PATH_GROUP.c, and in Tests/CLaneTests
addition_DIGITS_GROUP.c and lane_groups.h.
"""

import pathlib

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent.parent / "Tests" / "CLaneTests"
NOTE = "// SPDX-License-Identifier: Apache-2.0\n\n// Written by Kernels/cpu/generate.py: do not edit.\n"

# The name in C; in messages; limbs; the modulus. BN254 as in EIP-196, BLS12-381 as in draft-irtf-cfrg-pairing-friendly-curves,
# BLS12-377 as in EIP-2539, BabyJubJub as in EIP-2494. The 2-power roots of unity are powers of the least non-residue: in the scalar fields of the first two
# curves that is 5, as in the circom/snarkjs formats.
FIELDS = [
    ("bn254_fp", "BN254 Fp", 4, 21888242871839275222246405745257275088696311157297823662689037894645226208583),
    ("bn254_fr", "BN254 Fr", 4, 21888242871839275222246405745257275088548364400416034343698204186575808495617),
    ("bls12_381_fr", "BLS12-381 Fr", 4, 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001),
    ("bls12_381_fp", "BLS12-381 Fp", 6, int(
        "1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB", 16)),
    ("bls12_377_fr", "BLS12-377 Fr", 4, 0x12AB655E9A2CA55660B44D1E5C37B00159AA76FED00000010A11800000000001),
    ("bls12_377_fp", "BLS12-377 Fp", 6, int(
        "1AE3A4617C510EAC63B05C06CA1493B1A22D9F300F5138F1EF3622FBA094800170B5D44300000008508C00000000001", 16)),
    ("babyjubjub_fr", "BabyJubJub Fr", 4,
        2736030358979909402780800718157159386076813972158567259200215660948447373041),
]

# The name in C; q, where Fp2 is Fp[u]/(u^2 + q); the real part of the non-residue XI + u (see tower.h).
TOWERS = [
    ("bn254", 1, 9),
    ("bls12_381", 1, 1),
    ("bls12_377", 5, 0),
]

# What the group is called; its name in C; the field of the coordinates; their degree over it; q for degree 2; the fewest pairs that
# pay on AVX2 and on IFMA (docs/lanes.md).
GROUPS = [
    ("BN254 G1", "bn254_g1", "bn254_fp", 1, 1, 16, 16),
    ("BN254 G2", "bn254_g2", "bn254_fp", 2, 1, 8, 8),
    ("BLS12-381 G1", "bls12_381_g1", "bls12_381_fp", 1, 1, 64, 16),
    ("BLS12-381 G2", "bls12_381_g2", "bls12_381_fp", 2, 1, 16, 8),
    ("BLS12-377 G1", "bls12_377_g1", "bls12_377_fp", 1, 1, 64, 16),
    ("BLS12-377 G2", "bls12_377_g2", "bls12_377_fp", 2, 5, 16, 8),
    ("Grumpkin", "grumpkin", "bn254_fr", 1, 1, 16, 16),
]


# Fields


def limbs(value, count, bits=64):
    """`value` as `count` little-endian limbs of `bits` bits."""
    return [(value >> (bits * i)) & ((1 << bits) - 1) for i in range(count)]


def braces(values):
    return "{" + ", ".join(f"0x{v:016x}" for v in values) + "}"


def constants(name, n, p):
    r = (1 << (64 * n)) % p
    odd, adicity = p - 1, 0
    while odd % 2 == 0:
        odd, adicity = odd // 2, adicity + 1
    generator = next(g for g in range(2, 100) if pow(g, (p - 1) // 2, p) == p - 1)
    root = pow(generator, odd, p)
    assert pow(root, 1 << (adicity - 1), p) == p - 1
    m62 = limbs(p, 5 if n == 4 else 7, 62)
    return f"""
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
}};
"""


def has_lanes(n, p):
    """As lanes_field_fits in lanes.h, and the bounds of affine_batch.h and ntt4.h hold."""
    return 253 <= p.bit_length() <= 255 if n == 4 else 373 <= p.bit_length() <= 381


def field_named(name):
    return next(field for field in FIELDS if field[0] == name)


# Lists


def listing(macro, items):
    """A macro that calls its argument on each item."""
    lines = [f"#define {macro}(ITEM)"] + [f"    ITEM({item})" for item in items]
    return " \\\n".join(line.ljust(60) if i + 1 < len(lines) else line for i, line in enumerate(lines)) + "\n"


def curves_header():
    groups = [f"{name.upper()}, {name}" for _, name, *_ in GROUPS]
    return f"""{NOTE}// What there are kernels for: lists that the other headers make declarations of.
#ifndef MARTLET_CURVES_H
#define MARTLET_CURVES_H

/// Fields of four limbs and of six: martlet_bn254_fp() is the constants of bn254_fp.
{listing("MARTLET_FIELDS4", [name for name, _, n, _ in FIELDS if n == 4])}
{listing("MARTLET_FIELDS6", [name for name, _, n, _ in FIELDS if n == 6])}
/// Towers of pairings: martlet_bn254_tower(path) is the kernels of bn254.
{listing("MARTLET_TOWERS", [name for name, *_ in TOWERS])}
/// Groups with batched additions, by the numbers MARTLET_BN254_G1… and in the names of their kernels.
{listing("MARTLET_GROUPS", groups)}
#endif
"""


def towers():
    text = NOTE + "// The towers of one path: to be included after what tower.h needs of it.\n"
    for name, q, xi in TOWERS:
        n = field_named(f"{name}_fp")[2]
        text += f"""
#define N {n}
#define QUADRATIC {q}
#define XI {xi}
#define CURVE {name}
#define CONSTANTS martlet_{name}_fp_constants
#include "tower.h"
"""
    return text


# Batches


def batch(title, field, degree, q, switches, header, definition, guarded):
    lines = [NOTE.rstrip(), f"// Batched affine additions of {title}."]
    if guarded:
        lines += ["#if defined(__x86_64__)"]
    lines += [f"#define LANES_DIGITS {5 if field_named(field)[2] == 4 else 8}", f"#define LANES_DEGREE {degree}"]
    if q != 1:
        lines += [f"#define LANES_Q {q}"]
    lines += [f"#define {switch}" for switch in switches]
    lines += [f'#include "{header}"', '#include "affine_batch.h"', "", *definition]
    if guarded:
        lines += ["#endif"]
    return "\n".join(lines) + "\n"


def write_batches():
    for title, name, field, degree, q, avx2, ifma in GROUPS:
        for path, words, switches, header, fewest in [
            ("avx2", "on AVX2 and FMA", [], "lanes_avx2.h", avx2),
            ("ifma", "on AVX-512 IFMA", [], "lanes_ifma.h", ifma),
            ("emulated", "on AVX-512 IFMA, emulated", ["LANES_PORTABLE_UNSIGNED 1"], "lanes_portable.h", 32),
        ]:
            definition = [f"LANES_DEFINE_ADDITION(martlet_addition_{path}_{name}, martlet_{field}_constants, {fewest});"]
            text = batch(f"{title} {words}", field, degree, q, switches, header, definition, path != "emulated")
            (HERE / f"affine_batch_{path}_{name}.c").write_text(text)
        for path, switches in [("signed", []), ("unsigned", ["LANES_PORTABLE_UNSIGNED 1"])]:
            definition = [
                f"extern const martlet_addition_kernel lane_addition_{path}_{name};",
                f"LANES_DEFINE_ADDITION(lane_addition_{path}_{name}, martlet_{field}_constants, 32);",
            ]
            text = batch(
                f"{title} in C with {path} digits, contracts checked", field, degree, q,
                ["MARTLET_LANES_CHECK", *switches], "lanes_portable.h", definition, False)
            (TESTS / f"addition_{path}_{name}.c").write_text(text)


def lane_groups():
    """The fields and groups that the tests of the lanes go through."""
    fields = [field for field in FIELDS if has_lanes(field[2], field[3])]
    text = NOTE + "// The fields that have lanes, and the groups: rows of tables in lane_tests.c.\n#define LANE_FIELDS"
    for name, title, n, p in fields:
        four, six = (f"&martlet_{name}_constants", "NULL") if n == 4 else ("NULL", f"&martlet_{name}_constants")
        text += f" \\\n    {{\"{title}\", {n}, {p.bit_length()}, {four}, {six}}},"
    text += "\n#define LANE_GROUPS"
    names = [field[0] for field in fields]
    for title, name, field, degree, q, *_ in GROUPS:
        text += f" \\\n    [MARTLET_{name.upper()}] = {{\"{title}\", &fields[{names.index(field)}], {degree}, {q}}},"
    return text + "\n"


def main():
    text = NOTE + '#include "martlet_field.h"\n' + "".join(constants(name, n, p) for name, _, n, p in FIELDS)
    (HERE / "field_constants.c").write_text(text)
    (HERE / "include" / "martlet_curves.h").write_text(curves_header())
    (HERE / "towers.h").write_text(towers())
    write_batches()
    (TESTS / "lane_groups.h").write_text(lane_groups())


if __name__ == "__main__":
    main()
