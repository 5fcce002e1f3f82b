import ArgumentParser
import CommandSupport
import MarketplaceStore

/// `quote-service backup`
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies the database into a new file, checked, while the service runs.")

    @Argument(help: "The file to write; it must not be there yet.")
    var file: String

    @OptionGroup var database: DatabaseOptions

    func run() throws {
        let store = try database.open()
        try store.backUp(to: file)
        let tip = try MarketplaceDatabase(path: file).verifyAudit()
        Terminal.write("\(file) holds all of '\(database.database)'; its audit log has \(tip.count) lines\n")
    }
}

/// `quote-service restore`
struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts a backup in the place of the database, whole or not at all; the service must not run.",
        discussion: "With --replace the old database is kept beside the new one, with the ending .replaced.")

    @Argument(help: "The backup.")
    var file: String

    @Flag(name: .long, help: "Replace the database that is there.")
    var replace = false

    @OptionGroup var database: DatabaseOptions

    func run() throws {
        try MarketplaceDatabase.restore(file, to: database.database, replacing: replace)
        let counts = try database.open().counts()
        Terminal.write(
            "'\(database.database)' is what '\(file)' was: \(counts.offers) offers, "
                + "\(counts.quotes.values.reduce(0, +)) quotes\n")
    }
}
