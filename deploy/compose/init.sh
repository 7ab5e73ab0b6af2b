#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the secrets that compose.yaml reads, where they are missing. They stay on this machine and out of git.
#
# Tried: run twice; the second time changes nothing.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077
mkdir -p secrets

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

[[ -s secrets/postgres-password ]] || random >secrets/postgres-password
[[ -s secrets/grafana-password ]] || random >secrets/grafana-password
[[ -s secrets/store-url ]] ||
    printf 'postgres://martlet:%s@postgres:5432/martlet\n' "$(<secrets/postgres-password)" >secrets/store-url

# Compose gives files to containers as they are: the users in there (coordinator 10001, Grafana 472) must read them. The
# folder keeps everybody else of this machine out.
chmod 0700 secrets
chmod 0444 secrets/*
echo "init: secrets are in $PWD/secrets"
