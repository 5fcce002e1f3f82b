"""The catalogue of offers: every usable row of the collected list prices, one offer per region, with a typed tariff.

Writes catalog.jsonl. A price that the source does not publish is omitted; whatever is assumed is said in
`provenance.notes` of the offer.
"""

import csv
import json
import re
from collections import Counter
from decimal import Decimal

from places import REGIONS

GOVERNMENT = {"us-gov-east-1", "us-gov-west-1"}
GCP_ALWAYS_FREE = {"us-central1", "us-east1", "us-west1"}

# Azure regions that a customer must ask for: reserved for in-country disaster recovery or for one partner.
AZURE_RESERVED = {
    "australiacentral2", "brazilsoutheast", "francesouth", "germanynorth", "jioindiacentral", "jioindiawest",
    "norwaywest", "southafricawest", "swedensouth", "switzerlandwest", "uaecentral",
}

ARCHIVE = {"S3 Glacier Flexible Retrieval", "S3 Glacier Deep Archive"}

# Classes that the provider documents as spread over several zones or sites; every other class counts as one zone.
MULTI_ZONE = {
    "S3 Standard", "S3 Standard-IA", "S3 Glacier Instant Retrieval", "S3 Glacier Flexible Retrieval",
    "S3 Glacier Deep Archive", "Standard Multi-AZ", "COS One-Rate", "Object Storage Standard",
    "Object Storage Advanced (region-specific)",
}

ONE_PRICE = "regions from the provider's documentation as commonly known; the source gives one price for all"

# Rows that stand for several regions: (provider, class) -> regions, and why these.
SPREAD = {
    ("akamai-linode", "Object Storage"): (sorted(REGIONS["akamai-linode"][1]), ONE_PRICE),
    ("backblaze", "B2 pay-as-you-go"): (
        sorted(REGIONS["backblaze"][1]), "an account lies in one region; cities from documentation as commonly known"),
    ("cloudflare", "R2 Standard"): (
        sorted(REGIONS["cloudflare"][1]),
        "regions are the documented location hints (best effort, no residency guarantee) and the jurisdiction eu"),
    ("cloudflare", "R2 Infrequent Access"): (
        sorted(set(REGIONS["cloudflare"][1]) - {"eu"}),
        "regions are the documented location hints (best effort, no residency guarantee)"),
    ("digitalocean", "Spaces Standard"): (sorted(REGIONS["digitalocean"][1]), "sfo is taken as sfo3"),
    ("digitalocean", "Spaces Cold"): (
        sorted(REGIONS["digitalocean"][1]),
        "regions from DigitalOcean's availability page of 2026-03-23; whether the base fee applies is not published"),
    ("filecoin", "Onchain Cloud warm storage (PDP), per copy"): (
        ["network"], "no place: the storage provider is chosen per data set"),
    ("hetzner", "Object Storage"): (sorted(REGIONS["hetzner"][1]), ""),
    ("ibm", "COS One-Rate"): (sorted(REGIONS["ibm"][1]), ONE_PRICE + " as its lowest"),
    ("idrive", "e2 pay-as-you-go"): (sorted(REGIONS["idrive"][1]), ONE_PRICE),
    ("ovh", "Object Storage Standard 1-AZ"): (sorted(REGIONS["ovh"][1]), ONE_PRICE),
    ("storj", "Object Storage Standard"): (["global"], "no place: data is spread over the whole network"),
    ("storj", "Object Storage Advanced (region-specific)"): (
        ["us-select"], "only the region that the source names; nodes are spread over the country"),
    ("wasabi", "Hot PAYG"): (sorted(REGIONS["wasabi"][1]), ONE_PRICE),
}

# Hot classes whose sources list no charge for these: taken as free, and said so.
FREE_UNLISTED = {
    ("scaleway", "Standard Multi-AZ"): {"retrieval"},
    ("scaleway", "Standard One Zone"): {"retrieval"},
    ("digitalocean", "Spaces Standard"): {"retrieval"},
    ("idrive", "e2 pay-as-you-go"): {"retrieval"},
    ("akamai-linode", "Object Storage"): {"retrieval", "operations"},
}

