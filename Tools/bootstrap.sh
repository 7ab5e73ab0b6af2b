#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prepares a machine to build, test and demonstrate Martlet. Run as often as you like: it does what is missing.
#
#   Tools/bootstrap.sh            all of the following
#   Tools/bootstrap.sh --system   system packages by apt (with sudo when not root)
#   Tools/bootstrap.sh --opencl   an OpenCL device for the tests: PoCL, which computes on the CPU
#   Tools/bootstrap.sh --postgres a PostgreSQL server for the tests, which start it themselves, and its client library
#   Tools/bootstrap.sh --network  what tests cut a network with
#   Tools/bootstrap.sh --browser  Chromium, in which a test looks at the status page
#   Tools/bootstrap.sh --swift    checks for the Swift toolchain; exit 3 with advice when it is missing or too old
#   Tools/bootstrap.sh --python   .build-venv with the Python packages that some tests compare against
#   Tools/bootstrap.sh --evm      of these only what runs contracts, for the demonstration
#
# The Swift toolchain itself is not installed: that is a choice of version and place that belongs to you.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly swift_minimum_major=6 swift_minimum_minor=2
readonly venv=.build-venv
readonly requirements=Tests/Scripts/requirements.txt

# What `swift build` needs on Debian 12 beside the toolchain: headers and libraries of C and C++, the linker's friends,
# and the libraries that the toolchain's own programs load.
readonly debian_packages=(
    make git ca-certificates python3
    binutils g++ libc6-dev zlib1g-dev
    libcurl4 libedit2 libncurses6 libsqlite3-dev libxml2 tzdata
)

# An OpenCL loader, and a device that every machine has.
readonly opencl_packages=(ocl-icd-libopencl1 pocl-opencl-icd)

# The library is loaded by `martlet serve --store postgres://…`; the server is for the tests.
readonly postgres_packages=(postgresql libpq5)

# `ip`, for network namespaces.
readonly network_packages=(iproute2)

# A browser without a screen, for the coordinator's status page.
readonly browser_packages=(chromium)

say() { printf 'bootstrap: %s\n' "$*" >&2; }

# Installs the packages that are given.
install_packages() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        say "no apt here; see to it that these (or their like) are installed: $*"
        require_commands
        return
    fi

    local package missing=()
    for package in "$@"; do
        # A command that is there serves, wherever it came from.
        case $package in
            make | git | python3) command -v "$package" >/dev/null && continue ;;
        esac
        package_installed "$package" || missing+=("$package")
    done
    # Debian splits `ensurepip` from python3; a Python from elsewhere has it.
    if [[ " $* " == *" python3 "* ]] && ! python3 -c 'import ensurepip' 2>/dev/null; then
        missing+=(python3-venv)
    fi

    if ((${#missing[@]} > 0)); then
        say "installing ${missing[*]}"
        local as_root=()
        if ((EUID != 0)); then
            if ! command -v sudo >/dev/null; then
                say "not root and no sudo: please install them yourself"
                require_commands
                return
            fi
            as_root=(sudo)
            # Without a terminal nobody can type a password: fail at once, not for ever.
            [[ -t 0 ]] || as_root+=(-n)
        fi
        if ! { "${as_root[@]}" apt-get -q update &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"; } >&2; then
            say "apt did not succeed; going on with what is there"
        fi
    fi
    require_commands
}

package_installed() {
    [[ "$(dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | head -n 1)" == installed ]]
}

require_commands() {
    local command
    for command in make git python3; do
        if ! command -v "$command" >/dev/null; then
            say "$command is needed and missing"
            exit 1
        fi
    done
}

require_swift() {
    local line version='' major minor
    # Read into a variable first: a pipe that closes early would make `swift` fail.
    if command -v swift >/dev/null && line=$(swift --version 2>/dev/null); then
        version=$(sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' <<<"$line" | sed -n 1p)
    fi
    if [[ -n $version ]]; then
        major=${version%%.*} minor=${version#*.}
        if ((major > swift_minimum_major || (major == swift_minimum_major && minor >= swift_minimum_minor))); then
            return
        fi
        printf '\nThe Swift found here is %s, and ' "$version" >&2
    else
        printf '\nThe command "swift" was not found, and ' >&2
    fi
    cat >&2 <<TEXT
Martlet needs the Swift toolchain, version $swift_minimum_major.$swift_minimum_minor or later.

  1. Get it from https://www.swift.org/install/linux/ (swiftly, a tar archive, or the container image "swift").
  2. See that its usr/bin is on PATH: "swift --version" must answer.
  3. Run the same command again.

Nothing was built.

TEXT
    exit 3
}

# Without PyPI the tests that need these packages are skipped, visibly; that is no reason to stop here. One by one: a package that
# cannot be had does not keep the others out.
#
# prepare_python [NAME…]: all packages of the requirements, or only those that are named.
prepare_python() {
    local pin pins missing=()
    mapfile -t pins < <(grep '==' "$requirements" | { if (($#)); then grep -E "^($(IFS='|'; echo "$*"))=="; else cat; fi; })
    for pin in "${pins[@]}"; do python_has "$pin" || missing+=("$pin"); done
    if ((${#missing[@]} == 0)); then return; fi
    say "setting up $venv with ${missing[*]}"
    [[ -x $venv/bin/python ]] || python3 -m venv "$venv" >&2 || true
    # All at once is faster; what that leaves out is tried again by itself.
    install_python "${missing[@]}" || true
    for pin in "${missing[@]}"; do
        python_has "$pin" || { install_python "$pin" && python_has "$pin"; } ||
            say "${pin%%=*} could not be installed: what needs it will be skipped"
    done
}

install_python() {
    "$venv/bin/python" -m pip --disable-pip-version-check --quiet install --retries 1 --timeout 20 "$@" >&2
}

# Whether a package is there in that version, and can be imported.
python_has() {
    "$venv/bin/python" -c '
import importlib, importlib.metadata, sys
name, version = sys.argv[1].split("==")
importlib.import_module({"scikit-learn": "sklearn"}.get(name, name.replace("-", "_")))
sys.exit(importlib.metadata.version(name) != version)
' "$1" 2>/dev/null
}

main() {
    if (($# == 0)); then set -- --system --opencl --postgres --network --browser --swift --python; fi
    local step
    for step in "$@"; do
        case $step in
            --system) install_packages "${debian_packages[@]}" ;;
            --opencl) install_packages "${opencl_packages[@]}" ;;
            --postgres) install_packages "${postgres_packages[@]}" ;;
            --network) install_packages "${network_packages[@]}" ;;
            --browser) install_packages "${browser_packages[@]}" ;;
            --swift) require_swift ;;
            --python) prepare_python ;;
            --evm) prepare_python eth-abi pyrevm vyper ;;
            *)
                sed -n '3,15s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
                exit 2
                ;;
        esac
    done
}

main "$@"
