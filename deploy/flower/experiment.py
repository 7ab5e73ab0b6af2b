# SPDX-License-Identifier: Apache-2.0
"""Accuracy with attackers, with and without proofs, under each aggregator: a table and a picture.

    python experiment.py --output docs/federated.svg

The arithmetic is the task's (integers, the eight-piece sigmoid, one batch a client and round); no proof is made here: an update that `run.py` shows to be
refused counts as refused. Ten clients, digits, [64, 10].
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_digits

CLIENTS, BATCH, BATCHES, ROUNDS = 10, 16, 4, 60
FEATURE, WEIGHT, PROBABILITY, STEPS = 3, 9, 12, 6


def sigmoid(z: np.ndarray) -> np.ndarray:
    """The eight straight pieces between −8 and 8, as the circuit has them."""
    exact = lambda x: 1 / (1 + np.exp(-x))
    half = [round((exact(2 * k + 2) - exact(2 * k)) * 2**PROBABILITY / 2**STEPS) for k in range(4)]
    slopes = np.array(half[::-1] + half)
    bases = np.zeros(8, dtype=np.int64)
    bases[4] = 2 ** (PROBABILITY - 1)
    for piece in range(5, 8):
        bases[piece] = bases[piece - 1] + (slopes[piece - 1] << STEPS)
    for piece in range(3, -1, -1):
        bases[piece] = bases[piece + 1] - (slopes[piece] << STEPS)
    fraction = FEATURE + WEIGHT
    shifted = z + (1 << (fraction + 3))
    piece = np.clip(shifted >> (fraction + 1), 0, 7)
    step = (shifted >> (fraction + 1 - STEPS)) & ((1 << STEPS) - 1)
    value = bases[piece] + slopes[piece] * step
    return np.where(shifted < 0, 0, np.where(shifted >> (fraction + 1) >= 8, 1 << PROBABILITY, value))


def with_bias(x: np.ndarray) -> np.ndarray:
    return np.hstack([x, np.full((len(x), 1), 1 << FEATURE)])


def gradient(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    a = with_bias(x)
    return a.T @ (sigmoid(a @ w) - (np.eye(10, dtype=np.int64)[y] << PROBABILITY))


def aggregate(updates: list[np.ndarray], kind: str) -> np.ndarray:
    stacked = np.stack(updates).astype(np.float64)
    if kind == "fedavg":
        return stacked.mean(axis=0)
    if kind == "median":
        return np.median(stacked, axis=0)
    trim = min(2, (len(updates) - 1) // 2)
    return np.sort(stacked, axis=0)[trim : len(updates) - trim].mean(axis=0)


def accuracy(attack: str, share: float, proofs: bool, kind: str, seed: int) -> float:
    x, y = load_digits(return_X_y=True)
    x = x.astype(np.int64) - 8
    random = np.random.default_rng(seed)
    order = random.permutation(len(y))
    x, y = x[order], y[order]
    size = BATCH * BATCHES
    test = slice(CLIENTS * size, None)
    bad = round(share * CLIENTS)
    w = np.zeros((65, 10), dtype=np.int64)
    rate = 0.5 / BATCH * 2.0 ** (WEIGHT - FEATURE - PROBABILITY)
    old: dict[int, np.ndarray] = {}
    for _ in range(ROUNDS):
        updates = []
        # The first honest client's update, whom free riders copy.
        start = bad * size
        victim = gradient(w, x[start : start + BATCH], y[start : start + BATCH]) if bad < CLIENTS else None
        for client in range(CLIENTS):
            start = client * size + BATCH * int(random.integers(BATCHES))
            part = slice(start, start + BATCH)
            malicious = client < bad
            labels = (y[part] + 1) % 10 if malicious and attack == "label flip" else y[part]
            update = gradient(w, x[part], labels)
            if malicious and attack == "sign flip":
                update = -5 * update
            elif malicious and attack == "scaling":
                update = 20 * update
            elif malicious and attack == "replay":
                update = old.setdefault(client, update)
            elif malicious and attack == "free rider":
                update = victim
            elif malicious and attack == "Sybil":
                # All identities have the data of one.
                update = gradient(w, x[:BATCH], (y[:BATCH] + 1) % 10)
            # With proofs two kinds are taken of the attackers: label flips, whose data were registered so, and the Sybil's one identity.
            if malicious and proofs and attack != "label flip" and not (attack == "Sybil" and client == 0):
                continue
            updates.append(update)
        w = np.clip(w - np.rint(aggregate(updates, kind) * rate).astype(np.int64), -2048, 2047)
    return float(((with_bias(x[test]) @ w).argmax(axis=1) == y[test]).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", help="where the picture goes (.svg or .png)")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    kinds = ["fedavg", "median", "trimmed-mean:2"]
    cases = [("none", 0.0), ("sign flip", 0.4), ("scaling", 0.4), ("replay", 0.4), ("free rider", 0.4), ("Sybil", 0.4), ("label flip", 0.2), ("label flip", 0.4)]
    rows = {}
    print("attack              proofs  " + "  ".join(f"{kind:>14}" for kind in kinds))
    for attack, share in cases:
        for proofs in (False, True):
            if attack == "none" and proofs:
                continue
            means = [
                np.mean([accuracy(attack, share, proofs, kind, seed) for seed in range(options.seeds)]) for kind in kinds
            ]
            name = attack if attack == "none" else f"{attack} {share:.0%}"
            rows[name, proofs] = means
            print(f"{name:18}  {'yes' if proofs else 'no':6}  " + "  ".join(f"{mean:14.3f}" for mean in means))
    if options.output:
        draw(rows, kinds, options.output)


def draw(rows: dict, kinds: list[str], output: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "martlet"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(kinds), figsize=(11, 3.6), sharey=True)
    names = list(dict.fromkeys(name for name, _ in rows))
    for column, (kind, axis) in enumerate(zip(kinds, axes)):
        for offset, proofs, color, label in ((-0.2, False, "#b8bec7", "without proofs"), (0.2, True, "#1f6f8b", "with proofs")):
            values = [rows.get((name, proofs), rows[name, False])[column] for name in names]
            axis.bar(np.arange(len(names)) + offset, values, 0.4, color=color, label=label)
        axis.set_title(kind, fontsize=10)
        axis.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=8)
        axis.set_ylim(0, 1)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("accuracy on held-out digits")
    figure.legend(*axes[0].get_legend_handles_labels(), fontsize=8, loc="upper left", ncol=2, frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.95))
    figure.savefig(output, metadata={"Date": None} if output.endswith(".svg") else None)


if __name__ == "__main__":
    main()
