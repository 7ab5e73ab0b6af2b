#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes noise.json: ε of sums of uniform noise by Google's dp-accounting (PyPI, 0.6.0), from probability masses.

    pip install dp-accounting && python3 generate.py > noise.json

Each entry: a record moves one coordinate by `shift`; the noise is the sum of `clients`·`summands` uniform integers of `bits` bits; there
are `count` such sums for each entry of `uses`; `epsilon` is by δ, and `advantage` is δ at ε = 0.
"""

import json
from math import log

from dp_accounting.pld import privacy_loss_distribution


def masses(bits, count):
    """log of the probabilities of sums, by exact integers: how many ways there are for each."""
    width, ways = 1 << bits, [1]
    for _ in range(count):
        total, sums = 0, []
        for index in range(len(ways) + width - 1):
            total += ways[index] if index < len(ways) else 0
            total -= ways[index - width] if index >= width else 0
            sums.append(total)
        ways = sums
    scale = bits * count * log(2)
    return {index: log(number) - scale for index, number in enumerate(ways)}


def loss(shift, bits, count):
    upper = masses(bits, count)
    lower = {index + shift: value for index, value in upper.items()}
    return privacy_loss_distribution.from_two_probability_mass_functions(
        lower, upper, value_discretization_interval=1e-4, log_mass_truncation_bound=-50, symmetric=False)


CASES = [
    (256, 10, 4, [(3, 30)]),
    (256, 11, 2, [(3, 30)]),
    (256, 12, 1, [(7, 30)]),
    (100, 6, 2, [(24, 5)]),
    (64, 11, 4, [(3, 30)]),
    (16, 5, 4, [(8, 12), (5, 3), (3, 1)]),
    (3, 3, 1, [(4, 2)]),
    (1, 1, 1, [(5, 1)]),
    (40, 4, 3, [(2, 1)]),
]

entries = []
for shift, bits, summands, uses in CASES:
    total = None
    for clients, count in uses:
        part = loss(shift, bits, summands * clients).self_compose(count)
        total = part if total is None else total.compose(part)
    entries.append({
        "shift": shift, "bits": bits, "summands": summands,
        "uses": [{"clients": clients, "count": count} for clients, count in uses],
        "epsilon": [
            {"delta": delta, "epsilon": value if (value := total.get_epsilon_for_delta(delta)) != float("inf") else None}
            for delta in (1e-3, 1e-5, 1e-7)],
        "advantage": total.get_delta_for_epsilon(0),
    })
print(json.dumps(entries, indent=1))
