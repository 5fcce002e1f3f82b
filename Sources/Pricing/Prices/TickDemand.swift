/// Demand at whole ticks: every request at every factor of rivals' prices is a stream of pieces of ticks.
struct TickDemand: Sendable {
    /// Ticks with one volume.
    private struct Piece: Sendable {
        /// The last tick; the first is one above the last of the piece before.
        let last: Int
        /// Volume a month if accepted, over the arrivals of the stream.
        var volume: Double
        /// Profit a month of other own offers if accepted.
        var other: Double
        /// Arrivals a month that are quoted the offer.
        var quoted: Double
        /// The total in reference totals is `intercept + slope · price`.
        let intercept: Double
        let slope: Double
    }

    private struct Stream: Sendable {
        let pieces: Range<Int>
        let acceptance: Int
        /// Of the requests that are sold to, the stream's.
        let request: Int
    }

    /// Expected figures at a price, with their derivatives in it.
    struct Point: Sendable {
        var volume = 0.0
        var volumeSlope = 0.0
        var other = 0.0
        var otherSlope = 0.0
        var quoted = 0.0
        var accepted = 0.0
    }

    /// Bounds on volume and on other own profit over an interval of ticks.
    struct Hull: Sendable {
        var volume = (least: 0.0, most: 0.0)
        var other = (least: 0.0, most: 0.0)
        /// Whether no stream changes its piece within.
        var isSmooth = true
    }

    let grid: PriceGrid
    /// Requests a month, whether the offer is quoted or not.
    let arrivals: Double
    /// The ticks at which a piece of some stream ends, rising; the end of the range is none.
    let ends: [Int]
    /// |D″| ≤ `curvature` · |D′| between ends.
    let curvature: Double
    private var pieces: [Piece]
    private let streams: [Stream]
    private var acceptances: [AcceptanceFunction]
    private let draws: [[AcceptanceCurve]]

    /// How many draws there are.
    let drawCount: Int
    /// How many streams there are.
    var streamCount: Int { streams.count }
    /// How many requests some price sells to.
    let requestCount: Int

    /// Demand at the ticks of `grid` up to `limit`, in the mean over all draws. Validated input.
    init(_ demand: PricedDemand, grid: PriceGrid, limit: Double) {
        self.grid = grid
        var (pieces, streams, ends): ([Piece], [Stream], Set<Int>) = ([], [], [])
        var (curvature, sold) = (0.0, 0)
        let share = 1 / Double(max(1, demand.rivalFactors.count))
        var functions = demand.acceptances.map { AcceptanceFunction($0.draws) }
        var totals = [ClosedRange<Double>?](repeating: nil, count: functions.count)
        var uses = [Int](repeating: 0, count: functions.count)
        for request in demand.requests where request.pieces.contains(where: { $0.volume > 0 || $0.otherProfit != 0 }) {
            let rate = request.monthlyRate * share
            let steepest = functions[request.acceptance].steepest
            uses[request.acceptance] += 150 * demand.rivalFactors.count
            for factor in demand.rivalFactors {
                let first = pieces.count
                var start = 0
                for (index, piece) in request.pieces.enumerated() {
                    let isEnd = index == request.pieces.count - 1
                    let last = isEnd ? Int.max : grid.below(piece.upTo * factor)
                    guard last >= start else { continue }
                    let slope = piece.costSlope / request.referenceTotal
                    let intercept = piece.costIntercept * factor / request.referenceTotal
                    pieces.append(
                        Piece(
                            last: last, volume: rate * piece.volume, other: rate * piece.otherProfit * factor,
                            quoted: piece.volume > 0 ? rate : 0, intercept: intercept, slope: slope))
                    if !isEnd { ends.insert(last) }
                    if piece.volume > 0 || piece.otherProfit != 0 {
                        curvature = max(curvature, slope * steepest)
                        let low = intercept + slope * grid.price(start)
                        let high = intercept + slope * min(limit, grid.price(min(last, 1 << 52)))
                        let known = totals[request.acceptance]
                        totals[request.acceptance] =
                            min(known?.lowerBound ?? low, low)...max(known?.upperBound ?? high, max(low, high))
                    }
                    start = last == .max ? last : last + 1
                }
                streams.append(Stream(pieces: first..<pieces.count, acceptance: request.acceptance, request: sold))
            }
            sold += 1
        }
        for index in functions.indices {
            if let range = totals[index] { functions[index].tabulate(range, uses: uses[index]) }
        }
        arrivals = demand.requests.reduce(0) { $0 + $1.monthlyRate }
        self.pieces = pieces
        self.streams = streams
        self.ends = ends.sorted()
        self.curvature = curvature
        acceptances = functions
        draws = demand.acceptances.map(\.draws)
        drawCount = draws.map(\.count).max() ?? 1
        requestCount = sold
    }

