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
  ADVICE for hetzner/fsn1/object-storage
    aim: the most profit; prices in USD per GB and month
    no price is advised:
    - your costs are not known, and no aim can be weighed without them: name a
        file by --costs
    Measured in 4 periods of 30 days: 196 ms and 99.975% uptime on average; an
      uptime of 99% in 0, 99.5% in 0, 99.9% in 0, 99.95% in 0, 99.99% in 2 of them
      would have been broken.
    No promise is on a contract: name the bucket by --bucket, or uptimes by
      --uptime.
  


With costs and a history
------------------------

The cost file says what a gigabyte costs; the history says how often users accept what
they are quoted. Hetzner has enough quotes of its own to stand alone.

  $ cp "$DATASETS/costs/hetzner.json" costs.json; cp "$DATASETS/quotes-sample.csv" quotes.csv
  $ informed() { advise --costs costs.json --quotes quotes.csv --monthly-requests 40 "$@"; }
  $ informed > told; sed -n '/^ADVICE/,/^$/p' told
  ADVICE for hetzner/fsn1/object-storage
    aim: the most profit; prices in USD per GB and month
    recommended          0.004629   listed 0.006364 (-27.3%)
    90% interval         0.004629 … 0.004629 (one step)
    98% of the best      0.004493 … 0.004629
    a month                         listed     recommended
    profit, USD                   13353.76        81959.91
    of it, other offers            1261.72            0.00
    revenue, USD                  14259.89       102639.80
    quoted, of requests              33.3%           66.7%
    acceptance                       84.6%           79.8%
    stored                         2.24 PB         22.2 PB
    utilisation                   no limit        no limit
    hold until 2026-11-28 if nothing sells: so long without a sale would be
      improbable at this price
    Measured in 4 periods of 30 days: 196 ms and 99.975% uptime on average; an
      uptime of 99% in 0, 99.5% in 0, 99.9% in 0, 99.95% in 0, 99.99% in 2 of them
      would have been broken.
    No promise is on a contract: name the bucket by --bucket, or uptimes by
      --uptime.
    marginal cost 0.000857, full cost 0.001951 with the hardware, fee and expected
      forfeits included
    These costs are ASSUMED by costs.json, not the provider's own: name yours by
      --costs.
  

The truth behind the made-up history is that a quote at its user's reference total is
accepted half of the time, and that the odds fall by e for each sixth above.

  $ informed --json > told.json
  $ grep -E '"(ownQuotes|status|objective)"' told.json
        "ownQuotes": 440,
      "objective": "profit",
      "status": "recommended",

Two prices of the provider's own choosing, for comparison. Such questions are counted:
they are a means to decide, not to sound out rivals.

  $ informed --what-if 0.0055 --what-if 0.0065 | grep '  at 0.00'
    at 0.005500: profit 12430.81 USD, acceptance 86.2%, 2.73 PB
    at 0.006500: profit 12514.57 USD, acceptance 84.3%, 1.8 PB
  $ informed $(seq -f '--what-if 0.00%02g' 1 19) | head -3
  error: at most 20 prices may be asked about in any hour; ask again at 2026-11-22T13:00:00Z


Into the bucket
---------------

The platform's document of the bucket turns the advice into a contract's arguments.
Nothing is applied; a locked bucket cannot be changed at all.

  $ cat > bucket.json <<END
  > {"provider_id": "GABC", "bucket_id": "12", "region": "fsn1", "price_per_gb_storage": "59900",
  >  "price_per_gb_egress": 0, "sla_avg_latency_ms": 250, "sla_avg_uptime_pct": 99900000, "locked": false}
  > END
  $ informed --bucket bucket.json | sed -n '/for bucket/,/sla_avg_uptime_pct/p'
    for bucket 12, to be signed by you; nothing is applied:
      update_bucket_conditions
        provider_id             GABC
        bucket_id               12
        name                    unchanged
        region                  unchanged
        price_per_gb_storage    46290
        price_per_gb_egress     unchanged
        sla_avg_latency_ms      unchanged
        sla_avg_uptime_pct      unchanged
  $ sed -i 's/false/true/' bucket.json; informed --bucket bucket.json | grep -A1 'locked by'
    bucket 12 is locked by a deal: its conditions cannot be changed; unlock it, or
      wait until the deal ends


What moved the price
--------------------

A price at a step holds while costs move: what is won below it is worth more. Let bandwidth cost twenty times as much.
The earlier document tells what moved.

  $ informed --json > before.json
  $ sed 's/0.0004 EUR/0.0080 EUR/' costs.json > dearer.json
  $ advise --costs dearer.json --quotes quotes.csv --monthly-requests 40 --previous before.json > after
  $ grep -A1 '^  since' after; grep '^  recommended' after
    since 2026-11-22, when it was 0.004629: cost +0.000000, rivals and requests
      +0.000000, quality and promise +0.000000, capacity +0.000000
    recommended          0.004629   listed 0.006364 (-27.3%)

At forty times as much, data that pays in another of the provider's regions at its listed price is not worth winning here.

  $ sed 's/0.0004 EUR/0.0160 EUR/' costs.json > dearer.json
  $ advise --costs dearer.json --quotes quotes.csv --monthly-requests 40 | grep -A2 'no price is advised'
    no price is advised:
    - what this offer would win is taken from your other offers, which earn more
        with it at every price


The record
----------

Every answer was recorded, each record with the hash of the one before.

  $ pricing-advisor audit verify
  11 records, each follows the one before
  head sha256:* (glob)
  $ sed -i '2s/hetzner/wasabi/' pricing-audit.jsonl; pricing-advisor audit verify; echo "exit code $?"
  pricing-audit.jsonl: line 2: its hash is not that of its contents: it was changed after it was written; nothing from here on can be relied on
  exit code 1


What happens when it is followed
--------------------------------

In a market that is made up, the truth is known: what users would have accepted at every
price, and so what the best price would have been. The advisor is given the quotes alone,
and is judged; then everybody follows it, round after round.

  $ simulate() { pricing-advisor simulate --scenario "$DATASETS/scenarios/logit.json" "$@"; }
  $ simulate --replications 4 --rounds 12 --draws 50 > judged; grep -A3 '^  regret' judged
    regret                               0.65%  at most 3%        met
      of cost-plus                      15.42%
      of match-the-median               25.35%
      of the posted price               16.14%
  $ grep '20% lower' judged
    price, own cost 20% lower          -1*%  falls             met (glob)
    prices, all costs 20% lower        -1*%  fall              met (glob)

Four markets tell regret well; intervals and the index of collusion need the scenario's
own number of replications, which takes some minutes.
