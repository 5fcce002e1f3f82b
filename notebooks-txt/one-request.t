Where should a media archive lie?
=================================

A notebook in plain text: indented lines that begin with $ are commands, and what
they print stands below them. `make notebooks` runs them all and compares. Prices
are the list prices of the catalogue in `datasets/`.

An editor in Europe keeps 50 TB of video. It grows by one percent a month; readers
in two regions fetch 3 TB of it a month. What is asked for stands in one file.

  $ cat "$DATASETS/requests/media-archive-eu.json"
  {
    "user": "u00561",
    "storage": {"logicalGB": "50000", "meanObjectMB": "250", "monthlyGrowth": "0.01"},
    "term": {"start": "2026-12-01", "months": 12},
    "traffic": [
      {"region": "eu-west", "egressGB": "2000", "reads": 9000, "writes": 2500},
      {"region": "eu-central", "egressGB": "1000", "reads": 4500, "writes": 0}
    ],
    "redundancy": {"scheme": "auto", "tolerate": {"providers": 1, "regions": 1}},
    "qos": {"availability": "0.9999", "latencyMs": 100, "uploadMBps": 10, "downloadMBps": 20},
    "budget": {"amount": "900.00", "asset": "USD", "per": "month"},
    "eligibility": {"jurisdictions": ["EU"], "certifications": ["ISO27001"], "features": ["versioning"], "api": "s3"},
    "diversification": {"minProviders": 2},
    "preference": {"recommended": "0.03"}
  }

  $ quote-service import folder "$DATASETS" --at 2026-11-22T12:00:00Z 2>&1 | grep catalog
  catalog.jsonl: 471 catalog rows: 471 added, 0 replaced, 0 unchanged
  $ request="$DATASETS/requests/media-archive-eu.json"
  $ allocate() { quote-service allocate --at 2026-11-22T12:00:00Z "$@"; }
  $ vary() { "$TESTDIR/vary" "$request" "$@"; }


The answer
----------

Of all that is for sale, few offers may serve this request; of those the optimizer
finds the cheapest division of the data and proves that no other is cheaper. What
is achieved stands beside what was asked.

  $ allocate --request "$request"
  optimal: 7131.92 USD for the term, proven cheapest
  
  Legs (volumes of the first month)
    offer                                  stored  egress/month  reads/month        cost
    aws/eu-north-1/s3-one-zone-ia         5.00 TB       0.00 GB            0  590.82 USD
    aws/eu-south-2/s3-one-zone-ia         5.00 TB       0.00 GB            0  590.82 USD
    hetzner/fsn1/object-storage           5.00 TB      300.0 GB       13,500  450.27 USD
    hetzner/hel1/object-storage           5.00 TB      300.0 GB       13,500  450.27 USD
    hetzner/nbg1/object-storage           5.00 TB       0.00 GB            0  450.27 USD
    ovh/de/object-storage-standard-1-az   5.00 TB      300.0 GB       13,500  466.52 USD
    ovh/gra/object-storage-standard-1-az  5.00 TB      300.0 GB       13,500  466.52 USD
    ovh/rbx/object-storage-standard-1-az  5.00 TB      300.0 GB       13,500  466.52 USD
    ovh/sbg/object-storage-standard-1-az  5.00 TB      300.0 GB       13,500  466.52 USD
    scaleway/fr-par/standard-one-zone     5.00 TB       0.00 GB            0  566.90 USD
    wasabi/eu-central-1/hot-payg          5.00 TB      300.0 GB       13,500  506.66 USD
    wasabi/eu-central-2/hot-payg          5.00 TB      300.0 GB       13,500  506.66 USD
    wasabi/eu-south-1/hot-payg            5.00 TB      300.0 GB       13,500  506.66 USD
    wasabi/eu-west-2/hot-payg             5.00 TB      300.0 GB       13,500  506.66 USD
    all of the data as (10, 14) erasure code
  
  Asked and achieved
                                         asked   achieved
    availability                        0.9999  0.9999972
    durability                               –  8.2 nines
    latency from eu-west                100 ms    17.6 ms
    latency from eu-central             100 ms    13.2 ms
    providers that may be lost               1          1
    regions that may be lost                 1          2
    cost per month              at most 900.00     627.35
    hetzner, ovh, scaleway promise no availability: the operator's assumption of
    it is used
  
  Offers: 50 eligible, 421 not (355 jurisdiction, 216 unpublished-price, 95 api)
  
  Where the time goes
    writing the model down * ms (glob)
    searching for placements * ms (glob)
    linear programs over shares * ms (glob)
    independent check * ms (glob)
    1 nodes, 1 linear programs, 8 placements priced in

