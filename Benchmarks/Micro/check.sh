#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the micro-benchmarks and compares them with Thresholds/. Exit 0 when all are within the tolerance.
#
# SCRATCH names the build folder, an absolute path; SWIFT_BUILD_FLAGS are further options of `swift package`.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"

# Word splitting is wanted: these are several flags.
# shellcheck disable=SC2206
options=(--scratch-path "${SCRATCH:-$PWD/.build}" ${SWIFT_BUILD_FLAGS:-})

# The plugin passes over a benchmark without a threshold in silence.
list=$(swift package "${options[@]}" benchmark list)
missing=0
for name in $(sed -n '/ available benchmarks:$/,$ { /^[a-z0-9-]\{1,\}$/p; }' <<<"$list"); do
    if [[ ! -e Thresholds/MicroBenchmarks.$name.p90.json ]]; then
        echo "no threshold is checked in for $name" >&2
        missing=1
    fi
done
if ((missing)); then exit 1; fi

swift package "${options[@]}" benchmark thresholds check --no-progress
