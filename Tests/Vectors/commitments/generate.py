#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Known answers for polynomials and KZG commitments from FLINT, c-kzg-4844 and py_ecc.

    python3 -m venv venv
    venv/bin/pip install python-flint==0.9.0 ckzg==2.1.8 py_ecc==8.0.0 eth-account==0.14.0
    venv/bin/python generate.py [--seed TEXT] [--out DIR]

Writes polynomials.json and kzg.json beside this script (or into DIR). The output depends on the seed and on the packages
alone. README.md beside this script says what the numbers mean.
"""

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import pathlib
import sys
import tempfile

PINNED = {"python-flint": "0.9.0", "ckzg": "2.1.8", "py_ecc": "8.0.0", "eth-account": "0.14.0"}
DEFAULT_SEED = "martlet commitments 1"

for package, version in PINNED.items():
    found = importlib.metadata.version(package)
    if found != version:
        sys.exit(f"{package} {version} is wanted, {found} is installed")

import ckzg  # noqa: E402
import flint  # noqa: E402
import py_ecc.optimized_bls12_381 as bls  # noqa: E402
import py_ecc.optimized_bn128 as bn  # noqa: E402
from py_ecc.bls.point_compression import compress_G1, compress_G2, decompress_G1, decompress_G2  # noqa: E402

PRIMES = {
    "bn254_fr": bn.curve_order,
    "bls12_381_fr": bls.curve_order,
    "bn254_fp": bn.field_modulus,
}
BLOB = 4096


class Stream:
    """Integers from SHA-256(seed, label, counter)."""

    def __init__(self, seed, label):
        self.prefix = f"{seed}/{label}/".encode()
        self.counter = 0

    def below(self, bound):
        """An integer in [0, bound); the bias is below 2^-128."""
        size = (bound.bit_length() + 128 + 7) // 8
        out = b""
        while len(out) < size:
            out += hashlib.sha256(self.prefix + str(self.counter).encode()).digest()
            self.counter += 1
        return int.from_bytes(out[:size], "big") % bound

    def list(self, bound, count):
        return [self.below(bound) for _ in range(count)]


def text(values):
    return [str(int(v)) for v in values]


# --------------------------------------------------------------------------------------------------------------------
# Polynomials, by FLINT


def root(p, log):
    """The generator of the domain of 2^log elements that snarkjs uses: a power of 5."""
    value = pow(5, (p - 1) >> log, p)
    assert log == 0 or pow(value, 1 << (log - 1), p) == p - 1
    return value


def two_adicity(p):
    return ((p - 1) & -(p - 1)).bit_length() - 1


def operations(ring, p, stream):
    """Sums, products, values and divisions of polynomials of several lengths."""
    lengths = [(0, 0), (0, 3), (1, 1), (1, 5), (2, 2), (7, 3), (16, 16), (33, 5)]
    cases = [(stream.list(p, m), stream.list(p, n)) for m, n in lengths]
    # Leading terms that cancel, and coefficients at the edge of the field.
    top = stream.list(p, 6)
    cases.append(([1, 2, 3] + top, [5, 0, 1] + [p - t for t in top]))
    cases.append(([p - 1] * 8, [p - 1, 0, 0, 1]))
    entries = []
    for number, (a, b) in enumerate(cases):
        f, g = ring(a), ring(b)
        x = [0, 1, p - 1][number] if number < 3 else stream.below(p)
        log = number % 5
        linear = divmod(f, ring([-x, 1]))
        vanishing = divmod(f, ring([-1] + [0] * ((1 << log) - 1) + [1]))
        entries.append({
            "a": text(a), "b": text(b), "sum": text((f + g).coeffs()), "difference": text((f - g).coeffs()),
            "product": text((f * g).coeffs()), "x": str(x), "value": str(int(f(x))),
            "linear": {"quotient": text(linear[0].coeffs()), "remainder": text(linear[1].coeffs())},
            "log_size": log,
            "vanishing": {"quotient": text(vanishing[0].coeffs()), "remainder": text(vanishing[1].coeffs())},
        })
    return entries


def domains(ring, p, stream):
    """Values on a domain and on the coset of odd powers of the doubled domain's generator, and what they determine."""
    entries = []
    for log in [0, 1, 2, 4]:
        n = 1 << log
        w, shift = root(p, log), root(p, log + 1)
        f = ring(stream.list(p, n))
        x = stream.below(p)
        for points, first in [("subgroup", 1), ("odd_coset", shift)]:
            elements = [first * pow(w, i, p) % p for i in range(n)]
            vanishing = ring([1])
            for element in elements:
                vanishing *= ring([-element, 1])
            lagrange = []
            for element in elements:
                basis = vanishing // ring([-element, 1])
                lagrange.append(int(basis(x)) * pow(int(basis(element)), -1, p) % p)
            entries.append({
                "log_size": log, "points": points, "elements": text(elements), "coefficients": text(f.coeffs()),
                "values": text(f(e) for e in elements), "x": str(x), "value": str(int(f(x))),
                "vanishing": str(int(vanishing(x))), "lagrange": text(lagrange),
            })
    return entries


