#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration behind `make demo`: votes that are proved and counted, a queue, a contract, and a federation that learns with proofs.
#
#   MARTLET=path/to/martlet deploy/demo/demo.sh
#
# Everything is written to martlet-demo/ in the clone (MARTLET_DEMO names another folder), and stays there until the next run. Keys are made
# once and kept in its keys/. Exits with 1 when anything is not as it should be.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=$(realpath -- "${MARTLET:-$root/.build/release/martlet}")
readonly root program folder=${MARTLET_DEMO:-$root/martlet-demo}
if [[ ! -x $program ]] || ! "$program" --version >/dev/null 2>&1; then
    echo "demo: no martlet at $program; run \`make demo\`, or set MARTLET" >&2
    exit 1
fi
SECONDS=0

umask 077 # witnesses are confidential
# What is there is removed, so the folder has to be an earlier run's, or new, or empty.
if [[ -n $(ls -A -- "$folder" 2>/dev/null) && ! -e $folder/.martlet-demo ]]; then
    echo "demo: $folder has files that no demonstration made, and they would be removed; name another folder by MARTLET_DEMO" >&2
    exit 2
fi
mkdir -p "$folder/keys"
cd "$folder"
touch .martlet-demo
find . -mindepth 1 -maxdepth 1 ! -name keys ! -name .martlet-demo -exec rm -rf {} +
mkdir bin && ln -s "$program" bin/martlet
PATH=$PWD/bin:$PATH
# shellcheck source=deploy/demo/common.sh
source "$root/deploy/demo/common.sh"

