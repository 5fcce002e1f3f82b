What does a market learn from what its users do?
================================================

A notebook in plain text: indented lines that begin with $ are commands, and what
they print stands below them. `make notebooks` runs them all and compares. Figures
that differ in their last digits from one processor to another are cut short.

Nobody knows what real users want. So here a market is made up whose users' wishes
are known: each has a region, a size, and weights for price, latency, availability
and jurisdiction, and chooses among the real offers of the catalogue by a logit. The
recommender sees what they did and nothing else; at the end it is compared with what
they want.

  $ export FLASHBACK_AT="--at 2026-11-22T12:00:00Z"
  $ mkdir data && cp "$DATASETS"/*.csv "$DATASETS"/catalog.jsonl data && rm data/interactions* data/measurements*
  $ quote-service import folder data $FLASHBACK_AT 2>&1 | grep catalog
  catalog.jsonl: 471 catalog rows: 471 added, 0 replaced, 0 unchanged
  $ retrain generate --seed 7 --users 2000 --out market
  wrote 30666 interactions and 2724 measurements to market
  $ quote-service import interactions market/interactions.csv $FLASHBACK_AT
  interactions.csv: 30666 interactions rows: 30666 added, 0 replaced, 0 unchanged
  $ tail -n +2 market/interactions.csv | cut -d, -f4 | sort | uniq -c
     2512 accepted
      851 cancelled
     4515 quoted
     3926 renewed
     2373 reserved
    16489 viewed


What an event is worth
----------------------

A renewal says more than a reservation, that more than a look, and a cancellation is
a statement against. The weights are the operator's; what a file leaves out keeps its
default, and what contradicts itself is refused.

  $ cat > weights.json <<END
  > {"weights": {"viewed": 0.1, "accepted": 0.5, "reserved": 1, "renewed": 1.5},
  >  "cancellation": 1, "halfLifeDays": 180}
  > END
  $ retrain run --weighting weights.json --weight reserved=2 2>&1 | head -1
  Error: hyperparameter weight of renewed must be at least that of reserved, 2.0, not 1.5
  $ retrain run --weighting weights.json --half-life-days 0 2>&1 | head -1
  Error: hyperparameter halfLifeDays must be above 0, not 0.0


Which factorization
-------------------

The commitments are divided by time. The last fifth is the test, by which the gate
judges; a search looks at what lies before it, on three periods one before the other.
Every trial is a line on the disk before the next begins. Without --model the search goes
over all kinds of models.

  $ retrain search --model ials --trials 12 --max-factors 32 --weighting weights.json $FLASHBACK_AT 2> trials | tail -1
  'retrain run --searched' trains by it
  $ wc -l < trials
  12

A search that is killed goes on without repeating a trial. Here it goes on to four
more.

  $ retrain search --trials 16 --resume 2> more | tail -1
  'retrain run --searched' trains by it
  $ cut -d: -f1 more
  trial 13
  trial 14
  trial 15
  trial 16


Into service, or not
--------------------

The best trial trains on what lies before the test, is measured on the test beside
popularity, and becomes the champion if the gate opens.

  $ retrain run --searched $FLASHBACK_AT > run; sed -n '/^Gate/,$p' run
  Gate
    passed  enough to test: 290 users, at least 30
    passed  finite: every score is a number
    passed  better than popularity: NDCG@20 0.1* against 0.1059, surely +0.0* (glob)
    passed  coverage: 0.4* of all offers are shown, at least 0.0500 (glob)
    passed  latency: 99% of rankings within 100 ms
    passed  not worse than the champion: there is none to compare with
  Promoted ials-20261122T120000Z after * s (glob)

Where is it good? Half of all commitments go to a few offers that popularity knows
as well; the rest is what a recommender is for.

  $ sed -n '/by slice/,/tail offers/p' run
    NDCG@20 by slice       users   challenger   popularity
      users with 1–9 offers      187       0.1*       0.1119 (glob)
      users with 10+ offers      103       0.1*       0.0951 (glob)
      head offers                146       0.2*       0.2259 (glob)
      tail offers                164       0.1*       0.0000 (glob)

The same data again would come to the same model.

  $ retrain run --searched $FLASHBACK_AT
  retrain: the champion ials-20261122T120000Z has learned from this very data; nothing to do

A recipe that is worse does not get past the gate, and the champion stays.

  $ retrain run --factors 1 --epochs 1 --regularization 50 $FLASHBACK_AT > worse; echo "exit code $?"
  exit code 1
  $ grep FAILED worse | cut -d: -f1
    FAILED  better than popularity
    FAILED  not worse than the champion
    FAILED  no slice harmed
  $ retrain list | cut -c1-30
  * ials-20261122T120000Z  ials 

A job that is killed changes nothing either.

  $ again() { timeout -s KILL "$1" retrain run --force --factors 1 --epochs 1 --regularization 50 > out 2>&1; }
  $ (for delay in 0.02 0.04 0.06 0.08 0.1 0.12; do again $delay; done; true) 2> killed
  $ retrain list | cut -c1-30
  * ials-20261122T120000Z  ials 


Against the truth
-----------------

Now the wishes behind the events. For each user, the order in which the champion puts
all offers for sale is compared with the order of true utilities: rank correlation,
and where the champion's first ten stand among all, 1 for the very best and 0.5 for
chance. Popularity has one order for everybody.

  $ retrain recovery --seed 7 --users 2000
  Against the truth behind 2000 users
    champion    rank correlation 0.5*  standing of the first ten 0.8* (glob)
    popularity  rank correlation 0.497  standing of the first ten 0.762

Most users have chosen a handful of times, and every choice is half chance, so that no
recommender could find the true order whole. With more users it comes nearer; a market
of 250 users is small enough that the gate has to be opened wide for it.

  $ learn() {
  >   mkdir "market-$1" && cd "market-$1" && quote-service import folder ../data $FLASHBACK_AT > log 2>&1
  >   retrain generate --seed 7 --users $1 --out market 2>> log
  >   quote-service import interactions market/interactions.csv $FLASHBACK_AT >> log 2>&1
  >   retrain run --all-epochs --confidence 0.5 --minimum-test-users 1 $FLASHBACK_AT >> log 2>&1
  >   retrain recovery --seed 7 --users $1 | grep champion; cd ..
  > }
  $ for users in 250 1000 4000; do printf '%4d users' $users; learn $users; done | tee found
   250 users  champion    rank correlation 0.*  standing of the first ten 0.8* (glob)
  1000 users  champion    rank correlation 0.*  standing of the first ten 0.8* (glob)
  4000 users  champion    rank correlation 0.*  standing of the first ten 0.8* (glob)
  $ awk '{ print $6 }' found | sort --numeric-sort --check && echo nearer each time
  nearer each time
