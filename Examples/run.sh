#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Examples/Library as a user of the libraries does, runs its programs, and fails where a package of the service's would
# be resolved. The tests run the same programs from the package's own build, where they cost seconds; here all below them is
# built again, which is the point, so it is a debug build (with optimised C), kept between runs.
#
#   Examples/run.sh               all programs
#   Examples/run.sh PROGRAM…      these, and what they need
#
# SCRATCH names the build folder, an absolute path; SWIFT_BUILD_FLAGS are further options of `swift build`.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/Library"
vectors=$PWD/../../Tests/Vectors/snarkjs/groth16-bn128-multiplier
programs=("$@")
((${#programs[@]})) || programs=(prove groth16 circuit kernel)
scratch=(--scratch-path "${SCRATCH:-$PWD/.build}")
# Word splitting is wanted: these are several flags.
# shellcheck disable=SC2206
options=("${scratch[@]}" -Xcc -O2 ${SWIFT_BUILD_FLAGS:-})

# What a user's package resolves beside this one, which is called as its folder is: swift-crypto, with what that needs.
this=$(cd ../.. && basename "$PWD" | tr '[:upper:]' '[:lower:]')
found=$(swift package "${scratch[@]}" show-dependencies --format flatlist | grep -vx "$this" | sort)
wanted=$'swift-asn1\nswift-crypto'
if [[ $found != "$wanted" ]]; then
    printf 'examples: a user of the libraries resolves\n%s\nand not only\n%s\n' "$found" "$wanted" >&2
    exit 1
fi

start=$SECONDS
for program in "${programs[@]}"; do swift build "${options[@]}" --product "$program"; done
echo "examples: ${programs[*]} built in $((SECONDS - start)) s"

bin=$(swift build "${options[@]}" --show-bin-path)
for program in "${programs[@]}"; do
    case $program in
        prove | groth16)
            [[ $("$bin/$program" "$vectors/circuit_final.zkey" "$vectors/witness.wtns" | tail -n 1) == valid ]]
            ;;
        circuit) "$bin/circuit" | grep 'def verify' >/dev/null ;;
        kernel) "$bin/kernel" 8 ;;
    esac
    echo "examples: $program did what it says"
done
