#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CPU seconds of a client's proof of the digits model here, and of EZKL's for the bare gradient of the same batch, in turns in one run.

    python ezkl_gradient.py --martlet PATH [--runs 3]

Needs `pip install ezkl==23.0.5 onnx numpy scikit-learn`. EZKL proves X^T (sigmoid(X W) - Y) for X of 32 x 64 and W of 64 x 10, given as ONNX: its data, weights and
result are neither committed nor bound to anything. Martlet's proof has the binding, range, norm and registry as well. EZKL's reference string is made here, which counts
for neither.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

BATCH, FEATURES, CLASSES = 32, 64, 10


def measured(command: list[str]) -> tuple[float, float]:
    """CPU seconds (user and system, of all its processes) and seconds of a command."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"{' '.join(command)}: status {status}\n{output.decode()[-3000:]}")
    return usage.ru_utime + usage.ru_stime, wall


def gradient(path: Path) -> None:
    """The gradient step as ONNX."""
    from onnx import TensorProto, checker, helper, save

    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["z"]),
            helper.make_node("Sigmoid", ["z"], ["p"]),
            helper.make_node("Sub", ["p", "y"], ["d"]),
            helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0]),
            helper.make_node("MatMul", ["t", "d"], ["u"]),
        ],
        "gradient",
        [
            value("x", TensorProto.FLOAT, [BATCH, FEATURES]), value("w", TensorProto.FLOAT, [FEATURES, CLASSES]),
            value("y", TensorProto.FLOAT, [BATCH, CLASSES]),
        ],
        [value("u", TensorProto.FLOAT, [FEATURES, CLASSES])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    save(model, str(path))


def prepare_ezkl(folder: Path, x: np.ndarray, w: np.ndarray, y: np.ndarray) -> None:
    """Settings, circuit, reference string, keys and witness."""
    import ezkl

    gradient(folder / "model.onnx")
    data = {"input_data": [array.flatten().tolist() for array in (x, w, y)]}
    (folder / "input.json").write_text(json.dumps(data))
    at = {name: str(folder / name) for name in
          ("model.onnx", "input.json", "settings.json", "model.ezkl", "srs", "vk", "pk", "witness.json")}
    arguments = ezkl.PyRunArgs()
    # As in the design notes: nothing is bound; fixed point as here.
    arguments.input_visibility, arguments.param_visibility, arguments.output_visibility = "private", "fixed", "public"
    arguments.input_scale = arguments.param_scale = 7
    ezkl.gen_settings(at["model.onnx"], at["settings.json"], py_run_args=arguments)
    ezkl.calibrate_settings(at["input.json"], at["model.onnx"], at["settings.json"], "resources", scales=[7])
    ezkl.compile_circuit(at["model.onnx"], at["model.ezkl"], at["settings.json"])
    rows = json.loads(Path(at["settings.json"]).read_text())["run_args"]["logrows"]
    print(f"EZKL: 2^{rows} rows", flush=True)
    ezkl.gen_srs(at["srs"], rows)
    ezkl.setup(at["model.ezkl"], at["vk"], at["pk"], at["srs"])
    ezkl.gen_witness(at["input.json"], at["model.ezkl"], at["witness.json"])


def ezkl_step(step: str, folder: Path) -> None:
    """One step in a process of its own, so that it can be measured."""
    import ezkl

    at = lambda name: str(folder / name)  # noqa: E731
    if step == "prove":
        ezkl.prove(at("witness.json"), at("model.ezkl"), at("pk"), at("proof.json"), at("srs"))
    elif not ezkl.verify(at("proof.json"), at("settings.json"), at("vk"), at("srs")):
        sys.exit("EZKL's proof does not verify")


def prepare_martlet(martlet: str, folder: Path, x: np.ndarray, labels: np.ndarray) -> list[str]:
    """A federation of one client with the digits task; the command that trains and proves."""
    task = {
        "format": "martlet-fl-task/1", "name": "digits", "model": {"layers": [FEATURES, CLASSES]},
        "arithmetic": {
            "featureBits": 5, "featureFraction": 3, "weightBits": 12, "weightFraction": 9, "activationFraction": 6,
            "probabilityFraction": 12, "sigmoidStepBits": 6,
        },
        "batchSize": BATCH, "datasetDepth": 1, "registryDepth": 20, "normBound": 512, "clientsPerRound": 2,
        "minimumClients": 1, "learningRate": 0.3, "aggregator": "fedavg", "settlement": "attested",
    }
    (folder / "task.json").write_text(json.dumps(task))
    rows = zip(x.tolist(), labels.tolist())
    (folder / "data.csv").write_text("".join(",".join(map(str, row)) + f",{label}\n" for row, label in rows))

    def run(*arguments: str) -> None:
        subprocess.run([martlet, "fl", *arguments], check=True, capture_output=True)

    run("init", str(folder / "published"), "--task", str(folder / "task.json"), "--insecure-dev")
    run("identity", str(folder / "client"), "--federation", str(folder / "published"), "--data", str(folder / "data.csv"))
    run("register", str(folder / "published"), str(folder / "client" / "registration.json"))
    run("start", str(folder / "published"))
    # What the client has kept would be given again, without a proof.
    kept = str(folder / "client" / "kept-update.json")
    return ["sh", "-c", 'rm -f "$0" && exec "$@"', kept, martlet, "fl", "train", str(folder / "client"), "--federation", str(folder / "published"),
            "--output", str(folder / "update.json"), "--json"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--martlet", default="martlet")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--step", nargs=2, metavar=("STEP", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        ezkl_step(options.step[0], Path(options.step[1]))
        return 0
    x, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(options.seed).permutation(len(x))[: 2 * BATCH]
    x, labels = (x[order] - 8) / 8, labels[order]
    w = np.random.default_rng(options.seed).normal(0, 0.1, (FEATURES, CLASSES))
    y = np.eye(CLASSES)[labels[:BATCH]]
    with tempfile.TemporaryDirectory(prefix="martlet-ezkl-") as name:
        folder = Path(name)
        prepare_ezkl(folder, x[:BATCH], w, y)
        train = prepare_martlet(options.martlet, folder, x, labels)
        sizes = {file: (folder / file).stat().st_size for file in ("pk", "published/client.zkey")}
        step = [sys.executable, __file__, "--step"]
        print("run  prover   CPU s   wall s   load")
        for run in range(options.runs):
            for prover, command in (("ezkl", [*step, "prove", name]), ("martlet", train)):
                cpu, wall = measured(command)
                print(f"{run + 1:3}  {prover:7} {cpu:6.2f} {wall:8.2f}  {os.getloadavg()[0]:5.1f}", flush=True)
        cpu, _ = measured([*step, "verify", name])
        print(f"EZKL verifies in {cpu:.2f} CPU-s with its start; proof {(folder / 'proof.json').stat().st_size:,} bytes of JSON")
        print(f"keys: EZKL {sizes['pk'] / 1e6:.0f} MB, Martlet {sizes['published/client.zkey'] / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
