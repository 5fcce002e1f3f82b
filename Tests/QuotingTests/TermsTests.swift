import Allocation
import Documents
import Foundation
import Marketplace
import MarketplaceContract
import Money
import Quoting
import TestSupport
import Testing

@Suite struct TermsTests {
    private func quote(
        _ request: SLARequest, rates: [ExchangeRate] = [], measurements: [String: [Marketplace.Measurement]] = [:],
        _ change: (inout QuotingConfiguration) -> Void = { _ in }
    ) throws -> Quote {
        var configuration = QuotingConfiguration()
        change(&configuration)
        let engine = QuoteEngine(
            catalog: try SmallMarket.catalog(), model: NoPreferences(), rates: rates, configuration: configuration,
            measurements: measurements)
        guard case .quote(let quote) = try engine.answer(request, now: SmallMarket.now) else {
            Issue.record("expected a quote")
            throw CancellationError()
        }
        return quote
    }

    private func rich(_ random: inout SeededGenerator) throws -> SLARequest {
        try SmallMarket.request {
            $0.logicalBytes = random.int(1...5_000_000_000_000)
            $0.months = random.int(1...24)
            $0.monthlyGrowth = try ExactDecimal(significand: Int128(random.int(0...50)), scale: 3)
            $0.traffic = [
                .init(
                    region: "eu-west", egressBytes: random.int(0...900_000_000_000), reads: random.int(0...100_000),
                    writes: random.int(0...1000))
            ]
            if random.chance(0.5) {
                $0.credits = [
                    .init(
                        provider: random.pick(["beta", "gamma"]),
                        amount: Amount(minor: Int128(random.int(1...9000)), .usd),
                        expires: try CalendarDay("2027-03-31"))
                ]
            }
            if random.chance(0.3) {
                $0.current = [.init(offer: "alpha/dublin/standard", logicalBytes: 500_000_000_000)]
            }
        }
    }

