#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Groups for tests whose scalars have other widths than four limbs, and known answers in them.

    python3 -m venv venv && venv/bin/pip install py_ecc==8.0.0
    venv/bin/python generate.py [--seed TEXT] [--out DIR]

Writes curves.json, fields.json and sums.json beside this script (or into DIR), and prints the constants that
Tests/AlgebraTestSupport/Widths has. README.md beside this script says what the numbers mean.

The curves are found by complex multiplication with discriminant -3; points are added by py_ecc's projective formulas,
which know neither the prime nor b, and every sum is checked by affine ones here.
"""

import argparse
import importlib.util
import math
import pathlib
import types

HERE = pathlib.Path(__file__).resolve().parent
DEFAULT_SEED = "martlet widths 1"

# The script beside that for py_ecc's curves: its cases, its text.
specification = importlib.util.spec_from_file_location("py_ecc_vectors", HERE.parent / "py_ecc" / "generate.py")
base = importlib.util.module_from_spec(specification)
specification.loader.exec_module(base)
Stream, text = base.Stream, base.text

BLS12_377_P = int(
    "1AE3A4617C510EAC63B05C06CA1493B1A22D9F300F5138F1EF3622FBA094800170B5D44300000008508C00000000001", 16)


# --------------------------------------------------------------------------------------------------------------------
# Curves y² = x³ + b


def is_prime(n, stream):
    """By trial division and 64 rounds of Miller and Rabin."""
    for q in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97):
        if n % q == 0:
            return n == q
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(64):
        x = pow(2 + stream.below(n - 3), odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def find(bits, adicity, stream):
    """A prime p ≡ 3 mod 4 of so many bits, and the trace t of a curve of prime order r = p + 1 - t over it with
    r ≡ 1 mod 2^adicity.

    4p = t² + 3y² makes 4r = (t - 2)² + 3y². For odd y the number 4 - 3y² is 1 mod 8, a square mod any power of two;
    t = 2 + its root makes r - 1 divisible.
    """
    modulus = 1 << (adicity + 2)
    half = 1 << (bits // 2)
    while True:
        y = 2 * stream.below(half // 2) + 1
        root = 1
        for k in range(3, adicity + 3):
            if (root * root - 4 + 3 * y * y) % (1 << (k + 1)):
                root += 1 << (k - 1)
        root %= modulus
        assert (root * root - 4 + 3 * y * y) % modulus == 0
        for _ in range(1000):
            t = (2 + root) % modulus + modulus * stream.below(2 * half // modulus)
            p = (t * t + 3 * y * y) // 4
            r = p + 1 - t
            if p.bit_length() != bits or r.bit_length() != bits or p % 4 != 3:
                continue
            if pow(2, p - 1, p) == 1 and pow(2, r - 1, r) == 1 and is_prime(p, stream) and is_prime(r, stream):
                assert (r - 1) % (1 << adicity) == 0
                return p, t


def orders(p):
    """The orders of the six curves over a prime p ≡ 1 mod 3."""
    g = next(g for g in range(2, 100) if pow(g, (p - 1) // 3, p) != 1)
    root = (2 * pow(g, (p - 1) // 3, p) + 1) % p
    assert (root * root + 3) % p == 0
    # Cornacchia's algorithm for t² + 3y² = 4p.
    a, b = 2 * p, root if root % 2 else p - root
    while b * b > 4 * p:
        a, b = b, a % b
    t, y = b, math.isqrt((4 * p - b * b) // 3)
    assert t * t + 3 * y * y == 4 * p
    traces = [t, (t + 3 * y) // 2, (t - 3 * y) // 2]
    return [p + 1 - sign * trace for trace in traces for sign in (1, -1)]


# --------------------------------------------------------------------------------------------------------------------
# The other implementation: affine formulas on integers


def affine_sum(p, one, other):
    if one is None or other is None:
        return other if one is None else one
    (x1, y1), (x2, y2) = one, other
    if x1 == x2:
        if (y1 + y2) % p == 0:
            return None
        slope = 3 * x1 * x1 * pow(2 * y1, -1, p)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, p)
    x = (slope * slope - x1 - x2) % p
    return x, (slope * (x1 - x) - y1) % p


def affine_product(p, point, k):
    result = None
    for bit in bin(k)[2:]:
        result = affine_sum(p, result, result)
        if bit == "1":
            result = affine_sum(p, result, point)
    return result


def integers(point):
    return None if point is None else tuple(int(c) for c in point)


# --------------------------------------------------------------------------------------------------------------------
# The groups


class Curve(base.Curve):
    """A curve over the prime p with N points of which r is the greatest prime factor; with its points over Fp2, behind
    an isomorphism that takes them out of Fp, as the second group where `quadratic`."""

    def __init__(self, name, p, n, r, stream, quadratic):
        self.name, self.p, self.r = name, p, r
        self.small_factors = {"g1": [], "g2": []}
        element = type(f"FQ_{name}", (base.bls.FQ,), {"field_modulus": p})
        pair = type(f"FQ2_{name}", (base.bls.FQ2,), {"field_modulus": p, "FQ2_MODULUS_COEFFS": (1, 0)})
        formulas = {key: getattr(base.bls, key) for key in
                    ("add", "double", "multiply", "neg", "is_inf", "is_on_curve", "normalize")}
        self.m = types.SimpleNamespace(FQ=element, FQ2=pair, **formulas)
        one = element(1)
        self.identities = {"g1": (one, one, one.zero())}
        self.order, self.b = {"g1": n}, {}
        # The least b whose curve has the order.
        for b in range(1, 100):
            self.b["g1"] = element(b)
            points = [self.point_at("g1", 1 + stream.below(p)) for _ in range(5)]
            if all(self.m.is_inf(self.multiply(point, n)) for point in points):
                break
        else:
            raise AssertionError("no b found")
        start = self.point_at("g1", 1)
        self.generators = {"g1": self.normalized(self.multiply(start, n // r))}
        assert not self.m.is_inf(self.generators["g1"])
        assert affine_product(p, integers(self.m.normalize(start)), n) is None
        if quadratic:
            # y² = x³ + b·c⁶ by x·c², y·c³.
            c = pair([1 + stream.below(p - 1), 1 + stream.below(p - 1)])
            x, y = self.m.normalize(self.generators["g1"])
            self.b["g2"] = c**6 * b
            self.generators["g2"] = (c**2 * int(x), c**3 * int(y), pair.one())
            self.identities["g2"] = (pair.one(), pair.one(), pair.zero())
            self.order["g2"] = n * (2 * (p + 1) - n)
            assert self.m.is_on_curve(self.generators["g2"], self.b["g2"])
            self.generators["g2"] = self.normalized(self.multiply(self.generators["g2"], 1 + stream.below(r - 1)))
        for point in self.generators.values():
            assert self.m.is_inf(self.multiply(point, r)) and not self.m.is_inf(point)

    def normalized(self, point):
        x, y = self.m.normalize(point)
        return x, y, x.one()

    def identity(self, group):
        return self.identities[group]

    def generator(self, group):
        return self.generators[group]

    def coefficient(self, group):
        return self.b[group]

    def section(self, group, seed):
        section = base.group_vectors(self, group, seed)
        if group == "g1":
            for entry in section["entries"]:
                p, q, k = integers(entry["p"]), integers(entry["q"]), int(entry["k"])
                assert integers(entry["sum"]) == affine_sum(self.p, p, q)
                assert integers(entry["double_p"]) == affine_sum(self.p, p, p)
                assert integers(entry["product"]) == affine_product(self.p, p, k)
        return section

    def sums(self, seed):
        """Small sums of multiples in the first group."""
        stream = Stream(seed, f"sums/{self.name}")
        m, r, g = self.m, self.r, self.generator("g1")
        special = [0, 1, r - 1, 2, r - 2, (r - 1) // 2, (r + 1) // 2, min(r - 1, 1 << 63), r >> 1 & ~1, 255]
        cases = []
        for label, count in (("one term", 1), ("twelve terms", 12), ("forty terms", 40)):
            points = [m.multiply(g, stream.below(r)) for _ in range(count)]
            scalars = [stream.below(r) for _ in range(count)]
            if count > 1:
                scalars[: len(special)] = special
                points[2], points[3] = points[1], m.neg(points[1])
                points[-1] = self.identity("g1")
            if count > 20:
                # Equal scalars, opposite ones, equal points.
                scalars[20:26] = [scalars[19]] * 6
                scalars[26:30] = [r - scalars[19]] * 4
                points[30:34] = [points[19]] * 4
            total, check = self.identity("g1"), None
            for point, scalar in zip(points, scalars):
                total = m.add(total, m.multiply(point, scalar))
                affine = integers(base.point_json(self, point))
                check = affine_sum(self.p, check, affine_product(self.p, affine, scalar))
            assert integers(base.point_json(self, total)) == check
            terms = [{"p": base.point_json(self, p), "k": text(k)} for p, k in zip(points, scalars)]
            cases.append({"case": label, "terms": terms, "sum": base.point_json(self, total)})
        return cases


def main():
    parser = argparse.ArgumentParser(description="Writes known answers in groups with scalars of other widths.")
    parser.add_argument("--seed", default=DEFAULT_SEED)
    parser.add_argument("--out", type=pathlib.Path, default=HERE)
    arguments = parser.parse_args()
    seed = arguments.seed

    curves = []
    for name, bits, adicity in (("wide", 380, 20), ("narrow", 62, 16)):
        stream = Stream(seed, f"curve/{name}")
        p, t = find(bits, adicity, stream)
        assert p + 1 - t in orders(p)
        curves.append(Curve(name, p, p + 1 - t, p + 1 - t, stream, True))
    stream = Stream(seed, "curve/bls12_377_twist")
    cofactor = 625348
    n = next(n for n in orders(BLS12_377_P) if n % cofactor == 0 and is_prime(n // cofactor, stream))
    twist = Curve("bls12_377_twist", BLS12_377_P, n, n // cofactor, stream, False)

    fields, groups, sums = {}, {}, {}
    for curve in curves + [twist]:
        sums[curve.name] = curve.sums(seed)
        fields[f"{curve.name}_fr"] = base.field_vectors(f"{curve.name}_fr", curve.r, seed)
        print(f"{curve.name}: p {curve.p}, r {curve.r}, cofactor {curve.order['g1'] // curve.r}")
        for group in curve.generators:
            x, y, _ = curve.generator(group)
            coordinates = [base.field_json(value) for value in (curve.b[group], x, y)]
            print(f"    {group}: b {coordinates[0]}, generator {coordinates[1]}, {coordinates[2]}")
    for curve in curves:
        fields[f"{curve.name}_fp"] = base.field_vectors(f"{curve.name}_fp", curve.p, seed)
        groups[curve.name] = {
            "modulus": text(curve.p), "order": text(curve.r),
            "g1": curve.section("g1", seed), "g2": curve.section("g2", seed),
        }
    groups[twist.name] = twist.section("g1", seed)
    for name, content in {"fields": fields, "curves": groups, "sums": sums}.items():
        document = {
            "generator": f"Tests/Vectors/widths/generate.py, py_ecc {base.PINNED}", "seed": seed, **content}
        path = arguments.out / f"{name}.json"
        path.write_text(base.to_json(document) + "\n", encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
