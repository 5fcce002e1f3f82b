"""Checks datasets/ against its own format: headers, types, unique keys, references, tiers, requests.

    python3 check.py

Prints what is wrong, one line each, and fails if anything is. Standard library only.
"""

import csv
import json
import re
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*$")
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?$")
PROBLEMS = []


def need(condition, where, what):
    """Notes a problem unless the condition holds."""
    if not condition:
        PROBLEMS.append(f"{where}: {what}")


def is_decimal(text, where, above=None):
    """Checks a decimal string without exponent, and its lower bound."""
    good = isinstance(text, str) and DECIMAL.match(text) is not None
    need(good, where, f"not a decimal: {text!r}")
    if good and above is not None:
        need(Decimal(text) >= Decimal(above), where, f"below {above}: {text}")
    return Decimal(text) if good else None


def is_day(text, where):
    try:
        date.fromisoformat(text)
        need(len(text) == 10, where, f"not YYYY-MM-DD: {text}")
    except (TypeError, ValueError):
        need(False, where, f"not a date: {text!r}")


def table(name, header, key):
    """The rows of a CSV file, its header and the uniqueness of its key checked."""
    raw = (FOLDER / name).read_bytes()
    need(b"\r" not in raw and raw.endswith(b"\n"), name, "lines must end in LF")
    reader = csv.DictReader(raw.decode("utf-8").splitlines())
    need(reader.fieldnames == header, name, f"header is {reader.fieldnames}")
    rows = list(reader)
    keys = [tuple(row[column] for column in key) for row in rows]
    need(len(keys) == len(set(keys)), name, f"{key} not unique")
    for row in rows:
        need(None not in row and None not in row.values(), name, f"wrong number of fields: {row}")
    return rows


def check_places():
    metros = {row["metro"]: row for row in table(
        "metros.csv", ["metro", "name", "country", "continent", "jurisdictions", "latitude", "longitude"], ["metro"])}
    for slug, row in metros.items():
        where = f"metros.csv {slug}"
        need(SLUG.match(slug), where, "not a slug")
        need(re.fullmatch("[A-Z]{2}", row["country"]), where, "country")
        need(row["continent"] in {"AF", "AS", "EU", "NA", "SA", "OC", "ZZ"}, where, "continent")
        need(row["jurisdictions"], where, "jurisdictions")
        need((row["latitude"] == "") == (row["longitude"] == ""), where, "half a coordinate")
        if row["latitude"]:
            need(abs(is_decimal(row["latitude"], where)) <= 90, where, "latitude")
            need(abs(is_decimal(row["longitude"], where)) <= 180, where, "longitude")
        if row["country"] != "ZZ":
            need(row["country"] in row["jurisdictions"].split("|"), where, "its country is no jurisdiction")
    regions = {(row["provider"], row["region"]): row["metro"] for row in table(
        "provider-regions.csv", ["provider", "region", "metro", "source"], ["provider", "region"])}
    for key, metro in regions.items():
        need(metro in metros, f"provider-regions.csv {key}", f"unknown metro {metro}")
    readers = {row["region"]: row["metro"] for row in table(
        "reader-regions.csv", ["region", "name", "metro"], ["region"])}
    for slug, metro in readers.items():
        need(SLUG.match(slug), f"reader-regions.csv {slug}", "not a slug")
        need(metro in metros and metros[metro]["latitude"], f"reader-regions.csv {slug}", f"no place for {metro}")
    return metros, regions, readers


def check_latency(metros, readers):
    kinds = {"measured": 0, "estimated": 0}
    rows = table("latency.csv", ["region", "metro", "rtt_ms", "kind", "source", "as_of"], ["region", "metro"])
    for row in rows:
        where = f"latency.csv {row['region']} {row['metro']}"
        need(row["region"] in readers and row["metro"] in metros, where, "unknown place")
        need(row["kind"] in kinds, where, row["kind"])
        is_decimal(row["rtt_ms"], where, "0.1")
        kinds[row["kind"]] += 1
    placed = {slug for slug, row in metros.items() if row["latitude"]}
    need({(row["region"], row["metro"]) for row in rows} == {(r, m) for r in readers for m in placed},
         "latency.csv", "not every reader region with every metro")
    need((FOLDER / "latency.csv").stat().st_size < 150_000, "latency.csv", "too large")
    return kinds


def check_rates():
    rows = table("exchange-rates.csv", ["date", "base", "quote", "rate", "kind", "source", "retrieved"],
                 ["date", "base", "quote"])
    for row in rows:
        where = f"exchange-rates.csv {row['date']} {row['quote']}"
        is_day(row["date"], where)
        is_day(row["retrieved"], where)
        rate = is_decimal(row["rate"], where)
        need(rate is not None and rate > 0, where, "rate must be positive")
        need(row["kind"] in {"reference", "operator"}, where, row["kind"])
    return len(rows)


