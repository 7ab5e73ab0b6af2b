#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Disturbs a worker or a coordinator while there is work, and shows that each proof arrives once.

    disturb.py network|clock|disk|forged|sick --martlet PROGRAM --vectors FOLDER [--seed N]

network  The worker runs in a network namespace of its own, joined to the coordinator's by a pair of virtual devices, one of which
         is taken down until the coordinator has given the lease up. Twice: once nobody else proves the job, and the late proof is
         taken; once another worker does, and the late proof changes nothing. Needs root and iproute2.
clock    The worker's clock jumps a day ahead and two days back. Its lease stays its own. Needs a C compiler.
disk     The coordinator's disk, store and files, is filled to its last byte while a job waits. Nothing is taken in, what is there stays, and all
         goes on once there is room. Needs leave to mount.
forged   Somebody between worker and coordinator changes the first proof. It is refused, the attempt has failed, and the next one is taken.
sick     One of two workers has a disk that is filled to its last byte. Every job is proved by the other one,
         with nothing counted against any; the sick worker says that it is unready. Needs leave to mount.

Exit codes: 0 all held, 1 something did not, 3 it could not be run.
"""

import argparse
import base64
import contextlib
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from chaos import Client, Failure, Job, Service, descendants, free_port, say


def until(seconds, condition, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.002)
    raise Failure(f"{what} did not happen within {seconds:g} s")


class Scene:
    """A coordinator, a worker that is far away, and one that is near and not started yet."""

    def __init__(self, options, folder, address, prefix, store=None):
        self.options, self.folder = options, folder
        store = store or folder
        port = free_port()
        self.coordinator = Service(folder, "coordinator", [
            options.martlet, "serve", "--listen", f"{address}:{port}", "--insecure-no-tokens", "--store",
            f"sqlite:{store}/jobs.sqlite", "--data", f"{store}/data", "--lease-time", "2s", "--min-free-space", "0",
        ])

        def worker(name, prefix=()):
            return Service(folder, name, [
                *prefix, options.martlet, "worker", "--queue", f"http://{address}:{port}", "--data", f"{folder}/{name}",
                "--name", name, "--threads", "1", "--backend", "cpu",
            ])

        self.far, self.near = worker("far", prefix), worker("near")
        self.stop = threading.Event()
        self.timer = threading.Timer(150, self.stop.set)
        self.timer.daemon = True
        self.timer.start()
        self.client = Client([port], self.stop)
        self.client.host = address
        self.warm, self.job = (Job(i, random.Random(options.seed + i)) for i in range(2))

    def state(self, job=None):
        return self.client.json("GET", f"/v1/jobs/{(job or self.job).name}")["state"]

    def proof(self):
        return self.client.ask("GET", f"/v1/jobs/{self.job.name}/proof")[1]

    def submit(self, job):
        reference = {"sha256": hashlib.sha256(job.file).hexdigest(), "size": len(job.file)}
        self.client.ask("POST", "/v1/jobs", {"id": job.name, "circuit": self.key, "witness": reference})
        self.client.ask("PUT", f"/v1/jobs/{job.name}/witness", job.file)

    def register(self):
        self.coordinator.start()
        zkey = (pathlib.Path(self.options.vectors) / "circuit_final.zkey").read_bytes()
        self.key = hashlib.sha256(zkey).hexdigest()
        self.client.ask("PUT", f"/v1/blobs/{self.key}", zkey)
        self.client.ask("POST", "/v1/circuits", {"zkey": self.key})

    def begin(self):
        """The first job starts the far worker's prover, which then stands still while it has the second."""
        self.register()
        self.far.start()
        self.submit(self.warm)
        until(60, lambda: self.state(self.warm) == "succeeded", "the first proof")
        self.prover = next(
            child for child in descendants(self.far.process.pid)
            if b"prover-child" in pathlib.Path(f"/proc/{child}/cmdline").read_bytes())
        os.kill(self.prover, signal.SIGSTOP)
        self.submit(self.job)
        until(30, lambda: self.state() == "leased", "the lease of a job whose prover stands still")
        # The disturbance is to meet the proof, not the witness on its way.
        until(30, self.has_witness, "the witness at the worker")
        time.sleep(0.3)

    def has_witness(self):
        """Whether the worker has the whole witness: in a file without a name, which only its descriptors show."""
        worker = self.far.process.pid
        for process in [worker, *descendants(worker)]:
            with contextlib.suppress(OSError):
                for descriptor in pathlib.Path(f"/proc/{process}/fd").iterdir():
                    with contextlib.suppress(OSError):
                        if os.readlink(descriptor).endswith(" (deleted)") and \
                                descriptor.stat().st_size == len(self.job.file):
                            return True
        return False

    def go_on(self):
        os.kill(self.prover, signal.SIGCONT)

    def journal(self):
        return list((self.folder / "far/journal").iterdir())

    def check(self):
        if self.client.json("GET", f"/v1/jobs/{self.job.name}/public") != self.job.publics:
            raise Failure("the public inputs are not the job's")
        files = self.folder / "proof.json", self.folder / "public.json"
        files[0].write_bytes(self.proof())
        files[1].write_bytes(self.client.ask("GET", f"/v1/jobs/{self.job.name}/public")[1])
        subprocess.run(
            [self.options.martlet, "verify", "--vkey", f"{self.options.vectors}/verification_key.json", "--public",
             str(files[1]), "--proof", str(files[0])], check=True, capture_output=True)

    def tails(self):
        return "".join(f"--- {service.name}\n{service.tail()}\n" for service in (self.coordinator, self.far, self.near))

    def end(self):
        self.timer.cancel()
        self.stop.set()
        for service in (self.far, self.near, self.coordinator):
            if service.process:
                for child in list(descendants(service.process.pid)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
            service.kill()


class Cable:
    """What joins this process' network namespace to another one."""

    def __init__(self):
        number = os.getpid() % 250
        self.namespace, self.here, there = f"martlet{number}", f"mh{number}", f"mt{number}"
        self.address = f"10.213.{number}.1"
        self.ip("netns", "add", self.namespace)
        self.ip("link", "add", self.here, "type", "veth", "peer", "name", there, "netns", self.namespace)
        self.ip("address", "add", f"{self.address}/30", "dev", self.here)
        self.ip("link", "set", self.here, "up")
        self.ip("-n", self.namespace, "address", "add", f"10.213.{number}.2/30", "dev", there)
        self.ip("-n", self.namespace, "link", "set", there, "up")

    @staticmethod
    def ip(*arguments):
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    def cut(self):
        self.ip("link", "set", self.here, "down")

    def join(self):
        self.ip("link", "set", self.here, "up")

    def remove(self):
        for command in (["ip", "link", "del", self.here], ["ip", "netns", "del", self.namespace]):
            subprocess.run(command, check=False, capture_output=True)


@contextlib.contextmanager
def scene(options, address="127.0.0.1", prefix=()):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-disturb-"))
    made = Scene(options, folder, address, prefix)
    try:
        made.begin()
        yield made
        made.check()
    except Failure as failure:
        raise Failure(f"{failure}\n{made.tails()}") from failure
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)


