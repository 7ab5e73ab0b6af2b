#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration behind `make demo`: a worker on a spool directory, real jobs, verified proofs.
#
#   MARTLET=path/to/martlet deploy/demo/demo.sh
#
# Uses the circuits in Tests/Vectors/snarkjs, and the larger ones in $MARTLET_FIXTURES where that is set. Everything is
# written to a temporary folder, which is removed at the end; MARTLET_DEMO_KEEP=1 keeps it. Exits with 1 if any job failed,
# any proof did not verify, or the worker did not stop cleanly.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
martlet=${MARTLET:-$root/.build/release/martlet}
job_timeout=${MARTLET_DEMO_TIMEOUT:-300} # seconds; proving the largest fixture takes a few
drain_timeout=60

if [[ ! -x $martlet ]]; then
    echo "demo: no program at $martlet; run \`make demo\`, or set MARTLET" >&2
    exit 1
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/martlet-demo.XXXXXX") # mode 0700: witnesses are confidential
spool=$work/spool
queue=spool:$spool
log=$work/worker.jsonl
worker=''
log_reader=''
failures=0

headline() { printf '\n== %s\n' "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*"
    failures=$((failures + 1))
}

# --- the worker -------------------------------------------------------------------------------------------------------

# Log lines, shortened for the eye: "worker | message key=value …". The log itself stays JSON, one object a line.
readonly log_filter='
import json, sys
for line in sys.stdin:
    try:
        entry = json.loads(line)
        text = str(entry.pop("message", entry.pop("msg", "")))
        hidden = ("timestamp", "time", "ts", "label", "source", "level", "file", "function", "line")
        fields = {k: v for k, v in entry.items() if k not in hidden}
        fields.update(fields.pop("metadata", None) or {})
        text += "".join(f" {k}={v}" for k, v in fields.items())
    except (ValueError, AttributeError, TypeError):
        text = line.rstrip()
    print("   worker |", text[:150], flush=True)
'

start_worker() {
    : >"$log"
    "$martlet" worker --queue "$queue" --log-format json >>"$log" 2>&1 </dev/null &
    worker=$!
    # `--pid` ends the reader when the worker has ended.
    tail -n +1 -s 0.2 -F "--pid=$worker" "$log" 2>/dev/null > >(exec python3 -c "$log_filter") &
    log_reader=$!
    sleep 1
    if ! kill -0 "$worker" 2>/dev/null; then
        echo "demo: the worker did not start:" >&2
        cat "$log" >&2
        worker=''
        exit 1
    fi
}

# Asks the worker to drain and waits for it. Returns its exit status; 137 means that it had to be killed.
stop_worker() {
    local status=0 waited=0 pid=$worker
    [[ -n $pid ]] || return 0
    worker=''
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null && ((waited < drain_timeout * 10)); do
        sleep 0.1
        waited=$((waited + 1))
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" || status=$?
    return "$status"
}

