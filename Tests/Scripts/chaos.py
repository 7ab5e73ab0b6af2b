#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills coordinators, workers, provers and the database of a real service while jobs go through it, and shows that nothing was lost.

    chaos.py --martlet PROGRAM --vectors FOLDER [--store sqlite|postgres] [--seconds 150] [--jobs 500] [--seed N]

Every job has a witness of its own. Jobs are submitted over HTTP by clients that try again until they have an answer; some are
cancelled. For so many seconds processes are ended by SIGKILL at random moments, and at chosen ones by MARTLET_FAULT; then all are
started once more and the jobs must end. In the end

- every job is there once, and has succeeded unless its cancelling was answered with success;
- each proof verifies, with the public inputs of its own witness;
- a proof that was once seen has not changed.

FOLDER has circuit_final.zkey and verification_key.json of the multiplier circuit. With --store postgres two coordinators share one
database, which is killed too. Exit codes: 0 all held, 1 something did not, 3 it could not be run. Needs Python 3.9, no packages.
"""

import argparse
import contextlib
import glob
import hashlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

ORDER = 0x30644E72E131A029B85045B68181585D2833E84879B9709143E1F593F0000001
COORDINATOR_FAULTS = [
    "coordinator-submitted", "coordinator-received", "coordinator-uploaded", "coordinator-leased", "coordinator-completed",
]
WORKER_FAULTS = ["remote-leased", "remote-mid-proof", "remote-journaled", "remote-reported"]
FINAL = {"succeeded", "rejected", "dead", "cancelled", "expired"}


def say(text):
    print(f"chaos: {text}", flush=True)


class Failure(Exception):
    """Something that must hold does not."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def descendants(process):
    """The numbers of a process' children and of theirs."""
    with contextlib.suppress(OSError, ValueError):
        for task in pathlib.Path(f"/proc/{process}/task").iterdir():
            with contextlib.suppress(OSError):
                for child in map(int, (task / "children").read_text().split()):
                    yield child
                    yield from descendants(child)


