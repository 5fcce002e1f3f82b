/// What many requests give one offer at every price of a range, and what each of them costs as a whole.
///
/// Pieces of all requests lie in one array, those of a request in a row: a hundred thousand requests take some megabytes.
/// The volume of a piece holds from the end of the piece before it to its own end.
///
/// **Spread of rivals.** Where nothing but money decides, only relative prices matter: if all prices of a request but the
/// offer's own are multiplied by s, it chooses as it does at own price p / s, and pays s times as much. So the volume
/// expected over rivals' changes s is the mean of `volume(below: p / s)`: the steps smoothed in the logarithm of the
/// price. It is exact for requests without budget and credits, whose amounts do not move with prices; how s is
/// distributed is for the caller to say.
public struct ReplayedDemand: Sendable {
    /// The volume of all requests up to a price.
    public struct Step: Sendable, Hashable {
        /// The step's upper end, in USD per volume unit and month.
        public let upTo: Double
        /// Weighted gigabyte-months of all requests.
        public let gigabyteMonths: Double
    }

    /// What is known of a request's pieces.
    public enum Certainty: UInt8, Sendable {
        /// The offer cannot serve it, or nothing serves it at any price of the range.
        case none
        /// Proven: no allocation of the kind that was asked for is cheaper at any price of the range.
        case exact
        /// The best allocations found; cheaper ones may exist.
        case found
        /// Time ran out before anything was found.
        case undecided
    }

    /// The prices that were searched, in USD per volume unit and month. Beyond it nothing is known.
    public let range: ClosedRange<Double>
    /// By request: what is known of it.
    public let certainties: [Certainty]
    /// By request: by how many USD over its term an allocation of the kind that was asked for may at most be cheaper than
    /// its pieces, at any price of the range: 0 where they are exact, infinite where nothing bounds it.
    public let gaps: [Double]
    /// By request: whether nothing serves it without the offer, within its budget. Then its volume does not end at a
    /// breakpoint but with the range: nothing is known of the price at which its user would rather have nothing.
    public let needsOffer: [Bool]
    /// By request: how many requests like it there are.
    public let weights: [Double]
    /// The pieces of all requests, in the order of the requests, by rising price within each.
    public let pieces: [RequestReplay.Piece]
    /// Request r has the pieces `offsets[r]..<offsets[r + 1]`; none where the offer cannot serve it at all.
    public let offsets: [Int]
    /// The weighted sum over the requests, by rising price; the last step ends with the range.
    public let steps: [Step]

    /// The demand of requests whose pieces are given.
    ///
    /// - Parameters:
    ///   - pieces: by request, by rising price, the last ending with the range; empty where the offer cannot serve it.
    ///   - weights: by request; 1 for each unless given. What is no number or negative, and what lacks, counts as 0.
    ///   - certainties: by request; exact where there are pieces unless given.
    ///   - needsOffer: by request; judged by the last piece unless given.
    ///   - gaps: by request; 0 where its certainty is exact or none and infinite otherwise unless given.
    ///
    /// O(pieces · log pieces).
    public init(
        _ pieces: [[RequestReplay.Piece]], range: ClosedRange<Double>, weights: [Double]? = nil,
        certainties: [Certainty]? = nil, needsOffer: [Bool]? = nil, gaps: [Double]? = nil
    ) {
        self.range = range
        let weights = pieces.indices.map { r in
            guard let weights else { return 1.0 }
            return r < weights.count && weights[r] > 0 && weights[r].isFinite ? weights[r] : 0
        }
        var offsets = [0]
        offsets.reserveCapacity(pieces.count + 1)
        for own in pieces { offsets.append(offsets[offsets.count - 1] + own.count) }
        self.offsets = offsets
        self.weights = weights
        self.pieces = pieces.flatMap { $0 }
        let given = (certainties ?? []).prefix(pieces.count)
        self.certainties = given + pieces.dropFirst(given.count).map { $0.isEmpty ? .none : .exact }
        let bounded = (gaps ?? []).prefix(pieces.count)
        self.gaps =
            bounded + self.certainties.dropFirst(bounded.count).map { $0 == .exact || $0 == .none ? 0 : .infinity }
        let needs = (needsOffer ?? []).prefix(pieces.count)
        self.needsOffer = needs + pieces.dropFirst(needs.count).map { ($0.last?.gigabyteMonths ?? 0) > 0 }
        steps = Self.steps(pieces, weights, range)
    }

    /// How many requests there are.
    public var count: Int { weights.count }

    /// The pieces of one request, by rising price.
    public func pieces(of request: Int) -> ArraySlice<RequestReplay.Piece> {
        weights.indices.contains(request) ? pieces[offsets[request]..<offsets[request + 1]] : []
    }

    /// The piece that holds just below `price`; nil beyond the range, and where the offer cannot serve the request.
    /// O(log pieces of the request).
    public func piece(of request: Int, below price: Double) -> RequestReplay.Piece? {
        guard weights.indices.contains(request), price >= range.lowerBound else { return nil }
        var (low, high) = (offsets[request], offsets[request + 1])
        let end = high
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].upTo < price { low = middle + 1 } else { high = middle }
        }
        return low < end ? pieces[low] : nil
    }

    /// What a request as a whole costs at `price`, T_r(p), in USD over its term; nil where it is not met, and beyond the
    /// range.
    public func total(of request: Int, at price: Double) -> Double? {
        piece(of: request, below: price).flatMap { $0.isMet ? $0.cost(at: price) : nil }
    }

    /// Weighted gigabyte-months of all requests just below `price`; 0 beyond the range. O(log steps).
    public func volume(below price: Double) -> Double {
        guard price >= range.lowerBound else { return 0 }
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].upTo < price { low = middle + 1 } else { high = middle }
        }
        return low < steps.count ? steps[low].gigabyteMonths : 0
    }

    /// The same when all other prices are multiplied by `rivals`, more than 0: see the spread of rivals.
    public func volume(below price: Double, rivals: Double) -> Double {
        rivals > 0 ? volume(below: price / rivals) : 0
    }

    /// Sums the requests' changes by rising price.
    private static func steps(
        _ pieces: [[RequestReplay.Piece]], _ weights: [Double], _ range: ClosedRange<Double>
    ) -> [Step] {
        var changes: [(price: Double, volume: Double)] = []
        // The sum goes from the last step to the first, as the last is the least and often exactly 0.
        var volume = 0.0
        for (own, weight) in zip(pieces, weights) where weight > 0 {
            volume += weight * (own.last?.gigabyteMonths ?? 0)
            for (one, next) in zip(own, own.dropFirst()) {
                changes.append((one.upTo, weight * (one.gigabyteMonths - next.gigabyteMonths)))
            }
        }
        changes.sort { ($0.price, $0.volume) < ($1.price, $1.volume) }
        var steps = [Step(upTo: range.upperBound, gigabyteMonths: volume)]
        for change in changes.reversed() {
            volume += change.volume
            if steps[steps.count - 1].upTo == change.price { steps.removeLast() }
            steps.append(Step(upTo: change.price, gigabyteMonths: volume))
        }
        return steps.reversed()
    }
}