def polynomials(seed):
    result = {}
    for name, p in PRIMES.items():
        stream = Stream(seed, f"polynomials/{name}")
        ring = flint.fmpz_mod_poly_ctx(flint.fmpz_mod_ctx(p))
        result[name] = {"modulus": str(p), "operations": operations(ring, p, stream)}
        result[name]["domains"] = domains(ring, p, stream) if two_adicity(p) > 6 else []
    return result


# --------------------------------------------------------------------------------------------------------------------
# KZG on BN254: quotients by FLINT, points and pairings by py_ecc


def affine(curve, point):
    if curve.is_inf(point):
        return None
    return [str(int(c)) for c in curve.normalize(point)]


def affine2(curve, point):
    return [text(c.coeffs) for c in curve.normalize(point)]


class FixedBase:
    """Multiples of one point by a table of its doubles."""

    def __init__(self, curve, point):
        self.curve = curve
        self.doubles = [point]
        for _ in range(255):
            self.doubles.append(curve.double(self.doubles[-1]))

    def times(self, scalar):
        total = self.curve.Z1
        for bit, double in enumerate(self.doubles):
            if scalar >> bit & 1:
                total = self.curve.add(total, double)
        return total


def pairings_agree(curve, commitment, point, value, proof, tau2):
    """e(C - y·G1, G2) = e(proof, tau·G2 - z·G2), as Kate, Zaverucha and Goldberg write it."""
    r = curve.curve_order
    left = curve.add(commitment, curve.multiply(curve.neg(curve.G1), value % r))
    right = curve.add(tau2, curve.neg(curve.multiply(curve.G2, point)))
    return curve.pairing(curve.G2, left) == curve.pairing(right, proof)


def combination(curve, points, scalars):
    total = curve.Z1
    for point, scalar in zip(points, scalars):
        total = curve.add(total, curve.multiply(point, int(scalar)))
    return total


def kzg_bn254(seed):
    r = bn.curve_order
    stream = Stream(seed, "kzg/bn254")
    ring = flint.fmpz_mod_poly_ctx(flint.fmpz_mod_ctx(r))
    tau = stream.below(r)
    powers = [bn.multiply(bn.G1, pow(tau, i, r)) for i in range(17)]
    tau2 = bn.multiply(bn.G2, tau)
    openings = []
    for length in [0, 1, 2, 3, 8, 16, 17]:
        coefficients = stream.list(r, length)
        f = ring(coefficients)
        z = {2: 0, 3: 1, 8: root(r, 3)}.get(length, stream.below(r))
        y = int(f(z))
        quotient = (f - y) // ring([-z, 1])
        commitment, proof = combination(bn, powers, coefficients), combination(bn, powers, quotient.coeffs())
        assert pairings_agree(bn, commitment, z, y, proof, tau2)
        opening = {
            "coefficients": text(coefficients), "commitment": affine(bn, commitment), "point": str(z),
            "value": str(y), "proof": affine(bn, proof), "holds": True,
        }
        openings.append(opening)
    # Claims that are wrong in one place each, of the last.
    for change in [{"point": str((z + 1) % r)}, {"value": str((y + 1) % r)},
                   {"proof": affine(bn, bn.neg(proof))}, {"commitment": affine(bn, bn.double(commitment))},
                   {"proof": None}]:
        openings.append({**opening, **change, "holds": False})
        claim = openings[-1]

        def point(value):
            return bn.Z1 if value is None else (bn.FQ(int(value[0])), bn.FQ(int(value[1])), bn.FQ(1))

        assert not pairings_agree(
            bn, point(claim["commitment"]), int(claim["point"]), int(claim["value"]), point(claim["proof"]), tau2)
    return {
        "tau": str(tau), "powers": [affine(bn, p) for p in powers], "tau2": affine2(bn, tau2), "openings": openings,
    }