A case that is small enough can be written out whole, as one program over all
placements. Here it is given the offers of one provider, and agrees.

  $ grep '"provider":"ovh"' "$DATASETS/catalog.jsonl" > ovh.jsonl
  $ vary redundancy='{"scheme": "erasure", "data": 2, "parity": 1}' diversification= \
  >   | allocate --request - --catalog ovh.jsonl --reference | head -1
  the enumeration agrees: optimal, 7137.856163671157
  optimal: 7137.85 USD for the term, proven cheapest


Before and after
----------------

Before, all of it lies with one provider: one bucket of Amazon S3 Standard in
Ireland at list prices. Nothing but volume and traffic is the same, and the leg
is what the provider would charge: the platform's fee of two percent would not be
paid.

  $ grep '"id":"aws/eu-west-1/s3-standard"' "$DATASETS/catalog.jsonl" > before.jsonl
  $ bare="qos= budget= eligibility= diversification= preference="
  $ vary $bare redundancy='{"scheme": "replication", "copies": 1}' \
  >   | allocate --request - --catalog before.jsonl | grep 'aws/eu-west-1'
    aws/eu-west-1/s3-standard  50.00 TB       3.00 TB       13,500  16491.99 USD

After, the same volume and traffic go where they are cheapest, the fee included.

  $ vary $bare redundancy='{"scheme": "auto"}' | allocate --request - | grep USD
  optimal: 3234.03 USD for the term, proven cheapest
    idrive/chicago/e2-pay-as-you-go  50.00 TB       3.00 TB       13,500  3170.62 USD

That is one copy with one provider on another continent, a fifth of the price, and
nobody would call it an archive. So the wishes of the request are added one by one,
each to those before it. First where the data may lie and what the provider must
have: Europe, ISO 27001, versions of objects, the S3 interface.

  $ step() { vary budget= diversification= preference= "$@" | allocate --request - | head -1; }
  $ step qos= redundancy='{"scheme": "auto"}'
  optimal: 4579.11 USD for the term, proven cheapest

Then the data must survive the loss of any provider, and of any region.

  $ step qos= redundancy='{"scheme": "auto", "tolerate": {"providers": 1}}'
  optimal: 7131.92 USD for the term, proven cheapest
  $ step qos=
  optimal: 7131.92 USD for the term, proven cheapest

Then it must be readable 99.99 percent of the time, and within 100 ms.

  $ step qos='{"availability": "0.9999"}'
  optimal: 7131.92 USD for the term, proven cheapest
  $ step qos='{"availability": "0.9999", "latencyMs": 100}'
  optimal: 7131.92 USD for the term, proven cheapest

Then it must lie with two providers at least and keep the budget: that is the
request, at less than half of what was paid before for one copy.

  $ vary preference= | allocate --request - | head -1
  optimal: 7131.92 USD for the term, proven cheapest


What each constraint costs
--------------------------

The other way around: the whole request without one of its constraints. Where the
cost stays the same, the constraint costs nothing beside the others.

  $ without() { printf '%-27s' "without $1"; shift; vary preference= "$@" | allocate --request - | head -1; }
  $ without "jurisdiction" eligibility/jurisdictions=
  without jurisdiction       optimal: 5875.19 USD for the term, proven cheapest
  $ without "certification" eligibility/certifications=
  without certification      optimal: 6152.45 USD for the term, proven cheapest
  $ without "versions" eligibility/features=
  without versions           optimal: 7131.92 USD for the term, proven cheapest
  $ without "the interface" eligibility/api=
  without the interface      optimal: 7131.92 USD for the term, proven cheapest
  $ without "loss of a region" redundancy/tolerate/regions=
  without loss of a region   optimal: 7131.92 USD for the term, proven cheapest
  $ without "availability" qos/availability=
  without availability       optimal: 7131.92 USD for the term, proven cheapest
  $ without "latency" qos/latencyMs=
  without latency            optimal: 7131.92 USD for the term, proven cheapest
  $ without "two providers" diversification=
  without two providers      optimal: 7131.92 USD for the term, proven cheapest
  $ without "the budget" budget=
  without the budget         optimal: 7131.92 USD for the term, proven cheapest


What money could buy
--------------------

