"""Makes up choices-sample.csv: what users picked from the listing of online storage in a year. Truth is known.

Every user is shown three to five providers, Wasabi most often, and takes one, or none, by a conditional logit:
V = CONSTANT + WORTH[provider] + quality of the week + NINES * (nines - 3) + LATENCY * latency / 100 ms - ALPHA * price.
Weekly quality raises prices too, so that a logit of prices alone is biased; the cost shifter moves prices alone.

    python3 derivation/choices.py > choices-sample.csv
"""
import math
import random

ALPHA, CONSTANT, NINES, LATENCY = 400.0, 1.6, 0.5, -0.6
SEED, CHOICES, USERS, WEEKS = 20261127, 4000, 1000, 52
LAST_WEEK = 2967  # whole weeks since 1970-01-01; the last day of this week is 2026-11-18
# Provider: list price in USD per GB and month, nines of availability, milliseconds, worth beyond that.
PROVIDERS = {
    "backblaze": (0.0060, 3, 45, 0.2), "wasabi": (0.0068, 3, 55, 0.4), "idrive": (0.0050, 2, 70, 0.0),
    "cloudflare": (0.0150, 4, 25, 2.6), "hetzner": (0.0065, 3, 60, 0.1), "scaleway": (0.0130, 3, 50, 1.4),
    "ovh": (0.0080, 3, 50, 0.3), "digitalocean": (0.0200, 3, 35, 3.6),
}
WEEKLY, PASSED, SHIFTED, NOISE = 0.25, 0.0004, 0.0015, 0.0001


def main():
    draw = random.Random(SEED)
    names = list(PROVIDERS)
    state = {}
    for week in range(WEEKS):
        for name in names:
            shift, quality = draw.gauss(0, 1), draw.gauss(0, 1)
            price = PROVIDERS[name][0] + SHIFTED * shift + PASSED * quality + draw.gauss(0, NOISE)
            state[week, name] = (round(max(price, 0.001), 6), round(shift, 3), WEEKLY * quality)
    print("request,week,user,provider,chosen,price,volume,nines,latency,cost_shifter")
    for request in range(CHOICES):
        week = request * WEEKS // CHOICES
        user = draw.randrange(USERS)
        shown = draw.sample(names, draw.choice([3, 4, 5]))
        if "wasabi" not in shown and draw.random() < 0.7:
            shown[0] = "wasabi"
        volume = round(math.exp(draw.gauss(9.2, 1.0)))
        rows, weights = [], [1.0]
        for name in shown:
            price, shift, quality = state[week, name]
            nines, latency, worth = PROVIDERS[name][1:]
            latency = round(max(5.0, latency + draw.gauss(0, 12)))
            value = (CONSTANT + worth + quality + NINES * (nines - 3) + LATENCY * latency / 100 - ALPHA * price)
            rows.append((name, price, nines, latency / 100, shift))
            weights.append(math.exp(value))
        taken = draw.choices(range(len(weights)), weights)[0] - 1
        for place, (name, price, nines, latency, shift) in enumerate(rows):
            print(f"{request},{LAST_WEEK - WEEKS + 1 + week},{user},{name},{int(place == taken)},{price:.6f},{volume},"
                  f"{nines},{latency:.2f},{shift:.3f}")


main()
