# SPDX-License-Identifier: Apache-2.0
# What the parts of the demonstration share; sourced, not run.

# Colour on a terminal only (https://no-color.org).
if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    bold=$'\033[1m' dim=$'\033[2m' cyan=$'\033[36m' green=$'\033[32m' red=$'\033[31m' plain=$'\033[0m'
else
    bold='' dim='' cyan='' green='' red='' plain=''
fi

part=0
headline() {
    part=$((part + 1))
    printf '\n%s%d  %s%s\n' "$bold" "$part" "$*" "$plain"
}
# A sentence for the reader.
say() { printf '   %s\n' "$*"; }
note() { printf '   %s%s%s\n' "$dim" "$*" "$plain"; }
good() { printf '   %s✓%s %s\n' "$green" "$plain" "$*"; }
fail() {
    printf '   %s✗ %s%s\n' "$red" "$*" "$plain"
    exit 1
}

# The command line as one would type it.
show() {
    local word line=''
    for word in "$@"; do
        if [[ $word == *[!A-Za-z0-9_./:=,@+\&\$-]* ]]; then word="'$word'"; fi
        line+=" $word"
    done
    printf '   %s$%s%s\n' "$cyan" "$line" "$plain"
}

# What a command printed, set off, in lines that fit a terminal.
set_off() { LC_ALL=C.UTF-8 sed 's/^/     /; s/^\(.\{118\}\)..*/\1…/' "$@"; }

# Shows and runs a command. What it warns of goes to warnings.log, and is shown where it fails.
run() {
    show "$@"
    local status=0
    "$@" 2>errors.txt >output.txt </dev/null || status=$?
    cat errors.txt >>warnings.log
    if ((status == 0)); then
        { grep -v '^\*\*\|^martlet: warning' errors.txt || true; } | set_off
    else
        set_off errors.txt
    fi
    set_off output.txt
    ((status == 0)) || fail "exit code $status"
}

# Shows and runs a command that has to end with the exit code given first, and shows why it did.
run_refused() {
    local expected=$1 status=0
    shift
    show "$@"
    "$@" 2>errors.txt >output.txt </dev/null || status=$?
    sed 's/^/     /' errors.txt output.txt
    ((status == expected)) || fail "exit code $status, not $expected"
    good "refused, exit code $status"
}

worker=''
start_worker() {
    show martlet worker --queue spool:spool '&'
    martlet worker --queue spool:spool --log-format json >>worker.jsonl 2>&1 </dev/null &
    worker=$!
    sleep 1
    kill -0 "$worker" 2>/dev/null || { worker=''; cat worker.jsonl; fail 'the worker did not start'; }
}

# Asks the worker to finish what it has, and waits for it.
stop_worker() {
    local status=0 waited=0 pid=$worker
    [[ -n $pid ]] || return 0
    worker=''
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null && ((waited < 600)); do
        sleep 0.1
        waited=$((waited + 1))
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" || status=$?
    return "$status"
}
