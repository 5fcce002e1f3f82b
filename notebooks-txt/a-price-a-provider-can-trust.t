A price a provider can trust
============================

A notebook in plain text: indented lines that begin with $ are commands, and what
they print stands below them. `make notebooks` runs them all and compares. Prices
are the list prices of the catalogue; costs are assumptions and quotes are made up,
see `datasets/README.md`.

Hetzner sells object storage in three places. What should it charge in Falkenstein,
and how would anybody know?

  $ quote-service import folder "$DATASETS" --at 2026-11-22T12:00:00Z >/dev/null 2>&1
  $ ask() { pricing-advisor "$@" --provider hetzner --offer hetzner/fsn1/object-storage --at 2026-11-22T12:00:00Z; }
  $ for name in small-app media-archive-eu regulated-data backup-archive; do
  >   tr -d '\n' < "$DATASETS/requests/$name.json"; echo
  > done > requests.jsonl
  $ advise() { ask advise --requests requests.jsonl "$@"; }


Without costs and without quotes
--------------------------------

Much can be told from the listing alone: where the offer stands, and up to which price
it wins what, as the optimizer itself decides. A price cannot, and it says why.

  $ advise > bare; sed -n '/^ADVICE/,/^$/p' bare


With costs and a history
------------------------

The cost file says what a gigabyte costs; the history says how often users accept what
they are quoted. Hetzner has enough quotes of
its own to stand alone.

  $ costs="$DATASETS/costs/hetzner.json"; quotes="$DATASETS/quotes-sample.csv"
  $ informed() { advise --costs "$costs" --quotes "$quotes" --monthly-requests 40 "$@"; }
  $ informed > told; sed -n '/^ADVICE/,/^$/p' told

The truth behind the made-up history is that a quote at its user's reference total is
accepted half of the time, and that the odds fall by e for each sixth above.

  $ informed --json > told.json
  $ grep -E '"(ownQuotes|status|objective)"' told.json

Two prices of the provider's own choosing, for comparison. Such questions are counted:
they are a means to decide, not to sound out rivals.

  $ informed --what-if 0.0055 --what-if 0.0065 | grep '  at 0.00'
  $ informed $(seq -f '--what-if 0.00%02g' 1 19) | head -3


Into the bucket
---------------

The platform's document of the bucket turns the advice into a contract's arguments.
Nothing is applied; a locked bucket cannot be changed at all.

  $ cat > bucket.json <<END
  > {"provider_id": "GABC", "bucket_id": "12", "region": "fsn1", "price_per_gb_storage": "59900",
  >  "price_per_gb_egress": 0, "sla_avg_latency_ms": 60, "sla_avg_uptime_pct": 99900000, "locked": false}
  > END
  $ informed --bucket bucket.json | sed -n '/for bucket/,/sla_avg_uptime_pct/p'
  $ sed -i 's/false/true/' bucket.json; informed --bucket bucket.json | grep -A1 'locked by'


What moved the price
--------------------

Next month bandwidth costs ten times as much. The earlier document tells what moved.

  $ informed --json > before.json
  $ sed 's/0.0004 EUR/0.0040 EUR/' "$costs" > dearer.json
  $ advise --costs dearer.json --quotes "$quotes" --monthly-requests 40 --previous before.json | grep -A1 '^  since'


The record
----------

Every answer was recorded, each record with the hash of the one before.

  $ pricing-advisor audit verify
  $ sed -i '2s/hetzner/wasabi/' pricing-audit.jsonl; pricing-advisor audit verify; echo "exit code $?"


What happens when it is followed
--------------------------------

In a market that is made up, the truth is known: what users would have accepted at every
price, and so what the best price would have been. The advisor is given the quotes alone,
and is judged; then everybody follows it, round after round.

  $ simulate() { pricing-advisor simulate --scenario "$DATASETS/scenarios/logit.json" "$@"; }
  $ simulate --replications 4 --rounds 12 --draws 50 > judged; cat judged
