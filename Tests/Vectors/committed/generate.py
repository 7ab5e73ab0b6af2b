#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the files of this folder, beside the script: generate.py MARTLET, where MARTLET is the program.

The key is `martlet setup groth16 --insecure-dev`'s, and differs each time. Everything else is made here: the r1cs by docs/formats.md,
the commitments with py_ecc from the bases in the key, and the challenges by hashlib. Needs py_ecc.
"""

import hashlib
import os
import struct
import subprocess
import sys

from py_ecc import optimized_bn128 as curve

FOLDER = os.path.dirname(os.path.abspath(__file__))
P, R = curve.field_modulus, curve.curve_order
WIRES = 10  # 1, p; a, b, m, c, s; n, d, t
CONSTRAINTS = [
    ([2], [3], [1]),  # a·b = p
    ([4], [0], [4]),  # m·1 = m
    ([2, 5], [3], [6]),  # (a + c)·b = s
    ([7], [0], [7]),  # n·1 = n
    ([6, 8], [2], [9]),  # (s + d)·a = t
]
# Challenge, hashed, committed.
COMMITMENTS = [(5, [1], [2, 3, 4]), (8, [5], [6, 7])]


def container(magic, version, sections):
    data = magic + struct.pack("<II", version, len(sections))
    for number, body in sections:
        data += struct.pack("<IQ", number, len(body)) + body
    return data


def words(*values):
    return struct.pack(f"<{len(values)}I", *values)


def scalar(value):
    return value.to_bytes(32, "little")


def r1cs():
    rows = b""
    for row in CONSTRAINTS:
        for wires in row:
            rows += words(len(wires)) + b"".join(words(wire) + scalar(1) for wire in wires)
    lists = words(len(COMMITMENTS))
    for challenge, hashed, committed in COMMITMENTS:
        lists += words(challenge, len(hashed), *hashed, len(committed), *committed)
    header = words(32) + scalar(R) + words(WIRES, 0, 1, 2) + struct.pack("<Q", WIRES) + words(len(CONSTRAINTS))
    labels = struct.pack(f"<{WIRES}Q", *range(WIRES))
    return container(b"r1cs", 0x4D430001, [(1, header), (2, rows), (3, labels), (101, lists)])


def wtns(values):
    header = words(32) + scalar(R) + words(len(values))
    return container(b"wtns", 2, [(1, header), (2, b"".join(scalar(value) for value in values))])


def sections(data):
    found, at = {}, 12
    for _ in range(struct.unpack_from("<I", data, 8)[0]):
        number, size = struct.unpack_from("<IQ", data, at)
        found[number] = data[at + 12 : at + 12 + size]
        at += 12 + size
    return found


def bases(data):
    """The points of the bases, from coordinates in Montgomery form."""
    inverse = pow(2, -256, P)
    numbers = [int.from_bytes(data[i : i + 32], "little") * inverse % P for i in range(0, len(data), 32)]
    return [(curve.FQ(x), curve.FQ(y), curve.FQ(1)) for x, y in zip(numbers[::2], numbers[1::2])]


def expand(message, tag, count):
    """expand_message_xmd with SHA-256 (RFC 9380, section 5.3.1)."""
    tag += bytes([len(tag)])
    first = hashlib.sha256(bytes(64) + message + count.to_bytes(2, "big") + b"\0" + tag).digest()
    blocks, last = b"", bytes(32)
    for i in range(1, (count + 31) // 32 + 1):
        last = hashlib.sha256(bytes(x ^ y for x, y in zip(first, last)) + bytes([i]) + tag).digest()
        blocks += last
    return blocks[:count]


def challenge(points, committed, hashed):
    total = curve.Z1
    for point, value in zip(points, committed, strict=True):
        total = curve.add(total, curve.multiply(point, value))
    x, y = curve.normalize(total)
    message = b"".join(int(value).to_bytes(32, "big") for value in [x.n, y.n, *hashed])
    return int.from_bytes(expand(message, b"bsb22-commitment", 48), "big") % R


def witness(points, first_is=lambda c: c):
    a, b, m, n = 3, 11, 0x6D61736B, 0x6E6F6973
    p = a * b
    c = first_is(challenge(points[:3], [a, b, m], [p]))
    s = (a + c) * b % R
    d = challenge(points[3:], [s, n], [c])
    return [1, p, a, b, m, c, s, n, d, (s + d) * a % R]


def main():
    def write(name, data):
        with open(os.path.join(FOLDER, name), "wb") as file:
            file.write(data)

    write("circuit.r1cs", r1cs())
    key = os.path.join(FOLDER, "circuit.zkey")
    subprocess.run(
        [sys.argv[1], "setup", "groth16", "--insecure-dev", "--r1cs", os.path.join(FOLDER, "circuit.r1cs"), "--zkey", key],
        check=True)
    with open(key, "rb") as file:
        points = bases(sections(file.read())[102])
    good = witness(points)
    write("witness.wtns", wtns(good))
    write("challenge.wtns", wtns(witness(points, lambda c: (c + 1) % R)))
    write("unsatisfied.wtns", wtns(good[:9] + [(good[9] + 1) % R]))

    def run(*arguments):
        subprocess.run([sys.argv[1], *arguments], check=True, cwd=FOLDER)

    run("export", "vkey", "--zkey", "circuit.zkey")
    run("prove", "--zkey", "circuit.zkey", "--witness", "witness.wtns")


main()