class Service:
    """A process that is started again whenever it ends."""

    def __init__(self, folder, name, command, faults=()):
        self.name, self.command, self.faults = name, command, faults
        self.log_path = folder / f"{name}.log"
        self.process = None
        self.starts = 0

    def start(self, fault=None):
        environment = {key: value for key, value in os.environ.items() if key != "MARTLET_FAULT"}
        if fault:
            environment["MARTLET_FAULT"] = fault
        with open(self.log_path, "ab") as log:
            # Its group is its own, so that provers die with a worker that is killed on purpose only if they notice.
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True)
        self.starts += 1

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def send(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def kill(self):
        if self.is_running():
            self.send(signal.SIGKILL)
            self.process.wait()

    def tail(self):
        with contextlib.suppress(OSError):
            return self.log_path.read_text(errors="replace")[-3000:]
        return ""


class Database:
    """A PostgreSQL server on a Unix socket; it refuses to run as root, so then its package's user runs it."""

    def __init__(self, folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        if not found:
            raise FileNotFoundError("no PostgreSQL here")
        self.programs = os.path.dirname(found[-1])
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        self.prefix = []
        if os.getuid() == 0:
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(self.folder, "postgres")
        self.log = open(folder / "postgres.log", "ab")
        self.run("initdb", "-A", "trust", "-N", "-U", "martlet", "-E", "UTF8", "--locale=C", "-D", f"{self.folder}/data")
        self.process = None
        self.start()
        self.run("createdb", "-h", str(self.folder), "-U", "martlet", "chaos")
        self.address = "postgres://martlet@" + str(self.folder).replace("/", "%2F") + "/chaos"

    def run(self, program, *arguments):
        subprocess.run(
            [*self.prefix, f"{self.programs}/{program}", *arguments], check=True, stdout=self.log, stderr=self.log,
            cwd=self.folder)

    def start(self):
        for _ in range(200):
            if self.process is None or self.process.poll() is not None:
                self.process = subprocess.Popen(
                    [*self.prefix, f"{self.programs}/postgres", "-D", f"{self.folder}/data", "-k", str(self.folder), "-c",
                     "listen_addresses=", "-c", "max_connections=200"],
                    stdout=self.log, stderr=self.log, cwd=self.folder, start_new_session=True)
            ready = subprocess.run(
                [f"{self.programs}/pg_isready", "-q", "-h", str(self.folder)], check=False, stdout=self.log, stderr=self.log)
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        raise Failure("PostgreSQL does not start")

    def kill(self):
        """As a loss of power would."""
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((self.folder / "data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.kill()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Client:
    """HTTP to any of the coordinators; what has no answer is asked again, elsewhere."""

    host = "127.0.0.1"

    def __init__(self, ports, stop):
        self.ports, self.stop = ports, stop

    def once(self, port, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()

    def ask(self, method, path, body=None, headers=None, wanted=(200, 201, 202, 204), also=()):
        """The status and the body, asked until one of the statuses comes; other refusals are failures.

        `also`: statuses that are no failures, and are answers.
        """
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body), {"Content-Type": "application/json", **(headers or {})}
        attempt = 0
        while True:
            port = self.ports[attempt % len(self.ports)]
            attempt += 1
            try:
                status, data, _ = self.once(port, method, path, body, headers)
                if status in wanted or status in also:
                    return status, data
                if status < 500 and status not in (408, 409, 429):
                    raise Failure(f"{method} {path}: {status} {data[:300]!r}")
            except (OSError, http.client.HTTPException):
                pass
            if self.stop.is_set():
                raise Failure(f"{method} {path}: no answer")
            time.sleep(min(1.0, 0.05 * attempt))

    def json(self, method, path, body=None, **more):
        return json.loads(self.ask(method, path, body, **more)[1])


def witness(a, b, c):
    """A .wtns file for the multiplier: out = a·b·c + b, of which out and b are public."""
    values = [1, (a * b * c + b) % ORDER, b, a, c, a * b % ORDER]
    header = struct.pack("<I", 32) + ORDER.to_bytes(32, "little") + struct.pack("<I", len(values))
    data = b"".join(value.to_bytes(32, "little") for value in values)
    file = b"wtns" + struct.pack("<II", 2, 2)
    for kind, body in ((1, header), (2, data)):
        file += struct.pack("<IQ", kind, len(body)) + body
    return file, [str(values[1]), str(values[2])]


class Job:
    def __init__(self, number, generator):
        self.name = f"job-{number}"
        self.file, self.publics = witness(*(generator.randrange(ORDER) for _ in range(3)))
        self.is_cancelled = None  # None while nobody asked, then whether the answer was success
        self.proof = None


class Chaos:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.generator = random.Random(options.seed)
        self.jobs = [Job(i, random.Random(f"{options.seed} {i}")) for i in range(options.jobs)]
        self.calm, self.stop = threading.Event(), threading.Event()
        self.failures = []
        self.kills = {}
        self.database = Database(folder) if options.store == "postgres" else None
        store = self.database.address if self.database else f"sqlite:{folder}/jobs.sqlite"
        self.ports = [free_port() for _ in range(2 if self.database else 1)]
        self.coordinators = [
            Service(folder, f"coordinator-{i}", [
                options.martlet, "serve", "--listen", f"127.0.0.1:{port}", "--store", store, "--data", f"{folder}/data",
                "--lease-time", "2s", "--min-free-space", "0", "--log-level", "notice",
            ], COORDINATOR_FAULTS) for i, port in enumerate(self.ports)
        ]
        self.workers = [
            Service(folder, f"worker-{i}", [
                options.martlet, "worker", "--queue", f"http://127.0.0.1:{self.ports[i % len(self.ports)]}", "--data",
                f"{folder}/worker-{i}", "--name", f"w{i}", "--threads", "1", "--backend", "cpu", "--prefetch", str(i % 2),
                "--log-level", "notice",
            ], WORKER_FAULTS) for i in range(3)
        ]

    # Those who run beside each other. A failure of one ends all.

    def guarded(self, work, *arguments):
        def run():
            try:
                work(*arguments)
            except Failure as failure:
                self.failures.append(str(failure))
                self.stop.set()
            except Exception as error:  # a mistake of this program is a failure too
                self.failures.append(f"{work.__name__}: {error!r}")
                self.stop.set()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def submit(self, part, pace):
        """Submits each job of a part, with its witness, at a pace that lasts as long as the killing."""
        client = Client(self.ports, self.stop)
        generator = random.Random(f"{self.options.seed} submit {part}")
        begin = time.monotonic()
        for i, job in enumerate(self.jobs[part::2]):
            while not self.calm.is_set() and time.monotonic() - begin < i * pace:
                time.sleep(0.01)
            digest = hashlib.sha256(job.file).hexdigest()
            specification = {
                "id": job.name, "circuit": self.key, "maxAttempts": 100,
                "witness": {"sha256": digest, "size": len(job.file)},
            }
            answer = client.json("POST", "/v1/jobs", specification)
            if answer.get("witnessUpload"):
                self.upload(client, answer["witnessUpload"], job, generator)
            if generator.random() < 0.05:
                time.sleep(max(0.0, generator.random() - 0.5) * 0.6)
                status, _ = client.ask("POST", f"/v1/jobs/{job.name}/cancel", also=(409,))
                job.is_cancelled = status != 409

    def upload(self, client, path, job, generator):
        """At once, or in two pieces of which the first may be all that a coordinator sees before it dies."""
        size = len(job.file)
        if generator.random() < 0.7:
            client.ask("PUT", path, job.file, also=(409,))
            return self.finish(client, path, job)
        middle = generator.randrange(1, size)
        client.ask("PUT", path, job.file[:middle], {"Content-Range": f"bytes 0-{middle - 1}/{size}"}, also=(409,))
        self.finish(client, path, job)

    def finish(self, client, path, job):
        """Sends what is missing, as HEAD tells it, until the witness is there."""
        size = len(job.file)
        while True:
            for port in self.ports:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    status, _, headers = client.once(port, "HEAD", path)
                    if status == 200:
                        return
                    if status == 404:
                        offset = int({k.lower(): v for k, v in headers.items()}.get("upload-offset", "0"))
                        part = f"{offset}-{size - 1}" if offset < size else "*"
                        client.ask(
                            "PUT", path, job.file[offset:],
                            {"Content-Range": f"bytes {part}/{size}"} if offset else None, also=(409,))
                    # A job that has its witness and has ended gives it to nobody.
                    state = client.json("GET", f"/v1/jobs/{job.name}")["state"]
                    if state != "receiving":
                        return
            if self.stop.is_set():
                raise Failure(f"{path}: the witness cannot be uploaded")
            time.sleep(0.1)

    def watch(self):
        """Looks at proofs as they come."""
        client = Client(self.ports, self.stop)
        generator = random.Random(f"{self.options.seed} watch")
        while not self.calm.is_set() and not self.stop.is_set():
            job = generator.choice(self.jobs)
            status, data = client.ask("GET", f"/v1/jobs/{job.name}/proof", also=(404,))
            if status == 200:
                self.see(job, data)
            time.sleep(0.05)

    @staticmethod
    def see(job, data):
        if job.proof is not None and job.proof != data:
            raise Failure(f"{job.name}: its proof has changed")
        job.proof = data

    def kill(self):
        """One process after the other, at random moments; what died, by itself as well, is started again."""
        generator = self.generator
        services = self.coordinators + self.workers
        while not self.calm.is_set() and not self.stop.is_set():
            time.sleep(generator.expovariate(1 / 0.7))
            kind = generator.choice(["coordinator", "worker", "worker", "prover", "wedged prover", "database"])
            victim = generator.choice(self.coordinators if kind == "coordinator" else self.workers)
            if kind in ("coordinator", "worker"):
                victim.kill()
            elif kind == "database":
                if not self.database:
                    continue
                self.database.kill()
                time.sleep(generator.random())
                self.database.start()
            else:
                provers = list(descendants(victim.process.pid))
                if not provers:
                    continue
                prover = generator.choice(provers)
                with contextlib.suppress(ProcessLookupError):
                    if kind == "wedged prover":
                        os.kill(prover, signal.SIGSTOP)
                        time.sleep(0.5)
                    os.kill(prover, signal.SIGKILL)
            self.kills[kind] = self.kills.get(kind, 0) + 1
            time.sleep(generator.random() * 0.3)
            for service in services:
                if not service.is_running():
                    if service is not victim:
                        self.kills["at a fault point"] = self.kills.get("at a fault point", 0) + 1
                    fault = None
                    if generator.random() < 0.3:
                        fault = f"{generator.choice(service.faults)}:{generator.randrange(1, 12)}"
                    service.start(fault)

    # The whole.

    def run(self):
        options = self.options
        for service in self.coordinators:
            service.start()
        client = Client(self.ports, self.stop)
        zkey = (pathlib.Path(options.vectors) / "circuit_final.zkey").read_bytes()
        self.key = hashlib.sha256(zkey).hexdigest()
        client.ask("PUT", f"/v1/blobs/{self.key}", zkey)
        client.ask("POST", "/v1/circuits", {"zkey": self.key})
        for service in self.workers:
            service.start()
        pace = options.seconds / max(1, (len(self.jobs) + 1) // 2) * 0.9
        submitters = [self.guarded(self.submit, part, pace) for part in range(2)]
        others = [self.guarded(self.kill), self.guarded(self.watch)]
        self.stop.wait(options.seconds)
        self.calm.set()
        for thread in others:
            thread.join(60)
        say("calm: " + ", ".join(f"{count} × {kind}" for kind, count in sorted(self.kills.items())) + " killed")
        self.check_failures()
        for service in self.coordinators + self.workers:
            if not service.is_running() or service.starts > 1:
                service.kill()
                service.start()
        for thread in submitters:
            thread.join(options.patience)
        self.check_failures()
        self.settle(client)
        self.check(client)
        for service in self.workers + self.coordinators:
            service.send(signal.SIGTERM)
            if service.process.wait(60) != 0:
                raise Failure(f"{service.name} ended with {service.process.returncode} when it was told to\n{service.tail()}")

    def check_failures(self):
        if self.failures:
            raise Failure("\n".join(self.failures))

    def list(self, client):
        jobs, after = [], ""
        while after is not None:
            page = client.json("GET", f"/v1/jobs?limit=1000&after={after}" if after else "/v1/jobs?limit=1000")
            jobs += page["jobs"]
            after = page["next"]
        return jobs

    def settle(self, client):
        """Waits until every job has ended. One whose workers were killed three times is dead, until it is told to go on."""
        requeued = 0
        deadline = time.monotonic() + self.options.patience
        while True:
            jobs = self.list(client)
            lost = [job for job in jobs if job["state"] == "dead" and job["error"]["code"] == "worker-lost"]
            for job in lost:
                client.ask("POST", f"/v1/jobs/{job['id']}/requeue")
                requeued += 1
            waiting = [job for job in jobs if job["state"] not in FINAL]
            if not waiting and not lost:
                break
            if time.monotonic() > deadline:
                raise Failure(f"{len(waiting)} jobs do not end, such as {waiting[:3]}")
            time.sleep(0.3)
        say(f"all have ended; {requeued} were requeued after three workers had been killed under them")

    def check(self, client):
        jobs = self.list(client)
        names = [job["id"] for job in jobs]
        if sorted(names) != sorted(job.name for job in self.jobs):
            missing = {job.name for job in self.jobs} - set(names)
            raise Failure(f"{len(names)} jobs, {len(set(names))} names; missing: {sorted(missing)[:5]}")
        states = {job["id"]: job for job in jobs}
        succeeded = []
        for job in self.jobs:
            state = states[job.name]["state"]
            wanted = "cancelled" if job.is_cancelled else "succeeded"
            if state != wanted:
                raise Failure(f"{job.name} is {state}, not {wanted}: {states[job.name]}")
            if state == "succeeded":
                self.see(job, client.ask("GET", f"/v1/jobs/{job.name}/proof")[1])
                publics = client.json("GET", f"/v1/jobs/{job.name}/public")
                if publics != job.publics:
                    raise Failure(f"{job.name}: the public inputs are not its own")
                succeeded.append(job)
            elif client.ask("GET", f"/v1/jobs/{job.name}/proof", also=(404,))[0] != 404:
                raise Failure(f"{job.name} was cancelled and has a proof")
        self.verify(succeeded)
        epochs = sum(job["epoch"] for job in jobs)
        say(f"{len(succeeded)} jobs succeeded, {len(jobs) - len(succeeded)} were cancelled; {epochs} leases; every proof verifies")

    def verify(self, jobs):
        key = pathlib.Path(self.options.vectors) / "verification_key.json"
        for begin in range(0, len(jobs), 50):
            command = [self.options.martlet, "verify", "--vkey", str(key)]
            for job in jobs[begin:begin + 50]:
                proof, publics = self.folder / f"{job.name}.proof", self.folder / f"{job.name}.public"
                proof.write_bytes(job.proof)
                publics.write_text(json.dumps(job.publics))
                command += ["--public", str(publics), "--proof", str(proof)]
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode != 0:
                raise Failure(f"verify: {done.returncode} {done.stdout[-500:]} {done.stderr[-500:]}")

    def end(self):
        self.stop.set()
        for service in self.workers + self.coordinators:
            service.kill()
        if self.database:
            self.database.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--vectors", required=True)
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--patience", type=float, default=240, help="seconds for what is left when the killing is over")
    options = parser.parse_args()
    say(f"{options.jobs} jobs on {options.store}, {options.seconds:g} s, seed {options.seed}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-chaos-"))
    try:
        chaos = Chaos(options, folder)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"cannot be run: {error}")
        return 3
    try:
        chaos.run()
    except Failure as failure:
        say(f"FAILED (seed {options.seed}): {failure}")
        for service in chaos.coordinators + chaos.workers:
            print(f"--- {service.name}\n{service.tail()}")
        return 1
    finally:
        chaos.end()
        shutil.rmtree(folder, ignore_errors=True)
    say("nothing was lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
