import Marketplace
import Money

/// A graduated price as a piecewise linear function of bytes, in double precision, for the optimizer.
///
/// The exact bill is ``Marketplace/Tariff/bill(_:)``; this is the same function without rounding.
public struct GraduatedCost: Sendable, Hashable {
    /// A piece: `slope` money a byte, up to `end` bytes (infinite on the last).
    public struct Piece: Sendable, Hashable {
        /// Where the piece ends, in bytes.
        public let end: Double
        /// Money for each byte.
        public let slope: Double
    }

    /// The pieces, in order; never empty for a valid tariff. Neighbours of equal slope are merged.
    public let pieces: [Piece]

    /// The function of `tiers` whose volumes and prices are in `unit`.
    public init(_ tiers: [Tier], unit: VolumeUnit) {
        let bytes = Double(unit.bytes)
        var pieces: [Piece] = []
        for tier in tiers {
            let piece = Piece(
                end: tier.upTo.map { $0.doubleValue * bytes } ?? .infinity, slope: tier.price.doubleValue / bytes)
            if let last = pieces.last, last.slope == piece.slope { pieces.removeLast() }
            pieces.append(piece)
        }
        self.pieces = pieces
    }

    /// The cost of `bytes`.
    public func callAsFunction(_ bytes: Double) -> Double {
        var cost = 0.0
        var start = 0.0
        for piece in pieces {
            guard bytes > start else { break }
            cost += (min(bytes, piece.end) - start) * piece.slope
            start = piece.end
        }
        return cost
    }

    /// Whether a later byte may cost less than an earlier one before `bytes`, so that integers are needed.
    public func falls(before bytes: Double) -> Bool {
        zip(pieces, pieces.dropFirst()).contains { $0.end < bytes && $0.slope > $1.slope }
    }
}
