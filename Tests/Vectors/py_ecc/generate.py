#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Known-answer vectors for BN254 and BLS12-381 from py_ecc 8.0.0.

    python3 -m venv venv && venv/bin/pip install py_ecc==8.0.0
    venv/bin/python generate.py [--seed TEXT] [--out DIR]

Writes fields.json, towers.json, curves.json and pairings.json beside this script (or into DIR). The output depends
on the seed and on py_ecc alone: every random number comes from SHA-256 in counter mode, not from `random`, so that
another Python version writes the same bytes. README.md beside this script says what the numbers mean.

Values are computed by py_ecc where it has the operation. What it lacks (square roots, the tower basis of Fp12) is
computed here and checked against py_ecc before it is written.
"""

import argparse
import hashlib
import importlib.metadata
import json
import pathlib
import sys

PINNED = "8.0.0"
DEFAULT_SEED = "martlet vectors 1"

if importlib.metadata.version("py_ecc") != PINNED:
    sys.exit(f"py_ecc {PINNED} is wanted, {importlib.metadata.version('py_ecc')} is installed")

import py_ecc.optimized_bls12_381 as bls  # noqa: E402
import py_ecc.optimized_bn128 as bn  # noqa: E402
from py_ecc.fields.field_elements import FQ as PrimeFieldElement  # noqa: E402
from py_ecc.optimized_bls12_381 import optimized_pairing as bls_pairing  # noqa: E402
from py_ecc.optimized_bn128 import optimized_pairing as bn_pairing  # noqa: E402


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


# --------------------------------------------------------------------------------------------------------------------
# Prime fields


def legendre(a, p):
    return pow(a, (p - 1) // 2, p)


def sqrt_mod(a, p):
    """The lesser square root of `a` modulo the odd prime `p`, or None (Tonelli-Shanks)."""
    a %= p
    if a == 0:
        return 0
    if legendre(a, p) != 1:
        return None
    odd, twos = p - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    z = 2
    while legendre(z, p) != p - 1:
        z += 1
    m, c, t, root = twos, pow(z, odd, p), pow(a, odd, p), pow(a, (odd + 1) // 2, p)
    while t != 1:
        i, square = 0, t
        while square != 1:
            square, i = square * square % p, i + 1
        b = pow(c, 1 << (m - i - 1), p)
        m, c, t, root = i, b * b % p, t * b * b % p, root * b % p
    assert root * root % p == a
    return min(root, p - root)


def field_vectors(name, modulus, seed):
    element = type(f"Element_{name}", (PrimeFieldElement,), {"field_modulus": modulus})
    stream = Stream(seed, f"fields/{name}")
    edges = [0, 1, modulus - 1, modulus - 2, (modulus - 1) // 2, (modulus + 1) // 2]
    word_edges = [(1 << 64) - 1, 1 << 64, (1 << (modulus.bit_length() - 1)) - 1, 1 << (modulus.bit_length() - 1)]
    pairs = [(0, 0), (0, 1), (1, 1), (modulus - 1, modulus - 1), (modulus - 1, 1), (1, modulus - 1)]
    pairs += [(modulus - 2, modulus - 1), (0, modulus - 1), ((modulus - 1) // 2, (modulus + 1) // 2)]
    pairs += [((modulus - 1) // 2, (modulus - 1) // 2)]
    pairs += [(edge, stream.below(modulus)) for edge in edges[1:4]]
    pairs += [(edge % modulus, stream.below(modulus)) for edge in word_edges]
    pairs += [(stream.below(modulus), stream.below(modulus)) for _ in range(8)]
    entries = []
    for a, b in pairs:
        x, y = element(a), element(b)
        root = sqrt_mod(a, modulus)
        if root is not None:
            assert element(root) * element(root) == x
        entries.append(
            {
                "a": text(a),
                "b": text(b),
                "sum": text((x + y).n),
                "difference": text((x - y).n),
                "negation_a": text((-x).n),
                "product": text((x * y).n),
                "square_a": text((x * x).n),
                "quotient": None if b == 0 else text((x / y).n),
                "inverse_a": None if a == 0 else text((element(1) / x).n),
                "power_a_b": text((x ** b).n),
                "square_root_a": None if root is None else text(root),
            }
        )
    return {"modulus": text(modulus), "entries": entries}


# --------------------------------------------------------------------------------------------------------------------
# Towers: Fp2 = Fp[u]/(u² + 1), Fp6 = Fp2[v]/(v³ - ξ), Fp12 = Fp6[w]/(w² - v), ξ = xi + u
#
# Plain Python on nested tuples, independent of py_ecc's fields: it checks the conversion below.


class Tower:
    def __init__(self, p, xi):
        self.p, self.xi = p, xi

    def add2(self, a, b):
        return ((a[0] + b[0]) % self.p, (a[1] + b[1]) % self.p)

    def mul2(self, a, b):
        return ((a[0] * b[0] - a[1] * b[1]) % self.p, (a[0] * b[1] + a[1] * b[0]) % self.p)

    def add6(self, a, b):
        return tuple(self.add2(x, y) for x, y in zip(a, b))

    def mul6(self, a, b):
        wide = [(0, 0)] * 5
        for i in range(3):
            for j in range(3):
                wide[i + j] = self.add2(wide[i + j], self.mul2(a[i], b[j]))
        xi = (self.xi, 1)
        return tuple(
            self.add2(wide[i], self.mul2(wide[i + 3], xi)) if i + 3 < 5 else wide[i] for i in range(3)
        )

    def mul12(self, a, b):
        v = ((0, 0), (1, 0), (0, 0))
        low = self.add6(self.mul6(a[0], b[0]), self.mul6(v, self.mul6(a[1], b[1])))
        return (low, self.add6(self.mul6(a[0], b[1]), self.mul6(a[1], b[0])))

    def from_direct(self, c):
        """From Fp[w]/(w^12 - 2·xi·w^6 + xi² + 1), py_ecc's basis: there w^6 = xi + u, and w^i = v^(i/2)·w^(i mod 2)."""
        assert len(c) == 12
        pairs = [((int(c[i]) + self.xi * int(c[i + 6])) % self.p, int(c[i + 6]) % self.p) for i in range(6)]
        return (tuple(pairs[0::2]), tuple(pairs[1::2]))

    def to_direct(self, t):
        low, high = [0] * 6, [0] * 6
        for j in range(2):
            for i in range(3):
                c0, c1 = t[j][i]
                low[2 * i + j], high[2 * i + j] = (c0 - self.xi * c1) % self.p, c1
        return low + high


