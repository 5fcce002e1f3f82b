import Documents
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct SettleCommandTests {
    /// The sample deal: paid, late, away, paid, repriced threefold by the provider, mended by a deposit.
    @Test func theSampleDealByPeriod() throws {
        let command = try Command()
        let result = try command.run(
            "quote-service", "settle", "--deal", "%/settlement/deal.json", "--series", "%/settlement/series.csv")
        #expect(result.status == 0, "\(result.errors)")
        for text in [
            "latency 58 ms above 50", "uptime 99800000 below 99900000", "BreachedConsumer", "Completed: deposited 180"
        ] {
            #expect(result.output.contains(text), "\(text) in\n\(result.output)")
        }
        for line in result.output.split(separator: "\n") { #expect(line.count <= 130) }
        let json = try command.run(
            "quote-service", "settle", "--deal", "%/settlement/deal.json", "--series", "%/settlement/series.csv",
            "--profile", "mb", "--json")
        guard case .object(let document) = try JSONValue(parsing: Array(json.output.utf8)),
            case .object(let end)? = document["end"]
        else {
            Issue.record("\(json.output) \(json.errors)")
            return
        }
        #expect(end["deposited"] == "1800000000" && end["status"] == "Completed")
    }

    @Test func faultsNameFileFieldAndRemedy() throws {
        let command = try Command()
        try command.write("{\"profile\": \"17\", \"bucket\": {}, \"fund_usd\": \"1\"}", "deal.json")
        let deal = try command.run(
            "quote-service", "settle", "--deal", "deal.json", "--series", "%/settlement/series.csv")
        #expect(deal.status == 2 && deal.errors.contains("/profile") && deal.errors.contains("marketplace-16"))
        try command.write("period,days\n", "series.csv")
        let series = try command.run(
            "quote-service", "settle", "--deal", "%/settlement/deal.json", "--series", "series.csv")
        #expect(series.status == 2 && series.errors.contains("series.csv"))
    }

    /// The FOCUS file of a quote adds up to the quote.
    @Test func focusAddsUpToTheQuote() throws {
        let command = try Command()
        try command.load()
        let result = try command.run(
            "quote-service", "quote", "--request", "%/requests/media-archive-eu.json", "--json", "--focus", "focus.csv",
            "--at", "2026-11-22T12:00:00Z")
        #expect(result.status == 0, "\(result.errors)")
        guard case .object(let quote) = try JSONValue(parsing: Array(result.output.utf8)),
            case .string(let total)? = quote["total"]
        else {
            Issue.record("\(result.output)")
            return
        }
        let text = try String(contentsOf: command.folder.appendingPathComponent("focus.csv"), encoding: .utf8)
        let header = text.prefix { $0 != "\n" }.split(separator: ",").map(String.init)
        let table = try CSVTable(parsing: Array(text.utf8), header: header, document: "focus.csv")
        let column = try #require(header.firstIndex(of: "BilledCost"))
        let cents = try table.rows.map { row in
            try #require(Int(row.fields[column].replacing(".", with: "")))
        }
        #expect(cents.reduce(0, +) == Int(total.replacing(".", with: "")))
    }
}

@Suite(.serialized) struct ListingCommandTests {
    @Test func bucketsBecomeOffersThatAllocateTakes() throws {
        let command = try Command()
        try command.load()
        func bucket(_ id: Int, _ provider: String, _ status: String = "Active") -> String {
            """
            {"bucket_id": "\(id)", "name": "b", "region": "eu-central-1", "provider_id": "G\(provider)",
             "fb_bucket_id": "f\(id)", "price_per_gb_storage": "\(60_000 + id)", "price_per_gb_egress": 0,
             "max_storage_gb": 900000, "api_compatibility": "S3", "sla_avg_latency_ms": 60,
             "sla_avg_uptime_pct": 99950000, "status": "\(status)", "locked": false}
            """
        }
        try command.write(
            "[\(bucket(1, "WASABI")), \(bucket(2, "HETZNER")), \(bucket(3, "HETZNER", "Inactive"))]", "buckets.json")
        try command.write(
            "provider_id,provider,region,metro\nGWASABI,wasabi,eu-central-1,amsterdam\n"
                + "GHETZNER,hetzner,eu-central-1,nuremberg\n", "regions.csv")
        let listing = try command.run(
            "quote-service", "listing", "--buckets", "buckets.json", "--regions", "regions.csv", "--at",
            "2026-11-22T12:00:00Z")
        #expect(listing.status == 0, "\(listing.errors)")
        #expect(listing.errors.contains("bucket 3 is left out: inactive"))
        #expect(listing.output.split(separator: "\n").count == 2)
        try command.write("provider_id,provider,region,metro\nGWASABI,wasabi,eu-west,amsterdam\n", "few.csv")
        let lacking = try command.run(
            "quote-service", "listing", "--buckets", "buckets.json", "--regions", "few.csv")
        #expect(lacking.status == 1 && lacking.errors.contains("no metro is known"))
    }
}
