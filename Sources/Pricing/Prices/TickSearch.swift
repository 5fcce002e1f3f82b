import Foundation

/// The best tick of a demand: branch and bound over intervals of ticks, with a proof.
///
/// The objective is M(p)·min(D(p), K) + ω·O(p) with the multiplier M(p) = m₀ + m₁p: D the expected volume, K the
/// capacity, O the profit of other own offers. Over an interval it is at most M at the upper end times the largest
/// volume; within a stretch without breakpoints also at most its second-order expansion about the middle, whose remainder is
/// bounded by |D″| ≤ G|D′| and |D′(p)| ≤ |D′(c)|e^{G|p − c|}. An interval whose bound does not beat the best is closed.
struct TickSearch: Sendable {
    /// What is maximised.
    struct Objective: Sendable {
        var constant: Double
        var rate: Double
        var otherWeight: Double
    }

    /// The best tick, its objective, and a bound that no tick of the range exceeds.
    struct Best: Sendable {
        let tick: Int
        let value: Double
        let bound: Double
    }

    let demand: TickDemand
    var objective: Objective
    let capacity: Double
    /// The ticks that may be asked.
    let range: ClosedRange<Int>

    private func multiplier(_ k: Int) -> Double {
        max(0, objective.constant + objective.rate * demand.grid.price(k))
    }

    /// The objective at tick `k`.
    func value(_ k: Int) -> Double { value(k, demand.point(k)) }

    private func value(_ k: Int, _ point: TickDemand.Point) -> Double {
        multiplier(k) * min(point.volume, capacity) + objective.otherWeight * point.other
    }

    /// The derivative of the objective in the price, between breakpoints.
    private func slope(_ k: Int, _ point: TickDemand.Point) -> Double {
        let own =
            point.volume > capacity
            ? objective.rate * capacity : objective.rate * point.volume + multiplier(k) * point.volumeSlope
        return own + objective.otherWeight * point.otherSlope
    }

    // MARK: The best tick

    /// The best tick to a relative `tolerance`; `hint` is tried first. Evaluations stop at `limit`: then the bound tells how
    /// far the best may be.
    func best(tolerance: Double = 1e-9, hint: Int? = nil, limit: Int = 100_000) -> Best {
        var (top, topValue) = (range.lowerBound, -Double.infinity)
        func consider(_ k: Int, _ value: Double) { if value > topValue { (top, topValue) = (k, value) } }
        let starts = [hint].compactMap { $0 }.filter(range.contains) + samples(hint == nil ? 48 : 8)
        for k in starts { consider(k, value(k)) }
        let foot = climb(top)
        consider(foot, value(foot))
        var open = [range]
        var closed = topValue
        var evaluations = 0
        while let interval = open.popLast() {
            let goal = topValue + tolerance * abs(topValue)
            let hull = demand.hull(interval)
            evaluations += 1
            let most = multiplier(interval.upperBound) * min(hull.volume.most, capacity)
            var bound = most + objective.otherWeight * hull.other.most
            let middle = interval.lowerBound + (interval.upperBound - interval.lowerBound) / 2
            if bound > goal {
                let point = demand.point(middle)
                consider(middle, value(middle, point))
                if interval.lowerBound == interval.upperBound {
                    bound = value(middle, point)
                } else if hull.isSmooth {
                    bound = min(bound, expanded(interval, middle, point, hull))
                }
            }
            if bound <= topValue + tolerance * abs(topValue) || evaluations >= limit {
                closed = max(closed, bound)
                continue
            }
            guard interval.lowerBound < interval.upperBound else { continue }
            let cut = hull.isSmooth ? middle : self.cut(interval) ?? middle
            consider(cut, value(cut))
            open.append(interval.lowerBound...cut)
            open.append(cut + 1...interval.upperBound)
        }
        let peak = climb(top)
        consider(peak, value(peak))
        return Best(tick: top, value: topValue, bound: max(closed, topValue))
    }

