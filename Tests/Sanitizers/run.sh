#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the program under ThreadSanitizer and AddressSanitizer.
#
#   Tests/Sanitizers/run.sh [thread] [address]
#
# thread: a planted race, which has to be found; proofs on several threads, with keys of each curve and synthetic ones that are
# large enough to be shared by threads; a worker on a spool with two jobs at a time; a coordinator with a worker.
# address: the tests MalformedFilesTests and
# MistakeTests with the program under AddressSanitizer: damaged and mistaken files by each command (readers by themselves, on
# millions of inputs, are what Tests/Fuzz has it for).
#
# Exit 0 when nothing was reported, 1 otherwise, 2 for wrong usage. SCRATCH-thread and SCRATCH-address (.build-…) hold the builds
# and reports; SWIFT_BUILD_FLAGS are further options of `swift build`, TEST_BUILD_FLAGS those that the tests in SCRATCH (.build) are
# built with. suppressions.txt says what is not reported, and why; order.c tells ThreadSanitizer of order that it cannot see.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
(($#)) || set -- thread address
for kind in "$@"; do
    if [[ $kind != thread && $kind != address ]]; then
        sed -n 's/^#   //p' "${BASH_SOURCE[0]}" >&2
        exit 2
    fi
done

toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
symbolizer=$toolchain/llvm-symbolizer
[[ -x $symbolizer ]] || symbolizer=$(command -v llvm-symbolizer || true)
work=$(mktemp -d "${TMPDIR:-/tmp}/martlet-sanitizers.XXXXXX")
started=()
cleanup() {
    for process in "${started[@]}"; do kill -KILL "$process" 2>/dev/null || true; done
    rm -rf "$work"
}
trap cleanup EXIT
export SWIFT_BACKTRACE=enable=no

failed=0
fail() {
    echo "FAILED: $*" >&2
    failed=1
}

# Builds the program with a sanitizer, and sets `martlet` and `reports`.
build() {
    local scratch
    scratch=$(realpath -m "${SCRATCH:-.build}-$1")
    # Word splitting is wanted: these are several flags.
    # shellcheck disable=SC2206
    local options=(-c release --scratch-path "$scratch" --sanitize="$1" ${SWIFT_BUILD_FLAGS:-})
    swift build "${options[@]}" --product martlet
    martlet=$(swift build "${options[@]}" --show-bin-path)/martlet
    reports=$scratch/reports
    rm -rf "$reports"
    mkdir -p "$reports"
}

# Shows what was reported, by the process that a report is named after.
judge() {
    local report
    for report in "$reports"/*; do
        [[ -s $report ]] || continue
        fail "$1: $report"
        sed -n '/^SUMMARY/p' "$report" | sort | uniq -c >&2
    done
}

# Waits until a condition holds, for at most so many seconds.
await() {
    local tenths=$(($1 * 10))
    shift
    until "$@"; do
        ((tenths--)) || return 1
        sleep 0.1
    done
}

# Asks a process to end, which must do so well.
finish() {
    local status=0
    kill -TERM "$2" 2>/dev/null || true
    wait "$2" || status=$?
    ((status == 0)) || fail "$1 ended with status $status"
}

circuits() {
    local folder
    for folder in "$root"/Tests/Vectors/snarkjs/groth16-*/ "${MARTLET_FIXTURES:-/nonexistent}"/groth16-*-poseidon30/; do
        [[ -f $folder/witness.wtns ]] && echo "${folder%/}"
    done
    true
}

# Sends four jobs of each circuit to a queue and verifies the proofs that come back. The first of a circuit brings its key, which
# the service takes from one client at a time; all others go beside each other.
send() {
    local folder number name client clients=()
    for number in 1 2 3 4; do
        for folder in $(circuits); do
            name=${folder##*/}-$number
            mkdir "$work/$2-$name"
            "$martlet" submit --queue "$1" --zkey "$folder/circuit_final.zkey" --witness "$folder/witness.wtns" \
                --id "$name" --wait --timeout 300s ${3:+"$3" "$work/$2-$name"} >"$work/$2-$name/log" 2>&1 &
            clients+=("$!")
        done
        if ((number == 1)); then
            for client in "${clients[@]}"; do wait "$client" || true; done
            clients=()
        fi
    done
    for client in "${clients[@]}"; do wait "$client" || true; done
    for folder in $(circuits); do
        for number in 1 2 3 4; do
            name=${folder##*/}-$number
            local found=$work/$2-$name
            [[ -n ${3:-} ]] || found=$work/spool/done/$name
            "$martlet" verify --vkey "$folder/verification_key.json" --public "$found/public.json" \
                --proof "$found/proof.json" >"$work/log" 2>&1 \
                || fail "$name: $(tail -n 3 "$work/$2-$name/log" "$work/log")"
        done
    done
}

# Whether ThreadSanitizer, as it is set up here, reports a race where there is one, and none where there is none.
try_planted() {
    "$toolchain/swiftc" -O -swift-version 6 -sanitize=thread -module-cache-path "$work/modules" -o "$work/planted" \
        "$root/Tests/Sanitizers/planted.swift"
    "$work/planted" >"$work/log"
    [[ -z $(find "$reports" -type f -size +0) ]] || fail 'a race is reported that is none'
    "$work/planted" race >"$work/log"
    [[ -n $(find "$reports" -type f -size +0) ]] || fail 'a planted race is not reported'
    rm -f "$reports"/*
}

threads() {
    build thread
    "$toolchain/clang" -O1 -shared -fPIC -o "$work/order.so" "$root/Tests/Sanitizers/order.c" -ldl
    local preloaded=${LD_PRELOAD:-}
    export LD_PRELOAD=$work/order.so${preloaded:+:$preloaded}
    export TSAN_OPTIONS="log_path=$reports/report suppressions=$root/Tests/Sanitizers/suppressions.txt external_symbolizer_path=$symbolizer exitcode=0 history_size=4"
    try_planted
    # More threads than this may have processors, so that each loop is shared.
    local folder worker coordinator
    for folder in $(circuits); do
        echo "proof: ${folder##*/}"
        "$martlet" prove --backend cpu --threads 4 --zkey "$folder/circuit_final.zkey" \
            --witness "$folder/witness.wtns" --proof "$work/proof" --public "$work/public" >"$work/log" 2>&1 \
            || fail "prove: $(tail -n 3 "$work/log")"
        "$martlet" verify --threads 4 --vkey "$folder/verification_key.json" --public "$work/public" \
            --proof "$work/proof" >"$work/log" 2>&1 || fail "verify: $(tail -n 3 "$work/log")"
    done
    echo 'computations: sums, transforms, pairings, proofs of synthetic circuits'
    "$martlet" bench --suite msm,ntt,pairing,groth16 --size 11 --runs 1 --threads 4 --seed 1 >"$work/log" 2>&1 \
        || fail "bench: $(tail -n 3 "$work/log")"
    # Sorting scalars into classes and scaling values are shared from 2^13 on; whole proofs of that size take twenty minutes.
    "$martlet" bench --suite msm,ntt --curve bn254 --size 13 --runs 1 --threads 4 --seed 1 >"$work/log" 2>&1 \
        || fail "bench: $(tail -n 3 "$work/log")"

    echo 'a worker on a spool, two jobs at a time'
    "$martlet" worker --queue "spool:$work/spool" --backend cpu --jobs 2 --threads 4 >"$work/worker.log" 2>&1 &
    worker=$!
    started+=("$worker")
    await 30 test -d "$work/spool" || fail "the worker does not start: $(tail -n 3 "$work/worker.log")"
    send "spool:$work/spool" spool
    finish 'the worker' "$worker"

    echo 'a coordinator and a worker'
    "$martlet" serve --listen "unix:$work/socket" --store "sqlite:$work/jobs.sqlite" --data "$work/data" \
        --min-free-space 0 >"$work/serve.log" 2>&1 &
    coordinator=$!
    started+=("$coordinator")
    await 30 test -S "$work/socket" || fail "the coordinator does not start: $(tail -n 3 "$work/serve.log")"
    "$martlet" worker --queue "unix:$work/socket" --data "$work/worker" --backend cpu --jobs 2 --threads 4 --prefetch 1 \
        >"$work/worker.log" 2>&1 &
    worker=$!
    started+=("$worker")
    send "unix:$work/socket" coordinator --output
    finish 'the worker' "$worker"
    finish 'the coordinator' "$coordinator"
    unset TSAN_OPTIONS
    export LD_PRELOAD=$preloaded
    judge 'ThreadSanitizer'
}

addresses() {
    build address
    # Of a process that ends by `exit`, what it still holds is no leak.
    export ASAN_OPTIONS="detect_leaks=0 log_path=$reports/report external_symbolizer_path=$symbolizer detect_stack_use_after_return=1"
    # Word splitting is wanted: these are several flags.
    # shellcheck disable=SC2086
    MARTLET_TEST_PROGRAM=$martlet swift test -c release --scratch-path "${SCRATCH:-.build}" ${TEST_BUILD_FLAGS:-} \
        --filter '^CommandTests[.](MalformedFiles|Mistake)Tests/' || fail 'tests with the program under AddressSanitizer'
    unset ASAN_OPTIONS
    judge 'AddressSanitizer'
}

for kind in "$@"; do
    if [[ $kind == thread ]]; then threads; else addresses; fi
done
((failed)) || echo "sanitizers: nothing reported ($*)"
exit $failed
