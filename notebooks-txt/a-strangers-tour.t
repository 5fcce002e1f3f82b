A stranger's tour
=================

A notebook in plain text: indented lines that begin with $ are commands, and what
they print stands below them. `make notebooks` runs them all and compares.

From an empty folder to an agreement that anybody can verify, with nothing but the
service's commands and curl. The operator loads the catalogue, gives an application a
key, examines what there is, and starts the service.

  $ quote-service import folder "$DATASETS" 2>&1 | grep catalog
  catalog.jsonl: 471 catalog rows: 471 added, 0 replaced, 0 unchanged
  $ key=$(quote-service api-keys create --tenant acme --scopes quotes:read,quotes:write --name tour)
  $ quote-service doctor | grep -E '^ok +(database|audit log|catalogue)'
  ok       database     pages and references hold; 0 quotes
  ok       audit log    1 lines, each follows the one before
  ok       catalogue    471 offers, 471 of them from 15 certified providers
  $ export FLASHBACK_PORT=18432
  $ quote-service serve --notice-seconds 0 2> log &
  $ url=http://127.0.0.1:$FLASHBACK_PORT
  $ curl --silent --retry 50 --retry-connrefused --retry-delay 1 $url/readyz
  ready


A quote
-------

The application says what it needs. A call with an Idempotency-Key may be repeated:
it has one effect and one answer.

  $ ask() { curl --silent --header "Authorization: Bearer $key" "$@"; }
  $ part() { grep -o "\"$1\":\"[^\"]*\"" "$2" | head -1 | cut -d'"' -f4; }
  $ order() {
  >   ask "$url/v1/quotes" --header "Idempotency-Key: tour-1" --header "Content-Type: application/json" \
  >     --data @"$DATASETS/requests/small-app.json" --output "$1" --write-out '%{http_code}\n'
  > }
  $ order quote.json
  201
  $ order again.json
  201
  $ state() { grep -o '"state":"[a-z]*"' "$1" | tail -1 | cut -d'"' -f4; }
  $ cmp quote.json again.json && state quote.json
  open

Without a key nobody learns anything about it, and a field that does not exist is
named.

  $ id=$(part id quote.json)
  $ curl --silent --output problem.json --write-out '%{http_code} %{content_type}\n' "$url/v1/quotes/$id"
  401 application/problem+json
  $ ask "$url/v1/quotes" --data '{"storage": {"size": 5}}' | grep -o '"pointer":"/storage/size"'
  "pointer":"/storage/size"


An agreement
------------

Accepting holds capacity and credit, and makes the quote an SLA. It cannot be
declined any more.

  $ ask --request POST "$url/v1/quotes/$id/accept" --output accepted.json --write-out '%{http_code}\n'
  200
  $ state accepted.json
  accepted
  $ ask --request POST "$url/v1/quotes/$id/decline" --output problem.json --write-out '%{http_code}\n'
  409
  $ ask "$url/v1/slas/$id" --output sla.json --write-out '%{http_code}\n'
  200
  $ state sla.json
  accepted

What was promised is signed. Whoever has the published keys can check it; of a
document in which one digit was changed they learn that, too.

  $ curl --silent "$url/.well-known/jwks.json" --output jwks.json
  $ quote-service verify accepted.json --keys jwks.json
  verified: key .* signed exactly this document (re)
  $ sed -E 's/("total":"[0-9]+\.[0-9])[0-9]/\17/; t; s/("total":"[0-9]+)/\19/' accepted.json > forged.json
  $ quote-service verify forged.json --keys jwks.json
  error: .* (re)
  [1]

Every step is in the log, each line of which carries the hash of the one before.

  $ quote-service audit list | cut -d' ' -f5- | sed -E "s/$id/ID/; s/ [a-z0-9]{8,}$/ KEY/; s#acme/[a-z0-9]+#acme/KEY#"
  machine  key.created  KEY
  acme/KEY  quote.open  ID
  acme/KEY  quote.accepted  ID
  $ quote-service audit verify | head -1
  intact: 3 lines
  $ kill %1; wait %1
