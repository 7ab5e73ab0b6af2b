#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks what is in deploy/ as far as the tools of this machine go, without network. What is missing is said and skipped.
#
#   deploy/check.sh            exit 0: nothing that was checked is wrong
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d "${TMPDIR:-/tmp}/martlet-check.XXXXXX")
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1

say() { printf 'deploy: %s\n' "$*"; }
skip() { say "SKIPPED: $1 ($2 is not installed)"; }
have() { command -v "$1" >/dev/null; }

# The project's own environment has the packages where the system's Python does not.
python=python3
if ! python3 -c 'import yaml' 2>/dev/null && [[ -x ../.build-venv/bin/python ]]; then
    python=$(cd .. && pwd)/.build-venv/bin/python
fi

while IFS= read -r -d '' script; do
    case $(head -n 1 "$script") in
        # What has no first line of its own is a part of a script in bash.
        *bash | '# '*) bash -n "$script" ;;
        *) sh -n "$script" ;;
    esac
done < <(find . -name '*.sh' -print0)
say 'shell scripts: syntax is right'

# The demonstration removes what it finds in its folder, so it has to be one that it made.
mkdir "$work/thesis"
touch "$work/thesis/chapter"
status=0
MARTLET=$(type -P true) MARTLET_DEMO=$work/thesis demo/demo.sh 2>/dev/null || status=$?
if ((status != 2)) || [[ ! -e $work/thesis/chapter ]]; then
    say 'demo/demo.sh: a folder that it did not make is not refused'
    exit 1
fi
say 'demo: a folder that it did not make is refused'

if "$python" -c 'import yaml' 2>/dev/null; then
    "$python" check_files.py "$work/dashboard.yml"
    "$python" render_chart.py
else
    skip 'YAML files, compose file, chart' PyYAML
fi

if have helm; then
    helm lint --strict helm/martlet
    helm template release helm/martlet --set autoscaling.enabled=true >/dev/null
else
    skip 'the chart with helm itself' helm
fi

if have promtool; then
    promtool check config --syntax-only compose/prometheus/prometheus.yml
    promtool check rules compose/prometheus/alerts.yml
    promtool test rules compose/prometheus/alerts_test.yml
    if [[ -s $work/dashboard.yml ]]; then promtool check rules "$work/dashboard.yml"; fi
else
    skip 'alarms and queries of Prometheus' promtool
fi

if have systemd-analyze; then
    for unit in systemd/*.service; do
        # The program is not installed where this runs: any other will do.
        sed 's|/usr/bin/martlet|/bin/true|' "$unit" >"$work/$(basename "$unit")"
    done
    # What the verifier finds wrong it prints; it does not always fail.
    for unit in "$work"/*.service; do
        found=$(systemd-analyze verify --man=no "$unit" 2>&1) || { say "$found"; exit 1; }
        if [[ $found == *"$(basename "$unit")"* ]]; then
            say "$found"
            exit 1
        fi
    done
    say 'systemd units: verified'
else
    skip 'systemd units' systemd-analyze
fi

if "$python" -c 'import openapi_spec_validator' 2>/dev/null; then
    "$python" -m openapi_spec_validator ../Sources/CCoordinatorPages/openapi.json
else
    skip 'the OpenAPI document against its schema' openapi-spec-validator
fi

# An engine without the compose command says so by itself.
if have docker && docker compose version >/dev/null 2>&1; then
    docker compose -f compose/compose.yaml config --quiet
else
    skip 'the compose file with an engine' 'docker compose'
fi
say 'clean'
