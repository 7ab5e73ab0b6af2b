#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Settles a federation's published rounds in a round contract, in an EVM, and shows the gas.

    python3 settle_rounds.py CONTRACT.vy PUBLISHED

Needs the packages of Tests/Scripts/requirements.txt. Exits with 1 where a round is refused, a replay is taken, or the contract's last state is not the
published one.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def proof_arguments(text: str) -> list:
    proof = json.loads(text)
    b = [[pair[1], pair[0]] for pair in proof["pi_b"][:2]]
    return [proof["pi_a"][:2], b, proof["pi_c"][:2]]


def main() -> int:
    contract, published = Path(sys.argv[1]), Path(sys.argv[2])
    genesis = json.loads((published / "states/0.json").read_text())["hash"]
    rounds = []
    while (path := published / "rounds" / str(len(rounds) + 1) / "round.json").exists():
        rounds.append(json.loads(path.read_text()))
    calls = [
        {"function": "submit_round", "arguments": proof_arguments(r["proof"]) + [r["newState"]]} for r in rounds
    ]
    # The last round once more: the state has moved on.
    calls += [calls[-1], {"function": "state"}]
    request = {"source": contract.read_text(), "constructor": [genesis, "0x" + "00" * 20], "calls": calls}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(request, file)
        file.flush()
        runner = Path(__file__).resolve().parents[2] / "Tests/Scripts/run_contract.py"
        done = subprocess.run([sys.executable, str(runner), file.name], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        return 1
    results = json.loads(done.stdout)["results"]
    settled, replay, state = results[: len(rounds)], results[-2], results[-1]
    for number, result in enumerate(settled, 1):
        if not result["success"]:
            print(f"round {number}: refused: {result['reason']}")
            return 1
        print(f"round {number}: the contract verified the proof and moved to the new state, {result['gas']:,} gas")
    if replay["success"]:
        print("the last round was taken twice")
        return 1
    print(f"the last round once more: refused ({replay['reason']})")
    if state["values"] != [rounds[-1]["newState"]]:
        print(f"the contract's state is {state['values']}")
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main())
