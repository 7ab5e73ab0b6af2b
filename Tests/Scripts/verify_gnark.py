#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An independent verifier of Groth16 proofs in gnark's files, with and without commitments (BSB22), on py_ecc alone.

    python3 verify_gnark.py --curve bn254 --vkey vk.bin --public witness.public.bin --proof proof.bin [--hash keccak256 | poseidon]

Prints `OK` and exits 0, or prints `INVALID: reason` and exits 1; 2 for files that are no such files. Slow (seconds) and simple on
purpose: tests hold this project's own reader, verifier and prover against it, so it shares no code with them. Needs py_ecc, and
eth_hash with a backend for --hash keccak256; --hash poseidon, which gnark does not have, takes poseidon.py beside this file.

Checked: lengths; every coordinate and value is below its modulus; every point is on its curve and in the subgroup; G is one for all
commitments; with c_k the hash of D_k and of what the key says is hashed with it, f a hash of all c_k, n public inputs x

    e(A, B) = e(alpha, beta) · e(K[0] + sum x[i]·K[i + 1] + sum c[k]·K[n + 1 + k] + sum D[k], gamma) · e(C, delta)
    e(PoK, G) · product e(f^k · D[k], -sigma_k·G) = 1
"""

import argparse
import hashlib
import importlib
import sys

CURVES = {"bn254": ("optimized_bn128", 32, 2), "bls12-381": ("optimized_bls12_381", 48, 3)}


class Malformed(Exception):
    """The file is not one of gnark's; the text says why."""


class Invalid(Exception):
    """The proof is not one that a verifier may accept; the text says why."""