# Akamai's own prices of two regions, as the source's note gives them: storage and egress beyond what is included.
AKAMAI_REGIONAL = {"id-cgk-1": ("0.024", "0.015"), "br-gru-1": ("0.028", "0.007")}

BASE_FEES = {"hetzner", "digitalocean", "akamai-linode", "filecoin"}
MINIMUMS = {"storj", "wasabi", "idrive"}


def slug(text):
    """Lower-case letters and digits, everything else one hyphen."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def plain(value):
    """A decimal without exponent or trailing zeros."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def tiers(text):
    """`0-50:a|50+:b` as [{upTo: 50, price: a}, {price: b}], and the bound of the last band if it is closed."""
    result, closed = [], None
    for band in text.split("|"):
        span, price = band.rsplit(":", 1)
        if span.endswith("+"):
            result.append({"price": plain(price)})
        else:
            closed = span.split("-")[1]
            result.append({"upTo": plain(closed), "price": plain(price)})
    if "upTo" in result[-1]:
        del result[-1]["upTo"]
        return result, closed
    return result, None


def egress(row, region, notes):
    """The typed egress tariff of a row in a region, or None if unpublished."""
    provider, text = row["provider"], row["egress_usd_per_gb_tiers"]
    if provider == "ibm":
        return {"tiers": [{"price": "0"}]}
    if not text:
        notes.append("egress price not published in the source")
        return None
    if provider in ("backblaze", "idrive"):
        overage = text.rsplit(":", 1)[1]
        return {"tiers": [{"price": plain(overage)}], "allowance": {"multipleOfStored": "3"}}
    bands, closed = tiers(text)
    if closed:
        notes.append(f"only the first egress band (to {closed}) is in the source: extended without limit, "
                     "an upper bound as list prices fall with volume")
    result = {"tiers": bands}
    if provider in ("aws", "azure"):
        result["allowance"] = {"fixed": "100"}
        notes.append("the 100 GB egress allowance is per account, not per offer")
    elif provider == "gcp":
        prices = [Decimal(band["price"]) for band in bands]
        if prices != sorted(prices, reverse=True):
            notes.append("egress bands do not fall with volume in the source; kept as they are")
        if region in GCP_ALWAYS_FREE:
            result["allowance"] = {"fixed": "100"}
            notes.append("Always Free egress of 100 GB is per account; 5 GB-months of free storage not modelled")
        else:
            notes.append("Always Free egress applies to us-west1, us-central1 and us-east1 only")
    elif provider == "wasabi":
        result["limit"] = {"multipleOfStored": "1"}
    return result


def operations(row, free):
    """Prices per thousand writes and reads, each omitted if unpublished."""
    if row["provider"] == "ibm" or "operations" in free:
        return {"writesPer1000": "0", "readsPer1000": "0"}
    result = {}
    if row["put_usd_per_1k"]:
        result["writesPer1000"] = plain(row["put_usd_per_1k"])
    if row["get_usd_per_1k"]:
        result["readsPer1000"] = plain(row["get_usd_per_1k"])
    return result