def network(options):
    cable = Cable()
    try:
        for another_worker in (False, True):
            with scene(options, cable.address, ["ip", "netns", "exec", cable.namespace]) as it:
                cable.cut()
                until(30, lambda: it.state() == "queued", "the end of a lease whose worker cannot be heard")
                first = None
                if another_worker:
                    it.near.start()
                    until(60, lambda: it.state() == "succeeded", "the other worker's proof")
                    first = it.proof()
                it.go_on()
                until(60, it.journal, "the proof in the journal of the worker that is cut off")
                if not another_worker and it.state() != "queued":
                    raise Failure("a proof came through a cut cable")
                cable.join()
                until(60, lambda: not it.journal(), "the report of the proof that waited")
                until(30, lambda: it.state() == "succeeded", "the proof")
                if first is not None and it.proof() != first:
                    raise Failure("the late proof took the place of the first")
            say("cut off: " + ("another worker proved, and the late proof changed nothing" if another_worker
                               else "the late proof was taken"))
    finally:
        cable.remove()


def disk(options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-disk-"))
    place = folder / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place], check=True, capture_output=True)
    it = Scene(options, folder, "127.0.0.1", (), store=place)
    try:
        it.register()
        it.submit(it.warm)
        fill(place / "filler")
        port = it.client.ports[0]
        reference = {"sha256": hashlib.sha256(it.job.file).hexdigest(), "size": len(it.job.file)}
        request = {"id": it.job.name, "circuit": it.key, "witness": reference}
        along = {**request, "witnessData": base64.b64encode(it.job.file).decode()}
        blob = os.urandom(100_000)
        json_type = {"Content-Type": "application/json"}
        for method, path, body, headers in (
                ("POST", "/v1/jobs", json.dumps(request), json_type), ("POST", "/v1/jobs", json.dumps(along), json_type),
                ("PUT", f"/v1/blobs/{hashlib.sha256(blob).hexdigest()}", blob, {})):
            status, answer, _ = it.client.once(port, method, path, body, headers)
            if status != 507 or json.loads(answer)["error"]["code"] != "noSpace":
                raise Failure(f"{method} {path} on a full disk: {status} {answer[:300]!r}")
        if it.state(it.warm) != "queued" or len(it.client.json("GET", "/v1/jobs")["jobs"]) != 1:
            raise Failure("what was refused has changed something")
        # It may get the job or not: either has to be written down.
        it.near.start()
        time.sleep(5)
        if it.state(it.warm) not in ("queued", "leased", "succeeded"):
            raise Failure(f"the job on a full disk is {it.state(it.warm)}")
        if not it.coordinator.is_running():
            raise Failure("the coordinator ended")
        (place / "filler").unlink()
        it.submit(it.job)
        for job in (it.warm, it.job):
            until(90, lambda job=job: it.state(job) == "succeeded", f"the proof of {job.name} once there was room")
        it.check()
        say("a full disk: nothing was taken in, nothing was lost")
    except Failure as failure:
        raise Failure(f"{failure}\n{it.tails()}") from failure
    finally:
        it.end()
        subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