cleanup() {
    local status=$?
    trap - EXIT INT TERM
    stop_worker || true
    if [[ -n $log_reader ]]; then kill "$log_reader" 2>/dev/null || true; fi
    if [[ ${MARTLET_DEMO_KEEP:-} == 1 ]]; then
        echo "demo: everything is kept in $work"
    else
        rm -rf "$work"
    fi
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- the jobs ---------------------------------------------------------------------------------------------------------

folders=() # of circuits, the bundled ones first
for folder in "$root"/Tests/Vectors/snarkjs/groth16-*/ "${MARTLET_FIXTURES:-/nonexistent}"/groth16-*/; do
    folder=${folder%/}
    [[ -f $folder/circuit_final.zkey && -f $folder/witness.wtns ]] || continue
    for known in "${folders[@]}"; do
        if [[ ${known##*/} == "${folder##*/}" ]]; then continue 2; fi
    done
    folders+=("$folder")
done

ids=()   # of the jobs that were submitted
vkeys=() # the verification key of each

# Submits one job with the command and waits for its end; the command prints the progress.
submit() {
    local id=$1 folder=$2
    headline "martlet submit --id $id"
    ids+=("$id")
    vkeys+=("$folder/verification_key.json")
    if ! kill -0 "$worker" 2>/dev/null; then
        fail "job $id: the worker has died"
        return
    fi
    timeout "$job_timeout" "$martlet" submit --queue "$queue" --zkey "$folder/circuit_final.zkey" \
        --witness "$folder/witness.wtns" --id "$id" --wait || fail "job $id"
}

# Brings one job with files alone, by the script in docs/spool.md, and waits for its end.
submit_by_files() {
    local id=$1 folder=$2 waited=0
    headline "the shell script of docs/spool.md, job $id: no martlet command"
    ids+=("$id")
    vkeys+=("$folder/verification_key.json")
    sed -n '/^```sh$/,/^```$/p' "$root/docs/spool.md" | sed '1d;$d' >"$work/spool-submit"
    sh "$work/spool-submit" "$spool" "$id" "$folder/circuit_final.zkey" "$folder/witness.wtns" || fail "job $id"
    while [[ ! -e $spool/done/$id && ! -e $spool/dead/$id ]] && ((waited < job_timeout * 10)); do
        sleep 0.1
        waited=$((waited + 1))
    done
}

# --- the results ------------------------------------------------------------------------------------------------------

# Arguments: result.json, proof.json, public.json. Prints the seconds that the job took, its phases, and the proof.
readonly describe='
import json, sys
result, proof, public = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:4])

def short(number):
    return number if len(number) <= 17 else number[:8] + "…" + number[-8:]

def point(value):
    return "(" + ", ".join(point(v) if isinstance(v, list) else short(v) for v in value[:2]) + ")"

timings = result["timings"]
print("%.3f" % timings["total"])
phases = [(p["phase"], p["seconds"]) for p in timings["phases"]]
print("  ".join("%s %.3f" % phase for phase in phases if phase[1] >= 0.0005))
shown = ", ".join(short(value) for value in public[:3]) + (f", … ({len(public)} in all)" if len(public) > 3 else "")
print("public", shown)
for name in ("pi_a", "pi_b", "pi_c"):
    print("  " + name, point(proof[name]))
'

show_result() {
    local id=$1 vkey=$2 done=$spool/done/$1 outcome=verified text seconds phases rest
    if [[ ! -f $done/proof.json || ! -f $done/public.json || ! -f $done/result.json ]]; then
        printf '%-30s  %-10s  %8s\n' "$id" 'no proof' ''
        fail "$id has no result in done/"
        if [[ -f $spool/dead/$id/reason.json ]]; then cat "$spool/dead/$id/reason.json"; fi
        return
    fi
    if ! "$martlet" verify --vkey "$vkey" --public "$done/public.json" --proof "$done/proof.json" >"$work/verify.txt" 2>&1; then
        outcome='NOT VALID'
        fail "martlet verify, $id: $(<"$work/verify.txt")"
    fi
    if ! text=$(python3 -c "$describe" "$done/result.json" "$done/proof.json" "$done/public.json"); then
        fail "$id: result.json or proof.json cannot be read"
        return
    fi
    { read -r seconds; read -r phases; rest=$(cat); } <<<"$text"
    printf '%-30s  %-10s  %8s  %s\n' "$id" "$outcome" "$seconds" "$phases"
    printf '%s\n' "$rest" >>"$work/proofs.txt"
    printf '\n' >>"$work/proofs.txt"
}

# --- the demonstration ------------------------------------------------------------------------------------------------

if ((${#folders[@]} == 0)); then
    echo "demo: no circuits found" >&2
    exit 1
fi

headline "a worker on $queue"
start_worker

for folder in "${folders[@]}"; do
    submit "${folder##*/}" "$folder"
done
submit_by_files by-files "${folders[0]}"

headline 'SIGTERM: the worker finishes what it has, and stops'
status=0
stop_worker || status=$?
if ((status == 0)); then
    echo 'the worker stopped with status 0'
else
    fail "the worker stopped with status $status"
    tail -n 20 "$log"
fi
for queued in "$spool"/new/* "$spool"/cur/*; do
    if [[ -e $queued ]]; then fail "left in the queue: ${queued#"$spool"/}"; fi
done

headline 'proofs'
: >"$work/proofs.txt"
printf '%-30s  %-10s  %8s  %s\n' 'job' 'verifier' 'seconds' 'of which'
for index in "${!ids[@]}"; do
    printf '%s\n' "${ids[index]}" >>"$work/proofs.txt"
    show_result "${ids[index]}" "${vkeys[index]}"
done
printf '\n'
cat "$work/proofs.txt"

if [[ -z ${MARTLET_FIXTURES:-} ]]; then
    echo 'MARTLET_FIXTURES is not set: only the small bundled circuits were proved.'
fi
if ((failures > 0)); then
    printf '%d failures\n' "$failures"
    exit 1
fi
printf '%d jobs, every proof verified.\n' "${#ids[@]}"
