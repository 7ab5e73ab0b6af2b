# SPDX-License-Identifier: Apache-2.0
"""Flower with proofs: a client mod that attaches a proved update, and a strategy that verifies before it aggregates.

Both call the `martlet` program. The federation's published directory (`martlet fl init`) must be reachable by all; here it is a shared path.
"""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg
from flwr.supercore.task_identity import TaskIdentity

RECORD = "martlet"
"""The name of the record that carries an update with its proof: the key `update` has the bytes of the update file."""


class MartletError(RuntimeError):
    """The program said no: its message, and its exit code (1 a check is invalid, 2 bad input, 3 infrastructure)."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Martlet:
    """The command line, with JSON for results."""

    def __init__(self, program: str = "martlet", queue: str | None = None) -> None:
        self.program = program
        self.queue = queue

    def run(self, *arguments: str, proves: bool = False, accept: tuple[int, ...] = (0,)) -> dict | list:
        command = [self.program, *arguments, "--json"]
        if proves and self.queue:
            command += ["--queue", self.queue]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in accept:
            raise MartletError(done.stderr.strip() or done.stdout.strip(), done.returncode)
        answer = json.loads(done.stdout)
        if isinstance(answer, dict) and answer.get("schema") == "martlet-error/1":
            raise MartletError(answer["error"]["message"], done.returncode)
        return answer

    def train(self, client: str, federation: str) -> bytes:
        """A client's update of the open round with its proof: the bytes of the update file."""
        with tempfile.TemporaryDirectory(prefix="martlet-flower-") as folder:
            path = Path(folder) / "update.json"
            self.run("fl", "train", client, "--federation", federation, "--output", str(path), proves=True)
            return path.read_bytes()


def prove_updates(martlet: Martlet | None = None) -> Callable[[Message, Context, Callable], Message]:
    """A mod for a ClientApp's `train` (not for the whole app: that would wrap `evaluate` as well).

    The node's configuration names the directories, `martlet-client` the client's own, `martlet-federation` the published one, and, where no `martlet` is given, the program
    (`martlet`) and a queue that proves (`martlet-queue`, optional).
    """

    def mod(message: Message, context: Context, call_next: Callable[[Message, Context], Message]) -> Message:
        reply = call_next(message, context)
        settings = context.node_config
        prover = martlet or Martlet(str(settings.get("martlet", "martlet")), settings.get("martlet-queue") or None)
        update = prover.train(str(settings["martlet-client"]), str(settings["martlet-federation"]))
        reply.content[RECORD] = ConfigRecord({"update": update})
        return reply

    return mod


def is_update(data: bytes) -> bool:
    """Whether bytes call themselves an update: `martlet fl round` refuses one that does not hold, but takes anything else for a mistake of its caller's and stops."""
    try:
        document = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    kind = document.get("format") if isinstance(document, dict) else None
    return isinstance(kind, str) and kind.split("/")[0] == "martlet-fl-update"


class VerifiedFedAvg(FedAvg):
    """Hands all updates to `martlet fl round`: verification, aggregation by the task's aggregator, the round's proof, publication."""

    def __init__(self, federation: str, martlet: Martlet, refusals: str | None = None, **options) -> None:
        """`refusals` names a file that gets a line of JSON for each round: the updates that were refused, by node, and why. What is published tells no names."""
        super().__init__(**options)
        self.refusals = refusals
        self.federation = federation
        self.martlet = martlet
        self.task = json.loads(Path(federation, "task.json").read_text())

    def arrays(self) -> ArrayRecord:
        """The model after the last settled round, as float arrays: weights and biases of each layer."""
        rounds = [int(path.name) for path in Path(self.federation, "rounds").iterdir() if path.name.isdigit()]
        last = max(rounds, default=0)
        path = Path(self.federation, *(("rounds", str(last), "state.json") if last else ("states", "0.json")))
        numbers = np.array(json.loads(path.read_text())["weights"], dtype=np.float64)
        numbers /= 2 ** self.task["arithmetic"]["weightFraction"]
        arrays, start = [], 0
        layers = self.task["model"]["layers"]
        for inputs, outputs in zip(layers, layers[1:]):
            matrix = numbers[start : start + (inputs + 1) * outputs].reshape(inputs + 1, outputs)
            arrays += [matrix[:-1], matrix[-1]]
            start += matrix.size
        return ArrayRecord(arrays)

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        with tempfile.TemporaryDirectory(prefix="martlet-flower-") as folder:
            paths = []
            for reply in replies:
                if reply.has_error() or RECORD not in reply.content:
                    logging.warning("round %d: node %s sent no update", server_round, reply.metadata.src_node_id)
                    continue
                update = reply.content[RECORD]["update"]
                if not is_update(update):
                    logging.warning("round %d: what node %s sent is no update", server_round, reply.metadata.src_node_id)
                    continue
                path = Path(folder) / f"node-{reply.metadata.src_node_id}.json"
                path.write_bytes(update)
                paths.append(str(path))
            if not paths:
                return None, None
            # Exit code 1: no update was taken, so the model stays.
            report = self.martlet.run("fl", "round", self.federation, *paths, proves=True, accept=(0, 1))
        if self.refusals:
            with open(self.refusals, "a") as file:
                file.write(json.dumps(report["refused"]) + "\n")
        for refusal in report["refused"]:
            logging.warning("round %d: refused %s: %s", server_round, refusal["update"], refusal["reason"])
        metrics = MetricRecord({"accepted": report["accepted"], "refused": len(report["refused"])})
        return (self.arrays() if report["accepted"] else None), metrics


class LocalGrid(Grid):
    """All nodes in this process: for tests, and to try things without a SuperLink."""

    def __init__(self, app, contexts: dict[int, Context]) -> None:
        self.app = app
        self.contexts = contexts
        # Messages name the run, node and task of their process, which a SuperLink would have set.
        TaskIdentity.run_id = TaskIdentity.node_id = TaskIdentity.task_id = 0
        self.replies: dict[str, Message] = {}

    def set_run(self, run) -> None:
        self._run = run

    @property
    def run(self):
        """There is no run outside a SuperLink."""
        raise NotImplementedError("no run: the nodes are of this process")

    def create_message(self, content: RecordDict, message_type: str, dst_node_id: int, group_id: str, ttl=None) -> Message:
        return Message(content=content, message_type=message_type, dst_node_id=dst_node_id, group_id=group_id, ttl=ttl)

    def get_node_ids(self) -> Iterable[int]:
        return list(self.contexts)

    def get_nodes(self):
        raise NotImplementedError("nodes of this process have no information beyond their numbers")

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        identifiers = []
        for message in messages:
            identifier = f"{message.metadata.group_id}-{message.metadata.dst_node_id}-{len(self.replies)}"
            self.replies[identifier] = self.app(message, self.contexts[message.metadata.dst_node_id])
            identifiers.append(identifier)
        return identifiers

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        return [self.replies.pop(identifier) for identifier in message_ids]

    def send_and_receive(self, messages: Iterable[Message], *, timeout=None) -> Iterable[Message]:
        return self.pull_messages(self.push_messages(messages))