class Forger(http.server.BaseHTTPRequestHandler):
    """Passes requests on to `server.target`, the first proof changed."""

    protocol_version = "HTTP/1.1"
    hop = ("host", "content-length", "connection", "transfer-encoding", "date")

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/complete") and not self.server.forged:
            self.server.forged = True
            completion = json.loads(body)
            # The generator of G1: a point, but not this proof's.
            completion["proof"] = json.dumps({**json.loads(completion["proof"]), "pi_a": ["1", "2", "1"]})
            body = json.dumps(completion).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=120)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in self.hop}
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in self.hop:
                self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = pass_on

    def log_message(self, *_):
        pass


def forged(options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-forged-"))
    it = Scene(options, folder, "127.0.0.1", ())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forger)
    server.target, server.forged = it.client.ports[0], False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    queue = it.near.command.index("--queue") + 1
    it.near.command[queue] = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        it.register()
        it.submit(it.job)
        it.near.start()
        until(60, lambda: it.state() == "succeeded", "the proof after one that was refused")
        job = it.client.json("GET", f"/v1/jobs/{it.job.name}")
        if not server.forged or job["failures"] != 1 or job["lostWorkers"] != 0:
            raise Failure(f"not one failed attempt: {job}")
        if "a finished proof was refused" not in it.near.tail():
            raise Failure("the worker's log does not say that its proof was refused")
        it.check()
        say("a changed proof was refused, and the next one taken")
    except Failure as failure:
        raise Failure(f"{failure}\n{it.tails()}") from failure
    finally:
        it.end()
        server.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def sick(options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-sick-"))
    place = folder / "far"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], check=True, capture_output=True)
    it = Scene(options, folder, "127.0.0.1", ())
    jobs = [Job(i, random.Random(options.seed + i)) for i in range(100)]
    try:
        it.register()
        it.far.start()
        until(60, lambda: (place / "journal").is_dir() and "worker starts" in it.far.tail(), "the start of the far worker")
        fill(place / "filler")
        for job in jobs:
            it.submit(job)
        until(60, lambda: "the worker is unready" in it.far.tail(), "the end of the sick worker's patience")
        states = [it.state(job) for job in jobs]
        if set(states) != {"queued"}:
            raise Failure(f"with a sick worker alone the jobs are {sorted(set(states))}")
        it.near.start()
        for job in jobs:
            until(120, lambda job=job: it.state(job) == "succeeded", f"the proof of {job.name} by the worker that is well")
        for job in it.client.json("GET", "/v1/jobs?limit=1000")["jobs"]:
            if job["failures"] or job["lostWorkers"]:
                raise Failure(f"something was counted against a job: {job}")
        workers = {worker["name"]: worker for worker in it.client.json("GET", "/v1/workers")["workers"]}
        if not workers["far"].get("unready") or workers["near"]["failures"]:
            raise Failure(f"the workers are {workers}")
        say("a full disk at a worker: 100 jobs proved by the other one, nothing counted against any")
    except Failure as failure:
        raise Failure(f"{failure}\n{it.tails()}") from failure
    finally:
        it.end()
        subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def fill(path):
    """Writes until there is no byte left."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


# The time of day, and nothing that counts seconds, moved by as many seconds as a file says: as when somebody sets a clock.
CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long offset(void) {
    const char *path = getenv("CLOCK_OFFSET");
    FILE *file = path ? fopen(path, "r") : NULL;
    long seconds = 0;
    if (file) {
        if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
        fclose(file);
    }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, now);
    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
    return status;
}

int gettimeofday(struct timeval *now, void *zone) {
    int (*real)(struct timeval *, void *) = (int (*)(struct timeval *, void *))dlsym(RTLD_NEXT, "gettimeofday");
    int status = real(now, zone);
    if (status == 0) now->tv_sec += offset();
    return status;
}

time_t time(time_t *seconds) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds) *seconds = now.tv_sec;
    return now.tv_sec;
}
"""


