#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds martlet in release configuration and measures `martlet prove` on every Groth16 fixture.
#
#   Benchmarks/run.sh [--runs N] [--json FILE] [-- FOLDER…]
#
# Options are those of prove_bench.py. Without folders: Tests/Vectors/snarkjs/groth16-*, and $MARTLET_FIXTURES/groth16-*
# where that is set. MARTLET names a binary to measure instead of building one; SCRATCH the build folder.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

if [[ -z ${MARTLET:-} ]]; then
    command -v swift >/dev/null || Tools/bootstrap.sh --swift
    # Word splitting is wanted: these are several flags.
    # shellcheck disable=SC2206
    options=(-c release --scratch-path "${SCRATCH:-.build}" ${SWIFT_BUILD_FLAGS:-})
    swift build "${options[@]}" --product martlet >&2
    MARTLET=$(swift build "${options[@]}" --show-bin-path)/martlet
fi

exec python3 Benchmarks/prove_bench.py --martlet "$MARTLET" "$@"
