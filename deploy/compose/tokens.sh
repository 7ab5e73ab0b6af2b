#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in the container `tokens`: one token for the worker, one for Prometheus and one for the operator, each made once.
# Read the operator's with: podman compose -f deploy/compose/compose.yaml run --rm --entrypoint cat tokens /tokens/operator
#
# Not tried: there was no container engine where it was written. deploy/check.sh checks its syntax.
set -eu

make_token() { # FILE ROLE OWNER
    if [ ! -s "/tokens/$1" ]; then
        umask 077
        martlet token create --store-file /run/secrets/store-url --role "$2" >"/tokens/$1.new"
        chown "$3" "/tokens/$1.new"
        mv "/tokens/$1.new" "/tokens/$1"
    fi
}

make_token worker worker 10001
# Prometheus runs as nobody.
make_token prometheus metrics 65534
make_token operator operator 0