def check_register(regions):
    providers = table("providers.csv", ["provider", "name", "kind", "country", "apis", "features", "certifications",
                                        "assumed_availability", "reputation", "source", "as_of"], ["provider"])
    for row in providers:
        where = f"providers.csv {row['provider']}"
        need(row["kind"] in {"cloud", "object-store", "decentralized"}, where, row["kind"])
        need(set(row["apis"].split("|")) <= {"s3", "gcs", "azure-blob", "native"}, where, row["apis"])
        need(0 < is_decimal(row["assumed_availability"], where) < 1, where, "availability")
        need(0 <= is_decimal(row["reputation"], where) <= 100, where, "reputation")
        is_day(row["as_of"], where)
    names = {row["provider"] for row in providers}
    need(names == {provider for provider, _ in regions}, "providers.csv", "not the providers of the regions")
    for row in table("registers.csv", ["kind", "participant", "status", "since", "until", "evidence"],
                     ["kind", "participant"]):
        where = f"registers.csv {row['participant']}"
        need(row["kind"] in {"storage-provider", "service-provider"}, where, row["kind"])
        need(row["kind"] == "service-provider" or row["participant"] in names, where, "unknown provider")
        need(row["status"] in {"certified", "suspended"}, where, row["status"])
        is_day(row["since"], where)
        if row["until"]:
            is_day(row["until"], where)
            need(row["since"] < row["until"], where, "ends before it begins")
    return names


def check_tiers(bands, where):
    """Bounds rise, only the last band is open, prices are not negative."""
    need(isinstance(bands, list) and bands, where, "no tiers")
    last = Decimal(0)
    for index, band in enumerate(bands or []):
        need(set(band) <= {"upTo", "price"} and "price" in band, where, f"members {sorted(band)}")
        is_decimal(band.get("price"), where, "0")
        need(("upTo" in band) == (index < len(bands) - 1), where, "only the last tier is open")
        if "upTo" in band:
            bound = is_decimal(band["upTo"], where)
            need(bound is not None and bound > last, where, "tiers must rise")
            last = bound or last


TARIFF = ["asset", "unit", "storage", "egress", "operations", "retrieval", "monthlyFee", "monthlyMinimum",
          "minimumDays", "minimumObjectBytes", "objectOverheadBytes"]
OFFER = ["id", "provider", "region", "storageClass", "metro", "tariff", "availability", "durabilityNines", "access",
         "zones", "provenance"]


def check_tariff(tariff, where):
    need(list(tariff) == [key for key in TARIFF if key in tariff], where, f"tariff members {list(tariff)}")
    need(tariff["asset"] == "USD" and tariff["unit"] in {"GB", "GiB"}, where, "asset or unit")
    check_tiers(tariff["storage"], where + " storage")
    if "egress" in tariff:
        out = tariff["egress"]
        need(list(out) == [key for key in ["tiers", "allowance", "limit"] if key in out], where, "egress members")
        check_tiers(out["tiers"], where + " egress")
        for key, kinds in [("allowance", {"fixed", "multipleOfStored"}), ("limit", {"multipleOfStored"})]:
            if key in out:
                need(len(out[key]) == 1 and set(out[key]) <= kinds, where, key)
                is_decimal(next(iter(out[key].values())), where, "0")
    need(set(tariff["operations"]) <= {"writesPer1000", "readsPer1000"}, where, "operations")
    amounts = [*tariff["operations"].values(),
               *(tariff[key] for key in ("retrieval", "monthlyFee", "monthlyMinimum") if key in tariff)]
    for amount in amounts:
        is_decimal(amount, where, "0")
    for key in ("minimumDays", "minimumObjectBytes", "objectOverheadBytes"):
        need(key not in tariff or (isinstance(tariff[key], int) and tariff[key] > 0), where, key)


