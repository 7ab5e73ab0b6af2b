#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles a contract in Vyper and executes calls of it in an EVM.

    python3 run_contract.py REQUEST.json

REQUEST is {"source": text, "constructor": [values], "calls": [call, …]}, a call {"function": name, "arguments": [values],
"sender": address, "gas": limit, "drop": bytes, "append": hex}; all but the function may be missing. Numbers are decimal
strings, addresses "0x…" strings, arrays and structs JSON arrays. `drop` takes bytes off the end of the calldata, `append` adds some.
Arguments are encoded by eth_abi for the types that the compiler found, so a wrong interface does not go unnoticed.

Prints {"code": bytes of code, "initcode": bytes of what deploys it, "deployment": gas, "results": [result, …]}, a result {"success", "values": [strings], "reason",
"gas", "storage": [strings], "events": [{"name", "values"}], "digest": Keccak-256 of the encoded arguments, a number}. A constructor that reverts gives no
results and its reason in "refused".

Each call is a transaction of its own: it runs in a fresh EVM on the storage that the one before left. `gas` is the transaction's: 21,000,
calldata and execution. pyrevm 0.3.7 takes slots that an earlier call touched, and all but the first that are put in place, for touched
by this transaction already; what it counts too little for a changed slot is measured with a probe and added. (The contracts read
every slot that they change.)

Exit 0 when all calls were made, whatever they gave; 2 and a line on standard error for anything else.
"""

import json
import re
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
# Reading and changing a slot for the first time in a transaction, from zero and from something else.
COLD_SET, COLD_CHANGE = 22_100, 5_000
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
    def __init__(self, source, constructor):
        self.compiled = compile_code(source, output_formats=FORMATS)
        self.abi = self.compiled["abi"]
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

    def on_storage(self, sender, code):
        evm = self.new_evm(sender)
        evm.insert_account_info(self.address, pyrevm.AccountInfo(nonce=1, code=code))
        for slot, word in enumerate(self.storage):
            evm.insert_account_storage(self.address, slot, word)
        return evm

    def code_size(self, evm):
        """What EXTCODESIZE says where the contract was deployed: `get_code` gives the code with the padding of this EVM."""
        probe = "0x" + "22" * 20
        # PUSH20 address EXTCODESIZE PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN
        code = bytes.fromhex("73" + self.address[2:] + "3b60005260206000f3")
        evm.insert_account_info(probe, pyrevm.AccountInfo(nonce=1, code=code))
        return int.from_bytes(bytes(evm.message_call(SENDER, probe, b"")), "big")

    def missing_gas(self, slot):
        """What reading and changing a slot first costs in a transaction (EIP-2200, EIP-2929) beyond what this EVM counts."""
        gas = []
        # PUSH1 slot SLOAD POP PUSH1 255 PUSH1 slot SSTORE, and the same without SLOAD and SSTORE.
        for code in (f"60{slot:02x}545060ff60{slot:02x}55", f"60{slot:02x}5060ff60{slot:02x}00"):
            evm = self.on_storage(SENDER, bytes.fromhex(code))
            evm.message_call(SENDER, self.address, b"", gas=100_000)
            gas.append(evm.result.gas_used)
        return (COLD_CHANGE if self.storage[slot] else COLD_SET) - (gas[0] - gas[1])

    def call(self, request):
        function = next(e for e in self.abi if e["type"] == "function" and e["name"] == request["function"])
        signature = f"{function['name']}({','.join(type_of(p) for p in function['inputs'])})"
        arguments = encoded(function["inputs"], request.get("arguments", []))
        data = keccak(text=signature)[:4] + arguments
        data = data[: len(data) - request.get("drop", 0)] + bytes.fromhex(request.get("append", ""))
        sender = request.get("sender", SENDER)
        evm = self.on_storage(sender, self.code)
        result = {"success": True, "values": [], "reason": None, "gas": None, "events": []}
        result["digest"] = str(int.from_bytes(keccak(arguments), "big"))
        try:
            output = bytes(evm.message_call(sender, self.address, data, gas=request.get("gas", 30_000_000)))
        except RuntimeError as error:
            result.update(success=False, reason=revert_reason(str(error)))
        else:
            kinds = [type_of(p) for p in function["outputs"]]
            result["values"] = [str(v) for v in decode(kinds, output)]
            after = [evm.storage(self.address, slot) for slot in range(self.slots)]
            changed = [slot for slot in range(self.slots) if after[slot] != self.storage[slot]]
            result["gas"] = evm.result.gas_used + sum(self.missing_gas(slot) for slot in changed)
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


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    try:
        contract = Contract(request["source"], request.get("constructor", []))
    except RuntimeError as error:
        json.dump({"code": 0, "deployment": 0, "initcode": 0, "results": [], "refused": revert_reason(str(error))}, sys.stdout)
        return
    results = [contract.call(call) for call in request["calls"]]
    outcome = {"code": contract.size, "initcode": contract.initcode, "deployment": contract.deployment}
    json.dump(outcome | {"results": results}, sys.stdout)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("one argument is wanted: the request", file=sys.stderr)
        sys.exit(2)
    main()
