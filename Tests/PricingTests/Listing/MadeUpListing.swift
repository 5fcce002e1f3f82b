import Foundation
import Pricing
import TestSupport

/// A listing whose users' tastes are known: choices drawn from a conditional logit, as a file has them.
struct MadeUpListing {
    /// Utility lost with each USD per GB and month.
    var alpha = 400.0
    var constant = 1.5
    /// Utility of a unit of the attribute `speed`.
    var speed = 0.5
    /// One standard deviation of weekly quality, which raises prices too, and what of it they take up.
    var weekly = 0.3
    var passed = 0.0004
    /// One standard deviation of what costs move prices by.
    var shifted = 0.0012
    var weeks = 52
    var choices = 3000
    var providers = (0..<8).map { "p\($0)" }
    /// The last week, counted from 1970-01-01.
    var lastWeek = SmallMarket.day.ordinal / 7 - 1

    struct Row {
        var provider: Int
        var price: Double
        var speed: Double
        var shifter: Double
        /// Utility at price 0.
        var worth: Double
    }

    struct Choice {
        var week: Int
        var user: Int
        var volume: Int
        var rows: [Row]
        var taken: Int?
    }

    private func base(_ provider: Int) -> Double { 0.006 + 0.0008 * Double(provider) }
    private func worth(_ provider: Int) -> Double { 0.3 * Double(provider) }

    /// The choices, the same for a seed.
    func draw(seed: UInt64) -> [Choice] {
        var random = SeededGenerator(seed: seed)
        let states = (0..<weeks).map { _ in
            providers.indices.map { index -> (price: Double, shifter: Double, quality: Double) in
                let (shifter, quality) = (random.normal(), random.normal())
                let price = base(index) + shifted * shifter + passed * quality + 0.0001 * random.normal()
                return (max(0.0005, price), shifter, weekly * quality)
            }
        }
        return (0..<choices).map { number in
            let week = number * weeks / choices
            var order = Array(providers.indices)
            let size = min(providers.count, 3 + random.int(0...3))
            for place in 0..<size { order.swapAt(place, random.int(place...(order.count - 1))) }
            let rows = order.prefix(size).map { index in
                let state = states[week][index]
                let fast = Double(random.int(0...20)) / 10
                return Row(
                    provider: index, price: state.price, speed: fast, shifter: state.shifter,
                    worth: constant + worth(index) + state.quality + speed * fast)
            }
            var point = Double.random(in: 0..<1, using: &random)
            let shares = Self.shares(rows, alpha)
            let taken = shares.firstIndex { share in
                point -= share
                return point < 0
            }
            return Choice(
                week: lastWeek - weeks + 1 + week, user: random.int(0...choices / 4),
                volume: 100 * random.int(1...200), rows: rows, taken: taken)
        }
    }

    static func shares(_ rows: [Row], _ alpha: Double) -> [Double] {
        let weights = rows.map { exp($0.worth - alpha * $0.price) }
        return weights.map { $0 / (1 + weights.reduce(0, +)) }
    }

    /// The choices as a file.
    func csv(_ choices: [Choice], shifter: Bool = true, extra: (name: String, value: (Row) -> Double)? = nil) -> String
    {
        var lines = [
            "request,week,user,provider,chosen,price,volume,speed" + (shifter ? ",cost_shifter" : "")
                + (extra.map { "," + $0.name } ?? "")
        ]
        for (number, choice) in choices.enumerated() {
            for (place, row) in choice.rows.enumerated() {
                var line =
                    "\(number),\(choice.week),\(choice.user),\(providers[row.provider]),\(choice.taken == place ? 1 : 0),"
                    + "\(row.price),\(choice.volume),\(row.speed)"
                if shifter { line += ",\(row.shifter)" }
                if let extra { line += ",\(extra.value(row))" }
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The choices as the advisor reads them.
    func read(_ choices: [Choice], shifter: Bool = true) throws -> ListingChoices {
        try ListingChoices(csv: Array(csv(choices, shifter: shifter).utf8), document: "choices.csv")
    }

    /// What a month's listings like the last thirteen weeks' earn `provider` at `price` under the truth, in the units of
    /// volume times price, its rivals' prices and all qualities as in the last week it was seen.
    func profit(_ choices: [Choice], of provider: Int, outlay: Double, kept: Double) -> (Double) -> Double {
        let last = choices.map(\.week).max() ?? 0
        var newest: [Int: (price: Double, worth: Double)] = [:]
        for choice in choices {
            for row in choice.rows { newest[row.provider] = (row.price, row.worth - speed * row.speed) }
        }
        let recent = choices.filter { last - $0.week < 13 }
        return { price in
            recent.reduce(0) { sum, choice in
                guard let own = choice.rows.firstIndex(where: { $0.provider == provider }) else { return sum }
                let rows = choice.rows.map { row -> Row in
                    var row = row
                    let state = newest[row.provider] ?? (row.price, row.worth - speed * row.speed)
                    row.price = row.provider == provider ? price : state.price
                    row.worth = state.worth + speed * row.speed
                    return row
                }
                return sum + Double(choice.volume) * (kept * price - outlay) * Self.shares(rows, alpha)[own]
            }
        }
    }
}
