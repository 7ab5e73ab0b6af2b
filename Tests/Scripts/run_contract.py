#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles a contract in Vyper, or in Solidity, and executes calls of it in an EVM.

    python3 run_contract.py REQUEST.json

REQUEST is a list of {"source": text, "constructor": [values], "calls": [call, …]}, a call {"function": name, "arguments": [values],
"sender": address, "gas": limit, "drop": bytes, "append": hex}; all but the function may be missing. "others" may have further
constructors' values, with which it is only looked whether the contract is deployed. Numbers are decimal
strings, addresses "0x…" strings, arrays and structs JSON arrays. `drop` takes bytes off the end of the calldata, `append` adds some.
Arguments are encoded by eth_abi for the types that the compiler found, so a wrong interface does not go unnoticed.

Prints a list of {"code": bytes of code, "initcode": bytes of what deploys it, "deployment": gas, "results": [result, …]}, a result {"success", "values": [strings], "reason",
"gas", "storage": [strings], "events": [{"name", "values"}], "digest": Keccak-256 of the encoded arguments, a number}. A constructor that reverts gives no
results and its reason in "refused"; "others" has the reasons of the others, null for those that do not revert.

A text of a request that has "solidity" beside "source" is compiled by the program that MARTLET_SOLC names, the compiler solc 0.8.28, and the same is done with
it: "solidity" in the answer, a list of one; without that variable it is empty.

Each call is a transaction of its own: it runs in a fresh EVM on the storage that the one before left. `gas` is the transaction's: 21,000,
calldata and execution. Of the slots that are put in place pyrevm 0.3.7 takes all but the first for touched and changed by this transaction already.
So the call runs once more for each slot, with that one first, and what it costs more then is added.