A request names one point. The frontier shows the others: no allocation is at least
as good in cost, availability and latency and better in one of them. First latency
alone, everything else as it is asked for.

  $ allocate --request "$request" --frontier --trade latency | sed -n '/^Frontier/,/^  complete/p'
  Frontier: no allocation is at least as good in all three and better in one
       cost  availability  latency  misses  placement
    7131.92  0.9999972     21.0 ms  –       (10, 14) erasure code: aws, hetzner, ovh, scaleway, wasabi
    7146.62  0.9999972     20.0 ms  –       54% (10, 14) erasure code: aws, hetzner, ovh, scaleway, wasabi; 46% (10, 14) erasure code: aws, hetzner, ovh, scaleway, wasabi
    7148.95  0.9999972     17.6 ms  –       (10, 14) erasure code: aws, hetzner, ovh, scaleway, wasabi
    7193.06  0.9999981     15.6 ms  –       (10, 14) erasure code: aws, hetzner, ibm, ovh, scaleway, wasabi
    7245.12  0.9999970     13.2 ms  –       54% (10, 14) erasure code: aws, hetzner, ibm, ovh, scaleway, wasabi; 46% (2, 3) erasure code: hetzner/nbg1, ovh/de, wasabi/eu-central-1
    7251.83  0.9999970     10.4 ms  –       (2, 3) erasure code: hetzner/fsn1, ovh/sbg, wasabi/eu-west-2
    9333.76  0.99999900     7.5 ms  –       2 copies: hetzner/nbg1, ovh/rbx
    9926.56  0.99999900     4.0 ms  –       2 copies: ovh/de, wasabi/eu-west-2
    complete: there are no other trade-offs than these 8

Half the latency costs less than two percent; a third of it costs a third more.

Now both, for a code that any two of four shards suffice for. The last points are
beyond the budget, which the frontier leaves out of account and then says so.

  $ vary redundancy='{"scheme": "erasure", "data": 2, "parity": 2, "tolerate": {"providers": 1, "regions": 1}}' \
  >   | allocate --request - --frontier | sed -n '/^Frontier/,/^  complete/p'
  Frontier: no allocation is at least as good in all three and better in one
        cost  availability  latency  misses  placement
     9335.66  0.99999980     9.6 ms  –       (2, 4) erasure code: hetzner/fsn1, hetzner/nbg1, ovh/gra, ovh/rbx
     9540.37  0.99999989     9.1 ms  –       (2, 4) erasure code: hetzner/fsn1, hetzner/nbg1, ovh/rbx, wasabi/eu-west-2
     9631.11  0.99999989     7.5 ms  –       (2, 4) erasure code: hetzner/nbg1, ovh/de, ovh/rbx, wasabi/eu-west-2
     9926.56  0.99999980     7.1 ms  –       (2, 4) erasure code: ovh/de, ovh/rbx, wasabi/eu-central-2, wasabi/eu-west-2
    10142.99  0.9999999960  10.4 ms  –       (2, 4) erasure code: hetzner/fsn1, ovh/sbg, scaleway/fr-par, wasabi/eu-west-2
    10269.04  0.9999999960   7.5 ms  budget  (2, 4) erasure code: hetzner/nbg1, ovh/rbx, scaleway/fr-par, wasabi/eu-central-2
    10359.78  0.99999989     7.1 ms  budget  (2, 4) erasure code: ovh/de, ovh/rbx, scaleway/fr-par, wasabi/eu-central-2
    10564.49  0.99999989     4.0 ms  budget  (2, 4) erasure code: ovh/de, scaleway/fr-par, wasabi/eu-central-2, wasabi/eu-west-2
    11214.53  0.9999999960   4.0 ms  budget  (2, 4) erasure code: ibm/eu-de, ovh/de, scaleway/fr-par, wasabi/eu-west-2
    complete: there are no other trade-offs than these 9


What cannot be
--------------

Readers that wait 5 ms at most, for 700 USD a month: there is no such allocation.
The conflict names constraints that cannot hold together, and for each of them
the least change that would do, all others kept.

  $ vary qos/latencyMs=5 budget/amount=700.00 > short.json
  $ allocate --request short.json | sed '/^Where the time goes/,$d'
  infeasible: no allocation meets the request
  
  These cannot hold together
    the budget (/budget)
      would do: a budget of 873.23 USD per month
    the latency bound (/qos/latencyMs)
      would do: a latency bound of 10.4 ms
  
  Offers: 50 eligible, 421 not (355 jurisdiction, 216 unpublished-price, 95 api)
  

Either change alone, and the request can be met.

  $ "$TESTDIR/vary" short.json budget/amount=900.00 | allocate --request - | head -1
  optimal: 9926.58 USD for the term, proven cheapest
  $ "$TESTDIR/vary" short.json qos/latencyMs=10.4 | allocate --request - | head -1
  optimal: 7251.85 USD for the term, proven cheapest
