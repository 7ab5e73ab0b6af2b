#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An independent verifier of PLONK proofs in snarkjs' JSON, on py_ecc alone.

    python3 verify_plonk.py --vkey verification_key.json --public public.json --proof proof.json

Prints `OK` and exits 0, or prints `INVALID: reason` and exits 1; else as verify_groth16.py. Written from Gabizon, Williamson and
Ciobotaru 2019 (§8.3 as revised in 2022), step by step and with the paper's letters; the transcript is snarkjs' (docs/formats.md).
Needs py_ecc and pycryptodome (requirements.txt has what brings it).
"""

import argparse
import sys

from Crypto.Hash import keccak

from verify_groth16 import Invalid, Reader, field, load, load_curve, number, parts


class Transcript:
    """Keccak-256 over what was added since the last challenge, big-endian, modulo r."""

    def __init__(self, curve, width):
        self.curve, self.width, self.data = curve, width, b""

    def scalar(self, value):
        self.data += value.to_bytes(32, "big")

    def point(self, point):
        if self.curve.is_inf(point):
            self.data += bytes(2 * self.width)
            return
        for coordinate in self.curve.normalize(point):
            self.data += int(coordinate).to_bytes(self.width, "big")

    def challenge(self):
        digest = keccak.new(digest_bits=256, data=self.data).digest()
        self.data = b""
        return int.from_bytes(digest, "big") % self.curve.curve_order


def verify(vkey, public, proof):
    """Returns when the proof is valid, raises Invalid when it is not."""
    if field(vkey, "protocol", "vkey") != "plonk" or field(proof, "protocol", "proof") != "plonk":
        raise Invalid("protocol: not plonk")
    label = field(vkey, "curve", "vkey")
    if field(proof, "curve", "proof") != label:
        raise Invalid("proof and key are on different curves")
    curve, pairing = load_curve(label)
    read, r = Reader(curve), curve.curve_order
    key = {name: read.g1(field(vkey, name, "vkey"), name) for name in ("Qm", "Ql", "Qr", "Qo", "Qc", "S1", "S2", "S3")}
    k1, k2, omega = (number(field(vkey, name, "vkey"), r, name) for name in ("k1", "k2", "w"))
    x2 = read.g2(field(vkey, "X_2", "vkey"), "X_2")
    n, count = 1 << field(vkey, "power", "vkey"), field(vkey, "nPublic", "vkey")
    if pow(omega, n, r) != 1 or (n > 1 and pow(omega, n // 2, r) == 1):
        raise Invalid("w: no root of unity of that order")
    w = [number(value, r, f"public[{i}]") for i, value in enumerate(parts(public, count, "public"))]
    names = ("A", "B", "C", "Z", "T1", "T2", "T3", "Wxi", "Wxiw")
    a1, b1, c1, z1, tlo, tmid, thi, wz, wzw = (read.g1(field(proof, name, "proof"), name) for name in names)
    names = ("eval_a", "eval_b", "eval_c", "eval_s1", "eval_s2", "eval_zw")
    a, b, c, s1, s2, zw = evaluations = [number(field(proof, name, "proof"), r, name) for name in names]

    transcript = Transcript(curve, (curve.field_modulus.bit_length() + 63) // 64 * 8)
    for name in ("Qm", "Ql", "Qr", "Qo", "Qc", "S1", "S2", "S3"):
        transcript.point(key[name])
    for value in w:
        transcript.scalar(value)
    for point in (a1, b1, c1):
        transcript.point(point)
    beta = transcript.challenge()
    transcript.scalar(beta)
    gamma = transcript.challenge()
    transcript.scalar(beta)
    transcript.scalar(gamma)
    transcript.point(z1)
    alpha = transcript.challenge()
    transcript.scalar(alpha)
    for point in (tlo, tmid, thi):
        transcript.point(point)
    zeta = transcript.challenge()
    transcript.scalar(zeta)
    for value in evaluations:
        transcript.scalar(value)
    v = transcript.challenge()
    transcript.point(wz)
    transcript.point(wzw)
    u = transcript.challenge()

    def inverse(x):
        return pow(x, r - 2, r)

    zh = (pow(zeta, n, r) - 1) % r
    if zh == 0:
        raise Invalid("the challenge is one of the domain's points")

    def lagrange(i):
        point = pow(omega, i, r)
        return point * zh * inverse(n * (zeta - point) % r) % r

    pi = -sum(value * lagrange(i) for i, value in enumerate(w)) % r
    r0 = (pi - lagrange(0) * alpha**2 - alpha * (a + beta * s1 + gamma) * (b + beta * s2 + gamma) * (c + gamma) * zw) % r

    def total(*terms):
        result = curve.Z1
        for point, scalar in terms:
            result = curve.add(result, curve.multiply(point, scalar % r))
        return result

    d = total(
        (key["Qm"], a * b), (key["Ql"], a), (key["Qr"], b), (key["Qo"], c), (key["Qc"], 1),
        (z1, (a + beta * zeta + gamma) * (b + beta * k1 * zeta + gamma) * (c + beta * k2 * zeta + gamma) * alpha
             + lagrange(0) * alpha**2 + u),
        (key["S3"], -(a + beta * s1 + gamma) * (b + beta * s2 + gamma) * alpha * beta * zw),
        (tlo, -zh), (tmid, -zh * pow(zeta, n, r)), (thi, -zh * pow(zeta, 2 * n, r)),
    )
    f = total((d, 1), (a1, v), (b1, v**2), (c1, v**3), (key["S1"], v**4), (key["S2"], v**5))
    e = total((curve.G1, -r0 + v * a + v**2 * b + v**3 * c + v**4 * s1 + v**5 * s2 + u * zw))
    left = total((wz, 1), (wzw, u))
    right = total((wz, zeta), (wzw, u * zeta * omega), (f, 1), (curve.neg(e), 1))
    product = pairing.pairing(x2, left, final_exponentiate=False) * pairing.pairing(
        curve.G2, curve.neg(right), final_exponentiate=False)
    if product ** ((curve.field_modulus**12 - 1) // r) != curve.FQ12.one():
        raise Invalid("the pairing equation does not hold")


def main():
    parser = argparse.ArgumentParser(description="Verifies a PLONK proof in snarkjs' JSON with py_ecc.")
    for name in ("--vkey", "--public", "--proof"):
        parser.add_argument(name, required=True)
    arguments = parser.parse_args()
    documents = [load(path) for path in (arguments.vkey, arguments.public, arguments.proof)]
    try:
        verify(*documents)
    except Invalid as reason:
        print(f"INVALID: {reason}")
        sys.exit(1)
    print("OK")


if __name__ == "__main__":
    main()
