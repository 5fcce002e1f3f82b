import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Recommendation

/// `retrain recovery`
struct Recovery: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares what the champion learned from made-up interactions with the truth behind them.",
        discussion: """
            The market of 'retrain generate' with the same seed, users and days is made again over the database's \
            catalogue. For each user, Spearman's correlation of the champion's order of all offers with the true one, and \
            how the champion's first ten stand in it (1: the best of all, 0.5: chance); means over users.

            Example:
              retrain generate --seed 7 --users 2000 --out market
              quote-service import interactions market/interactions.csv
              retrain run && retrain recovery --seed 7 --users 2000
            """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var options: RegistryOptions

    @Option(name: .long, help: "The seed of the market.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "How many users it has.")
    var users = 1500

    @Option(name: .long, help: "How many days it lasts.")
    var days = 180

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(users) else { throw ValidationError("--users must be within 1…1000000") }
        guard (1...3650).contains(days) else { throw ValidationError("--days must be within 1…3650") }
    }

    func run() throws {
        let stored = try options.registry.champion()
        guard let userIDs = stored.userIDs, let offerIDs = stored.itemIDs else {
            throw CommandEnd(.refused, "error: the champion \(stored.manifest.version) has no IDs to compare by")
        }
        let store = try database.open()
        let market = SyntheticMarket(seed: seed, users: users, days: days, catalog: try store.catalog())
        let snapshot = try store.snapshot(offers: offerIDs)
        let weighting = stored.manifest.weighting ?? InteractionWeighting()
        let end = (snapshot.period?.upperBound ?? 0) + 1
        let popularity = PopularityModel(try snapshot.matrix(before: end, weighting: weighting))
        let model = try market.recovery(of: stored.model, userIDs: userIDs, offerIDs: offerIDs)
        let floor = try market.recovery(of: popularity, userIDs: snapshot.users, offerIDs: snapshot.offers)
        guard model.users > 0 else {
            throw CommandEnd(.refused, "error: the champion knows no user of that market; was it trained on it?")
        }
        if json {
            Terminal.write([
                "users": JSONValue(model.users), "correlation": JSONValue(model.correlation),
                "standing": JSONValue(model.standing), "popularityCorrelation": JSONValue(floor.correlation),
                "popularityStanding": JSONValue(floor.standing)
            ])
            return
        }
        func line(_ name: String, _ recovery: RankRecovery) -> String {
            "  " + name.padding(toLength: 12, withPad: " ", startingAt: 0)
                + String(
                    format: "rank correlation %.3f  standing of the first ten %.3f\n", recovery.correlation,
                    recovery.standing)
        }
        Terminal.write(
            "Against the truth behind \(model.users) users\n" + line("champion", model) + line("popularity", floor))
    }
}
