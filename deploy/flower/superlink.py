# SPDX-License-Identifier: Apache-2.0
"""A SuperLink and its SuperNodes on this machine, and a run of the app on them: each node and the server have processes of their own, as they would on many machines."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


class SuperLink:
    """The processes, from `with` on to its end. Logs are in the folder."""

    def __init__(self, folder: Path, nodes: list[dict[str, str | int]]) -> None:
        self.folder, self.nodes = folder, nodes
        self.processes: list[subprocess.Popen] = []
        # The server's and the nodes' programs, of the Python that runs this.
        programs = Path(sys.executable).parent
        self.programs = {
            name: shutil.which(name, path=str(programs)) or name for name in ("flower-superlink", "flower-supernode", "flwr")
        }
        self.environment = {
            **os.environ, "FLWR_HOME": str(folder / "flwr"), "FLWR_TELEMETRY_ENABLED": "0", "FLWR_DISABLE_UPDATE_CHECK": "1",
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        }

    def __enter__(self) -> SuperLink:
        # All ports of one call are different, since the sockets are open at once.
        sockets = [socket.socket() for _ in range(len(self.nodes) + 1)]
        for it in sockets:
            it.bind(("127.0.0.1", 0))
        port, *ports = [it.getsockname()[1] for it in sockets]
        for it in sockets:
            it.close()
        home = self.folder / "flwr"
        home.mkdir(parents=True)
        (home / "config.toml").write_text(
            f'[superlink]\ndefault = "here"\n\n[superlink.here]\naddress = "127.0.0.1:{port}"\ninsecure = true\n')
        try:
            self.start("flower-superlink", "--insecure", "--disable-runtime-dependency-installation", "--port", str(port))
            for number, (node, own) in enumerate(zip(self.nodes, ports)):
                settings = " ".join(f"{key}={json.dumps(value)}" for key, value in node.items())
                self.start(
                    "flower-supernode", "--insecure", "--superlink", f"127.0.0.1:{port}", "--port", str(own),
                    "--node-config", settings, log=f"supernode-{number}")
        except OSError:
            # `with` leaves nothing that did not begin.
            self.__exit__()
            raise
        return self

    def start(self, program: str, *arguments: str, log: str | None = None) -> None:
        with open(self.folder / f"{log or program}.log", "w") as file:
            self.processes.append(
                subprocess.Popen(
                    [self.programs[program], *arguments], stdout=file, stderr=subprocess.STDOUT, env=self.environment,
                    start_new_session=True))

    def run(self, app: Path, settings: dict[str, str | int], limit: float) -> str:
        """Runs the app in a folder to its end: its log.

        Raises RuntimeError, with the log's end, where it fails or takes longer than `limit` seconds.
        """
        overrides = " ".join(f"{key}={json.dumps(value)}" for key, value in settings.items())
        deadline = time.monotonic() + limit
        while True:
            left = deadline - time.monotonic()
            try:
                done = subprocess.run(
                    [self.programs["flwr"], "run", str(app), "here", "--run-config", overrides, "--stream"],
                    capture_output=True, text=True, env=self.environment, timeout=max(left, 1), check=False)
            except subprocess.TimeoutExpired as timeout:
                raise RuntimeError(f"the run took longer than {limit:.0f} s\n{(timeout.stdout or b'')[-2000:]}") from None
            log = done.stdout + done.stderr
            if done.returncode == 0:
                break
            # The SuperLink takes seconds to begin.
            if left < 0 or any(process.poll() is not None for process in self.processes):
                raise RuntimeError(f"flwr run: status {done.returncode}\n{log[-2000:]}")
            time.sleep(1)
        listed = subprocess.run(
            [self.programs["flwr"], "ls", "here", "--format", "json"], capture_output=True, text=True, env=self.environment, check=True)
        statuses = [run["status"] for run in json.loads(listed.stdout)["runs"]]
        if statuses != ["finished:completed"]:
            raise RuntimeError(f"the run ended as {statuses}\n{log[-4000:]}")
        return log

    def __exit__(self, *_) -> None:
        # A SuperLink starts its SuperExec in a session of its own, and may leave it behind.
        started = descendants({process.pid for process in self.processes})
        for process in self.processes[::-1]:
            kill_group(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                pass
            kill_group(process.pid, signal.SIGKILL)
            process.wait()
        for pid in started:
            kill_group(pid, signal.SIGKILL)


def kill_group(leader: int, number: signal.Signals) -> None:
    """Signals the group that a process leads, if there is one."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        pass


def descendants(parents: set[int]) -> set[int]:
    """The processes that these have started, and those that they have, and so on, by /proc."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may have anything in it.
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found: set[int] = set()
    front = set(parents)
    while front:
        front = {child for parent in front for child in children.get(parent, [])} - found
        found |= front
    return found
