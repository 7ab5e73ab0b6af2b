# SPDX-License-Identifier: Apache-2.0
"""Attackers for `run.py`: a mod that changes what a node sends after its honest update is made, and a ClientApp that has it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from flwr.app import Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from martlet_flower import RECORD, prove_updates

ATTACKS = {
    "sign-flip": "the proof does not hold",
    "scaling": "the proof does not hold",
    "free-rider": "the proof does not hold",
    "replay": "it belongs to round",
    "sybil": "a second update of the same client",
    # The data were poisoned before they were registered: the proof holds, and robust aggregation has to cope.
    "label-flip": None,
}
"""Each attack, and what it must be refused with; None where no proof can tell."""


def misbehave(message: Message, context: Context, call_next: Callable[[Message, Context], Message]) -> Message:
    """The mod. The node's configuration says how it behaves (`attack`), its place (`partition-id`), and a folder that all attackers share (`attack-folder`)."""
    reply = call_next(message, context)
    node, folder = int(context.node_config["partition-id"]), Path(str(context.node_config["attack-folder"]))
    write(folder / f"{node}.id", str(context.node_id).encode())
    record = reply.content[RECORD]
    record["update"] = changed(str(context.node_config["attack"]), node, record["update"], folder)
    return reply


def changed(kind: str, node: int, update: bytes, folder: Path) -> bytes:
    """What is sent in place of an honest update. The folder has all honest updates, those of node N as N-0.json, N-1.json and so on."""
    own = sorted(folder.glob(f"{node}-*.json"))
    write(folder / f"{node}-{len(own)}.json", update)
    document = json.loads(update)
    if kind == "sign-flip":
        document["entries"] = [-entry for entry in document["entries"]]
    elif kind == "scaling":
        document["entries"] = [2 * entry for entry in document["entries"]]
    elif kind == "free-rider":
        # Another's entries and proof under its own nullifier; nothing at all where nobody has sent anything yet.
        others = sorted(path for path in folder.glob("*-*.json") if not path.name.startswith(f"{node}-"))
        if others:
            victim = json.loads(others[0].read_text())
            document["entries"], document["proof"] = victim["entries"], victim["proof"]
        else:
            document["entries"] = [0] * len(document["entries"])
    elif kind == "replay" and own:
        return own[0].read_bytes()
    return json.dumps(document).encode()


def write(path: Path, content: bytes) -> None:
    """Whole or not at all: other nodes read it meanwhile."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.rename(temporary, path)


client = ClientApp()


@client.train(mods=[misbehave, prove_updates()])
def train(message: Message, context: Context) -> Message:
    """As in `app.py`."""
    return Message(content=RecordDict({"metrics": MetricRecord({"num-examples": 1})}), reply_to=message)
