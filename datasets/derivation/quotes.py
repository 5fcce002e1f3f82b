"""Makes up quotes-sample.csv: what users were quoted in a year, and whether they accepted. Truth is known.

A quote uses one to three providers. Its user compares its total with a reference, the budget or another's quote, and
accepts with probability 1 / (1 + exp(-(G0 - G1 * total / reference))). Every user's taste is the same.

    python3 derivation/quotes.py > quotes-sample.csv
"""
import math
import random

G0, G1 = 6.0, 6.0
SEED, QUOTES, USERS, WEEKS = 20261115, 2100, 700, 52
LAST_WEEK = 2967  # whole weeks since 1970-01-01; the last day of this week is 2026-11-18
# How often a provider is among a quote's: a made-up popularity.
PROVIDERS = {
    "wasabi": 10, "backblaze": 10, "hetzner": 9, "idrive": 8, "ovh": 7, "aws": 6, "gcp": 6, "azure": 5, "cloudflare": 5,
    "digitalocean": 4, "akamai-linode": 4, "ibm": 3, "scaleway": 3, "storj": 2, "filecoin": 1,
}


def main():
    draw = random.Random(SEED)
    names, weights = list(PROVIDERS), list(PROVIDERS.values())
    print("request,week,user,provider,chosen,price,reference")
    for request in range(QUOTES):
        week = LAST_WEEK - WEEKS + 1 + request * WEEKS // QUOTES
        user = draw.randrange(USERS)
        providers = []
        for _ in range(draw.choice([1, 2, 2, 3])):
            name = draw.choices(names, weights)[0]
            if name not in providers:
                providers.append(name)
        reference = round(math.exp(draw.gauss(6.5, 1.1)), 2)
        total = round(reference * math.exp(draw.gauss(-0.03, 0.2)), 2)
        accepts = draw.random() < 1 / (1 + math.exp(-(G0 - G1 * total / reference)))
        for place, name in enumerate(providers):
            print(f"{request},{week},{user},{name},{int(accepts and place == 0)},{total:.2f},{reference:.2f}")


main()