def tariff(row, region, notes):
    """The tariff of a row in a region; appends to `notes` what was assumed or left out."""
    provider, name = row["provider"], row["class"]
    free = FREE_UNLISTED.get((provider, name), set())
    storage, _ = tiers(row["storage_usd_per_gb_month_tiers"])
    result = {"asset": "USD", "unit": "GiB" if row["billing_gb"] == "GiB" else "GB", "storage": storage}
    out = egress(row, region, notes)
    if provider == "akamai-linode" and region in AKAMAI_REGIONAL:
        storage[-1]["price"], out["tiers"][-1]["price"] = AKAMAI_REGIONAL[region]
        notes.append("this region's own prices; the included volumes are assumed to be as elsewhere")
    if out is not None:
        result["egress"] = out
    result["operations"] = operations(row, free)
    if len(result["operations"]) < 2:
        notes.append("operation prices not published in the source")
    if row["retrieval_usd_per_gb"]:
        result["retrieval"] = plain(row["retrieval_usd_per_gb"])
    elif provider == "ibm" or "retrieval" in free:
        result["retrieval"] = "0"
    else:
        notes.append("retrieval price not published in the source")
    if free:
        notes.append(f"the source lists no charge for {' or '.join(sorted(free))} of this hot class: taken as 0")
    if row["min_monthly_usd"]:
        if provider in BASE_FEES:
            result["monthlyFee"] = plain(row["min_monthly_usd"])
            if provider != "filecoin":
                notes.append("the base fee and what it includes are per account, not per offer")
        elif provider in MINIMUMS:
            result["monthlyMinimum"] = plain(row["min_monthly_usd"])
            notes.append("the monthly minimum is per account, not per offer")
        else:
            raise ValueError(f"{provider}: is the monthly amount a fee or a minimum?")
    if int(row["min_days"] or 0) > 0:
        result["minimumDays"] = int(row["min_days"])
    if int(row["min_object_kb"] or 0) > 0:
        key = "objectOverheadBytes" if name in ARCHIVE else "minimumObjectBytes"
        result[key] = int(row["min_object_kb"]) * 1024
    return result


def offer(row, region, why):
    """The catalogue entry of a row in a region."""
    provider, name = row["provider"], row["class"]
    notes = [row["notes"]] if row["notes"] else []
    if why:
        notes.append(why)
    entry = {
        "id": f"{provider}/{region}/{slug(name)}", "provider": provider, "region": region, "storageClass": name,
        "metro": REGIONS[provider][1][region], "tariff": tariff(row, region, notes),
    }
    if row["availability_sla_pct"]:
        entry["availability"] = plain(Decimal(row["availability_sla_pct"]) / 100)
    if row["durability_nines"]:
        entry["durabilityNines"] = int(row["durability_nines"])
    entry["access"] = "archive" if name in ARCHIVE else "online"
    entry["zones"] = "multi" if name in MULTI_ZONE or provider == "gcp" else "single"
    if provider == "azure" and region in AZURE_RESERVED:
        notes.append("access to this region must be requested")
    if provider == "wasabi":
        notes.append("billed in GB as the source prices it; were its TB 1024 GB of 1024 MB each, it would cost 9% less")
    if provider == "ibm":
        notes.append("one rate: egress, operations and retrieval are 0; fair-use bounds are not in the source")
    if provider == "cloudflare" and name == "R2 Standard":
        notes.append("free operations not modelled: an upper bound")
    if provider == "gcp" and region in ("eur4", "europe-multi", "asia-multi"):
        notes.append("an area of its own as metro: no single country is guaranteed")
    as_of = row["asof"]
    if "(" in as_of:
        as_of, remark = as_of.split(" (", 1)
        notes.append(remark.rstrip(")").replace("xchk", "cross-checked"))
    if as_of == "stored copy, undated":
        as_of = "undated"
    entry["provenance"] = {"source": row["source"], "asOf": as_of, "verified": row["verified"],
                           "notes": "; ".join(notes)}
    return entry


def derive(prices, folder):
    """Writes catalog.jsonl; returns (offers per provider, rows left out by reason)."""
    left_out, entries = Counter(), []
    with open(prices / "catalog.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["verified"] == "UNVERIFIED":
                left_out["marked UNVERIFIED"] += 1
            elif not row["storage_usd_per_gb_month_tiers"]:
                left_out["no storage price"] += 1
            elif row["region"] in GOVERNMENT:
                left_out["AWS GovCloud: open to authorised accounts only"] += 1
            else:
                regions, why = SPREAD.get((row["provider"], row["class"]), ([row["region"]], ""))
                entries += [offer(row, region, why) for region in regions]
    entries.sort(key=lambda entry: entry["id"])
    with open(folder / "catalog.jsonl", "w", encoding="utf-8", newline="") as file:
        for entry in entries:
            file.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")
    return Counter(entry["provider"] for entry in entries), left_out
