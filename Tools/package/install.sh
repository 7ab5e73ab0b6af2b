#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the command with its shell completions, manual pages and documents. Nothing is built or downloaded here.
#
#   Tools/package/install.sh PROGRAM PREFIX
#
# PROGRAM is a built martlet, PREFIX an absolute path. With DESTDIR in the environment everything goes below that folder, as
# packagers want it. The files bin/martlet, share/man/man1/martlet*.1, share/bash-completion, share/zsh, share/fish and
# share/doc/martlet are all that is written.
set -euo pipefail

fail() {
    printf 'install: %s\n' "$*" >&2
    exit 2
}

if (($# != 2)); then
    sed -n '3,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
[[ $2 == /* ]] || fail "PREFIX must be an absolute path, and '$2' is not: did you mean $PWD/$2?"
[[ -f $1 && -x $1 ]] || fail "$1 is not a program"
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath -- "$1")
readonly tools program target=${DESTDIR:-}${2%/}
readonly doc=$target/share/doc/martlet man=$target/share/man/man1

scratch=$(mktemp -d "${TMPDIR:-/tmp}/martlet-install.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# All texts are made before anything is installed: a program that cannot tell them is not installed at all.
version=$("$program" --version 2>/dev/null </dev/null) || version=
[[ $version =~ ^[0-9]+(\.[0-9]+)+[^[:space:]]*$ ]] || fail "$program is not martlet: it does not tell a version of martlet's"
for shell in bash zsh fish; do
    "$program" --generate-completion-script "$shell" >"$scratch/$shell" 2>/dev/null &&
        grep -q martlet "$scratch/$shell" || fail "$program is not martlet: it has no completions for $shell"
done
"$program" --experimental-dump-help >"$scratch/help.json" 2>/dev/null &&
    grep -q '"commandName" *: *"martlet"' "$scratch/help.json" || fail "$program is not martlet: it does not describe its commands"
python3 "$tools/manual.py" "$scratch/man" --version "$version" --date "${MARTLET_RELEASE_DATE:-}" <"$scratch/help.json"
python3 "$tools/documents.py" "$tools/../.." "$scratch/doc"

install -d "$target/bin" "$man" "$doc"
# By a rename, so that a worker that runs the old program goes on with it.
install -m 755 "$program" "$target/bin/.martlet.new"
mv -f "$target/bin/.martlet.new" "$target/bin/martlet"
rm -f "$man"/martlet.1 "$man"/martlet-*.1
install -m 644 "$scratch"/man/*.1 "$man/"
install -D -m 644 "$scratch/bash" "$target/share/bash-completion/completions/martlet"
install -D -m 644 "$scratch/zsh" "$target/share/zsh/site-functions/_martlet"
install -D -m 644 "$scratch/fish" "$target/share/fish/vendor_completions.d/martlet.fish"
while IFS= read -r -d '' file; do
    install -D -m 644 "$scratch/doc/$file" "$doc/$file"
done < <(cd "$scratch/doc" && find . -type f -print0)

printf 'martlet %s is in %s, with %d manual pages and completions for bash, zsh and fish\n' \
    "$version" "$target/bin" "$(find "$scratch/man" -name '*.1' | wc -l)"