    /// The second-order bound about `middle`.
    private func expanded(
        _ interval: ClosedRange<Int>, _ middle: Int, _ point: TickDemand.Point, _ hull: TickDemand.Hull
    ) -> Double {
        let grid = demand.grid
        let center = grid.price(middle)
        let reach = max(grid.price(interval.upperBound) - center, center - grid.price(interval.lowerBound))
        let growth = exp(demand.curvature * reach)
        guard growth.isFinite else { return .infinity }
        let m = multiplier(middle)
        let value = m * point.volume + objective.otherWeight * point.other
        let slope = objective.rate * point.volume + m * point.volumeSlope + objective.otherWeight * point.otherSlope
        let bend =
            growth * abs(point.volumeSlope)
            * max(0, demand.curvature * multiplier(interval.upperBound) - 2 * objective.rate)
            + growth * objective.otherWeight * demand.curvature * abs(point.otherSlope)
        let free = value + abs(slope) * reach + bend * reach * reach / 2
        let full = multiplier(interval.upperBound) * capacity + objective.otherWeight * hull.other.most
        return min(free, full.isNaN ? .infinity : full)
    }

    /// The middle one of the ends of pieces that leave ticks on both sides.
    private func cut(_ interval: ClosedRange<Int>) -> Int? {
        let inner = inner(interval)
        return inner.isEmpty ? nil : demand.ends[inner.lowerBound + inner.count / 2]
    }

    /// Indices of the ends within `interval`, its last tick left out.
    private func inner(_ interval: ClosedRange<Int>) -> Range<Int> {
        let first = demand.firstEnd(notBelow: interval.lowerBound)
        return first..<max(first, demand.firstEnd(notBelow: interval.upperBound))
    }

    /// Up to `count` ends of pieces and as many ticks, evenly among all.
    private func samples(_ count: Int) -> [Int] {
        let inner = inner(range)
        let ends = stride(from: 0, to: inner.count, by: max(1, inner.count / count)).map {
            demand.ends[inner.lowerBound + $0]
        }
        let width = range.upperBound - range.lowerBound
        return ends + [range.upperBound]
            + stride(from: 0, through: width, by: max(1, width / count)).map { range.lowerBound + $0 }
    }

    /// The local peak of the stretch around `k`: the objective's slope is followed and its change of sign halved.
    private func climb(_ k: Int) -> Int {
        let after = demand.firstEnd(notBelow: k)
        let last = min(range.upperBound, after < demand.ends.count ? demand.ends[after] : .max)
        let first = max(range.lowerBound, after > 0 ? demand.ends[after - 1] + 1 : .min)
        guard first < last else { return k }
        let rises = { (tick: Int) in slope(tick, demand.point(tick)) > 0 }
        let upward = rises(k)
        var (low, high) = upward ? (k, last) : (first, k)
        var step = 1
        while upward ? low < last : high > first {
            let next = upward ? min(last, low + min(step, last - low)) : max(first, high - min(step, high - first))
            if rises(next) { low = next } else { high = next }
            if upward ? !(low == next) : !(high == next) { break }
            step = step > 1 << 58 ? step : step * 2
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if rises(middle) { low = middle } else { high = middle }
        }
        return value(low) >= value(high) ? low : high
    }

    // MARK: Nearly best

    /// The ticks around `k` at which the objective is at least `goal`, all between them included.
    func stretch(around k: Int, atLeast goal: Double) -> ClosedRange<Int> {
        let above = k < range.upperBound ? firstBelow(goal, k + 1...range.upperBound, fromAbove: false) : nil
        let below = k > range.lowerBound ? firstBelow(goal, range.lowerBound...k - 1, fromAbove: true) : nil
        let low = below.map { $0 + 1 } ?? range.lowerBound
        return min(low, k)...max(k, above.map { $0 - 1 } ?? range.upperBound)
    }

    /// The first tick of `interval`, from below or from above, at which the objective is under `goal`.
    private func firstBelow(_ goal: Double, _ interval: ClosedRange<Int>, fromAbove: Bool) -> Int? {
        var open = [interval]
        while let interval = open.popLast() {
            let hull = demand.hull(interval)
            let least =
                multiplier(interval.lowerBound) * min(hull.volume.least, capacity)
                + objective.otherWeight * hull.other.least
            if least >= goal { continue }
            if interval.lowerBound == interval.upperBound {
                if value(interval.lowerBound) < goal { return interval.lowerBound }
                continue
            }
            let near = fromAbove ? interval.upperBound : interval.lowerBound
            if value(near) < goal { return near }
            let middle = interval.lowerBound + (interval.upperBound - interval.lowerBound) / 2
            let cut = hull.isSmooth ? middle : self.cut(interval) ?? middle
            let halves = [interval.lowerBound...cut, cut + 1...interval.upperBound]
            open += fromAbove ? halves : halves.reversed()
        }
        return nil
    }
}
