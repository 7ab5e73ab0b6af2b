#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The second half of `make demo`: a small federation. Three clients learn to read handwritten digits, each proves its updates, one cheats and is
# caught, each round is proved, and everything is rechecked from the published files.
#
#   MARTLET=path/to/martlet deploy/demo/federation.sh
#
# One client proves by itself, the others and the rounds by a worker on a spool directory. Everything is written to a temporary folder, which is
# removed at the end; MARTLET_DEMO_KEEP=1 keeps it. Exits with 1 if anything is not as it should be.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
martlet=${MARTLET:-$root/.build/release/martlet}
task=$root/deploy/demo/digits-task.json
digits=$root/Tests/Vectors/digits/digits.csv.gz
# What a processor-hour costs, for the cost of a proof.
readonly usd_per_core_hour=${MARTLET_DEMO_USD_PER_CORE_HOUR:-0.04}

work=$(mktemp -d "${TMPDIR:-/tmp}/martlet-federation.XXXXXX")
published=$work/published
spool=$work/spool
worker=''

cleanup() {
    local status=$?
    trap - EXIT INT TERM
    if [[ -n $worker ]]; then
        kill -TERM "$worker" 2>/dev/null || true
        wait "$worker" 2>/dev/null || true
    fi
    if [[ ${MARTLET_DEMO_KEEP:-} == 1 ]]; then echo "demo: everything is kept in $work"; else rm -rf "$work"; fi
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

headline() { printf '\n== %s\n' "$*"; }
run() {
    printf '$ martlet'
    printf ' %s' "${@//$work\//}"
    printf '\n'
    "$martlet" "$@"
}
fail() {
    printf 'FAILED: %s\n' "$*"
    exit 1
}

# --- data -------------------------------------------------------------------------------------------------------------

# Pixels of 0 to 16 become −1 to 1. Each client has 256 images of its own; the last 397 are for the test.
python3 - "$digits" "$work" <<'PYTHON'
import gzip, random, sys
rows = [[int(cell) for cell in line.split(",")] for line in gzip.open(sys.argv[1], "rt")]
random.Random(7).shuffle(rows)
lines = [",".join(str((pixel - 8) / 8) for pixel in row[:64]) + f",{row[64]}\n" for row in rows]
for index, name in enumerate(("ann", "bob", "cem")):
    with open(f"{sys.argv[2]}/{name}.csv", "w") as file:
        file.writelines(lines[256 * index:256 * index + 256])
with open(f"{sys.argv[2]}/test.csv", "w") as file:
    file.writelines(lines[-397:])
PYTHON

# --- the federation ---------------------------------------------------------------------------------------------------

headline 'a federation: the task, its circuits, keys for development'
run fl init "$published" --task "$task" --insecure-dev
for name in ann bob cem; do
    run fl enroll "$work/$name" --federation "$published" --data "$work/$name.csv"
done

"$martlet" worker --queue "spool:$spool" --log-format json >"$work/worker.jsonl" 2>&1 </dev/null &
worker=$!

declare -a seconds=()
train() {
    local name=$1 output=$2
    shift 2
    printf '$ martlet fl train %s --federation published --output %s%s\n' "$name" "${output##*/}" "${1:+ --queue spool:spool}"
    "$martlet" fl train "$work/$name" --federation "$published" --output "$output" --json "$@" >"$work/train.json"
    seconds+=("$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["proveSeconds"])' "$work/train.json")")
}

for round in 1 2; do
    headline "round $round"
    train ann "$work/ann-$round.json"
    train bob "$work/bob-$round.json" --queue "spool:$spool"
    train cem "$work/cem-$round.json" --queue "spool:$spool"
    if ((round == 2)); then
        echo 'cem turns the signs of its update around, and keeps the proof'
        python3 - "$work/cem-2.json" <<'PYTHON'
import json, sys
update = json.load(open(sys.argv[1]))
update["entries"] = [-entry for entry in update["entries"]]
json.dump(update, open(sys.argv[1], "w"))
PYTHON
    fi
    run fl round "$published" "$work"/{ann,bob,cem}-"$round".json --queue "spool:$spool" | tee "$work/round.txt"
    if ((round == 2)); then
        grep -q '^refused cem-2.json: the proof does not hold' "$work/round.txt" || fail 'the cheater was not caught'
        grep -q '2 updates taken, 1 refused' "$work/round.txt" || fail 'the honest updates were not taken'
    fi
done

headline 'anyone can recheck it all'
run fl verify "$published" || fail 'the published history does not hold'
run fl log "$published" --data "$work/test.csv"

headline 'on L1'
# A Python with vyper and pyrevm: the test's, or the caller's.
python=${MARTLET_PYTHON:-$root/.build-venv/bin/python}
if [[ -x $(command -v "$python") ]] && "$python" -c 'import vyper, pyrevm' 2>/dev/null; then
    "$martlet" export verifier --lang vyper --kind round --vkey "$published/round.vkey.json" --out "$work/round.vy"
    "$python" "$root/deploy/demo/settle_rounds.py" "$work/round.vy" "$published" || fail 'the contract refused a round'
else
    echo 'skipped: no Python with vyper and pyrevm (make test sets one up)'
fi

headline 'what a proof costs'
python3 - "$usd_per_core_hour" "$(nproc)" "${seconds[@]}" <<'PYTHON'
import sys
price, cores, times = float(sys.argv[1]), int(sys.argv[2]), [float(text) for text in sys.argv[3:]]
mean = sum(times) / len(times)
# Both cores for the whole time, which is more than was used.
print(f"{len(times)} client proofs, {mean:.2f} s each on {cores} cores with the queue's wait: "
      f"at most {mean * cores / 3600 * price * 100:.4f} US cents a proof at {price} USD a core-hour")
PYTHON