class Curve:
    """One py_ecc curve and what the vectors need to know about it."""

    def __init__(self, name, module, pairing_module, xi, small_factors_g1, small_factors_g2):
        self.name, self.m, self.pm = name, module, pairing_module
        self.p, self.r = module.field_modulus, module.curve_order
        self.tower = Tower(self.p, xi)
        self.G1, self.G2 = module.G1, module.G2
        self.small_factors = {"g1": small_factors_g1, "g2": small_factors_g2}
        self.inverts = name == "bls12_381"
        self.order = {"g1": self.g1_order(), "g2": self.g2_order()}

    def g1_order(self):
        """#E(Fp) = p + 1 - t, t from the curve's parameter."""
        order = self.p + 1 - self.trace()
        assert order % self.r == 0
        return order

    def trace(self):
        if self.name == "bn254":
            x = 4965661367192848881
            assert self.p == 36 * x**4 + 36 * x**3 + 24 * x**2 + 6 * x + 1
            return 6 * x**2 + 1
        x = -0xD201000000010000
        assert self.p == (x - 1) ** 2 * (x**4 - x**2 + 1) // 3 + x
        return x + 1

    def g2_order(self):
        """The order of the twist E'(Fp2): the one of the six candidates that r divides and that kills points."""
        t2 = self.trace() ** 2 - 2 * self.p
        f_squared = (4 * self.p * self.p - t2 * t2) // 3
        f = isqrt(f_squared)
        assert f * f == f_squared
        for twist_trace in ((t2 + 3 * f) // 2, (t2 - 3 * f) // 2, (-t2 + 3 * f) // 2, (-t2 - 3 * f) // 2, -t2, t2):
            order = self.p**2 + 1 - twist_trace
            if order % self.r == 0 and self.m.is_inf(self.m.multiply(self.point_at("g2", 1), order)):
                return order
        raise AssertionError("no order found")

    def identity(self, group):
        return self.m.Z1 if group == "g1" else self.m.Z2

    def generator(self, group):
        return self.G1 if group == "g1" else self.G2

    def coefficient(self, group):
        return self.m.b if group == "g1" else self.m.b2

    def element(self, group, value):
        return self.m.FQ(value) if group == "g1" else self.m.FQ2(value)

    def sqrt(self, group, a):
        """Some square root of a field element of the group's base field, or None."""
        if group == "g1":
            root = sqrt_mod(int(a.n), self.p)
            return None if root is None else self.m.FQ(root)
        return self.sqrt2(a)

    def sqrt2(self, a):
        """Square root in Fp2 by the complex method, checked by squaring."""
        p, half = self.p, (self.p + 1) // 2
        a0, a1 = (int(c) % p for c in a.coeffs)
        norm_root = sqrt_mod(a0 * a0 + a1 * a1, p)
        if norm_root is None:
            return None
        for sign in (1, -1):
            x = sqrt_mod((a0 + sign * norm_root) * half, p)
            if x is None:
                continue
            y = sqrt_mod((sign * norm_root - a0) * half, p)
            if y is None:
                continue
            for candidate in (self.m.FQ2([x, y]), self.m.FQ2([x, -y % p])):
                if candidate * candidate == a:
                    return candidate
        return None

    def point_at(self, group, start):
        """The first point on the curve with x = start, start + 1, … (in Fp2: x = [start, 1], …)."""
        x0 = start
        while True:
            x = self.element(group, x0 if group == "g1" else [x0, 1])
            y = self.sqrt(group, x * x * x + self.coefficient(group))
            if y is not None:
                point = (x, y, x.one())
                assert self.m.is_on_curve(point, self.coefficient(group))
                return point
            x0 += 1

    def multiply(self, point, scalar):
        return self.m.multiply(point, scalar)

    def pairing(self, p, q):
        """e(p, q), p in G1 and q in G2. py_ecc takes the G2 point first.

        BLS12-381's parameter x is negative; py_ecc's Miller loop runs over |x| and leaves it at that, so its value is
        the inverse of the optimal ate pairing. It is inverted here (`check_published` holds it against others).
        """
        value = self.pm.pairing(q, p)
        return self.m.FQ12.one() / value if self.inverts else value

    def product_of_pairings(self, pairs):
        product = self.m.FQ12.one()
        for p, q in pairs:
            product = product * self.pm.pairing(q, p, final_exponentiate=False)
        return product ** ((self.p**12 - 1) // self.r)


def isqrt(n):
    root = 1 << ((n.bit_length() + 1) // 2)
    while True:
        better = (root + n // root) // 2
        if better >= root:
            return root
        root = better


# --------------------------------------------------------------------------------------------------------------------
# JSON


def text(value):
    return str(int(value))


def field_json(value):
    if hasattr(value, "coeffs"):
        return [text(c) for c in value.coeffs]
    return text(value.n)


def point_json(curve, point):
    """[x, y] in affine coordinates, or None for the identity."""
    if curve.m.is_inf(point):
        return None
    x, y = curve.m.normalize(point)
    return [field_json(x), field_json(y)]


def tower_json(curve, value):
    """[[[c0, c1] × 3] × 2] of an FQ12 of py_ecc's."""
    return [[[text(c) for c in pair] for pair in half] for half in curve.tower.from_direct(value.coeffs)]


def to_json(value, indent=""):
    """JSON with one test case a line: dictionaries of the upper levels are spread, lists of cases too, the rest is not."""
    if isinstance(value, dict) and any(isinstance(v, dict) or is_list_of_cases(v) for v in value.values()):
        inner = ",\n".join(f"{indent} {json.dumps(k)}: {to_json(v, indent + ' ')}" for k, v in value.items())
        return "{\n" + inner + "\n" + indent + "}"
    if is_list_of_cases(value):
        return "[\n" + ",\n".join(f"{indent} {json.dumps(v, ensure_ascii=False)}" for v in value) + "\n" + indent + "]"
    return json.dumps(value, ensure_ascii=False)


def is_list_of_cases(value):
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


# --------------------------------------------------------------------------------------------------------------------
# Vectors


def check_conversion(curve, seed):
    """The change of basis is a ring homomorphism, inverts, and maps w, v and u to themselves."""
    stream = Stream(seed, f"conversion/{curve.name}")
    tower, FQ12 = curve.tower, curve.m.FQ12
    zero, one = (0, 0), (1, 0)

    def power_of_w(i):
        return FQ12([0] * i + [1] + [0] * (11 - i))

    assert tower.from_direct(power_of_w(1).coeffs) == ((zero, zero, zero), (one, zero, zero))
    assert tower.from_direct(power_of_w(2).coeffs) == ((zero, one, zero), (zero, zero, zero))
    assert tower.from_direct(power_of_w(6).coeffs) == (((tower.xi, 1), zero, zero), (zero, zero, zero))
    assert power_of_w(1) ** 12 == power_of_w(6) * (2 * tower.xi) - FQ12.one() * (tower.xi**2 + 1)
    samples = [power_of_w(i) for i in range(12)]
    samples += [FQ12([stream.below(curve.p) for _ in range(12)]) for _ in range(8)]
    for a in samples:
        converted = tower.from_direct(a.coeffs)
        assert FQ12(tower.to_direct(converted)) == a
        for b in samples:
            product = tower.from_direct((a * b).coeffs)
            assert product == tower.mul12(converted, tower.from_direct(b.coeffs))


# e(G1, G2) on BLS12-381 as others published it: [0][0][0] and [1][0][0] of the nested form, the second of which changes
# its sign between e and 1/e. First draft-irtf-cfrg-pairing-friendly-curves-11, appendix B (exponent (p^12 - 1)/r), then
# the value of the libraries that raise to three times that (zkcrypto, kilic, mcl, noble).
PUBLISHED_E = (
    0x11619B45F61EDFE3B47A15FAC19442526FF489DCDA25E59121D9931438907DFD448299A87DDE3A649BDBA96E84D54558,
    0x01ECFCF31C86257AB00B4709C33F1C9C4E007659DD5FFC4A735192167CE197058CFB4C94225E7F1B6C26AD9BA68F63BC,
)
PUBLISHED_E_CUBED = (
    0x1250EBD871FC0A92A7B2D83168D0D727272D441BEFA15C503DD8E90CE98DB3E7B6D194F60839C508A84305AACA1789B6,
    0x19F26337D205FB469CD6BD15C3D5A04DC88784FBB3D0B2DBDEA54D43B2B73F2CBB12D58386A8703E0F948226E47EE89D,
)


def check_published(curve):
    """The pairing of the BLS12-381 generators against published values."""
    e = curve.pairing(curve.G1, curve.G2)
    for value, published in ((e, PUBLISHED_E), (e**3, PUBLISHED_E_CUBED)):
        nested = curve.tower.from_direct(value.coeffs)
        assert (nested[0][0][0], nested[1][0][0]) == published


def tower_vectors(curve, seed):
    stream = Stream(seed, f"towers/{curve.name}")
    p, FQ2, FQ12 = curve.p, curve.m.FQ2, curve.m.FQ12

    def random2():
        return FQ2([stream.below(p), stream.below(p)])

    specials = [FQ2([0, 0]), FQ2([1, 0]), FQ2([0, 1]), FQ2([p - 1, 0]), FQ2([0, p - 1]), FQ2([p - 1, p - 1])]
    specials += [FQ2([stream.below(p), 0]), FQ2([0, stream.below(p)]), FQ2([curve.tower.xi, 1])]
    square = random2()
    fp2 = []
    for a in specials + [square * square] + [random2() for _ in range(5)]:
        b = random2()
        root = curve.sqrt2(a)
        is_square = pow(sum(int(c) ** 2 for c in a.coeffs) % p, (p - 1) // 2, p) in (0, 1)
        assert is_square == (root is not None)
        fp2.append(
            {
                "a": field_json(a),
                "b": field_json(b),
                "sum": field_json(a + b),
                "difference": field_json(a - b),
                "product": field_json(a * b),
                "square_a": field_json(a * a),
                "inverse_a": None if a == FQ2.zero() else field_json(FQ2.one() / a),
                "frobenius_a": field_json(a**p),
                "is_square_a": is_square,
                "square_root_a": None if root is None else field_json(root),
            }
        )

    def random12(mask):
        """mask: 12 tower coordinates, in the order of the nested JSON, that may be other than zero."""
        values = iter([stream.below(p) if keep else 0 for keep in mask])
        nested = [[[next(values), next(values)] for _ in range(3)] for _ in range(2)]
        return FQ12(curve.tower.to_direct(nested))

    in_fp2, in_fp6, everywhere = [1] * 2 + [0] * 10, [1] * 6 + [0] * 6, [1] * 12
    sparse_w = [0] * 6 + [1] * 6
    pairs = [(FQ12.one(), random12(everywhere)), (FQ12.zero(), random12(everywhere))]
    pairs += [(random12(in_fp2), random12(everywhere)), (random12(in_fp6), random12(in_fp6))]
    pairs += [(random12(sparse_w), random12(in_fp6)), (random12(sparse_w), random12(sparse_w))]
    pairs += [(random12(everywhere), random12(everywhere)) for _ in range(4)]
    fp12 = []
    for a, b in pairs:
        frobenius = [a]
        for _ in range(6):
            frobenius.append(frobenius[-1] ** p)
        fp12.append(
            {
                "a": tower_json(curve, a),
                "b": tower_json(curve, b),
                "sum": tower_json(curve, a + b),
                "difference": tower_json(curve, a - b),
                "product": tower_json(curve, a * b),
                "square_a": tower_json(curve, a * a),
                "inverse_a": None if a == FQ12.zero() else tower_json(curve, FQ12.one() / a),
                "frobenius_a": [tower_json(curve, frobenius[i]) for i in (1, 2, 3)],
                "conjugate_a": tower_json(curve, frobenius[6]),
            }
        )
    return {"xi": [text(curve.tower.xi), "1"], "fp2": fp2, "fp12": fp12}


def curve_vectors(curve, seed):
    result = {"modulus": text(curve.p), "order": text(curve.r)}
    for group in ("g1", "g2"):
        result[group] = group_vectors(curve, group, seed)
    return result


def group_vectors(curve, group, seed):
    stream = Stream(seed, f"curves/{curve.name}/{group}")
    m, r, g, o = curve.m, curve.r, curve.generator(group), curve.identity(group)

    def random_point():
        return m.multiply(g, 1 + stream.below(r - 1))

    a, b = random_point(), random_point()
    cases = [
        ("identity + identity, k = 0", o, o, 0),
        ("generator + identity, k = 0", g, o, 0),
        ("identity + generator, k random", o, g, stream.below(r)),
        ("p + p, k = 1", g, g, 1),
        ("p + (-p), k = r - 1", g, m.neg(g), r - 1),
        ("random p, p + p, k = r", a, a, r),
        ("random p, p + (-p), k = 2", a, m.neg(a), 2),
        ("p + 2p, k = (r - 1)/2", a, m.double(a), (r - 1) // 2),
        ("2p + p, k = 2^64 - 1", m.double(b), b, (1 << 64) - 1),
        ("2p + (-p), k = 2^64", m.double(b), m.neg(b), 1 << 64),
    ]
    cases += [("random", random_point(), random_point(), stream.below(r)) for _ in range(5)]
    entries = []
    for label, p, q, k in cases:
        entries.append(
            {
                "case": label,
                "p": point_json(curve, p),
                "q": point_json(curve, q),
                "sum": point_json(curve, m.add(p, q)),
                "double_p": point_json(curve, m.double(p)),
                "negation_p": point_json(curve, m.neg(p)),
                "k": text(k),
                "product": point_json(curve, m.multiply(p, k)),
            }
        )
    return {
        "generator": point_json(curve, g),
        "coefficient_b": field_json(curve.coefficient(group)),
        "cofactor": text(curve.order[group] // r),
        "entries": entries,
        "not_in_subgroup": outside_points(curve, group, stream),
        "not_on_curve": off_curve_points(curve, group, stream),
    }


def outside_points(curve, group, stream):
    """Points on the curve that are not in the subgroup of order r; none where the cofactor is 1."""
    m, r, order = curve.m, curve.r, curve.order[group]
    if order == r:
        return []
    points = [("random x", curve.point_at(group, stream.below(curve.p))) for _ in range(4)]
    for factor in curve.small_factors[group]:
        assert order % factor == 0
        small = curve.identity(group)
        while m.is_inf(small):
            start = curve.point_at(group, stream.below(curve.p))
            full = order
            while full % factor == 0:
                full //= factor
            small = m.multiply(start, full)
            while not m.is_inf(small) and not m.is_inf(m.multiply(small, factor)):
                small = m.multiply(small, factor)
        assert m.is_inf(m.multiply(small, factor))
        points.append((f"of order {factor}", small))
        points.append((f"generator + a point of order {factor}", m.add(curve.generator(group), small)))
    entries = []
    for label, point in points:
        assert m.is_on_curve(point, curve.coefficient(group))
        multiple = m.multiply(point, r)
        assert not m.is_inf(multiple)
        assert m.is_inf(m.multiply(point, order))
        entries.append(
            {
                "case": label,
                "p": point_json(curve, point),
                "in_subgroup": False,
                "order_times_p": point_json(curve, multiple),
                "cofactor_times_p": point_json(curve, m.multiply(point, order // r)),
            }
        )
    return entries


def off_curve_points(curve, group, stream):
    m = curve.m
    x, y = m.normalize(curve.generator(group))
    one, zero = x.one(), x.zero()
    cases = [("(0, 0)", zero, zero), ("generator, y + 1", x, y + one), ("generator, swapped", y, x)]
    wrong = curve.element(group, stream.below(curve.p) if group == "g1" else [stream.below(curve.p) for _ in "01"])
    cases.append(("random y", x, wrong))
    if group == "g2":
        flip = [m.FQ2([c.coeffs[1], c.coeffs[0]]) for c in (x, y)]
        cases.append(("generator, c0 and c1 swapped", flip[0], flip[1]))
    for _, a, b in cases:
        assert not m.is_on_curve((a, b, one), curve.coefficient(group))
    return [{"case": label, "p": [field_json(a), field_json(b)]} for label, a, b in cases]


def pairing_vectors(curve, seed):
    stream = Stream(seed, f"pairings/{curve.name}")
    m, r, g1, g2 = curve.m, curve.r, curve.G1, curve.G2
    o1, o2, one = m.Z1, m.Z2, m.FQ12.one()
    base = curve.pairing(g1, g2)
    assert base != one and base**r == one

    def pair_json(p, q):
        return {"p": point_json(curve, p), "q": point_json(curve, q)}

    values = [{"case": "generators", "a": "1", "b": "1", **pair_json(g1, g2), "gt": tower_json(curve, base)}]
    for _ in range(3):
        a, b = 1 + stream.below(r - 1), 1 + stream.below(r - 1)
        p, q = m.multiply(g1, a), m.multiply(g2, b)
        e = curve.pairing(p, q)
        assert e == base ** (a * b % r)
        values.append({"case": "a·G1, b·G2", "a": text(a), "b": text(b), **pair_json(p, q), "gt": tower_json(curve, e)})
    for label, p, q in (("identity, G2", o1, g2), ("G1, identity", g1, o2), ("identity, identity", o1, o2)):
        assert curve.pairing(p, q) == one
        values.append({"case": label, "a": None, "b": None, **pair_json(p, q), "gt": tower_json(curve, one)})

    a, b, c, d = (2 + stream.below(r - 2) for _ in range(4))
    mul, neg = m.multiply, m.neg
    ap, bp, aq, bq = mul(g1, a), mul(g1, b), mul(g2, a), mul(g2, b)
    groth = [(neg(ap), bq), (mul(g1, c), mul(g2, d)), (mul(g1, (a * b - c * d - 5) % r), g2), (mul(g1, 5), g2)]
    cases = [
        ("no pairs", [], True),
        ("e(P,Q)·e(-P,Q)", [(ap, bq), (neg(ap), bq)], True),
        ("e(P,Q)·e(P,-Q)", [(ap, bq), (ap, neg(bq))], True),
        ("e(aP,Q)·e(-P,aQ)", [(ap, g2), (neg(g1), aq)], True),
        ("e(aP,bQ)·e(-abP,Q)", [(ap, bq), (neg(mul(g1, a * b % r)), g2)], True),
        ("e(aP,Q)·e(bP,Q)·e(-(a+b)P,Q)", [(ap, g2), (bp, g2), (neg(mul(g1, (a + b) % r)), g2)], True),
        ("four pairs, the shape of a Groth16 check", groth, True),
        ("the same, last scalar one off", groth[:3] + [(mul(g1, 6), g2)], False),
        ("e(P,Q)", [(g1, g2)], False),
        ("e(P,Q)·e(P,Q)", [(ap, bq), (ap, bq)], False),
        ("e(aP,Q)·e(-P,bQ)", [(ap, g2), (neg(g1), bq)], False),
        ("e(O,Q)", [(o1, bq)], True),
        ("e(P,O)", [(ap, o2)], True),
        ("e(O,O)", [(o1, o2)], True),
        ("e(P,Q)·e(O,Q)", [(ap, bq), (o1, bq)], False),
        ("e(P,Q)·e(P,O)", [(ap, bq), (ap, o2)], False),
        ("e(P,Q)·e(O,Q)·e(-P,Q)·e(P,O)", [(ap, bq), (o1, aq), (neg(ap), bq), (bp, o2)], True),
    ]
    products = []
    for label, pairs, expected in cases:
        assert (curve.product_of_pairings(pairs) == one) == expected, label
        products.append({"case": label, "pairs": [pair_json(p, q) for p, q in pairs], "product_is_one": expected})
    return {"order": text(r), "py_ecc_returns": "1/gt" if curve.inverts else "gt", "pairings": values, "products": products}


def main():
    parser = argparse.ArgumentParser(description="Writes known-answer vectors computed by py_ecc.")
    parser.add_argument("--seed", default=DEFAULT_SEED)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    arguments = parser.parse_args()
    seed = arguments.seed
    print(f"seed: {seed!r}, py_ecc {PINNED}")

    curves = [
        Curve("bn254", bn, bn_pairing, 9, [], [10069]),
        Curve("bls12_381", bls, bls_pairing, 1, [3, 11], [13, 23]),
    ]
    fields = {}
    for curve in curves:
        check_conversion(curve, seed)
        if curve.name == "bls12_381":
            check_published(curve)
        fields[f"{curve.name}_fp"] = field_vectors(f"{curve.name}_fp", curve.p, seed)
        fields[f"{curve.name}_fr"] = field_vectors(f"{curve.name}_fr", curve.r, seed)
    documents = {
        "fields": fields,
        "towers": {curve.name: tower_vectors(curve, seed) for curve in curves},
        "curves": {curve.name: curve_vectors(curve, seed) for curve in curves},
        "pairings": {curve.name: pairing_vectors(curve, seed) for curve in curves},
    }
    for name, content in documents.items():
        document = {"generator": f"Tests/Vectors/py_ecc/generate.py, py_ecc {PINNED}", "seed": seed, **content}
        path = arguments.out / f"{name}.json"
        path.write_text(to_json(document) + "\n", encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
