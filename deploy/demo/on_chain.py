#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the demonstration's contracts in an EVM, and shows the gas.

    python3 on_chain.py proof CONTRACT.vy PROOF.json PUBLIC.json     a proof of `martlet prove`, and the same with another last input
    python3 on_chain.py rounds CONTRACT.vy PUBLISHED                 a federation's published rounds

Needs vyper, pyrevm and eth_abi (Tests/Scripts/requirements.txt). Exits with 1 where what is right is refused, what is wrong is taken, or the
contract's last state is not the published one.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


class Refused(Exception):
    """The contract did not do what it should."""


def proof_arguments(text: str) -> list:
    proof = json.loads(text)
    b = [[pair[1], pair[0]] for pair in proof["pi_b"][:2]]
    return [proof["pi_a"][:2], b, proof["pi_c"][:2]]


def execute(contract: str, constructor: list, calls: list) -> dict:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"source": Path(contract).read_text(), "constructor": constructor, "calls": calls}, file)
        file.flush()
        runner = Path(__file__).resolve().parents[2] / "Tests/Scripts/run_contract.py"
        done = subprocess.run([sys.executable, str(runner), file.name], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(done.stderr)
    return json.loads(done.stdout)


def check_proof(contract: str, proof: str, public: str) -> None:
    arguments = proof_arguments(Path(proof).read_text())
    inputs = json.loads(Path(public).read_text())
    other = inputs[:-1] + [str(int(inputs[-1]) + 1)]
    calls = [{"function": "verify", "arguments": arguments + [given]} for given in (inputs, other)]
    answer = execute(contract, [], calls)
    right, wrong = answer["results"]
    print(f"deployed: {answer['code']:,} bytes, {answer['deployment']:,} gas")
    if not right["success"] or right["values"] != ["True"]:
        raise Refused(f"the proof is refused: {right['reason'] or right['values']}")
    print(f"the contract says that the proof is valid, {right['gas']:,} gas")
    if wrong["success"] and wrong["values"] != ["False"]:
        raise Refused("a proof of other inputs is taken")
    print("with another message in its place: not valid")


def settle_rounds(contract: str, published: str) -> None:
    folder = Path(published)
    genesis = json.loads((folder / "states/0.json").read_text())["hash"]
    rounds = []
    while (path := folder / "rounds" / str(len(rounds) + 1) / "round.json").exists():
        rounds.append(json.loads(path.read_text()))
    calls = [
        {"function": "submit_round", "arguments": proof_arguments(r["proof"]) + [r["newState"]]} for r in rounds
    ]
    # The last round once more: the state has moved on.
    calls += [calls[-1], {"function": "state"}]
    results = execute(contract, [genesis, "0x" + "00" * 20], calls)["results"]
    settled, replay, state = results[: len(rounds)], results[-2], results[-1]
    for number, result in enumerate(settled, 1):
        if not result["success"]:
            raise Refused(f"round {number}: refused: {result['reason']}")
        print(f"round {number}: the contract verified the proof and moved to the new state, {result['gas']:,} gas")
    if replay["success"]:
        raise Refused("the last round was taken twice")
    print(f"the last round once more: refused ({replay['reason']})")
    if state["values"] != [rounds[-1]["newState"]]:
        raise Refused(f"the contract's state is {state['values'][0]}, not the published one")


def main() -> int:
    what = {"proof": (check_proof, 3), "rounds": (settle_rounds, 2)}.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if what is None or len(sys.argv) != 2 + what[1]:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        what[0](*sys.argv[2:])
    except Refused as reason:
        print(reason)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
