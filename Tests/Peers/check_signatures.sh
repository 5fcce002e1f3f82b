#!/usr/bin/env bash
# Asks a running service for a quote of every sample request, and verifies all that it keeps, by PyPI packages alone.
#
#   quote-service api-keys create --tenant peer > key
#   quote-service serve --port 8080 &
#   Tests/Peers/check_signatures.sh VENV http://127.0.0.1:8080 "$(cat key)"
#
# Installs the packages into the virtual environment VENV, which is made if there is none.
set -euo pipefail

venv=$1 url=$2 key=$3
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import joserfc, rfc8785' 2> /dev/null \
    || "$venv/bin/pip" install --quiet 'joserfc>=1.3,<2' 'rfc8785>=0.1,<1'
for request in "$here"/../../datasets/requests/*.json; do
    # Some requests cannot be met, which is an answer too.
    curl --silent --output /dev/null --request POST --header "Authorization: Bearer $key" \
        --header 'Content-Type: application/json' --data-binary "@$request" "$url/v1/quotes"
done
exec "$venv/bin/python" "$here/check_signatures.py" "$url" "$key"
