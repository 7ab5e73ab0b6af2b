#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes clipping.json: the clipping of single records, by the sentences of docs/private-rounds.md and nothing of the library's.

    python3 generate_clipping.py > clipping.json

The task is the small one of Tests/FederatedLearningTests: features of 5 bits with 3 behind the point, activations with 6, errors with 12,
updates with 9. Each entry has the inputs of each layer with the constant of the biases, its errors, the factor of 2^10 and the scaled
errors. The factor is found by an integer square root, and held against its definition.
"""

import json
import random
from math import isqrt

FEATURE, ACTIVATION, ERROR, UPDATE, K = 3, 6, 12, 9, 10


def record(rng, layers, clip):
    inputs, errors, shifts = [], [], []
    for layer, (size, outputs) in enumerate(zip(layers, layers[1:])):
        fraction = FEATURE if layer == 0 else ACTIVATION
        small = rng.randrange(5)
        row = [rng.randrange(-16, 16) >> small if layer == 0 else rng.randrange(0, 1 << 8) >> small for _ in range(size)]
        inputs.append(row + [1 << fraction])
        errors.append([rng.randrange(-(1 << ERROR), (1 << ERROR) + 1) >> rng.randrange(13) for _ in range(outputs)])
        shifts.append(fraction + ERROR - UPDATE)
    most = max(shifts)
    bound = int(clip * 2**UPDATE)
    limit = bound**2 * 4 ** (K + most)
    norm = sum(sum(a * a for a in row) * sum(d * d for d in error) * 4 ** (most - shift) for row, error, shift in zip(inputs, errors, shifts))
    factor = 1 << K if norm == 0 else min(1 << K, isqrt(limit // norm))
    assert factor**2 * norm <= limit and (factor == 1 << K or (factor + 1) ** 2 * norm > limit)
    scaled = [[(1 if d >= 0 else -1) * (factor * abs(d) // 2 ** (K + shift)) for d in error] for error, shift in zip(errors, shifts)]
    # What it is for.
    assert sum((a * d) ** 2 for row, error in zip(inputs, scaled) for a in row for d in error) <= bound**2
    return {"layers": layers, "clip": clip, "inputs": inputs, "errors": errors, "factor": factor, "scaled": scaled}


rng = random.Random(21)
entries = [record(rng, layers, clip) for layers in ([6, 3], [5, 1], [6, 4, 3]) for clip in (0.003, 0.1, 1, 40) for _ in range(4)]
print("[" + ",\n".join(json.dumps(entry) for entry in entries) + "]")