Exit 0 when all calls were made, whatever they gave; 2 and a line on standard error for anything else.
"""

import json
import os
import re
import subprocess
import sys

try:
    import pyrevm
    from eth_abi import decode, encode
    from eth_utils import keccak
    from vyper.compiler import compile_code
except ImportError as error:
    print(f"vyper, pyrevm and eth_abi are needed (requirements.txt): {error}", file=sys.stderr)
    sys.exit(2)

FORK = "PRAGUE"
SENDER = "0x" + "11" * 20
# What a call may cost where nothing else is said.
GAS = 30_000_000
# A slot that no contract has.
NO_SLOT = 2**32
FORMATS = ["bytecode", "bytecode_runtime", "abi", "method_identifiers", "layout"]


def type_of(parameter):
    name = parameter["type"]
    if name.startswith("tuple"):
        return "(" + ",".join(type_of(part) for part in parameter["components"]) + ")" + name[len("tuple"):]
    return name


def value(json_value):
    if isinstance(json_value, list):
        return [value(part) for part in json_value]
    return json_value if json_value.startswith("0x") else int(json_value)


def encoded(parameters, arguments):
    return encode([type_of(p) for p in parameters], [value(a) for a in arguments])


def revert_reason(text):
    """The text of Error(string), "" for a revert without one, or what else ended the execution."""
    match = re.match(r"Revert \{ gas_used: (\d+), output: (0x[0-9a-f]*) \}", text)
    if not match:
        return text
    output = bytes.fromhex(match.group(2)[2:])
    return decode(["string"], output[4:])[0] if output[:4] == bytes.fromhex("08c379a0") else ""


class Contract:
    def __init__(self, compiled, constructor):
        self.compiled, self.abi = compiled, compiled["abi"]
        inputs = [entry["inputs"] for entry in self.abi if entry["type"] == "constructor"]
        data = bytes.fromhex(self.compiled["bytecode"][2:]) + encoded(inputs[0] if inputs else [], constructor)
        evm = self.new_evm(SENDER)
        self.address = evm.deploy(SENDER, data)
        self.deployment = evm.result.gas_used
        self.code = evm.get_code(self.address)
        self.initcode = len(data)
        self.slots = len(self.compiled["layout"].get("storage_layout", {}))
        self.storage = [evm.storage(self.address, slot) for slot in range(self.slots)]
        self.size = self.code_size(evm)

    @staticmethod
    def new_evm(sender):
        evm = pyrevm.EVM(spec_id=FORK)
        evm.set_balance(sender, 10**24)
        return evm

    def on_storage(self, sender, first=NO_SLOT):
        """An EVM with the contract, in which the slot `first` is the one that was not touched before (EIP-2200, EIP-2929)."""
        evm = self.new_evm(sender)
        evm.insert_account_info(self.address, pyrevm.AccountInfo(nonce=1, code=self.code))
        words = {first: 0} | dict(enumerate(self.storage))
        for slot in words:
            evm.insert_account_storage(self.address, slot, words[slot])
        return evm

    def code_size(self, evm):
        """What EXTCODESIZE says where the contract was deployed: `get_code` gives the code with the padding of this EVM."""
        probe = "0x" + "22" * 20
        # PUSH20 address EXTCODESIZE PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN
        code = bytes.fromhex("73" + self.address[2:] + "3b60005260206000f3")
        evm.insert_account_info(probe, pyrevm.AccountInfo(nonce=1, code=code))
        return int.from_bytes(bytes(evm.message_call(SENDER, probe, b"")), "big")

    def gas(self, sender, data, first):
        """What a call costs that does not fail."""
        evm = self.on_storage(sender, first)
        evm.message_call(sender, self.address, data, gas=GAS)
        return evm.result.gas_used

    def call(self, request):
        function = next(e for e in self.abi if e["type"] == "function" and e["name"] == request["function"])
        signature = f"{function['name']}({','.join(type_of(p) for p in function['inputs'])})"
        arguments = encoded(function["inputs"], request.get("arguments", []))
        data = keccak(text=signature)[:4] + arguments
        data = data[: len(data) - request.get("drop", 0)] + bytes.fromhex(request.get("append", ""))
        sender = request.get("sender", SENDER)
        evm = self.on_storage(sender)
        result = {"success": True, "values": [], "reason": None, "gas": None, "events": []}
        result["digest"] = str(int.from_bytes(keccak(arguments), "big"))
        try:
            output = bytes(evm.message_call(sender, self.address, data, gas=request.get("gas", GAS)))
        except RuntimeError as error:
            result.update(success=False, reason=revert_reason(str(error)))
        else:
            kinds = [type_of(p) for p in function["outputs"]]
            result["values"] = [str(v) for v in decode(kinds, output)]
            gas = evm.result.gas_used
            result["gas"] = gas + sum(self.gas(sender, data, slot) - gas for slot in range(self.slots))
            result["events"] = [self.event(log) for log in evm.result.logs]
        # A transaction that fails leaves what was there; its EVM shows that it did.
        self.storage = [evm.storage(self.address, slot) for slot in range(self.slots)]
        result["storage"] = [str(word) for word in self.storage]
        return result

    def event(self, log):
        topics = [int(topic, 16).to_bytes(32, "big") for topic in log.topics]
        for entry in (e for e in self.abi if e["type"] == "event"):
            signature = f"{entry['name']}({','.join(type_of(p) for p in entry['inputs'])})"
            if keccak(text=signature) != topics[0]:
                continue
            indexed = iter(topics[1:])
            plain = iter(decode([type_of(p) for p in entry["inputs"] if not p["indexed"]], bytes(log.data[1])))
            values = [
                decode([type_of(p)], next(indexed))[0] if p["indexed"] else next(plain) for p in entry["inputs"]
            ]
            return {"name": entry["name"], "values": [str(v) for v in values]}
        return {"name": "", "values": []}


def refusal(compiled, constructor):
    try:
        Contract(compiled, constructor)
    except RuntimeError as error:
        return revert_reason(str(error))
    return None


def compile_solidity(source):
    """What `compile_code` gives of a contract in Vyper, as far as it is used here."""
    wanted = ["abi", "storageLayout", "evm.bytecode.object"]
    settings = {"optimizer": {"enabled": True, "runs": 200}, "outputSelection": {"*": {"*": wanted}}}
    question = {"language": "Solidity", "sources": {"contract.sol": {"content": source}}, "settings": settings}
    done = subprocess.run(
        [os.environ["MARTLET_SOLC"], "--standard-json"], input=json.dumps(question), capture_output=True, text=True, check=True
    )
    output = json.loads(done.stdout)
    # Warnings too: there are none.
    if output.get("errors"):
        raise ValueError("\n".join(error["formattedMessage"] for error in output["errors"]))
    (contract,) = output["contracts"]["contract.sol"].values()
    slots = {entry["label"]: entry["slot"] for entry in contract["storageLayout"]["storage"]}
    return {
        "abi": contract["abi"], "bytecode": "0x" + contract["evm"]["bytecode"]["object"], "layout": {"storage_layout": slots}
    }


def answer(request):
    outcome = executed(request, compile_code(request["source"], output_formats=FORMATS))
    solidity = request.get("solidity") if os.environ.get("MARTLET_SOLC") else None
    return outcome | {"solidity": [executed(request, compile_solidity(solidity))] if solidity else []}


def executed(request, compiled):
    others = [refusal(compiled, constructor) for constructor in request.get("others", [])]
    outcome = {"code": 0, "deployment": 0, "initcode": 0, "results": [], "others": others}
    try:
        contract = Contract(compiled, request.get("constructor", []))
    except RuntimeError as error:
        outcome["refused"] = revert_reason(str(error))
    else:
        outcome |= {"code": contract.size, "initcode": contract.initcode, "deployment": contract.deployment}
        outcome["results"] = [contract.call(call) for call in request["calls"]]
    return outcome


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        requests = json.load(file)
    json.dump([answer(request) for request in requests], sys.stdout)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("one argument is wanted: the request", file=sys.stderr)
        sys.exit(2)
    main()
