#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes the readers of untrusted bytes with libFuzzer and AddressSanitizer.
#
#   Tests/Fuzz/run.sh [--seconds N | --runs N] [--seed N] [--formats] [TARGET…]
#   Tests/Fuzz/run.sh --input FILE TARGET
#
# Each target, or those named, runs for N seconds (10) or N executions; --formats leaves out the targets that stand on
# cryptography, which take longer to build. --input shows what a file that was found does. Exit 0 when nothing was found, 1
# otherwise, 2 for wrong usage, 3 without libFuzzer.
#
# SCRATCH-fuzz (.build-fuzz) holds the build, corpora that grow from run to run, logs, and below found/ what was found;
# SWIFT_BUILD_FLAGS are further options of `swift build`. FUZZ_BUILD is another folder for the build: that of the tests, of which
# what is not instrumented is taken, and whose instrumented modules the next build there makes anew.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
    sed -n 's/^#   //p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

limit=(-max_total_time=10)
programs=(martlet-fuzz-formats martlet-fuzz-service)
input=
seed=()
wanted=()
while (($#)); do
    case $1 in
    --seconds | --runs)
        [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage
        if [[ $1 == --runs ]]; then limit=("-runs=$2"); else limit=("-max_total_time=$2"); fi
        shift
        ;;
    --seed)
        [[ ${2:-} =~ ^[0-9]+$ ]] || usage
        seed=("-seed=$2")
        shift
        ;;
    --formats) programs=(martlet-fuzz-formats) ;;
    --input)
        [[ -f ${2:-} ]] || usage
        input=$(realpath "$2")
        shift
        ;;
    -*) usage ;;
    *) wanted+=("$1") ;;
    esac
    shift
done
[[ -z $input || ${#wanted[@]} -eq 1 ]] || usage

# libFuzzer without a main of its own comes with the toolchain, in one of two layouts.
resources=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": *"\(.*\)".*/\1/p')
MARTLET_LIBFUZZER=$(find -L "$resources/clang/lib" \( -name "libclang_rt.fuzzer_no_main-$(uname -m).a" -o \
    -path "*/$(uname -m)*/libclang_rt.fuzzer_no_main.a" \) 2>/dev/null | head -n 1)
if [[ -z $MARTLET_LIBFUZZER ]]; then
    echo "this toolchain has no libFuzzer: nothing was fuzzed" >&2
    exit 3
fi
export MARTLET_LIBFUZZER

scratch=$(realpath -m "${SCRATCH:-.build}-fuzz")
# Word splitting is wanted: these are several flags.
# shellcheck disable=SC2206
options=(-c release --scratch-path "${FUZZ_BUILD:-$scratch}" ${SWIFT_BUILD_FLAGS:-})
for program in "${programs[@]}"; do swift build "${options[@]}" --product "$program"; done
built=$(swift build "${options[@]}" --show-bin-path)

# What oracles write on the way goes to memory where there is a file system for it.
base=${TMPDIR:-/tmp}
if [[ -d /dev/shm && -w /dev/shm ]]; then base=/dev/shm; fi
TMPDIR=$(mktemp -d "$base/martlet-fuzz.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# In KiB: what is written of an input that claims sizes does not fill that memory.
ulimit -f 262144

export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=4
# An input may take five seconds of the processor (Driver.swift); a minute by the clock is one that hangs.
# A claimed size that is allocated shows as one allocation beyond what any input of this length needs.
common=(-timeout=60 -rss_limit_mb=512 -malloc_limit_mb=64 -detect_leaks=0 -print_final_stats=1)

found=0
ran=0
for program in "${programs[@]}"; do
    targets=$("$built/$program" list)
    for target in $targets; do
        if ((${#wanted[@]})) && [[ " ${wanted[*]} " != *" $target "* ]]; then continue; fi
        if [[ -n $input ]]; then
            "$built/$program" run "$target" "${common[@]}" "$input" && exit 0
            exit 1
        fi
        ((ran++)) || printf '%-18s %12s %8s %6s %7s  %s\n' target executions 'a second' cov ft found
        corpus=$scratch/corpus/$target
        artifacts=$scratch/found/$target
        log=$scratch/log/$target
        mkdir -p "$artifacts" "$scratch/log"
        "$built/$program" corpus "$target" "$corpus"
        status=0
        "$built/$program" run "$target" "${common[@]}" "${limit[@]}" "${seed[@]}" "-dict=$corpus.dict" \
            "-artifact_prefix=$artifacts/" "$corpus" >"$log" 2>&1 || status=$?
        find "$TMPDIR" -mindepth 1 -delete
        executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
        coverage=$(sed -n 's/^#.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 \2/p' "$log" | tail -n 1)
        # Word splitting is wanted: these are two numbers.
        # shellcheck disable=SC2086
        printf '%-18s %12s %8s %6s %7s  %s\n' "$target" "${executions:--}" "${rate:--}" ${coverage:-- -} \
            "$( ((status)) && echo yes || echo none)"
        if ((status)); then
            found=1
            sed -n '/ERROR\|SUMMARY\|Fatal error\|^not so/p' "$log" | head -n 5
            artifact=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
            echo "    input: ${artifact:-none}; log: $log"
        fi
    done
done
if ((!ran)) || ((ran < ${#wanted[@]})); then
    echo "there are no such targets: ${wanted[*]}" >&2
    exit 2
fi
exit $found
