import ArgumentParser
import CommandSupport
import Foundation
import Logging
import QuoteAPI
import Signing

/// `quote-service serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves quotes over HTTP.",
        discussion: """
            POST /v1/quotes makes a quote; GET /v1/quotes/{id} reads it; POST /v1/quotes/{id}/accept, decline, cancel and \
            revise move it on, GET …/frontier tells its trade-offs; GET /v1/slas/{id} shows what was accepted. \
            GET /v1/recommendations?user=… tells who suits a user; POST /v1/interactions takes what users did, \
            POST /v1/measurements what was measured. GET /v1/listing and /v1/providers/{id} show what is for sale, \
            GET /v1/providers/{id}/advice advises the provider that the key speaks for on its prices. GET /livez, /readyz \
            and /metrics tell how the service is; /openapi.json describes all routes. With --console demo there are pages for \
            people at /.

            Callers send an API key of 'quote-service api-keys create' as 'Authorization: Bearer …'. With --open everybody \
            is one tenant named demo: for trying out, never where others can call. With --issuer, --audience and \
            --issuer-keys callers may send JSON Web Tokens of the platform's issuer instead: 'alg' EdDSA, 'kid', 'iss', \
            'aud', 'exp', 'sub', the tenant's claim, and the scopes of API keys, between spaces, as 'scope'.

            Every option with a value but --config can be set by a file, {"port": 8443, "log-format": "json"}, and by the \
            environment, FLASHBACK_PORT; options go first, then the environment, then the file. --print-config tells \
            what holds and why.
            """)

    @Option(
        name: .long, help: ArgumentHelp("A file of settings, JSON; else FLASHBACK_CONFIG names it.", valueName: "file"))
    var config: String?

    @Flag(name: .long, help: "Print every setting, its value and where that comes from, and serve nothing.")
    var printConfig = false

    @Option(name: .long, help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(name: .long, help: "The port to listen on.")
    var port = 8080

    @Flag(name: .long, help: "Ask nobody for a key.")
    var open = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The requests that pricing advice replays: a folder, a file, or a file with one a line; without the option "
                + "datasets/requests, where there is such a folder.", valueName: "path"))
    var adviceRequests: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "demo: pages for people at /, for trying out without a key; they keep nothing and show nobody's records. "
                + "They need Debian's libjs-chart.js.", valueName: "demo|off"))
    var console = ConsoleMode.off

    @OptionGroup var traffic: TrafficOptions
    @OptionGroup var certificate: CertificateOptions
    @OptionGroup var log: LogOptions
    @OptionGroup var tokens: TokenOptions
    @OptionGroup var keys: KeyFile
    @OptionGroup var market: MarketOptions

    /// Seconds that the optimizer may take: nobody waits for an answer as long as for a command.
    static let timeLimit = 5.0

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be within 0…65535") }
        guard !open || tokens.issuer == nil else {
            throw ValidationError("--open asks nobody for a token; leave it or --issuer out")
        }
    }

    func run() async throws {
        if printConfig { return try printSettings() }
        let logger = log.logger("quote-service")
        let store = try market.database.open()
        let service = QuoteServer(
            store: store, models: market.models, configuration: market.configuration(timeLimit: Self.timeLimit),
            logger: logger, authentication: open ? .open : try await tokens.authentication(logger),
            keys: try ring(logger), advice: try advice(), limits: traffic.limits, console: try consoleSettings())
        do { try await service.run(host: host, port: port, tls: certificate.files) } catch let error as CertificateError
        {
            throw CommandEnd(.failure, "error: \(error)")
        }
    }

    /// What the console is shown with.
    private func consoleSettings() throws -> ConsoleSettings? {
        guard console == .demo else { return nil }
        let (samples, costs, quotes) = ("datasets/requests", "datasets/costs", "datasets/quotes-sample.csv")
        let files = FileManager.default
        let costFiles = ((try? files.contentsOfDirectory(atPath: costs)) ?? []).filter { $0.hasSuffix(".json") }
        return try ConsoleSettings(
            samples: files.fileExists(atPath: samples)
                ? RequestSource(path: samples).read().map { ($0.name, $0.request) } : [],
            costs: costFiles.sorted().map { ($0, try Terminal.read("\(costs)/\($0)", "the costs")) },
            quotes: files.fileExists(atPath: quotes) ? (quotes, try Terminal.read(quotes, "the quotes")) : nil,
            chartLibrary: ChartLibrary.load(for: "--console demo"))
    }

    /// What pricing advice is made with.
    private func advice() throws -> AdviceSettings {
        let standard = "datasets/requests"
        guard let path = adviceRequests ?? (FileManager.default.fileExists(atPath: standard) ? standard : nil) else {
            return AdviceSettings()
        }
        return AdviceSettings(requests: try RequestSource(path: path).read())
    }

    /// The service's keys, made at its first start.
    private func ring(_ logger: Logger) throws -> KeyRing {
        guard !FileManager.default.fileExists(atPath: keys.keys) else { return try keys.read() }
        let ring = KeyRing(now: Int(Date().timeIntervalSince1970))
        do throws(SigningError) { try ring.write(to: keys.keys) } catch {
            throw CommandEnd(.failure, "error: \(error)")
        }
        logger.notice("made a key to sign quotes with", metadata: ["file": "\(keys.keys)", "key": "\(ring.currentKey)"])
        return ring
    }
}

/// Whether there are pages for people.
enum ConsoleMode: String, ExpressibleByArgument, CaseIterable {
    /// For trying out.
    case demo
    /// None.
    case off
}
