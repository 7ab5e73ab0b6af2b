#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs what a bare, offline Linux machine with a GPU needs to show that Martlet works there:
#
#   Tools/gpu-check/pack.sh PROGRAM FOLDER
#
# PROGRAM is martlet-gpu-check, linked with --static-swift-stdlib. FOLDER is made anew. The circuits come from Tests/Vectors and
# from the folder that MARTLET_FIXTURES names, where it is there.
set -euo pipefail

readonly limit_mb=60
if (($# != 2)); then
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
readonly program=$1 folder=$2
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly tools root=$tools/../..

# The loader of this machine, and what its package says of the licence.
loader() {
    ldconfig -p | sed -n 's/^[[:space:]]*libOpenCL\.so\.1 .*=> //p' | sed -n 1p
}

# Circuits with Groth16 keys: what proving and verifying needs, and no more.
circuits() {
    local target=$1 source circuit file
    for source in "$root/Tests/Vectors/snarkjs" "${MARTLET_FIXTURES:-}"; do
        for circuit in "$source"/groth16-*/; do
            [[ -f $circuit/circuit_final.zkey ]] || continue
            mkdir -p "$target/$(basename "$circuit")"
            for file in circuit_final.zkey witness.wtns verification_key.json proof.json public.json; do
                install -m 644 "$circuit/$file" "$target/$(basename "$circuit")/$file"
            done
        done
    done
}

main() {
    local library licence scratch size
    library=$(loader)
    if [[ -z $library ]]; then
        echo 'pack: no OpenCL loader here: Tools/bootstrap.sh --opencl installs one' >&2
        exit 1
    fi
    licence=/usr/share/doc/ocl-icd-libopencl1/copyright
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$scratch'" EXIT

    rm -rf "$folder"
    mkdir -p "$folder/bin" "$folder/lib"
    install -m 755 "$program" "$folder/bin/martlet-gpu-check"
    strip "$folder/bin/martlet-gpu-check"
    # The tables of Foundation shrink to a third.
    gzip -n "$folder/bin/martlet-gpu-check"
    install -m 644 "$(readlink -f "$library")" "$folder/lib/libOpenCL.so.1"
    if [[ -f $licence ]]; then install -m 644 "$licence" "$folder/lib/LICENSE.ocl-icd"; fi
    install -m 644 "$root/LICENSE" "$folder/LICENSE"
    install -m 755 "$tools/run.sh" "$folder/run.sh"
    install -m 644 "$tools/README" "$folder/README"
    mkdir "$scratch/circuits"
    circuits "$scratch/circuits"
    # Keys shrink to half.
    tar -C "$scratch" --owner=0 --group=0 --sort=name -czf "$folder/circuits.tar.gz" circuits

    size=$(du -s --apparent-size --block-size=1000 "$folder" | cut -f 1)
    if ((size >= limit_mb * 1000)); then
        echo "pack: $folder has $size kB, more than $limit_mb MB" >&2
        exit 1
    fi
    echo "$folder: $((size / 1000)).$((size / 100 % 10)) MB, circuits: $(cd "$scratch/circuits" && echo *)"
}

main