    /// 1,000 GB at 0.01 USD is 100,000 in the contract; 12 months of 10 USD are 120 × 10⁷.
    @Test func callsOfALegByHand() throws {
        let terms = try quote(SmallMarket.request()).terms
        let beta = try #require(terms.legs.first)
        #expect(beta.offer == "beta/dublin/standard" && beta.isPriceExact)
        #expect(
            beta.createDeal.arguments.map { "\($0.name)=\($0.value ?? "?")" } == [
                "consumer_id=?", "provider_id=?", "bucket_id=?", "fb_repo_id=?", "duration_secs=31536000",
                "agreed_storage_gb=1000", "agreed_egress_gb=0", "api_compatibility=s3"
            ])
        #expect(beta.setDealFunded["amount_usd"] == "1200000000")
        #expect(beta.priceGuard.conditions.storagePrice == 100_000 && beta.priceGuard.conditions.egressPrice == 900_000)
        #expect(terms.repository.storageType == "S3" && terms.repository.buckets.map(\.folder) == ["data", "data"])
        let megabytes = try quote(SmallMarket.request()) { $0.contract = .megabytes }.terms.legs[0]
        #expect(megabytes.createDeal["agreed_storage_mb"] == "1024000" && megabytes.agreedStorage == 1_024_000)
        #expect(megabytes.priceGuard.conditions.storagePrice == 100_000)
        let early = try quote(SmallMarket.request()) { $0.contract = .early }.terms.legs[0]
        #expect(early.uptime == 9990)
    }

    /// The simulator runs every quote's own usage at its own guard: funded in full, no consumer ever breaches, and the
    /// provider is never paid more than what was funded.
    @Test(arguments: [ContractProfile.version16, .megabytes, .early])
    func fundingCoversEverySettlement(profile: ContractProfile) throws {
        var random = SeededGenerator(seed: 41)
        for _ in 0..<25 {
            let quote = try quote(rich(&random)) { $0.contract = profile }
            for (leg, terms) in zip(quote.legs, quote.terms.legs) {
                let periods = try leg.usages.enumerated().map { month, usage in
                    SettlementPeriod(
                        label: "\(month)",
                        storageGB: try ExactDecimal(significand: Int128(usage.storedBytes), scale: 9),
                        egressGB: try ExactDecimal(significand: Int128(usage.egressBytes), scale: 9))
                }
                let run = try SettlementRun(
                    SettlementScenario(
                        profile: profile, bucket: terms.priceGuard.conditions, funding: terms.fundingAmount), periods)
                #expect(run.end.status == .completed && run.rows.allSatisfy { $0.settlement?.shortfall == 0 })
                #expect(terms.fundingAmount >= leg.cost.minor * 100_000)
                #expect(terms.uptime < profile.fullUptime)
            }
        }
    }

    @Test func paymentsAddUpToEveryMonthAndToTheConvertedTotal() throws {
        var random = SeededGenerator(seed: 43)
        let rate = ExchangeRate(
            base: .usd, quote: try Asset.named("STRK"), rate: try ExactDecimal("8.123456"),
            time: SmallMarket.now - 60, source: "operator feed")
        for round in 0..<25 {
            var request = try rich(&random)
            if round % 2 == 0 { request.payment = try Asset.named("STRK") }
            let quote = try quote(request, rates: [rate]) {
                $0.wallets["gamma"] = ProviderWallet(network: "starknet", address: "0x1")
            }
            for month in 0..<request.months {
                let streams = quote.terms.payments.filter { $0.start == request.start.addingMonths(month) }
                #expect(streams.reduce(Int128(0)) { $0 + $1.amount.minor } == quote.bill.payableByMonth[month].minor)
                #expect(streams.allSatisfy { $0.amount.minor > 0 && $0.end > $0.start })
            }
            for stream in quote.terms.payments {
                let isDirect = stream.provider == "gamma" && request.payment != nil
                #expect(stream.route == (isDirect ? .direct(.init(network: "starknet", address: "0x1")) : .platform))
            }
            if let conversion = quote.conversion {
                #expect(quote.terms.payments.reduce(Int128(0)) { $0 + ($1.paid?.minor ?? 0) } == conversion.to.minor)
                #expect(conversion.rates.first?.time == SmallMarket.now - 60)
                #expect(quote.payable?.total == conversion.to)
                #expect(quote.payable?.lines.last?.amount == conversion.margin)
            }
            let statement = try quote.statement()
            #expect(statement.total == quote.total)
        }
        // A feed that stopped is refused, as is a day's rate that is too old.
        var late = try SmallMarket.request()
        late.payment = try Asset.named("STRK")
        #expect(throws: QuotingError.self) { try quote(late, rates: [rate]) { $0.maximumFeedAgeMinutes = 0 } }
    }

    @Test func repositoriesFollowThePlatformsRules() throws {
        func plan(_ mode: RepositoryPlan.Mode, _ buckets: [(String, String, Bool)]) -> RepositoryPlan {
            RepositoryPlan(
                mode: mode, storageType: "S3",
                buckets: buckets.map { .init(offer: $0.0, folder: $0.1, isMaster: $0.2) })
        }
        #expect(throws: Never.self) { try plan(.mirror, [("a", "x", true), ("b", "x", false)]).validate() }
        #expect(throws: Never.self) { try plan(.normal, [("a", "x", false), ("b", "y", false)]).validate() }
        for bad in [
            plan(.mirror, [("a", "x", false), ("b", "x", false)]), plan(.mirror, [("a", "x", true), ("b", "x", true)]),
            plan(.mirror, [("a", "x", true)]), plan(.normal, [("a", "x", false), ("b", "x", false)]),
            plan(.mirror, [("a", "x", true), ("b", "x", false), ("a", "y", true), ("c", "y", false)]),
            plan(.normal, [("a", "x", true)]), plan(.normal, []), plan(.normal, [("a", "", false)])
        ] {
            #expect(throws: ContractError.self) { try bad.validate() }
        }
    }

    /// Where days were measured the forecast goes by them, else by the prediction.
    @Test func breachProbabilitiesGoByMeasurements() throws {
        let request = try SmallMarket.request()
        let predicted = try quote(request).terms.legs
        #expect(predicted.map(\.breach.uptimeBasis) == [.prediction, .prediction])
        func days(_ offer: String, _ latency: Double, _ uptime: Double) -> [Marketplace.Measurement] {
            (0..<60).flatMap { day in
                [(MeasurementMetric.latencyMs, latency + Double(day % 5)), (.availability, uptime)].map {
                    Marketplace.Measurement(
                        time: SmallMarket.now - day * 86_400, region: "eu-west", offer: offer, metric: $0.0, value: $0.1
                    )
                }
            }
        }
        let gamma = "gamma/virginia/standard"
        let good = try quote(request, measurements: [gamma: days(gamma, 40, 1)]).terms.legs[1].breach
        let bad = try quote(request, measurements: [gamma: days(gamma, 90, 0.99)]).terms.legs[1].breach
        #expect(good.latencyBasis == .measurements && good.uptimeBasis == .measurements)
        #expect(try #require(good.latency) < 0.01 && bad.latency ?? 0 > 0.99)
        #expect(try #require(good.uptime) < 0.25 && bad.uptime ?? 0 > 0.99)
        let one = try quote(request, measurements: [gamma: days(gamma, 40, 1)])
        let two = try quote(request, measurements: [gamma: days(gamma, 40, 1)])
        #expect(one.json.text() == two.json.text())
    }

    @Test func promisesNameThresholdAndConsequence() throws {
        let request = try SmallMarket.request { $0.qos.downloadMBps = ExactDecimal(35) }
        let metrics = try quote(request).terms.legs[1].metrics
        #expect(metrics.filter(\.isOnChain).map(\.name) == [.latency, .uptime])
        #expect(metrics.first { $0.name == .download }?.threshold == ExactDecimal(35))
        #expect(metrics.first { $0.name == .upload }?.threshold == ExactDecimal(10))
        #expect(try metrics.first { $0.name == .errorRate }?.threshold == ExactDecimal("0.0001"))
        #expect(metrics.filter { !$0.isOnChain }.allSatisfy { $0.consequence == .credit(basisPoints: 1000) })
    }

    /// Every FOCUS row: price × quantity = contracted cost, exactly; billed costs add up to the quote's total.
    @Test func focusRowsMultiplyAndAddUp() throws {
        var random = SeededGenerator(seed: 47)
        for _ in 0..<20 {
            let quote = try quote(rich(&random))
            let export = try FocusExport(quote)
            var billed = ExactDecimal.zero
            for row in export.rows {
                func decimal(_ column: String) throws -> ExactDecimal {
                    try ExactDecimal(try #require(row[column], "\(column)"))
                }
                billed = try billed.adding(decimal("BilledCost"))
                if row["ChargeCategory"] != "Credit" {
                    for kind in ["Contracted", "List"] {
                        let product = try decimal("\(kind)UnitPrice").multiplied(by: decimal("PricingQuantity"))
                        #expect(try product == decimal("\(kind)Cost"))
                    }
                } else {
                    #expect(row["PricingQuantity"] == nil && row["ContractedCost"] == row["BilledCost"])
                }
                for column in [
                    "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargeCategory",
                    "ChargeDescription", "ChargePeriodStart", "ChargePeriodEnd", "EffectiveCost", "HostProviderName",
                    "InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
                    "ServiceProviderName"
                ] {
                    #expect(row[column]?.isEmpty == false, "\(column) must not be null")
                }
                #expect(Set(row.keys).subtracting(FocusExport.columns).isEmpty)
            }
            #expect(try billed == ExactDecimal(quote.total.decimalText))
            let table = try CSVTable(parsing: Array(export.csv.utf8), header: FocusExport.columns, document: "focus")
            #expect(table.rows.count == export.rows.count)
        }
    }

    /// Writes a quote's rows for the FOCUS project's own validator (PyPI `focus-validator`): set `FLASHBACK_FOCUS_OUT` to a
    /// file, then `focus-validator --data-file FILE --validate-version 1.3`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["FLASHBACK_FOCUS_OUT"] != nil))
    func focusForTheValidator() throws {
        let file = try #require(ProcessInfo.processInfo.environment["FLASHBACK_FOCUS_OUT"])
        let request = try SmallMarket.request {
            $0.monthlyGrowth = try ExactDecimal("0.03")
            $0.credits = [
                .init(provider: "gamma", amount: try Amount("20.55", .usd), expires: try CalendarDay("2027-03-31"))
            ]
            $0.current = [.init(offer: "alpha/dublin/standard", logicalBytes: 500_000_000_000)]
        }
        try Data(try FocusExport(quote(request)).csv.utf8).write(to: URL(fileURLWithPath: file))
    }
}
