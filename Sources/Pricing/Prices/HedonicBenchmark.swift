import Foundation
import LinearAlgebra

/// Log price as a robust ridge regression on region, month and quality: what the market pays for what the offer is.
///
/// Huber's weights (k = 1.345) on residuals over their median absolute deviation, iterated to convergence (Holland and
/// Welsch 1977), so that a few odd list prices do not move it; a ridge on standardised columns, so that regions with few
/// offers and collinear qualities do not break it. The intercept is free: with all prices in another currency the
/// estimate is the same times the rate.
public struct HedonicBenchmark: Sendable, Hashable {
    /// How strongly coefficients of standardised columns are drawn to zero, in listings; above 0.
    public var ridge = 1.0

    /// A benchmark with default strength.
    public init() {}

    /// What `target` would cost by the listings of others.
    ///
    /// Comparables are offers: listings of one provider, region and quality in several months count once.
    ///
    /// - Parameters:
    ///   - target: the offer; its price is not used.
    ///   - listings: the public listing; those of the target's own provider or group are left out.
    /// - Throws: ``PricingError/badValue(field:remedy:)``. O(listings · columns²) an iteration; deterministic.
    public func estimate(
        _ target: HedonicListing, among listings: [HedonicListing]
    ) throws(PricingError) -> HedonicEstimate {
        try PricingError.require(ridge > 0 && ridge.isFinite, "ridge", "give a finite number above 0")
        let others = listings.filter { $0.provider != target.provider }
        for (index, listing) in ([target] + others).enumerated() {
            let field = index == 0 ? "target" : "listings of \(listing.provider)"
            try PricingError.require(
                listing.qualities.count == target.qualities.count && listing.qualities.allSatisfy(\.isFinite), field,
                "give as many finite qualities for each listing, in one order")
            guard index > 0 else { continue }
            try PricingError.require(listing.price > 0 && listing.price.isFinite, field, "give finite prices above 0")
        }
        let offers = Set(others.map { Key(provider: $0.provider, region: $0.region, qualities: $0.qualities) })
        let standing: HedonicEstimate.Standing =
            switch offers.count {
            case ..<8: .silent
            case ..<30: .cautious
            default: .usable
            }
        let silent = HedonicEstimate(price: nil, interval: nil, comparables: offers.count, standing: .silent)
        guard standing != .silent, let fit = fit(others, target) else { return silent }
        let spread = Self.tenth * fit.deviation
        let (low, middle, high) = (exp(fit.value - spread), exp(fit.value), exp(fit.value + spread))
        guard low > 0, high.isFinite else { return silent }
        return HedonicEstimate(price: middle, interval: low...high, comparables: offers.count, standing: standing)
    }

    private struct Key: Hashable {
        let provider: String
        let region: String
        let qualities: [Double]
    }

    /// The upper tenth of the normal distribution.
    private static let tenth = 1.2815515655446004

    // MARK: Fit

    /// The target's log price and the deviation of a new offer's from it; nil when it cannot be computed.
    private func fit(_ listings: [HedonicListing], _ target: HedonicListing) -> (value: Double, deviation: Double)? {
        let design = Design(listings)
        let rows = listings.map(design.row)
        let y = listings.map { log($0.price) }
        let count = design.columns
        var penalty = [Double](repeating: ridge, count: count)
        penalty[0] = 0
        var weights = [Double](repeating: 1, count: rows.count)
        var (fitted, deviation) = ([Double](), 0.0)
        for _ in 0..<100 {
            guard let solved = try? Self.system(rows, weights, penalty).solve(Self.right(rows, weights, y)).elements,
                solved.allSatisfy(\.isFinite)
            else { return nil }
            let residuals = zip(rows, y).map { row, value in value - Self.dot(row, solved) }
            deviation = Quantile.of(residuals.map(abs), 0.5) / 0.6744897501960817
            let change = fitted.isEmpty ? Double.infinity : zip(fitted, solved).reduce(0) { max($0, abs($1.0 - $1.1)) }
            fitted = solved
            // Where more than half of the listings fit exactly there is no scale to judge the others by.
            guard change > 1e-10, deviation > 1e-12 else { break }
            weights = residuals.map { min(1, 1.345 * deviation / max(abs($0), 1e-300)) }
        }
        guard fitted.count == count, let inverse = try? Self.system(rows, weights, penalty).solve(.identity(count))
        else {
            return nil
        }
        let leverage = { (row: [Double]) in
            row.indices.reduce(0.0) { sum, i in
                sum + row.indices.reduce(0.0) { $0 + row[i] * inverse[i, $1] * row[$1] }
            }
        }
        // Effective degrees of freedom: the trace of the matrix that makes fitted values of observed ones.
        let degrees = zip(rows, weights).reduce(0) { $0 + $1.1 * leverage($1.0) }
        let free = max(1, Double(rows.count) - degrees)
        let point = design.row(target)
        let variance = deviation * deviation * Double(rows.count) / free * (1 + max(0, leverage(point)))
        return (Self.dot(point, fitted), variance.squareRoot())
    }

    private static func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }

    private static func system(_ rows: [[Double]], _ weights: [Double], _ penalty: [Double]) -> Matrix<Double> {
        Matrix(rows: penalty.count, columns: penalty.count) { i, j in
            var sum = i == j ? penalty[i] : 0
            for (row, weight) in zip(rows, weights) { sum += weight * row[i] * row[j] }
            return sum
        }
    }

    private static func right(_ rows: [[Double]], _ weights: [Double], _ y: [Double]) -> Matrix<Double> {
        Matrix(rows: rows.first?.count ?? 0, columns: 1) { i, _ in
            var sum = 0.0
            for (index, row) in rows.enumerated() { sum += weights[index] * row[i] * y[index] }
            return sum
        }
    }

    /// Columns: 1, a dummy for each region, the month and the qualities, standardised.
    private struct Design {
        private let regions: [String: Int]
        private let centers: [Double]
        private let scales: [Double]
        var columns: Int { 1 + regions.count + centers.count }

        init(_ listings: [HedonicListing]) {
            let names = Set(listings.map(\.region)).sorted()
            regions = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
            let values = listings.map(Self.numbers)
            let count = Double(max(1, listings.count))
            let centers = (values.first ?? []).indices.map { column in values.reduce(0) { $0 + $1[column] / count } }
            scales = centers.indices.map { column in
                let variance = values.reduce(0) { sum, row in
                    sum + (row[column] - centers[column]) * (row[column] - centers[column]) / count
                }
                let scale = variance.squareRoot()
                // A column that does not vary explains nothing: the target's difference from it counts as none.
                return scale > 1e-12 * max(1, abs(centers[column])) && scale.isFinite ? scale : .infinity
            }
            self.centers = centers
        }

        private static func numbers(_ listing: HedonicListing) -> [Double] {
            [Double(listing.month)] + listing.qualities
        }

        func row(_ listing: HedonicListing) -> [Double] {
            var row = [Double](repeating: 0, count: columns)
            row[0] = 1
            if let region = regions[listing.region] { row[1 + region] = 1 }
            for (index, value) in Self.numbers(listing).enumerated() {
                row[1 + regions.count + index] = (value - centers[index]) / scales[index]
            }
            return row
        }
    }
}
