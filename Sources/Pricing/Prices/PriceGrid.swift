/// The prices that can be asked: whole multiples of a tick.
struct PriceGrid: Sendable {
    /// The tick.
    let tick: Double
    /// Ticks in one unit of money, when that is a whole number: k / 10⁶ is nearer to the decimal price than k · 10⁻⁶.
    private let perUnit: Double?

    /// A grid on which prices up to `limit` are told apart; nil when the tick is too fine for that, or no tick.
    init?(tick: Double, limit: Double) {
        guard tick > 0, tick.isFinite, limit / tick < 0x1p51 else { return nil }
        self.tick = tick
        let inverse = (1 / tick).rounded()
        perUnit = inverse >= 1 && abs(inverse * tick - 1) < 1e-12 ? inverse : nil
    }

    /// The price of `k` ticks.
    func price(_ k: Int) -> Double { perUnit.map { Double(k) / $0 } ?? Double(k) * tick }

    /// The most ticks that are not above `price`.
    func floor(_ price: Double) -> Int {
        var k = Int(min(0x1p52, max(-1, (price / tick).rounded(.down))))
        while self.price(k + 1) <= price, k < 1 << 52 { k += 1 }
        while self.price(k) > price, k >= 0 { k -= 1 }
        return k
    }

    /// The fewest ticks that are not below `price`.
    func ceiling(_ price: Double) -> Int {
        let k = floor(price)
        return self.price(k) >= price ? k : k + 1
    }

    /// The most ticks strictly below a breakpoint, at which two allocations cost the same; a thousandth of a tick counts
    /// as none. −1 when there are none.
    func below(_ price: Double) -> Int {
        Int(min(0x1p52, max(0, (price / tick - 1e-3).rounded(.up)))) - 1
    }
}