def clock(options):
    compiler = next(filter(None, map(shutil.which, ("cc", "clang", "gcc"))), None)
    if not compiler:
        raise FileNotFoundError("no C compiler here")
    with tempfile.TemporaryDirectory(prefix="martlet-clock-") as folder:
        source, library, offset = (pathlib.Path(folder, name) for name in ("clock.c", "clock.so", "offset"))
        source.write_text(CLOCK)
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True, capture_output=True)
        offset.write_text("0")
        day = 24 * 3600
        with scene(options, prefix=["env", f"LD_PRELOAD={library}", f"CLOCK_OFFSET={offset}"]) as it:
            for seconds in (day, -day, 0):
                offset.write_text(f"{seconds}")
                # Three lease times: a worker that believed its clock would have fallen silent, or lost count.
                for _ in range(60):
                    time.sleep(0.1)
                    if it.state() != "leased":
                        raise Failure(f"with a clock that is wrong by {seconds} s the job is {it.state()}")
            offset.write_text(f"{day}")
            # Midnight may come in between.
            days = {time.strftime("%Y-%m-%d", time.gmtime(time.time() + day + wait)) for wait in (0, 120)}
            it.go_on()
            until(60, lambda: it.state() == "succeeded", "the proof")
            # The worker writes its line when it has the answer, which is after the coordinator knows.
            until(60, lambda: any(day in it.far.tail() for day in days), "a line of the worker with the clock that jumped")
            epoch = it.client.json("GET", f"/v1/jobs/{it.job.name}")["epoch"]
            if epoch != 1:
                raise Failure(f"the job was leased {epoch} times")
    say("the clock jumped, and the lease stayed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["network", "clock", "disk", "forged", "sick"])
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--vectors", required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    say(f"{options.what}, seed {options.seed}")
    try:
        {"network": network, "clock": clock, "disk": disk, "forged": forged, "sick": sick}[options.what](options)
    except Failure as failure:
        say(f"FAILED: {failure}")
        return 1
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"cannot be run: {error} {getattr(error, 'stderr', b'')!r}")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
