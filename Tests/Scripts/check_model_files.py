#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what `martlet fl export` wrote with what `martlet fl predict` answered, in NumPy's and ONNX Runtime's own words.

    check_model_files.py FOLDER

FOLDER has model.npz, model.onnx, samples.csv, predictions.json (fl predict --json) and export.json (fl export --json). Writes changed.npz, of
float32 in Fortran's order, for `fl init --weights`. Prints the largest differences; exit code 1 where one is larger than the command said.
"""

import json
import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
arrays = dict(np.load(folder / "model.npz", allow_pickle=False))
layers = len(arrays) // 2
assert sorted(arrays) == sorted(f"{kind}{l}" for kind in "Wb" for l in range(layers)), sorted(arrays)
assert all(array.dtype == np.float64 for array in arrays.values())
rows = np.loadtxt(folder / "samples.csv", delimiter=",", comments="#", ndmin=2)
features = rows[:, : arrays["W0"].shape[0]]
answers = json.loads((folder / "predictions.json").read_text())["answers"]
integers = np.array([answer["outputs"] for answer in answers])
classes = [answer["class"] for answer in answers]
bound = json.loads((folder / "export.json").read_text())["onnxDifference"]

values = features
for l in range(layers):
    sums = values @ arrays[f"W{l}"] + arrays[f"b{l}"]
    values = np.maximum(sums, 0)
outputs = 1 / (1 + np.exp(-sums))


def compare(what, sums, outputs):
    difference = float(np.abs(outputs - integers).max())
    print(f"{what}: outputs differ by {difference:.2g}, at most {bound['outputs']:.2g}")
    assert outputs.shape == integers.shape and difference <= bound["outputs"]
    for row, own in enumerate(sums):
        # Nearer than both may be off, the class is open.
        if len(own) == 1:
            best, margin = int(own[0] >= 0), 2 * abs(own[0])
        else:
            order = np.argsort(own)
            best, margin = int(order[-1]), own[order[-1]] - own[order[-2]]
        names = json.loads((folder / "task.json").read_text())["data"]["labels"]
        assert margin <= 2 * bound["sums"] or names[best] == classes[row], (row, own, classes[row])


compare("numpy", sums, outputs)
np.savez(folder / "changed.npz", **{name: np.asfortranarray(array + 1e-4, dtype=np.float32) for name, array in arrays.items()})
np.savez_compressed(folder / "compressed.npz", **arrays)
try:
    import onnxruntime
except ImportError:
    print("no onnxruntime")
    sys.exit(0)
session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
assert [value.name for value in session.get_inputs()] == ["features"]
assert session.get_modelmeta().custom_metadata_map["martlet.round"] == "1"
compare("onnxruntime", *session.run(["sums", "probabilities"], {"features": features.astype(np.float32)}))
