import Allocation
import Marketplace
import Money

extension Tariff {
    /// The mean price of a stored gigabyte (10⁹ bytes) a month when `bytes` are stored, in the tariff's asset.
    ///
    /// One figure for tariffs with tiers and for prices per GiB; fees and minimums are not in it. O(tiers).
    public func meanStoragePrice(atBytes bytes: Double) -> Double {
        GraduatedCost(storage, unit: unit)(bytes) / bytes * 1e9
    }

    /// The same at one price for every volume unit stored, without a monthly minimum.
    fileprivate func flat(_ price: ReplayPrice) -> Tariff {
        var tariff = self
        tariff.storage = [Tier(price: price.exact)]
        tariff.monthlyMinimum = .zero
        return tariff
    }

    /// Gigabytes (10⁹ bytes) in one volume unit.
    var gigabytesPerUnit: Double { Double(unit.bytes) / 1e9 }
}

extension Offer {
    /// The same offer at one price for every volume unit stored, without a monthly minimum: its replayed form. Changes of
    /// its tariff that are announced keep all else.
    ///
    /// The minimum goes because it makes cost a kinked function of the price, which has no single breakpoint.
    func flat(_ price: ReplayPrice) -> Offer {
        var offer = self
        offer.tariff = offer.tariff.flat(price)
        offer.changes = offer.changes.map { PriceChange(from: $0.from, tariff: $0.tariff.flat(price)) }
        return offer
    }
}

/// A price that the optimizer can be asked about: USD per volume unit and month, in steps of 10⁻¹².
struct ReplayPrice: Sendable, Hashable {
    /// The price, as tariffs hold it.
    let exact: ExactDecimal
    /// The same as a double.
    var value: Double { exact.doubleValue }

    /// The step nearest to `price`; nil when a tariff cannot hold it.
    init?(_ price: Double) {
        guard price.isFinite, price >= 0, price <= 100_000,
            let exact = try? ExactDecimal(significand: Int128((price * 1e12).rounded()), scale: 12)
        else { return nil }
        self.exact = exact
    }
}

/// The price tick: breakpoints are shown in whole ticks.
public enum PriceTick {
    /// Ticks in one USD.
    public static let perUSD = 1_000_000.0

    /// The highest whole tick strictly below `price`, in USD: at a breakpoint itself two allocations cost the same.
    ///
    /// A thousandth of a tick, far above the solver's tolerance, counts as none. Zero stays zero.
    public static func below(_ price: Double) -> ExactDecimal {
        let ticks = max(0, (price * perUSD - 1e-3).rounded(.up) - 1)
        return (try? ExactDecimal(significand: Int128(min(ticks, 1e15)), scale: 6)) ?? .zero
    }
}
