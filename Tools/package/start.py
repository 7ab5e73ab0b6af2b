#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long a program takes to start and end, and how much memory that takes.

    python3 start.py PROGRAM [ARGUMENT …]

Runs it a hundred times after ten that do not count, one after the other. Prints medians: wall-clock time, processor time (user and system),
and the largest resident memory (never less than the 15 MB of Python, which it is started from). Exit code 1 where a run fails.
"""

import os
import resource
import statistics
import sys
import time

WARM, RUNS = 10, 100


def run(arguments: list[str]) -> tuple[float, float, float]:
    null = os.open(os.devnull, os.O_RDWR)
    start = time.perf_counter()
    child = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, descriptor) for descriptor in (0, 1, 2)])
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    os.close(null)
    if status != 0:
        print(f"start: {arguments[0]} ended with status {os.waitstatus_to_exitcode(status)}", file=sys.stderr)
        sys.exit(1)
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss * 1024 / 1e6


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    figures = [run(sys.argv[1:]) for _ in range(WARM + RUNS)][WARM:]
    wall, cpu, memory = (statistics.median(column) for column in zip(*figures))
    print(f"start      {wall:.1f} ms, {cpu:.1f} ms of processor time, {memory:.1f} MB of memory "
          f"(medians of {RUNS} runs of {' '.join(sys.argv[2:]) or 'the program'})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
