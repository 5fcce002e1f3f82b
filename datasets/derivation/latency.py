"""Round-trip times from every reader region to every metro: measured where the pair was measured, else estimated.

Estimate: rtt = a + b * km, plus a term for each pair of continents, fitted to the measured pairs by iteratively
reweighted least squares with Huber weights (so that detours around continents do not bend the line), then corrected
by the residual of the nearest measured metro, which fades with distance. It is never faster than light in fibre.

Writes latency.csv. The error is that of leaving one measured region out and predicting its pairs.
"""

import csv
import math
from statistics import median

from places import AWS, AWS_MEASURED_ONLY, METROS, READERS, write_csv

AS_OF = "2025-10"
FADE_KM = 2000.0       # over which the residual of the nearest measured metro fades by a factor e
MINIMUM_PAIRS = 4      # continent pairs with fewer measurements share the line without a term of their own
KM_PER_MS = 100.0      # light in fibre, there and back
HUBER = 1.345          # threshold in robust standard deviations: 95% efficient if errors were normal


def kilometres(one, other):
    """Great-circle distance of two metros."""
    (lat1, lon1), (lat2, lon2) = (map(math.radians, METROS[metro][4:6]) for metro in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * math.asin(min(1.0, math.sqrt(half)))


def measured(path):
    """Measured times by pair of metros (in alphabetical order), both directions averaged."""
    metro_of, times = AWS | AWS_MEASURED_ONLY, {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            pair = tuple(sorted((metro_of[row["src"]], metro_of[row["dst"]])))
            times.setdefault(pair, []).append(float(row["rtt_ms"]))
    return {pair: sum(values) / len(values) for pair, values in times.items()}


def continents(pair):
    """The continents of a pair as one label."""
    return "-".join(sorted(METROS[metro][2] for metro in pair))


def solve(matrix, right):
    """Gaussian elimination with partial pivoting."""
    size = len(right)
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(column + 1, size):
            factor = rows[row][column] / rows[column][column]
            for index in range(column, size + 1):
                rows[row][index] -= factor * rows[column][index]
    answer = [0.0] * size
    for row in reversed(range(size)):
        known = sum(rows[row][index] * answer[index] for index in range(row + 1, size))
        answer[row] = (rows[row][size] - known) / rows[row][row]
    return answer


class Model:
    """A fitted estimate of round-trip times."""

    def __init__(self, times):
        self.times = times
        self.metros = sorted({metro for pair in times for metro in pair})
        pairs = [pair for pair in sorted(times) if pair[0] != pair[1]]
        counts = {}
        for pair in pairs:
            counts[continents(pair)] = counts.get(continents(pair), 0) + 1
        reference = max(counts, key=lambda label: (counts[label], label))
        self.labels = [label for label in sorted(counts) if counts[label] >= MINIMUM_PAIRS and label != reference]
        self.reference = reference
        design = [self.features(pair) for pair in pairs]
        target = [times[pair] for pair in pairs]
        weights = [1.0] * len(pairs)
        for _ in range(50):
            size = len(design[0])
            normal = [[sum(w * row[i] * row[j] for w, row in zip(weights, design)) for j in range(size)]
                      for i in range(size)]
            right = [sum(w * row[i] * y for w, row, y in zip(weights, design, target)) for i in range(size)]
            self.beta = solve(normal, right)
            errors = [abs(y - self.line(pair)) for pair, y in zip(pairs, target)]
            scale = max(median(errors) / 0.6745, 1e-9)
            weights = [min(1.0, HUBER * scale / max(error, 1e-9)) for error in errors]

    def features(self, pair):
        label = continents(pair)
        return [1.0, kilometres(*pair) / 1000.0] + [1.0 if label == known else 0.0 for known in self.labels]

    def line(self, pair):
        """The regression alone."""
        return sum(b * x for b, x in zip(self.beta, self.features(pair)))

    def estimate(self, reader, metro):
        """Time from a measured metro to one that was not: the line and the residual beside it."""
        distance, nearest = min((kilometres(metro, other), other) for other in self.metros)
        pair = tuple(sorted((reader, nearest)))
        residual = 0.0
        if pair in self.times:
            residual = (self.times[pair] - self.line(pair)) * math.exp(-distance / FADE_KM)
        floor = kilometres(reader, metro) / KM_PER_MS + 1.0
        return max(floor, self.line((reader, metro)) + residual)


def quantile(values, share):
    """The empirical quantile, the smallest value with at least `share` of all at or below it."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def errors(times):
    """Leave-one-region-out: pairs (truth, regression alone, with the residual of the nearest measured metro)."""
    result = []
    for left in sorted({metro for pair in times for metro in pair}):
        model = Model({pair: value for pair, value in times.items() if left not in pair})
        for other in model.metros:
            truth = times.get(tuple(sorted((left, other))))
            if truth is not None:
                result.append((truth, model.line((other, left)), model.estimate(other, left)))
    return result


def report(times, model):
    """The coefficients and errors, as lines of text."""
    def line(name, guesses):
        absolute = [abs(guess - truth) for truth, guess in guesses]
        relative = [abs(guess - truth) / truth for truth, guess in guesses]
        return (f"{name}: median {quantile(absolute, .5):.1f} ms ({quantile(relative, .5):.1%}), "
                f"90th percentile {quantile(absolute, .9):.1f} ms ({quantile(relative, .9):.1%})")
    held_out = errors(times)
    terms = ", ".join(f"{label} {value:+.1f}" for label, value in zip(model.labels, model.beta[2:]))
    return [
        f"pairs fitted: {sum(one != other for one, other in times)}",
        f"rtt = {model.beta[0]:.2f} ms + {model.beta[1]:.3f} ms per 1000 km; continent terms in ms, "
        f"{model.reference} 0: {terms}",
        line("leave-one-region-out, regression alone", [(truth, alone) for truth, alone, _ in held_out]),
        line("leave-one-region-out, with the nearest measured metro", [(truth, full) for truth, _, full in held_out]),
    ]


def derive(prices, folder):
    """Writes latency.csv; returns (measured rows, estimated rows, lines of the report)."""
    times = measured(prices / "aws_region_rtt_ms_p50_1y.csv")
    model, rows, count = Model(times), [], {"measured": 0, "estimated": 0}
    for region, (_, anchor) in sorted(READERS.items()):
        for metro in sorted(METROS):
            if METROS[metro][4] is None:
                continue
            pair = tuple(sorted((anchor, metro)))
            kind = "measured" if pair in times else "estimated"
            value = times[pair] if kind == "measured" else model.estimate(anchor, metro)
            count[kind] += 1
            rows.append([region, metro, f"{value:.1f}", kind, "cloudping" if kind == "measured" else "fit", AS_OF])
    write_csv(folder / "latency.csv", ["region", "metro", "rtt_ms", "kind", "source", "as_of"], rows)
    return count["measured"], count["estimated"], report(times, model)
