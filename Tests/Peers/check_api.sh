#!/usr/bin/env bash
# Calls every route of a running service with generated requests, valid and not, and holds every answer against
# /openapi.json: the PyPI package schemathesis with all of its checks.
#
#   quote-service api-keys create --tenant peer --scopes quotes:read,quotes:write,settlements:write,… > key
#   quote-service serve --port 8080 &
#   Tests/Peers/check_api.sh VENV http://127.0.0.1:8080 "$(cat key)" [EXAMPLES] [further arguments]
#
# Installs the package into the virtual environment VENV, which is made if there is none. The database is changed: catalogue
# and registers are written to, so take a copy. EXAMPLES is how many requests to generate for each operation.
set -euo pipefail

venv=$1 url=$2 key=$3 examples=${4:-100}
shift $(($# < 4 ? $# : 4))
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
[ -x "$venv/bin/schemathesis" ] || "$venv/bin/pip" install --quiet 'schemathesis>=4,<5'
exec "$venv/bin/schemathesis" --config-file "$here/schemathesis.toml" run "$url/openapi.json" \
    --header "Authorization: Bearer $key" --checks all --max-examples "$examples" --no-color "$@"