# --------------------------------------------------------------------------------------------------------------------
# KZG on BLS12-381 by c-kzg


def bit_reversed(index):
    return int(f"{index:0{BLOB.bit_length() - 1}b}"[::-1], 2)


def blob_elements():
    """Where a blob's values are taken: powers of 7^((r - 1)/4096) in bit-reversed order (EIP-4844's ordering)."""
    r = bls.curve_order
    w = pow(7, (r - 1) // BLOB, r)
    return [pow(w, bit_reversed(i), r) for i in range(BLOB)]


def scalar_bytes(value):
    return int(value).to_bytes(32, "big")


def g1(data):
    return affine(bls, decompress_G1(int.from_bytes(data, "big")))


def ceremony_file():
    folder = pathlib.Path(importlib.util.find_spec("eth_account").origin).parent
    return folder / "typed_transactions" / "blob_transactions" / "kzg_trusted_setup.txt"


def opened(blob, z, settings):
    commitment = ckzg.blob_to_kzg_commitment(blob, settings)
    proof, y = ckzg.compute_kzg_proof(blob, scalar_bytes(z), settings)
    assert ckzg.verify_kzg_proof(commitment, scalar_bytes(z), y, proof, settings)
    return commitment, y, proof


def kzg_ceremony(seed):
    """Polynomials of few coefficients under the setup that came out of Ethereum's ceremony."""
    r = bls.curve_order
    stream = Stream(seed, "kzg/bls12_381")
    ring = flint.fmpz_mod_poly_ctx(flint.fmpz_mod_ctx(r))
    lines = ceremony_file().read_text().split()
    assert (int(lines[0]), int(lines[1])) == (BLOB, 65)
    settings = ckzg.load_trusted_setup(str(ceremony_file()), 0)
    twist = bytes.fromhex(lines[2 + BLOB + 1])
    powers = [g1(bytes.fromhex(line)) for line in lines[2 + BLOB + 65:][:16]]
    assert powers[0] == affine(bls, bls.G1)
    tau2 = decompress_G2((int.from_bytes(twist[:48], "big"), int.from_bytes(twist[48:], "big")))
    elements = blob_elements()
    openings = []
    for length in [0, 1, 2, 3, 8, 15, 16]:
        coefficients = stream.list(r, length)
        f = ring(coefficients)
        blob = b"".join(scalar_bytes(f(e)) for e in elements)
        # The third is opened at one of the elements, where c-kzg divides by another formula.
        z = elements[5] if length == 2 else stream.below(r)
        commitment, y, proof = opened(blob, z, settings)
        opening = {
            "coefficients": text(coefficients), "commitment": g1(commitment), "point": str(z),
            "value": str(int.from_bytes(y, "big")), "proof": g1(proof), "holds": True,
        }
        openings.append(opening)
    y = int.from_bytes(y, "big")
    identity = bytes([0xc0]) + bytes(47)
    double = compress_G1(bls.double(decompress_G1(int.from_bytes(commitment, "big")))).to_bytes(48, "big")
    negated = bytes([proof[0] ^ 0x20]) + proof[1:]
    for key, value, given in [
        ("point", (commitment, (z + 1) % r, y, proof), lambda c: str(c[1])),
        ("value", (commitment, z, (y + 1) % r, proof), lambda c: str(c[2])),
        ("proof", (commitment, z, y, negated), lambda c: g1(c[3])),
        ("commitment", (double, z, y, proof), lambda c: g1(c[0])),
        ("proof", (commitment, z, y, identity), lambda c: g1(c[3])),
    ]:
        c = value
        assert not ckzg.verify_kzg_proof(c[0], scalar_bytes(c[1]), scalar_bytes(c[2]), c[3], settings)
        openings.append({**opening, key: given(c), "holds": False})
    return {"tau": None, "powers": powers, "tau2": affine2(bls, tau2), "openings": openings}


class SplitMix:
    """SplitMix64, the generator of the tests."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def scalar(self, r):
        """Four words, the least first, without the highest bit; again until it is below r."""
        while True:
            value = sum(self.next() << (64 * i) for i in range(4)) & ((1 << 255) - 1)
            if value < r:
                return value


def kzg_blobs(seed):
    """Whole blobs under a setup whose secret is known, so that its 4096 powers need not be kept."""
    r = bls.curve_order
    stream = Stream(seed, "kzg/blobs")
    tau = stream.below(r)
    w = pow(7, (r - 1) // BLOB, r)
    table = FixedBase(bls, bls.G1)
    compressed = lambda scalar: compress_G1(table.times(scalar)).to_bytes(48, "big").hex()  # noqa: E731
    factor = (pow(tau, BLOB, r) - 1) * pow(BLOB, -1, r) % r
    lines = [str(BLOB), "65"]
    lines += [compressed(factor * x * pow(tau - x, -1, r) % r) for x in (pow(w, i, r) for i in range(BLOB))]
    for i in range(65):
        high, low = compress_G2(bls.multiply(bls.G2, pow(tau, i, r)))
        lines.append((high.to_bytes(48, "big") + low.to_bytes(48, "big")).hex())
    lines += [compressed(pow(tau, i, r)) for i in range(BLOB)]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        settings = ckzg.load_trusted_setup(file.name, 0)
    elements = blob_elements()
    blobs = []
    for number in range(2):
        generator = SplitMix(1000 + number)
        values = [generator.scalar(r) for _ in range(BLOB)]
        blob = b"".join(scalar_bytes(v) for v in values)
        openings = []
        for z in [stream.below(r), elements[0], elements[77]]:
            commitment, y, proof = opened(blob, z, settings)
            openings.append({"point": str(z), "value": str(int.from_bytes(y, "big")), "proof": g1(proof)})
        blobs.append({
            "seed": 1000 + number, "first": str(values[0]), "last": str(values[-1]), "commitment": g1(commitment),
            "openings": openings,
        })
    return {"tau": str(tau), "root": str(w), "blobs": blobs}


# --------------------------------------------------------------------------------------------------------------------


def write(path, seed, sections):
    """One line an entry of a list of objects, so that changes are seen."""
    def entries(value, indent):
        if isinstance(value, list) and value and isinstance(value[0], dict):
            pad = "\n" + " " * (indent + 2)
            return "[" + ",".join(pad + json.dumps(v) for v in value) + "\n" + " " * indent + "]"
        if isinstance(value, dict):
            pad = "\n" + " " * (indent + 2)
            return "{" + ",".join(f"{pad}{json.dumps(k)}: {entries(v, indent + 2)}" for k, v in value.items()) + (
                "\n" + " " * indent + "}")
        return json.dumps(value)

    made = ", ".join(f"{name} {version}" for name, version in PINNED.items())
    path.write_text(entries({"generator": made, "seed": seed, **sections}, 0) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default=DEFAULT_SEED)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    options = parser.parse_args()
    write(options.out / "polynomials.json", options.seed, polynomials(options.seed))
    write(options.out / "kzg.json", options.seed, {
        "bn254": kzg_bn254(options.seed), "bls12_381": kzg_ceremony(options.seed),
        "blobs": kzg_blobs(options.seed),
    })


if __name__ == "__main__":
    main()
