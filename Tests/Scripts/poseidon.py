#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Poseidon over BN254's scalars, from the paper, and the challenges of commitments that it makes; of Python alone.

    python3 poseidon.py > ../Vectors/commitment_hash/poseidon.json

Slow and simple on purpose: round after round, with constants from the paper's generator, so that it shares nothing with this project's
permutation, which merges the partial rounds. The numbers of rounds and what a matrix's points are is circomlib's; `check` holds the
permutation against circomlib's published answers.

Grassi, Khovratovich, Rechberger, Roy and Schofnegger 2021, "Poseidon: a new hash function for zero-knowledge proof systems".
"""

import functools
import json

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
P = 21888242871839275222246405745257275088696311157297823662689037894645226208583
PARTIAL = {3: 57, 17: 68}
FULL = 8
COMMITMENT, FOLDING = 0x43420001, 0x43420002


def grain(width):
    """The bits of the generator, of which every second one decides whether the next counts."""
    state = []
    for value, size in [(1, 2), (0, 4), (254, 12), (width, 12), (FULL, 10), (PARTIAL[width], 10), (2**30 - 1, 30)]:
        state += [int(digit) for digit in format(value, f"0{size}b")]

    def step():
        new = state[62] ^ state[51] ^ state[38] ^ state[23] ^ state[13] ^ state[0]
        state.pop(0)
        state.append(new)
        return new

    for _ in range(160):
        step()
    while True:
        keep, bit = step(), step()
        if keep:
            yield bit


@functools.cache
def parameters(width):
    bits = grain(width)

    def integer():
        value = 0
        for _ in range(254):
            value = value << 1 | next(bits)
        return value

    constants = []
    while len(constants) < (FULL + PARTIAL[width]) * width:
        value = integer()
        if value < R:
            constants.append(value)
    points = [integer() % R for _ in range(2 * width)]
    matrix = [[pow(points[i] + points[width + j], -1, R) for j in range(width)] for i in range(width)]
    return constants, matrix


def permute(state):
    width = len(state)
    constants, matrix = parameters(width)
    rounds = FULL + PARTIAL[width]
    for number in range(rounds):
        state = [(x + constants[number * width + i]) % R for i, x in enumerate(state)]
        full = number < FULL // 2 or number >= rounds - FULL // 2
        state = [pow(x, 5, R) if full or i == 0 else x for i, x in enumerate(state)]
        state = [sum(m * x for m, x in zip(row, state)) % R for row in matrix]
    return state


def sponge(elements, domain):
    """Capacity 1, rate 16; each block overwrites the rate."""
    state = domain * 2**64 + len(elements)
    for start in range(0, max(len(elements), 1), 16):
        block = elements[start:start + 16]
        state = permute([state] + block + [0] * (16 - len(block)))[0]
    return state


def challenge(x, y, values):
    """Of a commitment with the affine coordinates x and y, (0, 0) for the point at infinity."""
    words = [word for coordinate in (x, y) for word in (coordinate % 2**136, coordinate >> 136)]
    return sponge(words + values, COMMITMENT)


def folding(challenges):
    return sponge(challenges, FOLDING)


def check():
    assert permute([0, 1, 2])[0] == 7853200120776062878684798364095072458815029376092732009249414926327459813530
    assert permute(list(range(17)))[0] == 9989051620750914585850546081941653841776809718687451684622678807385399211877


def double_and_add(k):
    """k·(1, 2) on BN254."""
    def add(a, b):
        if a is None or b is None:
            return a or b
        if a[0] == b[0] and (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * a[0] ** 2 * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
        x = (slope**2 - a[0] - b[0]) % P
        return x, (slope * (a[0] - x) - a[1]) % P

    result, power = None, (1, 2)
    while k:
        if k & 1:
            result = add(result, power)
        power, k = add(power, power), k >> 1
    return result or (0, 0)


def vectors():
    check()
    cases = []
    for k, values in [(0, []), (1, []), (2, [0]), (R - 1, [1, 2]), (3**150 % R, [R - 1, 0, 7]), (5**99 % R, [11**n % R for n in range(13)])]:
        x, y = double_and_add(k)
        cases.append({"scalar": str(k), "x": str(x), "y": str(y), "values": [str(v) for v in values], "challenge": str(challenge(x, y, values))})
    foldings = [[1], [0, 0], [R - 1, 2, 3]]
    return {"challenges": cases, "foldings": [{"challenges": [str(c) for c in f], "factor": str(folding(f))} for f in foldings]}


if __name__ == "__main__":
    print(json.dumps(vectors(), indent=1))