def expand(message, tag, count):
    """expand_message_xmd of RFC 9380 with SHA-256."""
    suffix = tag + bytes([len(tag)])
    first = hashlib.sha256(bytes(64) + message + count.to_bytes(2, "big") + b"\0" + suffix).digest()
    block, out = bytes(32), b""
    while len(out) < count:
        mixed = bytes(a ^ b for a, b in zip(first, block))
        block = hashlib.sha256(mixed + bytes([len(out) // 32 + 1]) + suffix).digest()
        out += block
    return out[:count]


class Reader:
    def __init__(self, data, curve, size, flag_bits):
        self.data, self.at, self.curve, self.size, self.flag_bits = data, 0, curve, size, flag_bits
        self.p, self.r = curve.field_modulus, curve.curve_order

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Malformed(f"truncated at byte {self.at}")
        self.at += count
        return self.data[self.at - count : self.at]

    def integer(self, count=4):
        return int.from_bytes(self.take(count), "big")

    def finish(self):
        if self.at != len(self.data):
            raise Malformed(f"{len(self.data) - self.at} bytes behind the end")

    def root(self, square):
        """A square root in Fp or Fp2 (a pair); both moduli are 3 mod 4."""
        p = self.p
        if isinstance(square, int):
            y = pow(square, (p + 1) // 4, p)
            return y if y * y % p == square else None
        a, b = square
        if b == 0:
            y = self.root(a)
            if y is not None:
                return (y, 0)
            y = self.root(-a % p)
            return None if y is None else (0, y)
        norm = self.root((a * a + b * b) % p)
        if norm is None:
            return None
        half = pow(2, -1, p)
        x = self.root((a + norm) * half % p)
        if x is None:
            x = self.root((a - norm) * half % p)
        if x is None:
            return None
        y = b * pow(2 * x, -1, p) % p
        return (x, y) if (x * x - y * y) % p == a and 2 * x * y % p == b else None

    def coordinate(self, data, degree):
        parts = [int.from_bytes(data[i * self.size : (i + 1) * self.size], "big") for i in range(degree)]
        if any(c >= self.p for c in parts):
            raise Malformed("a coordinate is not below the modulus")
        return parts[0] if degree == 1 else (parts[1], parts[0])

    def point(self, degree):
        c, p, size = self.curve, self.p, self.size * degree
        at = self.at
        first = self.data[at] >> (8 - self.flag_bits) if at < len(self.data) else 0
        flags = {2: {0: "raw", 1: "zero", 2: "small", 3: "large"}, 3: {0: "raw", 2: "rawzero", 4: "small", 5: "large", 6: "zero"}}
        kind = flags[self.flag_bits].get(first)
        if kind is None:
            raise Malformed(f"byte {at}: no flags of a point")
        data = bytearray(self.take(2 * size if kind.startswith("raw") else size))
        data[0] &= 0xFF >> self.flag_bits
        if kind in ("zero", "rawzero") or (kind == "raw" and self.flag_bits == 2 and not any(data)):
            if any(data):
                raise Malformed(f"byte {at}: a point at infinity with coordinates")
            return c.Z1 if degree == 1 else c.Z2
        x = self.coordinate(data[:size], degree)
        if kind == "raw":
            y = self.coordinate(data[size:], degree)
        else:
            field = c.FQ(x) if degree == 1 else c.FQ2(x)
            square = field * field * field + (c.b if degree == 1 else c.b2)
            y = self.root(square.n if degree == 1 else tuple(square.coeffs))
            if y is None:
                raise Invalid(f"byte {at}: no point of the curve")
            major = y if degree == 1 else (y[1] or y[0])
            if (major > p - major) != (kind == "large"):
                y = -y % p if degree == 1 else (-y[0] % p, -y[1] % p)
        wrap = c.FQ if degree == 1 else c.FQ2
        point = (wrap(x), wrap(y), wrap(1) if degree == 1 else c.FQ2.one())
        if not c.is_on_curve(point, c.b if degree == 1 else c.b2):
            raise Invalid(f"byte {at}: not on the curve")
        if not c.is_inf(c.multiply(point, self.r)):
            raise Invalid(f"byte {at}: not in the subgroup")
        return point

    def g1(self):
        return self.point(1)

    def g2(self):
        return self.point(2)


def marshal(curve, size, flag_bits, point):
    """x and y, as they are hashed."""
    if curve.is_inf(point):
        return bytes([0x40 if flag_bits == 3 else 0]) + bytes(2 * size - 1)
    x, y = curve.normalize(point)
    return x.n.to_bytes(size, "big") + y.n.to_bytes(size, "big")


def verify(args):
    name, size, flag_bits = CURVES[args.curve]
    curve = importlib.import_module(f"py_ecc.{name}")
    pairing = importlib.import_module(f"py_ecc.{name}.optimized_pairing").pairing
    r = curve.curve_order

    def open_file(path):
        with open(path, "rb") as file:
            return Reader(file.read(), curve, size, flag_bits)

    file = open_file(args.vkey)
    alpha, _, beta, gamma, _, delta = file.g1(), file.g1(), file.g2(), file.g2(), file.g1(), file.g2()
    points = [file.g1() for _ in range(file.integer())]
    hashed = [[file.integer(8) for _ in range(file.integer())] for _ in range(file.integer())]
    keys = [(file.g2(), file.g2()) for _ in range(file.integer())]
    file.finish()
    count = len(points) - 1 - len(keys)
    if len(keys) != len(hashed) or count < 0:
        raise Malformed("the numbers of commitments differ")
    for k, indices in enumerate(hashed):
        if any(not 1 <= j <= count + k for j in indices):
            raise Invalid(f"commitment {k} hashes what it must not")
    if any(not curve.eq(g, keys[0][0]) for g, _ in keys):
        raise Invalid("there are several G")

    file = open_file(args.public)
    publics, secrets, values = file.integer(), file.integer(), file.integer()
    known = [file.integer(32) for _ in range(values)]
    file.finish()
    if secrets != 0 or publics != values or values != count:
        raise Malformed("not the public inputs that the key wants")
    if any(x >= r for x in known):
        raise Malformed("a public input is not below the group order")

    file = open_file(args.proof)
    a, b, c = file.g1(), file.g2(), file.g1()
    commitments = [file.g1() for _ in range(file.integer())]
    knowledge = file.g1()
    file.finish()
    if len(commitments) != len(keys):
        raise Invalid("another number of commitments than the key's")

    for k, point in enumerate(commitments):
        if args.hash == "poseidon":
            import poseidon

            x, y = (0, 0) if curve.is_inf(point) else (c.n for c in curve.normalize(point))
            known.append(poseidon.challenge(x, y, [known[j - 1] for j in hashed[k]]))
            continue
        message = marshal(curve, size, flag_bits, point) + b"".join(known[j - 1].to_bytes(32, "big") for j in hashed[k])
        if args.hash == "keccak256":
            from eth_hash.auto import keccak

            digest = keccak(message)
        else:
            digest = expand(message, b"bsb22-commitment", 48)
        known.append(int.from_bytes(digest, "big") % r)
    if commitments:
        challenges = b"".join(x.to_bytes(32, "big") for x in known[count:])
        factor = int.from_bytes(expand(challenges, b"G16-BSB22", 48), "big") % r
        if args.hash == "poseidon":
            factor = poseidon.folding(known[count:])
        product = pairing(keys[0][0], knowledge)
        for k, point in enumerate(commitments):
            product = product * pairing(keys[k][1], curve.multiply(point, pow(factor, k, r)))
        if product != curve.FQ12.one():
            raise Invalid("the proof of knowledge does not hold")
    elif not curve.is_inf(knowledge):
        raise Invalid("a proof of knowledge of nothing")
    linear = points[0]
    for x, point in zip(known, points[1:]):
        linear = curve.add(linear, curve.multiply(point, x))
    for point in commitments:
        linear = curve.add(linear, point)
    product = pairing(b, curve.neg(a)) * pairing(beta, alpha) * pairing(gamma, linear) * pairing(delta, c)
    if product != curve.FQ12.one():
        raise Invalid("the equation does not hold")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--curve", choices=sorted(CURVES), required=True)
    parser.add_argument("--vkey", required=True)
    parser.add_argument("--public", required=True)
    parser.add_argument("--proof", required=True)
    parser.add_argument("--hash", choices=["sha256", "keccak256", "poseidon"], default="sha256")
    try:
        verify(parser.parse_args())
    except Invalid as error:
        print(f"INVALID: {error}")
        sys.exit(1)
    except (Malformed, OSError, ImportError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print("OK")


if __name__ == "__main__":
    main()
