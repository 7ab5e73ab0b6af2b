#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CPU seconds and peak memory of `martlet prove`, one process a proof, measured by the kernel (wait4).

    python3 Benchmarks/prove_bench.py --martlet .build/release/martlet [--runs N] [--json FILE] [FOLDER …]

A folder holds circuit_final.zkey, witness.wtns and verification_key.json as snarkjs names them. The figures are of the
whole command: reading and checking the key, proving, and verifying the proof before it is written. CPU seconds (user and
system, all threads) are the figure to compare on a machine shared with others; the wall clock is shown beside it. One
run that is not counted comes first and brings the files into the page cache. The last proof is verified by a separate
command.

Peak memory is the largest resident set; mapped pages of the key count in it. It cannot read below this script's own
(some 15 MB), which a child inherits between fork and exec.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = ("circuit_final.zkey", "witness.wtns", "verification_key.json")


def default_folders():
    """The Groth16 fixtures, the smallest key first, each circuit once."""
    places = [os.environ.get("MARTLET_FIXTURES"), ROOT / "Tests" / "Vectors" / "snarkjs"]
    found = {}
    for place in places:
        if place:
            for folder in sorted(pathlib.Path(place).glob("groth16-*")):
                if all((folder / name).is_file() for name in FILES):
                    found.setdefault(folder.name, folder)
    return sorted(found.values(), key=lambda folder: (folder / FILES[0]).stat().st_size)


def constraints(folder):
    """The number of constraints, out of the header of circuit.r1cs (section 1), or None."""
    try:
        with open(folder / "circuit.r1cs", "rb") as file:
            magic, _, sections = struct.unpack("<4sII", file.read(12))
            if magic != b"r1cs":
                return None
            for _ in range(min(sections, 64)):
                kind, length = struct.unpack("<IQ", file.read(12))
                if kind == 1:
                    (width,) = struct.unpack("<I", file.read(4))
                    file.seek(width + 4 * 4 + 8, os.SEEK_CUR)
                    return struct.unpack("<I", file.read(4))[0]
                file.seek(length, os.SEEK_CUR)
    except (OSError, struct.error):
        pass
    return None


def run(command):
    """Runs a command to its end. Returns (exit status, wall seconds, resource usage), its output kept for errors."""
    with tempfile.TemporaryFile() as output:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace"))
            sys.exit(f"{' '.join(map(str, command))}: exit {process.returncode}")
    return wall, usage


def measure(martlet, folder, runs, extra):
    zkey, witness, vkey = (folder / name for name in FILES)
    samples = []
    with tempfile.TemporaryDirectory(prefix="martlet-bench-") as scratch:
        proof, public = pathlib.Path(scratch, "proof.json"), pathlib.Path(scratch, "public.json")
        command = [martlet, "prove", "--zkey", zkey, "--witness", witness, "--proof", proof, "--public", public]
        for index in range(runs + 1):
            proof.unlink(missing_ok=True)
            public.unlink(missing_ok=True)
            wall, usage = run(command + extra)
            if index > 0:
                samples.append(
                    {
                        "cpu_seconds": usage.ru_utime + usage.ru_stime,
                        "user_seconds": usage.ru_utime,
                        "system_seconds": usage.ru_stime,
                        "wall_seconds": wall,
                        "peak_rss_bytes": usage.ru_maxrss * 1024,
                    }
                )
        verify_wall, verify_usage = run([martlet, "verify", "--vkey", vkey, "--public", public, "--proof", proof])
    cpu = [sample["cpu_seconds"] for sample in samples]
    zkey_bytes = zkey.stat().st_size
    peak = max(sample["peak_rss_bytes"] for sample in samples)
    return {
        "fixture": folder.name,
        "constraints": constraints(folder),
        "zkey_bytes": zkey_bytes,
        "cpu_seconds_min": min(cpu),
        "cpu_seconds_median": statistics.median(cpu),
        "wall_seconds_min": min(sample["wall_seconds"] for sample in samples),
        "peak_rss_bytes": peak,
        "peak_rss_over_zkey": peak / zkey_bytes,
        "verify_cpu_seconds": verify_usage.ru_utime + verify_usage.ru_stime,
        "verify_wall_seconds": verify_wall,
        "runs": samples,
    }


def machine():
    model = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "load_average": os.getloadavg()[0]}


def table(results):
    heads = ("fixture", "constraints", "CPU s min", "median", "wall s min", "peak MB", "of zkey", "verify CPU s")
    rows = [heads]
    for result in results:
        rows.append(
            (
                result["fixture"],
                "" if result["constraints"] is None else f"{result['constraints']:,}",
                f"{result['cpu_seconds_min']:.3f}",
                f"{result['cpu_seconds_median']:.3f}",
                f"{result['wall_seconds_min']:.3f}",
                f"{result['peak_rss_bytes'] / 1e6:.1f}",
                # Beside a key of a few kilobytes the ratio says nothing.
                f"{result['peak_rss_over_zkey']:.2f}x" if result["zkey_bytes"] >= 1_000_000 else "-",
                f"{result['verify_cpu_seconds']:.3f}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    for row in rows:
        cells = [cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        yield "  ".join(cells).rstrip()


def main():
    parser = argparse.ArgumentParser(description="Measures `martlet prove`.")
    parser.add_argument("--martlet", required=True, type=pathlib.Path, help="the binary")
    parser.add_argument("--runs", type=int, default=3, help="counted runs per fixture (default 3)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also write every figure to FILE")
    parser.add_argument("--backend", help="passed on to `martlet prove`")
    parser.add_argument("--threads", help="passed on to `martlet prove`")
    parser.add_argument("folders", nargs="*", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    martlet = arguments.martlet.resolve()
    if not os.access(martlet, os.X_OK):
        parser.error(f"{martlet} is not a program")
    folders = arguments.folders or default_folders()
    if not folders:
        sys.exit("no Groth16 fixtures found")
    extra = []
    for option in ("backend", "threads"):
        if getattr(arguments, option) is not None:
            extra += [f"--{option}", getattr(arguments, option)]

    host = machine()
    print(f"{host['cpu']}, {host['cores']} cores, load average {host['load_average']:.1f}; {arguments.runs} runs each")
    results = []
    for folder in folders:
        print(f"measuring {folder.name}", file=sys.stderr)
        results.append(measure(martlet, folder, arguments.runs, extra))
    print("\n".join(table(results)))
    if arguments.json:
        document = {"machine": host, "options": extra, "results": results}
        arguments.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
