#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the command with its shell completions and manual pages. Nothing is built or downloaded here.
#
#   Tools/package/install.sh PROGRAM PREFIX
#
# PROGRAM is a built martlet. With DESTDIR in the environment everything goes below that folder, as packagers want it. The
# files bin/martlet, share/man/man1/martlet*.1, share/bash-completion, share/zsh, share/fish and share/doc/martlet are all that
# is written.
set -euo pipefail

if (($# != 2)) || [[ $2 != /* ]]; then
    sed -n '3,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$(realpath -- "$1")
readonly tools program target=${DESTDIR:-}${2%/}
readonly doc=$target/share/doc/martlet man=$target/share/man/man1

version=$("$program" --version)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/martlet-install.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# All texts are made before anything is installed: a program that cannot tell them is not installed at all.
for shell in bash zsh fish; do
    "$program" --generate-completion-script "$shell" >"$scratch/$shell"
done
"$program" --experimental-dump-help |
    python3 "$tools/manual.py" "$scratch/man" --version "$version" --date "${MARTLET_RELEASE_DATE:-}"

install -d "$target/bin" "$man" "$doc"
# By a rename, so that a worker that runs the old program goes on with it.
install -m 755 "$program" "$target/bin/.martlet.new"
mv -f "$target/bin/.martlet.new" "$target/bin/martlet"
rm -f "$man"/martlet.1 "$man"/martlet-*.1
install -m 644 "$scratch"/man/*.1 "$man/"
install -D -m 644 "$scratch/bash" "$target/share/bash-completion/completions/martlet"
install -D -m 644 "$scratch/zsh" "$target/share/zsh/site-functions/_martlet"
install -D -m 644 "$scratch/fish" "$target/share/fish/vendor_completions.d/martlet.fish"
install -m 644 "$tools/../../LICENSE" "$tools/../../README.md" "$tools/../../CHANGELOG.md" "$doc/"

printf 'martlet %s is in %s, with %d manual pages and completions for bash, zsh and fish\n' \
    "$version" "$target/bin" "$(find "$scratch/man" -name '*.1' | wc -l)"
