#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs martlet-gpu-check on this machine: finds the vendor's OpenCL library first. Options are the program's; see --help.
# Without --out the results go to $OUT, else to ./gpu-check-results; without --budget it takes 540 seconds at most. The programs
# as the driver compiled them stay in the folder that --programs names.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
out=${OUT:-gpu-check-results}
budget=540
programs=''
options=()
while (($# > 0)); do
    case $1 in
        --out) out=${2:?--out needs a folder} && shift 2 ;;
        --budget) budget=${2:?--budget needs seconds} && shift 2 ;;
        --programs) programs=${2:?--programs needs a folder} && shift 2 ;;
        --help | -h)
            sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"
            options=(--help)
            shift
            ;;
        *) options+=("$1") && shift ;;
    esac
done
[[ $budget =~ ^[1-9][0-9]*$ ]] || { echo "--budget: '$budget' is no number of seconds" >&2; exit 2; }

work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT

# The libraries by which vendors offer OpenCL, and where drivers put them.
readonly vendor_libraries=(
    'libnvidia-opencl.so.1' 'libamdocl64.so*' 'libigdrcl.so' 'libintelocl.so' 'libpocl.so.2*'
)
readonly library_folders=(
    /usr/local/nvidia/lib64 /usr/local/nvidia/lib /usr/lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu/intel-opencl
    /usr/lib64 /usr/lib64/nvidia /usr/lib /usr/local/lib /usr/local/lib64 /usr/local/cuda/lib64
    /usr/local/cuda/compat /usr/lib/wsl/lib /run/opengl-driver/lib /opt/rocm/lib /opt/rocm/opencl/lib
    /opt/amdgpu-pro/lib/x86_64-linux-gnu /opt/amdgpu/lib/x86_64-linux-gnu /opt/intel/oneapi/compiler/latest/lib
)

# Writes an .icd file for each vendor's library: the system's own files first.
find_vendors() {
    local file pattern folder path
    mkdir "$work/vendors"
    for file in /etc/OpenCL/vendors/*.icd; do
        [[ -f $file ]] && cp "$file" "$work/vendors/"
    done
    for pattern in "${vendor_libraries[@]}"; do
        grep -qsF "${pattern%%.so*}.so" "$work"/vendors/*.icd && continue
        path=''
        for folder in "${library_folders[@]}" /opt/*/lib /opt/*/lib64; do
            # The pattern is meant to expand.
            # shellcheck disable=SC2086
            for file in "$folder"/$pattern; do
                [[ -f $file ]] && path=$file && break 2
            done
        done
        if [[ -z $path ]] && command -v ldconfig >/dev/null; then
            path=$(ldconfig -p | sed -n "s|^[[:space:]]*${pattern%%.so*}\.so.*=> ||p" | sed -n 1p)
        fi
        [[ -n $path ]] || continue
        printf '%s\n' "$path" >"$work/vendors/$(basename "${pattern%%.so*}").icd"
        # Its compiler lies beside it.
        export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$(dirname "$path")"
    done
}

find_vendors
if ! compgen -G "$work/vendors/*.icd" >/dev/null; then
    echo "no vendor's OpenCL library was found: looked for ${vendor_libraries[*]} in ${library_folders[*]}" >&2
    exit 3
fi
mkdir -p "$out"
{
    echo "vendors' libraries:"
    awk '{ print "  " $0 }' "$work"/vendors/*.icd
} | tee "$out/log.txt"

# ocl-icd reads its list of vendors from here. Everything is compiled anew: neither Martlet's cache nor the drivers' are used.
export OCL_ICD_VENDORS=$work/vendors MARTLET_OPENCL=$here/lib/libOpenCL.so.1
export MARTLET_CACHE=${programs:-$work/cache} CUDA_CACHE_PATH=$work/cuda POCL_CACHE_DIR=$work/pocl TMPDIR=$work
mkdir "$work/cuda" "$work/pocl"
gzip -dc "$here/bin/martlet-gpu-check.gz" >"$work/martlet-gpu-check"
chmod +x "$work/martlet-gpu-check"
tar -C "$work" -xzf "$here/circuits.tar.gz"

# The program keeps to its time; a driver that does not let it is ended.
status=0
timeout --kill-after=10 "$((budget + 45))" "$work/martlet-gpu-check" \
    --out "$out" --budget "$budget" --fixtures "$work/circuits" "${options[@]}" 2>&1 |
    tee -a "$out/log.txt" || status=${PIPESTATUS[0]}
case $status in
    0 | 1 | 2 | 3) ;;
    *)
        echo "martlet-gpu-check ended with $status" | tee -a "$out/log.txt"
        status=1
        ;;
esac
echo "see $out/summary.txt and $out/report.json"
exit "$status"