cleanup() {
    local status=$?
    trap - EXIT INT TERM
    stop_worker || true
    if ((status != 0)); then printf '\ndemo: ended with %d; everything is in %s\n' "$status" "$folder" >&2; fi
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A Python with vyper and pyrevm, for contracts: `make demo` installs one, MARTLET_PYTHON names another.
python=${MARTLET_PYTHON:-$root/.build-venv/bin/python}
if ! { [[ -x $(command -v "$python") ]] && "$python" -c 'import vyper, pyrevm, eth_abi' 2>/dev/null; }; then python=''; fi
chain() {
    show python3 deploy/demo/on_chain.py "$@"
    MARTLET=$program "$python" "$root/deploy/demo/on_chain.py" "$@" >output.txt || { cat output.txt; fail 'the contract did not do what it should'; }
    set_off output.txt
}
no_chain() { note "skipped: no Python with vyper and pyrevm (Tools/bootstrap.sh --evm needs PyPI)"; }

printf '%sMartlet %s%s on %s, %d processors\n' "$bold" "$(martlet --version)" "$plain" "$(uname -m)" "$(nproc)"

# --- a circuit and its key --------------------------------------------------------------------------------------------

headline 'A circuit: one of a thousand members votes, and nobody learns who'
run martlet example membership --r1cs membership.r1cs
say 'A tree of 32 levels of Poseidon hashes. Everybody sees the root of the tree, the topic, the vote,'
say 'and a nullifier, which is the same if a member votes twice.'

headline 'Its key: a small ceremony'
made=keys/$(sha256sum <membership.r1cs | cut -c 1-16)
if [[ -f $made/membership.zkey && -f $made/pot14.ptau ]]; then
    note "kept from an earlier run; remove martlet-demo/keys to see the ceremony"
    cp "$made/membership.zkey" "$made/pot14.ptau" .
else
    run martlet setup powersoftau --insecure-dev --power 14 --ptau pot14.ptau
    run martlet setup groth16 --r1cs membership.r1cs --ptau pot14.ptau --zkey membership_0.zkey
    run martlet zkey contribute --zkey membership_0.zkey --output membership_1.zkey --name alice
    run martlet zkey contribute --zkey membership_1.zkey --output membership_2.zkey --name bob
    run martlet zkey beacon --zkey membership_2.zkey --output membership.zkey --beacon "$(printf 'the block of the day' | sha256sum | cut -c 1-64)"
    run martlet zkey verify --r1cs membership.r1cs --ptau pot14.ptau --zkey membership.zkey
    rm membership_?.zkey
    mkdir -p "$made" && cp membership.zkey pot14.ptau "$made/"
fi
note 'The powers of tau are of this machine; for anything of value take those of a public ceremony (docs/setup.md).'
run martlet export vkey --zkey membership.zkey --vkey membership.vkey.json

# --- a proof ----------------------------------------------------------------------------------------------------------

# Makes the witness of a vote: its name, the member, the vote.
vote() { run martlet example membership --member "$2" --topic 'best cake' --message "$3" --witness "$1.wtns"; }

headline 'A vote: proved, verified, counted'
vote vote-1 17 plum
run martlet prove --zkey membership.zkey --witness vote-1.wtns --proof vote-1.proof.json --public vote-1.public.json
run martlet verify --vkey membership.vkey.json --public vote-1.public.json --proof vote-1.proof.json

headline 'A forged vote: one value of the witness is changed'
# The secret is wire 5: behind 76 bytes of headers, five values of 32 bytes.
cp vote-1.wtns forged.wtns
printf '\x2a\x2a' | dd of=forged.wtns bs=1 seek=$((76 + 5 * 32)) conv=notrunc status=none
run_refused 2 martlet prove --zkey membership.zkey --witness forged.wtns --r1cs membership.r1cs \
    --proof forged.proof.json --public forged.public.json
[[ ! -e forged.proof.json ]] || fail 'there is a proof of a forged witness'

# --- a queue ----------------------------------------------------------------------------------------------------------

headline 'A queue: a directory, a worker, three more votes'
start_worker
vote vote-2 42 cherry
run martlet submit --queue spool:spool --zkey membership.zkey --witness vote-2.wtns --id vote-2 --wait
vote vote-3 17 cherry
run martlet submit --queue spool:spool --zkey membership.zkey --witness vote-3.wtns --id vote-3 --wait
vote vote-4 3 plum
sed -n '/^```sh$/,/^```$/p' "$root/docs/spool.md" | sed '1d;$d' >spool-submit
show sh spool-submit spool vote-4 "\$PWD/membership.zkey" vote-4.wtns
note "(no martlet in this one: the shell script of docs/spool.md)"
sh ./spool-submit "$PWD/spool" vote-4 "$PWD/membership.zkey" "$PWD/vote-4.wtns" >/dev/null
run martlet wait --queue spool:spool vote-4
status=0
stop_worker || status=$?
((status == 0)) || fail "the worker ended with $status"
good 'SIGTERM: the worker finished what it had, and stopped'

headline 'The count: all proofs in one batch, each nullifier once'
cp vote-1.proof.json proof-1.json && cp vote-1.public.json public-1.json
for number in 2 3 4; do
    cp "spool/done/vote-$number/proof.json" "proof-$number.json"
    cp "spool/done/vote-$number/public.json" "public-$number.json"
done
for number in 1 2 3 4; do printf 'proof-%d.json public-%d.json\n' "$number" "$number"; done >votes.list
run martlet verify --vkey membership.vkey.json --list votes.list
count=$(python3 "$root/deploy/demo/count.py" public-{1,2,3,4}.json) || fail 'the votes cannot be counted'
sed 's/^/     /' <<<"$count"
grep -q '^plum    2$' <<<"$count" && grep -q 'vote 3: this member has voted' <<<"$count" || fail 'the count is not 2 to 1'

headline 'On L1: a contract checks the first vote'
if [[ -n $python ]]; then
    run martlet export verifier --lang vyper --vkey membership.vkey.json --output membership.vy
    chain proof membership.vy vote-1.proof.json vote-1.public.json
else
    no_chain
fi

# --- a federation -----------------------------------------------------------------------------------------------------

source "$root/deploy/demo/federation.sh"

# --- what next --------------------------------------------------------------------------------------------------------

printf '\n%sDone%s in %d s. Everything is in %s:\n' "$bold" "$plain" "$SECONDS" "$folder"
cat <<TEXT
   membership.r1cs, .zkey, .vkey.json, .vy    the circuit, its keys, its contract
   vote-*.wtns, proof-*.json, public-*.json   the votes
   spool/                                     the queue, with each job's result.json
   federation/                                what the federation published
   worker.jsonl, warnings.log                 what the worker logged, what commands warned of

${bold}What next${plain}
   your own circuit   martlet prove --zkey YOURS.zkey --witness YOURS.wtns
   a service          martlet serve & martlet worker --queue http://127.0.0.1:8080
   your GPU           martlet devices
   your machine       martlet bench --suite groth16 --size 16
   install it         make install PREFIX=\$HOME/.local
   read on            docs/README.md
TEXT
