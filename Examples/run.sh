#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the programs of Examples as users of the libraries do, runs them, and fails where more packages would be resolved than
# such users need. The tests run the same programs from the package's own build, where they cost seconds; here all below them is
# built again, which is the point, so these are debug builds (with optimised C), kept between runs.
#
#   Examples/run.sh               all programs
#   Examples/run.sh PROGRAM…      these, and what they need: prove, groth16, circuit and kernel are in Library, client in Service
#
# SCRATCH names the build folder, an absolute path; SWIFT_BUILD_FLAGS are further options of `swift build`.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
vectors=$PWD/../Tests/Vectors/snarkjs/groth16-bn128-multiplier
scratch=${SCRATCH:-$PWD/.build}
programs=("$@")
((${#programs[@]})) || programs=(prove groth16 circuit kernel client)
of_library=() of_service=()
for program in "${programs[@]}"; do
    case $program in
        prove | groth16 | circuit | kernel) of_library+=("$program") ;;
        client) of_service+=("$program") ;;
        *)
            echo "examples: there is no program $program: prove, groth16, circuit, kernel, client" >&2
            exit 2
            ;;
    esac
done

# What a user's package resolves beside this one, which is called as its folder is.
resolved() {
    swift package --package-path "$1" --scratch-path "$2" show-dependencies --format flatlist |
        grep -vx "$(cd .. && basename "$PWD" | tr '[:upper:]' '[:lower:]')" | sort
}

# build PACKAGE SCRATCH PROGRAM…: sets bin to where the programs are.
build() {
    local package=$1 folder=$2 program start=$SECONDS
    shift 2
    # Word splitting is wanted: these are several flags.
    # shellcheck disable=SC2206
    local options=(--package-path "$package" --scratch-path "$folder" -Xcc -O2 ${SWIFT_BUILD_FLAGS:-})
    for program; do swift build "${options[@]}" --product "$program"; done
    echo "examples: $* of $package built in $((SECONDS - start)) s"
    bin=$(swift build "${options[@]}" --show-bin-path)
}

if ((${#of_library[@]})); then
    # swift-crypto, with what that needs.
    found=$(resolved Library "$scratch")
    if [[ $found != $'swift-asn1\nswift-crypto' ]]; then
        printf 'examples: a user of the libraries resolves\n%s\nand not only swift-asn1 and swift-crypto\n' "$found" >&2
        exit 1
    fi
    build Library "$scratch" "${of_library[@]}"
fi
for program in ${of_library[@]+"${of_library[@]}"}; do
    case $program in
        prove | groth16)
            [[ $("$bin/$program" "$vectors/circuit_final.zkey" "$vectors/witness.wtns" | tail -n 1) == valid ]]
            ;;
        circuit) "$bin/circuit" | grep 'def verify' >/dev/null ;;
        kernel) "$bin/kernel" 8 ;;
    esac
    echo "examples: $program did what it says"
done

if ((${#of_service[@]})); then
    # An HTTP client, and no server or store.
    found=$(resolved Service "$scratch-service")
    if ! grep -qx async-http-client <<<"$found" || grep -E 'hummingbird|grdb|postgres' <<<"$found"; then
        printf 'examples: a client of the service resolves\n%s\n' "$found" >&2
        exit 1
    fi
    build Service "$scratch-service" "${of_service[@]}"
    # Nobody listens there, and it says so; the tests have it prove with a coordinator and a worker.
    said=$("$bin/client" unix:/nonexistent/socket "$vectors/circuit_final.zkey" "$vectors/witness.wtns")
    [[ $said == 'no proof: '*/nonexistent/socket* ]]
    echo "examples: client did what it says"
fi
