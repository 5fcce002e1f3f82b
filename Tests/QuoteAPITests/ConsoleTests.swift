import Documents
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Marketplace
import MarketplaceStore
import QuoteAPI
import Quoting
import TestSupport
import Testing

/// The console's pages: what is on them, what is not, and that nothing of data can break them.
@Suite("Console") struct ConsoleTests {
    private func shipped(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: ShippedData.folder.appendingPathComponent(path)))
    }

    private func run(_ body: @escaping @Sendable (TestCaller, MarketplaceDatabase) async throws -> Void) async throws {
        let service = try TestService()
        let sample = try SLARequest(JSONValue(parsing: ShippedData.request("small-app")))
        let server = QuoteServer(
            store: service.store, models: service.models.path, configuration: QuotingConfiguration(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            console: try ConsoleSettings(
                samples: [("small-app", sample)], costs: [("wasabi.json", try shipped("costs/wasabi.json"))],
                quotes: ("quotes-sample.csv", try shipped("quotes-sample.csv")), frontierSeconds: 60,
                chartLibrary: "/* charts */"),
            clock: { service.time.withLock { $0 } })
        try await Application(router: server.router()).test(.router) { client in
            try await body(TestCaller(client: client, keys: [:]), service.store)
        }
    }

    private func page(_ caller: TestCaller, _ path: String, status: Int = 200) async throws -> String {
        let answer = try await caller.call(.get, path, as: nil)
        #expect(answer.status == status, "\(path): \(answer.status)")
        #expect(answer.field("Content-Type")?.hasPrefix("text/html") == true)
        let policy = answer.field("Content-Security-Policy") ?? ""
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "\(policy)")
        let html = String(decoding: answer.bytes, as: UTF8.self)
        // Landmarks, a language, one heading, and no script or style in the page itself.
        for part in ["<html lang=\"en\">", "<main id=\"main\"", "<nav aria-label=\"Console\">", "class=\"skip\""] {
            #expect(html.contains(part), "\(path) has no \(part)")
        }
        #expect(html.components(separatedBy: "<h1>").count == 2)
        #expect(!html.contains("<style") && !html.contains("style=\"") && !html.contains("onclick"))
        for script in html.components(separatedBy: "<script").dropFirst() { #expect(script.hasPrefix(" defer src=")) }
        #expect(!html.contains("{{"))
        return html
    }

    @Test func theFormHasALabelForEachInput() async throws {
        try await run { caller, _ in
            for path in ["/", "/?sample=small-app"] {
                let html = try await page(caller, path)
                for kind in ["<input id=\"", "<select id=\""] {
                    for part in html.components(separatedBy: kind).dropFirst() {
                        let id = part.prefix { $0 != "\"" }
                        #expect(html.contains("<label for=\"\(id)\">"), "\(id)")
                    }
                }
                #expect(html.contains("value=\"eu-west\" checked"))
            }
            #expect(try await page(caller, "/?sample=small-app").contains("value=\"40"))
            _ = try await page(caller, "/?sample=none", status: 404)
        }
    }

    @Test func aQuoteIsShownAndNotKept() async throws {
        try await run { caller, store in
            let html = try await page(
                caller,
                "/console/quote?volume=200&unit=GB&months=6&egress=20&reads=1000&writes=100&scheme=auto&tolerate=1&availability=0.9999&region=eu-west"
            )
            for part in [
                "id=\"legs\"", "id=\"why\"", "id=\"whynot\"", "id=\"sign\"", "<canvas id=\"shares\"",
                "<canvas id=\"months\"",
                "curl -X POST", "total</th>"
            ] { #expect(html.contains(part), "\(part)") }
            #expect(html.contains("data-chart=\"{&quot;"), "charts are data, escaped")
            let kept = try store.quotes()
            #expect(kept.isEmpty)
        }
    }

    @Test func faultsStandAtTheirFields() async throws {
        try await run { caller, _ in
            let html = try await page(
                caller,
                "/console/quote?volume=-3&months=0&latency=none&region=eu-west&egress=1&reads=1&writes=1&scheme=auto&tolerate=0",
                status: 400)
            for field in ["volume", "months"] {
                #expect(html.contains("id=\"\(field)-fault\""), "\(field)")
                #expect(html.contains("aria-describedby=\"\(field)-fault\""), "\(field)")
            }
            #expect(html.contains("role=\"alert\""))
        }
    }

    @Test func whatCannotBeMetIsExplained() async throws {
        try await run { caller, _ in
            let html = try await page(
                caller,
                "/console/quote?volume=200&months=6&region=eu-west&egress=1&reads=1&writes=1&scheme=auto&tolerate=1&budget=0.01"
            )
            #expect(html.contains("What stands in the way") && html.contains("budget"))
        }
    }

    @Test func hostileTextIsText() async throws {
        try await run { caller, _ in
            let hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
            for path in [
                "/?volume=\(hostile)&region=\(hostile)",
                "/console/quote?volume=\(hostile)&budget=\(hostile)&jurisdiction=\(hostile)",
                "/console/listing?q=\(hostile)&continent=\(hostile)&sort=\(hostile)", "/console/providers/\(hostile)",
                "/console/frontier?volume=\(hostile)"
            ] {
                let answer = try await caller.call(.get, path, as: nil)
                #expect(answer.status < 500, "\(path): \(answer.status)")
                #expect(!String(decoding: answer.bytes, as: UTF8.self).contains("<script>"), "\(path)")
            }
        }
    }

    /// To Swift a quotation mark with a combining mark behind it is another character, to a browser it is not.
    @Test func combiningMarksHideNothing() async throws {
        try await run { caller, _ in
            for mark in ["%22", "%3C", "%26", "%27"] {
                let path = "/?volume=\(mark)%CC%B8x"
                let bytes = try await caller.call(.get, path, as: nil).bytes
                let page = String(decoding: bytes, as: UTF8.self).unicodeScalars
                let place = try #require(page.firstIndex(of: "\u{338}"))
                #expect(page[page.index(before: place)] == ";", "\(mark) is not written out")
            }
        }
    }

    @Test func theListingIsSearchedSortedAndPaged() async throws {
        try await run { caller, _ in
            let first = try await page(caller, "/console/listing")
            #expect(first.contains("1 to 25 of ") && first.contains("rel=\"next\""))
            let found = try await page(caller, "/console/listing?q=wasabi&sort=price")
            #expect(found.contains("/console/providers/wasabi") && !found.contains("/console/providers/aws"))
            let beyond = try await page(caller, "/console/listing?from=100000")
            #expect(beyond.contains("rel=\"prev\"") && !beyond.contains("rel=\"next\""))
            let provider = try await page(caller, "/console/providers/wasabi")
            #expect(provider.contains("<canvas id=\"prices\"") && provider.contains("wasabi/"))
            _ = try await page(caller, "/console/providers/nobody", status: 404)
        }
    }

    @Test func theFrontierHasARowForEachPoint() async throws {
        try await run { caller, _ in
            let html = try await page(
                caller,
                "/console/frontier?volume=200&months=6&region=eu-west&egress=1&reads=1&writes=1&scheme=auto&tolerate=0")
            #expect(html.contains("id=\"point-0\"") && html.contains("<canvas id=\"availability\""))
        }
    }

    /// A page whose curves take a while, once they are drawn.
    private func drawn(_ caller: TestCaller, _ path: String) async throws -> String {
        while true {
            let html = try await page(caller, path)
            let isWaiting = html.contains("role=\"status\"")
            #expect(isWaiting == html.contains("http-equiv=\"refresh\""))
            if !isWaiting { return html }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test func earningsAreDrawnByAssumedOrStatedCosts() async throws {
        try await run { caller, _ in
            let offer = "wasabi/eu-central-1/hot-payg"
            let assumed = try await drawn(caller, "/console/providers/wasabi/prices?offer=\(offer)")
            for part in ["<canvas id=\"profit\"", "<canvas id=\"stored\"", "costs are assumed for", "What was assumed"]
            {
                #expect(assumed.contains(part), "\(part)")
            }
            let stated = try await drawn(caller, "/console/providers/wasabi/prices?offer=\(offer)&cost=4.50")
            #expect(stated.contains("costs are stated here") && stated.contains("value=\"4.50\""))
            let unknown = try await drawn(caller, "/console/providers/scaleway/prices")
            #expect(unknown.contains("No price is advised.") && unknown.contains("state them above"))
            _ = try await page(caller, "/console/providers/wasabi/prices?cost=much", status: 400)
            _ = try await page(caller, "/console/providers/wasabi/prices?offer=aws/us-east-1/s3", status: 404)
            _ = try await page(caller, "/console/providers/nobody/prices", status: 404)
        }
    }

    @Test func whatIsNoPageIsToldByOneAndPagesAreOnlyRead() async throws {
        try await run { caller, _ in
            #expect(try await page(caller, "/console/nothing", status: 404).contains("There is no such page"))
            for path in ["/", "/console/listing", "/console/style.css", "/console/providers/wasabi"] {
                let (head, get) = (
                    try await caller.call(.head, path, as: nil), try await caller.call(.get, path, as: nil)
                )
                #expect(head.status == 200 && head.bytes.isEmpty)
                #expect(head.field("Content-Type") == get.field("Content-Type"))
                #expect(head.field("Content-Length") == "\(get.bytes.count)")
                let posted = try await caller.call(.post, path, as: nil)
                #expect(posted.status == 405 && posted.field("Allow") == "GET, HEAD", "\(path)")
            }
        }
    }

    @Test func modelsAreToldAndAssetsHaveTags() async throws {
        try await run { caller, _ in
            #expect(try await page(caller, "/console/models").contains("No model has been trained"))
            for path in ["/console/style.css", "/console/script.js", "/console/chart.js"] {
                let asset = try await caller.call(.get, path, as: nil)
                #expect(asset.status == 200 && !asset.tag.isEmpty)
                #expect(try await caller.call(.get, path, as: nil, ["If-None-Match": asset.tag]).status == 304)
            }
        }
    }

    @Test func withoutAConsoleThereIsNone() async throws {
        try await TestService().run { caller in
            for path in ["/", "/console/listing", "/console/style.css"] {
                let answer = try await caller.call(.get, path, as: nil)
                #expect(answer.status == 404)
            }
        }
    }
}
