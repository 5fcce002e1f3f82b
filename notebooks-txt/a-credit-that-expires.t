When a credit expires
=====================

A notebook in plain text, as `one-request.t` is. Four terabytes that grow by four
percent a month are to be kept for a year as two copies with different providers.
What moves when, if the user has 1,000 USD of credit with one provider until the end
of May?

  $ quote-service import folder "$DATASETS" --at 2026-11-22T12:00:00Z >/dev/null 2>&1
  $ vary() { "$TESTDIR/vary" "$DATASETS/requests/expiring-credits.json" "$@"; }
  $ allocate() { quote-service allocate --at 2026-11-22T12:00:00Z --request - "$@"; }
  $ credit='[{"provider": "gcp", "amount": "1000.00", "asset": "USD", "expires": "2027-05-31"}]'
  $ vary credits="$credit" | allocate --moves | sed -n '/^What to move when/,/^proven/p'
  What to move when
  optimal: 495.97 USD for 12 months
  staying put costs 559.40 USD; moving saves 63.43 USD
  months 1 to 6: 135.32 USD
    100.00% of the data: 2 copies
      gcp/us-west1/gcs-standard
      idrive/virginia/e2-pay-as-you-go
  move on 2027-06-01 for 49.64 USD: shards are rebuilt, 4.87 TB written, 4.87 TB read
      from gcp/us-west1/gcs-standard
      to   aws/us-east-1/s3-glacier-instant-retrieval
      aws/us-east-1/s3-glacier-instant-retrieval writes 48.67
  months 7 to 12: 311.01 USD
    100.00% of the data: 2 copies
      aws/us-east-1/s3-glacier-instant-retrieval
      idrive/virginia/e2-pay-as-you-go
  proven within 0.000014%

While the credit lasts it pays for nearly all of the copy with that provider; the day
after it expires that copy is written to where it is cheapest from then on. It is
rebuilt from the other copy, whose provider charges nothing for reading, so that the
expensive way out of the first provider is never paid. That saves a ninth of what
staying put would cost. Were the credit a third of that, nobody would move:

  $ credit='[{"provider": "gcp", "amount": "300.00", "asset": "USD", "expires": "2027-02-28"}]'
  $ vary credits="$credit" | allocate --moves | grep -A2 '^What to move'
  What to move when
  optimal: 549.95 USD for 12 months
  staying put costs 559.40 USD; moving saves 9.45 USD

What each wish of the request as it stands costs: every figure is the difference of
two optima, both solved.

  $ vary | allocate --explain | sed -n '/^What each/,/^$/p'
  What each constraint costs
    The budget of 1800.00 USD a term costs nothing: the answer has 486.68 USD.
    The latency bound of 120 ms costs nothing: the answer has 22.7 ms. Stricter, 5.2 ms:
      nothing meets the request.
    An availability of 0.9999 costs nothing: the answer has 0.9999. Stricter, more than
      0.9999: 118.69 USD more.
    Tolerating the loss of one provider costs nothing: the answer has 1. Stricter, 2:
      nothing meets the request.
    Instead of 2 copies, with 1 copy: nothing meets the request; with 3 copies: 306.53 USD
      more.
    The egress limits of 4 offers cost nothing.
  