    /// The same demand under one draw of every acceptance.
    func drawn(_ draw: Int) -> TickDemand {
        var demand = self
        demand.acceptances = draws.map { AcceptanceFunction([$0[min(draw, $0.count - 1)]]) }
        return demand
    }

    /// The same demand where request r of ``requestCount`` arrives `weights[r]` times as often. O(pieces).
    func weighted(_ weights: [Double]) -> TickDemand {
        var demand = self
        for stream in streams {
            let weight = weights[stream.request]
            for index in stream.pieces {
                demand.pieces[index].volume *= weight
                demand.pieces[index].other *= weight
                demand.pieces[index].quoted *= weight
            }
        }
        return demand
    }

    /// Index of the first of ``ends`` that is not below `k`. O(log ends).
    func firstEnd(notBelow k: Int) -> Int {
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] < k { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether a piece of some stream ends with tick `k`.
    func endsPiece(_ k: Int) -> Bool {
        let index = firstEnd(notBelow: k)
        return index < ends.count && ends[index] == k
    }

    /// The piece of a stream that holds at tick `k`.
    private func piece(_ stream: Stream, at k: Int) -> Int {
        var index = stream.pieces.lowerBound
        while pieces[index].last < k, index + 1 < stream.pieces.upperBound { index += 1 }
        return index
    }

    /// The figures at tick `k`. O(pieces).
    func point(_ k: Int) -> Point {
        var sum = Point()
        let price = grid.price(k)
        for stream in streams {
            let piece = pieces[piece(stream, at: k)]
            guard piece.volume > 0 || piece.other != 0 else { continue }
            let value = acceptances[stream.acceptance](piece.intercept + piece.slope * price)
            let slope = value.slope * piece.slope
            sum.volume += piece.volume * value.probability
            sum.volumeSlope += piece.volume * slope
            sum.other += piece.other * value.probability
            sum.otherSlope += piece.other * slope
            sum.quoted += piece.quoted
            sum.accepted += piece.quoted * value.probability
        }
        return sum
    }

    /// Bounds over the ticks `range`, whether or not volume falls with the price. O(pieces).
    func hull(_ range: ClosedRange<Int>) -> Hull {
        var hull = Hull()
        for stream in streams {
            var index = piece(stream, at: range.lowerBound)
            var start = range.lowerBound
            var (volume, other) = (
                (least: Double.infinity, most: 0.0), (least: Double.infinity, most: -Double.infinity)
            )
            while true {
                let piece = pieces[index]
                let end = min(piece.last, range.upperBound)
                if piece.volume > 0 || piece.other != 0 {
                    let function = acceptances[stream.acceptance]
                    let high = function(piece.intercept + piece.slope * grid.price(start)).probability
                    let low = function(piece.intercept + piece.slope * grid.price(end)).probability
                    volume = (min(volume.least, piece.volume * low), max(volume.most, piece.volume * high))
                    let (one, two) = (piece.other * low, piece.other * high)
                    other = (min(other.least, min(one, two)), max(other.most, max(one, two)))
                } else {
                    (volume.least, other) = (0, (min(other.least, 0), max(other.most, 0)))
                }
                guard end < range.upperBound, index + 1 < stream.pieces.upperBound else { break }
                hull.isSmooth = false
                (index, start) = (index + 1, end + 1)
            }
            hull.volume = (hull.volume.least + volume.least, hull.volume.most + volume.most)
            hull.other = (hull.other.least + other.least, hull.other.most + other.most)
        }
        return hull
    }

    /// Where what is won if everybody accepts changes, up to `limit`: the last tick of each stretch, the volume and the
    /// quoted requests on it. By rising tick, `limit` last. O(pieces · log pieces).
    func offered(upTo limit: Int) -> [(tick: Int, volume: Double, quoted: Double)] {
        var changes: [Int: (volume: Double, quoted: Double)] = [:]
        for stream in streams {
            for index in stream.pieces where index + 1 < stream.pieces.upperBound && pieces[index].last < limit {
                let (piece, next) = (pieces[index], pieces[index + 1])
                let old = changes[piece.last] ?? (0, 0)
                changes[piece.last] = (old.volume + piece.volume - next.volume, old.quoted + piece.quoted - next.quoted)
            }
        }
        var (volume, quoted) = (0.0, 0.0)
        for stream in streams {
            let piece = pieces[piece(stream, at: limit)]
            (volume, quoted) = (volume + piece.volume, quoted + piece.quoted)
        }
        // Summed downwards from where the least is won, so that small volumes are not lost in large ones.
        var steps = [(tick: limit, volume: volume, quoted: quoted)]
        for (tick, change) in changes.sorted(by: { $0.key > $1.key }) where change != (0, 0) {
            (volume, quoted) = (volume + change.volume, quoted + change.quoted)
            steps.append((tick, volume, quoted))
        }
        return steps.reversed()
    }
}
