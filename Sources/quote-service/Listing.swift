import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
import MarketplaceContract

/// `quote-service listing`
struct Listing: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Turns the platform's buckets into offers of a catalogue, one JSON object a line, on standard output.",
        discussion: """
            Buckets are the platform's own JSON. Regions are CSV with the columns provider_id,provider,region,metro: \
            which provider and metro of the catalogue a bucket's provider and region are. Buckets that are not active, or \
            locked by another deal, are left out and named. The lines can be imported, or given to 'allocate --catalog'.
            """)

    @Option(name: .long, help: "The buckets as JSON: a file, or - for standard input.")
    var buckets: String

    @Option(name: .long, help: "Which provider and metro each provider_id and region is, as CSV.")
    var regions: String

    @Option(name: .long, help: "The contract's version: 16, mb, early, or a file with a profile.")
    var profile = "16"

    @OptionGroup var time: TimeOptions

    func run() throws {
        let profile = try ContractProfile.chosen(self.profile)
        let table = try CSVTable(
            parsing: try Terminal.read(regions, "the regions"), header: ["provider_id", "provider", "region", "metro"],
            document: regions)
        var context = BucketContext(metros: [:], day: UTCTime.day(time.now))
        let log = IssueLog()
        for row in table.rows {
            let row = RowReader(row, of: table, log: log)
            guard let id = row.string("provider_id"), let provider = row.string("provider"),
                let region = row.string("region"), let metro = row.string("metro")
            else { continue }
            context.providers[id] = provider
            context.metros["\(provider)/\(region)"] = metro
        }
        try log.check(regions)
        let json = try JSONValue(parsing: try Terminal.read(buckets, "the buckets"), document: buckets)
        let listing: PlatformListing
        do throws(InputError) {
            listing = try PlatformListing(
                PlatformDocument.buckets(json, profile: profile, document: buckets), context, profile: profile)
        } catch {
            throw CommandEnd(.refused, error.description)
        }
        for bucket in listing.dropped { Terminal.log("bucket \(bucket.bucket) is left out: \(bucket.reason)") }
        Terminal.write(listing.offers.map { $0.json.text() + "\n" }.joined())
    }
}

extension ContractProfile {
    /// A known profile by its name, else the one in the file of that name.
    static func chosen(_ name: String) throws -> ContractProfile {
        if let known = named(name) { return known }
        return try ContractProfile(
            JSONValue(parsing: try Terminal.read(name, "the profile"), document: name), document: name)
    }
}
