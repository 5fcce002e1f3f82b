/// The measures of QoS predictions, each over all test entries.
public struct QoSErrors: Sendable, Equatable, Codable {
    /// Mean absolute error, in the values' unit.
    public var mae: Double
    /// MAE / mean of the values.
    public var nmae: Double
    /// Root of the mean squared error.
    public var rmse: Double
    /// Median relative error.
    public var mre: Double
    /// 90th percentile of relative errors.
    public var npre: Double

    /// The measures of predictions of `values`, each of its own prediction: MAE and NMAE of `absolute`, RMSE of `squared`,
    /// MRE of `median`, NPRE of `percentile`. All are as long as `values`. Zeros without values. O(n log n).
    public init(_ values: [Double], absolute: [Double], squared: [Double], median: [Double], percentile: [Double]) {
        let n = Double(max(1, values.count))
        mae = zip(values, absolute).reduce(0) { $0 + abs($1.0 - $1.1) } / n
        nmae = mae * n / max(values.reduce(0, +), .leastNormalMagnitude)
        rmse = (zip(values, squared).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / n).squareRoot()
        func quantile(_ guesses: [Double], _ p: Double) -> Double {
            let errors = zip(values, guesses).map { abs($0 - $1) / $0 }.sorted()
            guard let last = errors.last else { return 0 }
            let position = p * Double(errors.count - 1)
            let low = Int(position)
            return low + 1 < errors.count
                ? errors[low] + (position - Double(low)) * (errors[low + 1] - errors[low]) : last
        }
        mre = quantile(median, 0.5)
        npre = quantile(percentile, 0.9)
    }

    /// The measures of one prediction for all.
    public init(_ values: [Double], _ guesses: [Double]) {
        self.init(values, absolute: guesses, squared: guesses, median: guesses, percentile: guesses)
    }

    /// The mean of each measure over rounds.
    static func mean(_ rounds: [QoSErrors]) -> QoSErrors {
        var result = QoSErrors([], [])
        for path in [\QoSErrors.mae, \.nmae, \.rmse, \.mre, \.npre] as [WritableKeyPath<QoSErrors, Double>] {
            result[keyPath: path] = rounds.reduce(0) { $0 + $1[keyPath: path] } / Double(max(1, rounds.count))
        }
        return result
    }
}
