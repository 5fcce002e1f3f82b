/// How one pair stands off what the factors say of it, and whether it has moved for good.
///
/// Factors share what all pairs tell of a user and an offer; a single path that has become slow is none of their
/// business, and heavy-tailed noise takes its values for outliers for ever. So each pair that is measured after training
/// has a level of its own, and two cumulative sums (Page 1954) of what surprises: one value far off moves a sum by at most
/// `clip − slack` and is resisted, `patience` of them in a row raise an alarm. What the pair measured before the run
/// began is then forgotten, and its level begins anew from the run.
struct QoSPair: Sendable, Equatable {
    /// The largest surprise that counts, what is no surprise, and the sum that raises the alarm, in standard deviations
    /// of noise: three values far off in a row, or eleven of one and a half; false alarms are rarer than one in 3,000
    /// measurements of Student's t noise with four degrees of freedom.
    static let (clip, slack, alarm): (Float, Float, Float) = (3, 1, 5.5)
    /// The latest measurements of a pair that are kept.
    static let window = 20

    /// What is added to each factorization's location.
    var levels: [Float]
    /// The sums of surprises above and below, ≥ 0.
    private(set) var (rise, fall): (Float, Float) = (0, 0)
    /// How many measurements ago each sum left zero.
    private(set) var (riseRun, fallRun): (Int, Int) = (0, 0)
    /// Whether the level began anew: it is then not drawn to the factors.
    private(set) var isRestarted = false

    /// A pair that stands where the factors say.
    init(views: Int) { levels = [Float](repeating: 0, count: views) }

    /// Takes a standardised surprise in. Returns, on an alarm, how many of the latest measurements made the run.
    mutating func notice(_ surprise: Float) -> Int? {
        let step = min(max(surprise.isNaN ? 0 : surprise, -Self.clip), Self.clip)
        rise = max(0, rise + step - Self.slack)
        fall = max(0, fall - step - Self.slack)
        riseRun = rise > 0 ? riseRun + 1 : 0
        fallRun = fall > 0 ? fallRun + 1 : 0
        guard max(rise, fall) > Self.alarm else { return nil }
        let run = rise > fall ? riseRun : fallRun
        (rise, fall, riseRun, fallRun, isRestarted) = (0, 0, 0, 0, true)
        return run
    }

    /// Solves the level of one factorization from the pair's residuals: Student's t location by reweighting (Lange,
    /// Little and Taylor 1989), drawn to 0 by one measurement's weight, by a tenth of it after a restart. O(n log n).
    mutating func settle(_ view: Int, residuals: [Float], noise: Float, freedom: Double) {
        let prior = (isRestarted ? 0.1 : 1) / max(noise, .leastNormalMagnitude)
        // A restarted level is where most of its few values are; another begins where the factors are.
        var level = isRestarted && !residuals.isEmpty ? residuals.sorted()[residuals.count / 2] : 0
        for _ in 0..<3 {
            var (sum, weights): (Float, Float) = (0, prior)
            for residual in residuals {
                let weight = QoSFactorization.weight((residual - level) * (residual - level), noise, freedom)
                sum += weight * residual
                weights += weight
            }
            level = sum / weights
        }
        if level.isFinite { levels[view] = level }
    }
}

/// A user and an offer by their indices.
struct QoSPairKey: Hashable, Comparable, Sendable {
    let user: Int
    let offer: Int

    static func < (one: QoSPairKey, other: QoSPairKey) -> Bool { (one.user, one.offer) < (other.user, other.offer) }
}

extension QoSPair {
    /// How many numbers `stored` has beside the levels.
    static let storedCount = 5

    /// The state as numbers, levels first.
    var stored: [Float] { levels + [rise, fall, Float(riseRun), Float(fallRun), isRestarted ? 1 : 0] }

    /// The state of `stored` numbers; nil when they are none.
    init?(stored numbers: ArraySlice<Float>) {
        let rest = Array(numbers.suffix(Self.storedCount))
        guard rest.count == Self.storedCount, rest.allSatisfy({ (0...1e6).contains($0) }) else { return nil }
        levels = Array(numbers.dropLast(Self.storedCount))
        (rise, fall, riseRun, fallRun, isRestarted) = (rest[0], rest[1], Int(rest[2]), Int(rest[3]), rest[4] != 0)
    }
}
