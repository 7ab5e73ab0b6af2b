#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What hostile clients cost a coordinator: silent connections, stalled bodies, large witnesses. On loopback, with the Python that the system has.

    Benchmarks/hostile.py --martlet .build/release/martlet [--connections 16500] [--stalled 100] [--witnesses 4] [--bytes 1073741824]

Prints one JSON object. Needs as many open files as there are connections (ulimit -n), and room for the witnesses in --folder.
"""

import argparse
import hashlib
import http.client
import json
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
VECTORS = ROOT / "Tests/Vectors/snarkjs/groth16-bn128-multiplier"


class Coordinator:
    def __init__(self, martlet, folder):
        self.folder = folder
        self.log = open(folder / "log", "w+")
        self.process = subprocess.Popen(
            [martlet, "serve", "--listen", "127.0.0.1:0", "--store", f"sqlite:{folder}/jobs.sqlite", "--data", f"{folder}/data"],
            stdout=subprocess.DEVNULL, stderr=self.log)
        while True:
            found = re.search(r"address=127\.0\.0\.1:(\d+)", (folder / "log").read_text())
            if found:
                self.port = int(found[1])
                return
            if self.process.poll() is not None:
                raise SystemExit((folder / "log").read_text())
            time.sleep(0.05)

    def memory(self, name="VmRSS"):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) * 1024

    def ask(self, method, path, body=None, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data

    def health(self):
        start = time.monotonic()
        status, _ = self.ask("GET", "/healthz")
        assert status == 200
        return time.monotonic() - start

    def end(self):
        self.process.terminate()
        self.process.wait()


def connections(server, count, stalled):
    """Opens them all and holds them; others ask for /healthz meanwhile."""
    held, times, ended = [], [], threading.Event()

    def probe():
        while not ended.is_set():
            times.append(server.health())
            time.sleep(0.05)

    prober = threading.Thread(target=probe)
    prober.start()
    start = time.monotonic()
    for _ in range(stalled):
        s = socket.create_connection(("127.0.0.1", server.port))
        s.sendall(b"POST /v1/jobs/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 16000000\r\n\r\n{\"jobs\":[")
        held.append(s)
    for _ in range(count):
        held.append(socket.create_connection(("127.0.0.1", server.port)))
    opened = time.monotonic() - start
    peak = server.memory()
    time.sleep(5)
    ended.set()
    prober.join()
    for s in held:
        s.close()
    times.sort()
    return {
        "connections": count, "stalled": stalled, "seconds to open": round(opened, 1), "probes": len(times),
        "healthz median ms": round(1000 * times[len(times) // 2], 1), "healthz slowest ms": round(1000 * times[-1], 1),
        "resident MB": peak // 1_000_000,
    }


def witnesses(server, count, size):
    """Uploads and fetches so many at the same time."""
    zkey = (VECTORS / "circuit_final.zkey").read_bytes()
    digest = hashlib.sha256(zkey).hexdigest()
    assert server.ask("PUT", f"/v1/blobs/{digest}", zkey)[0] == 201
    kind = {"Content-Type": "application/json"}
    assert server.ask("POST", "/v1/circuits", json.dumps({"zkey": digest}), kind)[0] == 201
    # A circuit of as many wires as the witness shall have. Its key would have tens of gigabytes, so only its row is made.
    wires = (size - 76) // 32
    size = 76 + 32 * wires
    large = "f" * 64
    store = sqlite3.connect(server.folder / "jobs.sqlite", timeout=30)
    names = [row[1] for row in store.execute("PRAGMA table_info(circuits)")]
    row = dict(zip(names, store.execute("SELECT * FROM circuits").fetchone())) | {"digest": large, "variables": wires}
    store.execute(f"INSERT INTO circuits VALUES ({','.join('?' * len(names))})", [row[name] for name in names])
    store.commit()
    store.close()

    prime = (VECTORS / "witness.wtns").read_bytes()[28:60]
    header = b"wtns" + b"".join(n.to_bytes(s, "little") for n, s in [(2, 4), (2, 4), (1, 4), (40, 8), (32, 4)]) + prime
    header += wires.to_bytes(4, "little") + (2).to_bytes(4, "little") + (32 * wires).to_bytes(8, "little")
    block = b"".join(os.urandom(31) + b"\0" for _ in range(1 << 15))

    def pieces():
        yield header + (1).to_bytes(32, "little")
        left = size - 108
        while left:
            yield block[:left]
            left -= min(left, len(block))

    hash = hashlib.sha256()
    for piece in pieces():
        hash.update(piece)
    base, peak, done = server.memory(), [0], threading.Event()

    def watch():
        while not done.is_set():
            peak[0] = max(peak[0], server.memory())
            time.sleep(0.02)

    def upload(id):
        job = {"id": id, "circuit": large, "witness": {"sha256": hash.hexdigest(), "size": size}}
        status, text = server.ask("POST", "/v1/jobs", json.dumps(job), kind)
        assert status == 201, text
        status, text = server.ask("PUT", f"/v1/jobs/{id}/witness", pieces(), {"Content-Length": str(size)})
        assert status == 204, text

    def fetch(slot):
        wish = {"worker": "w", "incarnation": "i", "slot": slot, "devices": [], "loadedCircuits": []}
        lease = json.loads(server.ask("POST", "/v1/leases", json.dumps(wish), kind)[1])
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        connection.request("GET", f"/v1/leases/{lease['lease']}/witness")
        answer, found = connection.getresponse(), hashlib.sha256()
        while piece := answer.read(1 << 20):
            found.update(piece)
        assert found.hexdigest() == hash.hexdigest()

    watcher = threading.Thread(target=watch)
    watcher.start()
    results = {"witnesses": count, "bytes": size, "resident MB before": base // 1_000_000}
    for name, work in [("upload", [lambda i=i: upload(f"w{i}") for i in range(count)]), ("fetch", [lambda i=i: fetch(i) for i in range(count)])]:
        start, failures = time.monotonic(), []

        def guarded(task):
            try:
                task()
            except BaseException as error:
                failures.append(repr(error))

        threads = [threading.Thread(target=guarded, args=[task]) for task in work]
        for thread in threads:
            thread.start()
        slowest = 0.0
        while any(thread.is_alive() for thread in threads):
            slowest = max(slowest, server.health())
            time.sleep(0.1)
        if failures:
            done.set()
            raise SystemExit("; ".join(failures))
        results[f"{name} s"] = round(time.monotonic() - start, 1)
        results[f"healthz slowest ms in {name}"] = round(1000 * slowest, 1)
    done.set()
    watcher.join()
    results["resident MB at most"] = peak[0] // 1_000_000
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--martlet", default=str(ROOT / ".build/release/martlet"))
    parser.add_argument("--connections", type=int, default=16_500)
    parser.add_argument("--stalled", type=int, default=100)
    parser.add_argument("--witnesses", type=int, default=4)
    parser.add_argument("--bytes", type=int, default=1 << 30)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    results = {}
    for name, run in [
        ("connections", lambda server: connections(server, options.connections, options.stalled)),
        ("witnesses", lambda server: witnesses(server, options.witnesses, options.bytes)),
    ]:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            server = Coordinator(options.martlet, pathlib.Path(folder))
            try:
                results[name] = run(server)
            finally:
                server.end()
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
