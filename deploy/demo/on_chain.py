#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the demonstration's contracts in an EVM, and shows the gas.

    python3 on_chain.py proof CONTRACT.vy PROOF.json PUBLIC.json     a proof of `martlet prove`, and the same with another last input
    python3 on_chain.py rounds CONTRACT.vy PUBLISHED                 a federation's published rounds

The calls of rounds are those that `martlet fl calldata` gives: the program that MARTLET names, or the one on the path. Needs vyper, pyrevm and eth_abi
(Tests/Scripts/requirements.txt). Exits with 1 where what is right is refused, what is wrong is taken, or the
contract's last state is not the published one.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


class Refused(Exception):
    """The contract did not do what it should."""


NOBODY = "0x" + "00" * 20
REGISTRAR = "0x" + "ef" * 20


def proof_arguments(text: str) -> list:
    """A, B, C and, of a proof with a commitment, that and the proof of knowledge."""
    proof = json.loads(text)
    b = [[pair[1], pair[0]] for pair in proof["pi_b"][:2]]
    others = [*proof["commitments"], proof["commitment_pok"]] if "commitments" in proof else []
    return [proof["pi_a"][:2], b, proof["pi_c"][:2]] + [point[:2] for point in others]


def calls_of(published: str, number: int) -> dict:
    """What `martlet fl calldata` says of a round."""
    command = [os.environ.get("MARTLET", "martlet"), "fl", "calldata", published, "--round", str(number), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(done.stderr)
    return json.loads(done.stdout)


def execute(contract: str, constructor: list, calls: list) -> dict:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([{"source": Path(contract).read_text(), "constructor": constructor, "calls": calls}], file)
        file.flush()
        runner = Path(__file__).resolve().parents[2] / "Tests/Scripts/run_contract.py"
        done = subprocess.run([sys.executable, str(runner), file.name], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(done.stderr)
    return json.loads(done.stdout)[0]


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
    genesis = json.loads((folder / "states/0.json").read_text())
    registry, calls, told, last = genesis["registry"], [], [], genesis["hash"]
    number = 1
    while (folder / "rounds" / str(number)).exists():
        settled = calls_of(published, number)
        if "setRegistry" in settled:
            # Clients have come: the state that the round leads to has them.
            calls.append(settled["setRegistry"] | {"sender": REGISTRAR})
            told.append((f"before round {number}", "the registrar changed the registry"))
        last, registry = settled["newState"], settled["registry"]
        calls.append(settled["submitRound"])
        told.append((f"round {number}", "the contract verified the proof and moved to the new state"))
        number += 1
    if number == 1:
        raise Refused(f"{published} has no rounds")
    # The last round once more, and a registry by somebody who is not the registrar: neither may change a thing.
    calls += [calls[-1], {"function": "set_registry", "arguments": ["1"]}, {"function": "state"}, {"function": "registry"}]
    answer = execute(contract, [genesis["hash"], genesis["registry"], NOBODY, REGISTRAR], calls)
    if "refused" in answer:
        raise Refused(f"the contract is not deployed: {answer['refused']}")
    results = answer["results"]
    replay, stranger, *views = results[-4:]
    for (what, done), result in zip(told, results):
        if not result["success"]:
            raise Refused(f"{what}: refused: {result['reason']}")
        print(f"{what}: {done}, {result['gas']:,} gas")
    if replay["success"]:
        raise Refused("the last round was taken twice")
    print(f"the last round once more: refused ({replay['reason']})")
    if stranger["success"]:
        raise Refused("a stranger changed the registry")
    print(f"a registry by somebody else: refused ({stranger['reason']})")
    for name, view, published in zip(("state", "registry"), views, (last, registry)):
        if view["values"] != [published]:
            raise Refused(f"the contract's {name} is {view['values'][0]}, not the published one")


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
