# SPDX-License-Identifier: Apache-2.0
"""The Flower app (see pyproject.toml): a ClientApp whose updates are proved, and a ServerApp that verifies before it aggregates.

The nodes' configuration names the client's directory (`martlet-client`), the federation's (`martlet-federation`), the program (`martlet`) and a queue, if any (`martlet-queue`).
"""

from __future__ import annotations

from flwr.app import Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp

from martlet_flower import Martlet, VerifiedFedAvg, prove_updates

client = ClientApp()


@client.train(mods=[prove_updates()])
def train(message: Message, context: Context) -> Message:
    """Nothing to do: the update is computed and proved by the mod."""
    return Message(content=RecordDict({"metrics": MetricRecord({"num-examples": 1})}), reply_to=message)


server = ServerApp()


@server.main()
def main(grid: Grid, context: Context) -> None:
    settings = context.run_config
    martlet = Martlet(str(settings["martlet"]), str(settings["queue"]) or None)
    nodes = int(settings["nodes"])
    strategy = VerifiedFedAvg(
        str(settings["federation"]), martlet, fraction_train=1.0, fraction_evaluate=0.0, min_train_nodes=nodes,
        min_available_nodes=nodes, refusals=str(settings["refusals"]) or None)
    strategy.start(grid, strategy.arrays(), num_rounds=int(settings["rounds"]))
