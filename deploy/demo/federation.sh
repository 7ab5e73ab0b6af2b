# SPDX-License-Identifier: Apache-2.0
# The second half of the demonstration, sourced by demo.sh: three clients learn to read handwritten digits, each proves its updates, one cheats and
# is caught, each round is proved, the clients' proofs among it, and everything is rechecked from the published files.
#
# One client proves by itself, the others and the rounds by a worker on a spool directory. Every client has 64 images and uses all of them in each
# round, and the first model is zero, so all runs have the same accuracy.

readonly rounds=6 cheats=3
# What a processor-hour costs, for the cost of a proof.
readonly usd_per_core_hour=${MARTLET_DEMO_USD_PER_CORE_HOUR:-0.04}

headline 'A federation: three clients learn to read digits, and show nobody their data'
# Pixels of 0 to 16 become −5/8 to 11/8. The last 397 images are for the test.
python3 - "$root/Tests/Vectors/digits/digits.csv.gz" <<'PYTHON'
import gzip, random, sys
rows = [[int(cell) for cell in line.split(",")] for line in gzip.open(sys.argv[1], "rt")]
random.Random(7).shuffle(rows)
lines = [",".join(str((pixel - 5) / 8) for pixel in row[:64]) + f",{row[64]}\n" for row in rows]
for index, name in enumerate(("ann", "bob", "cem")):
    with open(f"{name}.csv", "w") as file:
        file.writelines(lines[64 * index:64 * index + 64])
with open("test.csv", "w") as file:
    file.writelines(lines[-397:])
PYTHON
cp "$root/deploy/demo/digits-task.json" task.json
# The keys are made from this process (--insecure-dev), and kept as long as the task and the program are the same.
made=keys/$(cat "$program" task.json | sha256sum | cut -c 1-16)
if [[ -f $made/wrap.zkey ]]; then
    run martlet fl init federation --task task.json --insecure-dev --keys "$made"
else
    run martlet fl init federation --task task.json --insecure-dev
    mkdir -p "$made" && cp federation/*.zkey "$made/"
fi
note 'Keys for development: whoever made them could forge. docs/setup.md has the way to keys of a ceremony.'
for name in ann bob cem; do
    run martlet fl identity "$name" --federation federation --data "$name.csv" --name "$name"
done
run martlet fl register federation {ann,bob,cem}/registration.json
run martlet fl start federation

start_worker

seconds=()
# Arguments: client, round, options. What `fl train` tells is kept in train.json.
train() {
    local name=$1 round=$2 status=0
    shift 2
    show martlet fl train "$name" --federation federation --output "$name-$round.json" "$@"
    martlet fl train "$name" --federation federation --output "$name-$round.json" --json "$@" \
        >train.json 2>errors.txt || status=$?
    ((status == 0)) || { cat errors.txt; fail "exit code $status"; }
    seconds+=("$(python3 -c 'import json; print(json.load(open("train.json"))["proveSeconds"])')")
}

for ((round = 1; round <= rounds; round++)); do
    headline "Round $round"
    train ann "$round"
    train bob "$round" --queue spool:spool
    train cem "$round" --queue spool:spool
    if ((round == cheats)); then
        say 'cem turns the signs of its update around, and keeps the proof:'
        python3 - "cem-$round.json" <<'PYTHON'
import json, sys
update = json.load(open(sys.argv[1]))
update["entries"] = [-entry for entry in update["entries"]]
json.dump(update, open(sys.argv[1], "w"))
PYTHON
    fi
    run martlet fl round federation "ann-$round.json" "bob-$round.json" "cem-$round.json" --queue spool:spool
    if ((round == cheats)); then
        grep -q "^refused cem-$round.json: the proof does not hold" output.txt || fail 'the cheater was not caught'
        grep -q '2 updates taken, 1 refused' output.txt || fail 'the honest updates were not taken'
        good 'the forged update is refused, the others are taken'
    fi
done
stop_worker || fail 'the worker did not end well'

headline 'Anyone can recheck it all, and see what was learned'
run martlet fl verify federation
run martlet fl log federation --data test.csv
martlet fl log federation --data test.csv --json >log.json
python3 - <<'PYTHON' || fail 'the accuracy does not climb'
import json, sys
values = [entry["accuracy"] for entry in json.load(open("log.json"))]
for number, value in enumerate(values):
    print(f"     {number}  {'█' * round(40 * value):<40}  {100 * value:.0f} %")
sys.exit(any(later <= earlier for earlier, later in zip(values, values[1:])))
PYTHON
good 'the accuracy climbs with every round'

headline 'On L1: a contract follows the rounds'
if [[ -n $python ]]; then
    run martlet fl contract federation --output round.vy
    chain rounds round.vy federation
else
    no_chain
fi
python3 - "$usd_per_core_hour" "$(nproc)" "${seconds[@]}" <<'PYTHON'
import sys
price, cores, times = float(sys.argv[1]), int(sys.argv[2]), [float(text) for text in sys.argv[3:]]
mean = sum(times) / len(times)
# All processors for the whole time, which is more than was used.
print(f"   {len(times)} updates were proved, each in {mean:.2f} s on {cores} processors with the queue's wait:")
print(f"   at most {mean * cores / 3600 * price * 100:.4f} US cents a proof, at {price} USD for a processor's hour.")
PYTHON
