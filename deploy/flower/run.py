# SPDX-License-Identifier: Apache-2.0
"""A federation in Flower with proofs and attackers, on scikit-learn's data: what is caught, what is not, and how the model does.

    python run.py --martlet PATH [--data digits|breast-cancer] [--clients 10] [--rounds 2] [--aggregator fedavg|median|trimmed-mean:K] [--superlink]

Every update is proved, and every round. The nodes are in this process, or with --superlink each in one of its own under a SuperLink. Exits with 1 where an attack is not
answered as it should be.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from flwr.app import Context, RecordDict
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.preprocessing import StandardScaler

from attacks import ATTACKS, client as attacked
from martlet_flower import LocalGrid, Martlet, VerifiedFedAvg
from superlink import SuperLink


def samples(name: str, seed: int) -> tuple[np.ndarray, np.ndarray, dict, list[int]]:
    """Features in the range of the task's format, labels, the arithmetic, and the layers."""
    if name == "digits":
        x, y = load_digits(return_X_y=True)
        x, layers, bits, fraction = (x - 8) / 8, [64, 10], 5, 3
    else:
        x, y = load_breast_cancer(return_X_y=True)
        x, layers, bits, fraction = np.clip(StandardScaler().fit_transform(x), -3.9, 3.9), [30, 1], 8, 5
    order = np.random.default_rng(seed).permutation(len(x))
    arithmetic = {
        "featureBits": bits, "featureFraction": fraction, "weightBits": 12, "weightFraction": 9,
        "activationFraction": 6, "probabilityFraction": 12, "sigmoidStepBits": 6,
    }
    return x[order], y[order], arithmetic, layers


