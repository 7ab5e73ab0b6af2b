#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An independent verifier of Groth16 proofs in snarkjs' JSON, on py_ecc alone.

    python3 verify_groth16.py --vkey verification_key.json --public public.json --proof proof.json

Prints `OK` and exits 0, or prints `INVALID: reason` and exits 1. Files that cannot be read, or that are not JSON, and a
missing py_ecc give exit 2 and a line on standard error. Slow (seconds) and simple on purpose: tests hold this project's own verifier and
prover against it, so it shares no code with them. Needs py_ecc (requirements.txt).

Checked: labels and shape; every coordinate is a decimal string below the field's modulus; every point is on its curve
and in the subgroup of order r, the key's points included; every public input is a decimal string below r; and

    e(-A, B) · e(alpha, beta) · e(L, gamma) · e(C, delta) = 1,    L = IC[0] + sum of public[i] · IC[i + 1].
"""

import argparse
import importlib
import json
import re
import sys

CURVES = {"bn128": "optimized_bn128", "bls12381": "optimized_bls12_381"}


class Invalid(Exception):
    """The proof is not one that a verifier may accept; the text says why."""


def load_curve(label):
    if not isinstance(label, str) or label not in CURVES:
        raise Invalid(f"unknown curve {label!r}")
    name = CURVES[label]
    try:
        curve = importlib.import_module(f"py_ecc.{name}")
        pairing = importlib.import_module(f"py_ecc.{name}.optimized_pairing")
    except ImportError as error:
        print(f"py_ecc is needed (requirements.txt): {error}", file=sys.stderr)
        sys.exit(2)
    return curve, pairing


def number(value, bound, what):
    if not isinstance(value, str) or not re.fullmatch(r"0|[1-9][0-9]{0,127}", value, flags=re.ASCII):
        raise Invalid(f"{what}: not a decimal string")
    n = int(value)
    if n >= bound:
        raise Invalid(f"{what}: not below the modulus")
    return n


def parts(value, count, what):
    if not isinstance(value, list) or len(value) != count:
        raise Invalid(f"{what}: {count} elements are wanted")
    return value


class Reader:
    """Points of one curve out of JSON, checked."""

    def __init__(self, curve):
        self.curve = curve

    def fp(self, value, what):
        return self.curve.FQ(number(value, self.curve.field_modulus, what))

    def fp2(self, value, what):
        pair = parts(value, 2, what)
        return self.curve.FQ2([number(c, self.curve.field_modulus, what) for c in pair])

    def g1(self, value, what):
        return self.point(value, self.fp, self.curve.b, self.curve.Z1, what)

    def g2(self, value, what):
        return self.point(value, self.fp2, self.curve.b2, self.curve.Z2, what)

    def point(self, value, coordinate, coefficient, identity, what):
        """[x, y, z] with z = 1, or [0, 1, 0] for the identity, as snarkjs writes them."""
        x, y, z = (coordinate(c, what) for c in parts(value, 3, what))
        if z == z.zero():
            if x != x.zero() or y != y.one():
                raise Invalid(f"{what}: not the usual form of the identity")
            return identity
        if z != z.one():
            raise Invalid(f"{what}: z is neither 0 nor 1")
        point = (x, y, z)
        if not self.curve.is_on_curve(point, coefficient):
            raise Invalid(f"{what}: not on the curve")
        if not self.curve.is_inf(self.curve.multiply(point, self.curve.curve_order)):
            raise Invalid(f"{what}: not in the subgroup")
        return point


def field(document, name, what):
    if not isinstance(document, dict) or name not in document:
        raise Invalid(f"{what}: {name} is missing")
    return document[name]


def verify(vkey, public, proof):
    """Returns when the proof is valid, raises Invalid when it is not."""
    if field(vkey, "protocol", "vkey") != "groth16" or field(proof, "protocol", "proof") != "groth16":
        raise Invalid("protocol: not groth16")
    label = field(vkey, "curve", "vkey")
    if proof.get("curve", label) != label:  # rapidsnark leaves the label out
        raise Invalid("proof and key are on different curves")
    curve, pairing = load_curve(label)
    read = Reader(curve)

    alpha = read.g1(field(vkey, "vk_alpha_1", "vkey"), "vk_alpha_1")
    beta = read.g2(field(vkey, "vk_beta_2", "vkey"), "vk_beta_2")
    gamma = read.g2(field(vkey, "vk_gamma_2", "vkey"), "vk_gamma_2")
    delta = read.g2(field(vkey, "vk_delta_2", "vkey"), "vk_delta_2")
    ic = field(vkey, "IC", "vkey")
    if not isinstance(ic, list) or field(vkey, "nPublic", "vkey") != len(ic) - 1:
        raise Invalid("IC: its length is not nPublic + 1")
    inputs = parts(public, len(ic) - 1, "public")
    inputs = [number(value, curve.curve_order, f"public[{i}]") for i, value in enumerate(inputs)]
    ic = [read.g1(value, f"IC[{i}]") for i, value in enumerate(ic)]

    a = read.g1(field(proof, "pi_a", "proof"), "pi_a")
    b = read.g2(field(proof, "pi_b", "proof"), "pi_b")
    c = read.g1(field(proof, "pi_c", "proof"), "pi_c")

    linear = ic[0]
    for value, point in zip(inputs, ic[1:]):
        linear = curve.add(linear, curve.multiply(point, value))

    product = curve.FQ12.one()
    for p, q in ((curve.neg(a), b), (alpha, beta), (linear, gamma), (c, delta)):
        product = product * pairing.pairing(q, p, final_exponentiate=False)
    if product ** ((curve.field_modulus**12 - 1) // curve.curve_order) != curve.FQ12.one():
        raise Invalid("the pairing equation does not hold")


def load(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        sys.exit(2)


def main():
    parser = argparse.ArgumentParser(description="Verifies a Groth16 proof in snarkjs' JSON with py_ecc.")
    parser.add_argument("--vkey", required=True)
    parser.add_argument("--public", required=True)
    parser.add_argument("--proof", required=True)
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
