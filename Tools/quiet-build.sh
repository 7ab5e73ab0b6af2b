#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds with one line in place of the compiler's pages: what is built, how far it is, how long it took.
#
#   Tools/quiet-build.sh WHAT LOG OPTION…       runs `swift build OPTION…`, with all of its output in LOG
#
# On a terminal the line counts the steps. Where the build fails, the errors and the end of LOG are shown, and the exit code is the build's.
set -euo pipefail

if (($# < 3)); then
    sed -n '3,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
readonly what=$1 log=$2
shift 2
mkdir -p "$(dirname "$log")"

build=''
stop() { [[ -z $build ]] || kill -TERM "$build" 2>/dev/null || true; }
trap 'stop; exit 130' INT
trap 'stop; exit 143' TERM

SECONDS=0
swift build "$@" >"$log" 2>&1 </dev/null &
build=$!
if [[ -t 1 ]]; then
    while kill -0 "$build" 2>/dev/null; do
        step=$(tail -c 400 "$log" 2>/dev/null | grep -ao '\[[0-9]*/[0-9]*\]' | tail -n 1 || true)
        printf '\r\033[Kbuilding %s  %s  %d s' "$what" "$step" "$SECONDS"
        sleep 1
    done
    printf '\r\033[K'
else
    printf 'building %s (the first time takes some minutes) …\n' "$what"
fi
status=0
wait "$build" || status=$?
build=''
if ((status != 0)); then
    { grep -a 'error: ' "$log" | sort -u | head -n 20; tail -n 5 "$log"; } >&2 || true
    printf 'building %s failed after %d s; all that was said is in %s\n' "$what" "$SECONDS" "$log" >&2
    exit "$status"
fi
printf 'built %s in %d s\n' "$what" "$SECONDS"