def attacked_app(folder: Path) -> Path:
    """The app with the attackers' ClientApp in place of its own."""
    folder.mkdir()
    here = Path(__file__).resolve().parent
    for name in ("app.py", "attacks.py", "martlet_flower.py"):
        shutil.copy(here / name, folder)
    project = (here / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(project.replace('"app:client"', '"attacks:client"'))
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--martlet", default="martlet")
    parser.add_argument("--queue", help="has all proofs made by a queue's workers")
    parser.add_argument("--superlink", action="store_true", help="a SuperLink and a SuperNode for each client, as processes")
    parser.add_argument("--data", choices=("digits", "breast-cancer"), default="breast-cancer")
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--aggregator", default="fedavg")
    parser.add_argument(
        "--settlement", choices=("attested", "commitment", "plain"), default="attested",
        help="how rounds are settled; without proofs of the clients' proofs a round is proved in a moment, for tests",
    )
    parser.add_argument("--attacks", nargs="*", choices=sorted(ATTACKS), default=list(ATTACKS))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--limit", type=float, default=600, help="seconds for a run on a SuperLink")
    options = parser.parse_args()
    if options.clients <= len(options.attacks):
        parser.error(f"{len(options.attacks)} attackers need more than as many clients")
    if Path(options.martlet).parent != Path("."):
        # Nodes have working directories of their own.
        options.martlet = str(Path(options.martlet).resolve())
    logging.getLogger("flwr").setLevel(logging.ERROR)

    x, y, arithmetic, layers = samples(options.data, options.seed)
    depth = 1
    per_client = options.batch << depth
    test = slice(options.clients * per_client, None)
    if len(y[test]) < 50:
        parser.error("too many clients for the data")
    martlet = Martlet(options.martlet, options.queue)
    # The attackers are the last nodes.
    kinds = {options.clients - 1 - place: kind for place, kind in enumerate(options.attacks)}

    with tempfile.TemporaryDirectory(prefix="martlet-flower-") as folder:
        root = Path(folder)
        task = {
            "format": "martlet-fl-task/1", "name": options.data, "model": {"layers": layers},
            "arithmetic": arithmetic, "batchSize": options.batch, "datasetDepth": depth, "registryDepth": 8,
            "normBound": 512, "clientsPerRound": options.clients, "minimumClients": 1, "learningRate": 0.3,
            "aggregator": options.aggregator, "settlement": options.settlement,
        }
        (root / "task.json").write_text(json.dumps(task))
        published = str(root / "published")
        martlet.run("fl", "init", published, "--task", str(root / "task.json"), "--insecure-dev")

        def write(path: Path, features: np.ndarray, labels: np.ndarray) -> None:
            path.write_text("".join(",".join(map(str, row)) + f",{label}\n" for row, label in zip(features, labels)))

        nodes = []
        (root / "attacks").mkdir()
        for node in range(options.clients):
            part = slice(node * per_client, (node + 1) * per_client)
            labels = y[part]
            if kinds.get(node) == "label-flip":
                labels = (labels + 1) % (2 if layers[-1] == 1 else layers[-1])
            write(root / f"{node}.csv", x[part], labels)
            # The Sybil has no invitation for a second identity, so it sends two updates under node 0's: what it could do at most.
            client = root / ("client-0" if kinds.get(node) == "sybil" else f"client-{node}")
            if not client.exists():
                martlet.run("fl", "identity", str(client), "--federation", published, "--data", str(root / f"{node}.csv"))
                martlet.run("fl", "register", published, str(client / "registration.json"))
            nodes.append({
                "martlet": options.martlet, "martlet-queue": options.queue or "", "martlet-client": str(client),
                "martlet-federation": published, "partition-id": node, "attack": kinds.get(node, "honest"),
                "attack-folder": str(root / "attacks"),
            })
        martlet.run("fl", "start", published)
        write(root / "test.csv", x[test], y[test])

        refusals = str(root / "refusals.jsonl")
        if options.superlink:
            settings = {
                "federation": published, "martlet": options.martlet, "queue": options.queue or "", "rounds": options.rounds,
                "nodes": options.clients, "refusals": refusals,
            }
            app = attacked_app(root / "app") if kinds else Path(__file__).resolve().parent
            with SuperLink(root / "superlink", nodes) as link:
                link.run(app, settings, limit=options.limit)
        else:
            contexts = {
                node: Context(run_id=0, node_id=node, state=RecordDict(), run_config={}, node_config=settings)
                for node, settings in enumerate(nodes)
            }
            strategy = VerifiedFedAvg(
                published, martlet, fraction_train=1.0, fraction_evaluate=0.0, min_train_nodes=1, min_available_nodes=1,
                refusals=refusals)
            strategy.start(LocalGrid(attacked, contexts), strategy.arrays(), num_rounds=options.rounds)

        martlet.run("fl", "verify", published)
        log = martlet.run("fl", "log", published, "--data", str(root / "test.csv"))
        failures = 0
        last = json.loads(Path(refusals).read_text().splitlines()[-1])

        def name(node: int) -> str:
            """The files are named after the nodes' numbers, which a SuperLink draws."""
            return f"node-{(root / 'attacks' / f'{node}.id').read_text()}.json"

        print(f"{options.data}, {options.clients} clients, {options.aggregator}: every update and every round proved, settled {options.settlement}")
        print("round  accepted  refused  accuracy")
        for entry in log:
            print(f"{entry['round']:5}  {entry['accepted']:8}  {sum(own['updates'] for own in entry['refused']):7}  {entry['accuracy']:.3f}")
        if kinds:
            print("attack       answer")
        for node, kind in kinds.items():
            # Of the Sybil and node 0, whose identity it has, the one that came later is refused.
            own = [name(node)] + ([name(0)] if kind == "sybil" else [])
            reasons = [refusal["reason"] for refusal in last if refusal["update"] in own]
            wanted = ATTACKS[kind]
            caught = not reasons if wanted is None else any(wanted in reason for reason in reasons)
            # An old update needs a round that is over.
            if kind == "replay" and options.rounds < 2:
                caught = True
            failures += not caught
            print(f"{kind:11}  {reasons[0] if reasons else 'taken: the data were registered so'}{'' if caught else '   WRONG'}")
        return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
