import ArgumentParser
import CommandSupport
import Foundation
import Marketplace
import MarketplaceStore
import Recommendation

/// `retrain generate`
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes up interactions and QoS measurements with known truth over the database's catalogue.",
        discussion:
            "Users with a region, a size, and preferences for price and QoS choose among real offers by a logit.")

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "The seed: the same seed gives the same files.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "How many users.")
    var users = 1500

    @Option(name: .long, help: "How many days.")
    var days = 180

    @Option(name: .long, help: "The folder to write interactions.csv, measurements.csv and ground-truth.json to.")
    var out: String

    func validate() throws {
        guard (1...1_000_000).contains(users) else { throw ValidationError("--users must be within 1…1000000") }
        guard (1...3650).contains(days) else { throw ValidationError("--days must be within 1…3650") }
    }

    func run() throws {
        let market = SyntheticMarket(seed: seed, users: users, days: days, catalog: try database.open().catalog())
        let history = market.history()
        let measurements = market.measurements()
        let folder = URL(fileURLWithPath: out, isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in [
            ("interactions.csv", Interaction.csv(history.interactions)),
            ("measurements.csv", Marketplace.Measurement.csv(measurements)), ("ground-truth.json", market.truthJSON())
        ] {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name), options: .atomic)
        }
        Terminal.log(
            "wrote \(history.interactions.count) interactions and \(measurements.count) measurements to \(out)")
    }
}