def check_catalog(metros, regions, providers):
    offers = {}
    for number, line in enumerate((FOLDER / "catalog.jsonl").read_text("utf-8").splitlines(), 1):
        offer = json.loads(line)
        where = f"catalog.jsonl {number} {offer.get('id')}"
        need(list(offer) == [key for key in OFFER if key in offer], where, f"members {list(offer)}")
        need(set(OFFER) - set(offer) <= {"availability", "durabilityNines"}, where, "members missing")
        need(offer["id"] not in offers, where, "id not unique")
        prefix = f"{offer['provider']}/{offer['region']}/"
        need(offer["id"].startswith(prefix) and SLUG.match(offer["id"][len(prefix):]), where, "id")
        need(offer["provider"] in providers, where, "unknown provider")
        need(regions.get((offer["provider"], offer["region"])) == offer["metro"], where, "metro is not the region's")
        need(offer["metro"] in metros, where, "unknown metro")
        if "availability" in offer:
            need(0 < is_decimal(offer["availability"], where) < 1, where, "availability")
        need(offer["access"] in {"online", "archive"} and offer["zones"] in {"single", "multi"}, where, "access, zones")
        origin = offer["provenance"]
        need(list(origin) == ["source", "asOf", "verified", "notes"] and origin["source"], where, "provenance")
        need(re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?|undated", origin["asOf"]), where, f"asOf {origin['asOf']}")
        need("UNVERIFIED" not in origin["verified"], where, "unverified")
        check_tariff(offer["tariff"], where)
        offers[offer["id"]] = offer
    return offers


REQUEST = {
    "user": None, "storage": {"logicalGB", "meanObjectMB", "monthlyGrowth"}, "term": {"start", "months"},
    "traffic": {"region", "egressGB", "reads", "writes"},
    "redundancy": {"scheme", "copies", "data", "parity", "tolerate"},
    "qos": {"availability", "durabilityNines", "latencyMs", "uploadMBps", "downloadMBps", "errorRate"},
    "budget": {"amount", "asset", "per"},
    "eligibility": {"providers", "jurisdictions", "certifications", "features", "api", "minReputation"},
    "diversification": {"maxProviderShare", "minProviders"},
    "credits": {"provider", "amount", "asset", "expires"}, "current": {"offer", "logicalGB"},
    "preference": {"recommended"},
}


def check_request(path, offers, readers, providers, metros):
    request, where = json.loads(path.read_text("utf-8")), f"requests/{path.name}"
    need(set(request) <= set(REQUEST), where, f"unknown members {set(request) - set(REQUEST)}")
    need({"user", "storage", "term", "redundancy"} <= set(request), where, "members missing")
    for key, value in request.items():
        for item in value if isinstance(value, list) else [value]:
            need(REQUEST[key] is None or set(item) <= REQUEST[key], where, f"unknown members in {key}")
    for item in [request["storage"], *request.get("traffic", []), *request.get("credits", []),
                 *request.get("current", []), *([request["budget"]] if "budget" in request else [])]:
        for key in {"logicalGB", "meanObjectMB", "monthlyGrowth", "egressGB", "amount"} & set(item):
            is_decimal(item[key], f"{where} {key}", "0")
        need(item.get("asset", "USD") == "USD", where, "asset")
        if "expires" in item:
            is_day(item["expires"], where)
    need(request["term"]["start"] == "2026-12-01", where, "start")
    need(request["redundancy"]["scheme"] in {"replication", "erasure", "auto"}, where, "scheme")
    need(request.get("budget", {}).get("per", "month") in {"month", "term"}, where, "budget per")
    for line in request.get("traffic", []):
        need(line["region"] in readers, where, f"unknown region {line['region']}")
    for holding in request.get("current", []):
        need(holding["offer"] in offers, where, f"unknown offer {holding['offer']}")
    wanted = request.get("eligibility", {})
    named = [*wanted.get("providers", {}).get("allow", []), *wanted.get("providers", {}).get("deny", []),
             *(credit["provider"] for credit in request.get("credits", []))]
    for name in named:
        need(name in providers, where, f"unknown provider {name}")
    known = {code for row in metros.values() for code in row["jurisdictions"].split("|")}
    need(set(wanted.get("jurisdictions", [])) <= known, where, "unknown jurisdiction")


def main():
    metros, regions, readers = check_places()
    kinds = check_latency(metros, readers)
    rates = check_rates()
    providers = check_register(regions)
    offers = check_catalog(metros, regions, providers)
    requests = sorted((FOLDER / "requests").glob("*.json"))
    for path in requests:
        check_request(path, offers, readers, providers, metros)
    used = {offer["metro"] for offer in offers.values()} | set(readers.values())
    idle = sorted(set(metros) - used)
    print(f"{len(offers)} offers, {len(providers)} providers, {len(regions)} provider regions, {len(metros)} metros, "
          f"{len(readers)} reader regions, {kinds['measured']} measured and {kinds['estimated']} estimated latencies, "
          f"{rates} rates, {len(requests)} requests")
    if idle:
        print("metros without offers or readers: " + ", ".join(idle))
    for problem in PROBLEMS:
        print(problem, file=sys.stderr)
    sys.exit(1 if PROBLEMS else 0)


if __name__ == "__main__":
    main()
