import Documents
import Foundation
import Marketplace
import Money
import Pricing
import TestSupport
import Testing

/// Advice as a whole: from the listing, requests, costs and a history to a price, or to why there is none.
@Suite struct PriceAdviceTests {
    /// Neither text nor JSON shows a number that is none, and every line fits.
    private func isSound(_ advice: PriceAdvice) -> Bool {
        let text = advice.text
        let words = text.lowercased().split { !$0.isLetter && $0 != "-" }
        return !words.contains { ["nan", "inf", "-nan", "-inf"].contains($0) }
            && text.split(separator: "\n").allSatisfy { $0.count <= 80 }
            && (try? JSONValue(parsing: Array(advice.json.text().utf8))) == advice.json
    }

    @Test func aPriceIsAdvisedWithWhatItRestsOn() throws {
        let market = AdvisedMarket()
        let advice = try market.advice(history: market.history())
        let found = try #require(advice.recommendation, "\(advice.reasons)")
        #expect(isSound(advice))
        #expect(found.interval.contains(found.price) && found.nearlyBest.contains(found.price))
        #expect(found.price > advice.decision.marginalCost)
        #expect(advice.evidence.ownQuotes > 300 && advice.decision.stage == .own)
        // The draws lie around the truth.
        let draws = try #require(advice.evidence.acceptance).draws.map(\.sensitivity)
        let mean = draws.reduce(0, +) / Double(draws.count)
        #expect(abs(mean - AdvisedMarket.g1) < 1.5, "\(mean)")
        for part in ["recommended", "90% interval", "98% of the best", "acceptance", "hold until", "marginal cost"] {
            #expect(advice.text.contains(part), "\(part)")
        }
    }

    @Test func thePriceIsTheBestOfAFineGrid() throws {
        let market = AdvisedMarket()
        var terms = AdviceTerms()
        terms.rivalSpread = 0
        let advice = try market.advice(history: market.history(), terms: terms)
        let found = try #require(advice.recommendation)
        let demand = advice.problem.options[0].demand
        let draws = demand.acceptances[0].draws
        func profit(_ price: Double) -> Double {
            demand.requests.reduce(0) { sum, request in
                guard let piece = request.pieces.first(where: { price <= $0.upTo }), piece.volume > 0 else {
                    return sum
                }
                let total = (piece.costIntercept + piece.costSlope * price) / request.referenceTotal
                let accepted = draws.reduce(0) { $0 + $1.probability(at: total) } / Double(draws.count)
                return sum + request.monthlyRate * piece.volume * accepted * (0.98 * price - advice.problem.outlay)
            }
        }
        let grid = stride(from: 0.0001, through: 0.012, by: 0.000_01).map(profit).max() ?? 0
        #expect(profit(found.price) >= grid * (1 - 1e-9))
        #expect(abs(found.expected.profit - profit(found.price)) < 1e-6 * grid)
    }

    @Test func theStagesOfEvidence() throws {
        for (share, stage) in [(0.0, EvidenceStage.cold), (0.02, .cold), (0.08, .pooled), (0.3, .own)] {
            var market = AdvisedMarket()
            market.ownShare = share
            let advice = try market.advice(history: market.history())
            #expect(advice.decision.stage == stage, "\(share): \(advice.evidence.ownQuotes)")
            #expect((advice.evidence.cohortQuotes > 0) == (stage != .own) && isSound(advice))
        }
    }

    @Test func whatIsMissingIsSaid() throws {
        let bare = try AdvisedMarket().advice(outlay: nil)
        #expect(bare.recommendation == nil && bare.text.contains("--costs") && bare.text.contains("--quotes"))
        #expect(!bare.decision.breakpoints.isEmpty && isSound(bare))
        let market = AdvisedMarket()
        let costless = try market.advice(outlay: nil, history: market.history())
        #expect(costless.recommendation == nil && costless.reasons.first?.contains("--costs") == true)
    }

    // MARK: Bad input

    @Test func noOwnQuotesLeaveTheCohortOrNothing() throws {
        var market = AdvisedMarket()
        market.ownShare = 0
        let cold = try market.advice(history: market.history())
        #expect(cold.evidence.ownQuotes == 0 && cold.decision.stage == .cold && isSound(cold))
        // A cohort too young to be used leaves nothing.
        market.ages = 1...90
        market.offers.removeLast(4)
        let nothing = try market.advice(history: market.history())
        #expect(nothing.recommendation == nil && isSound(nothing))
        #expect(nothing.decision.reasons.contains { $0.code == "tooFewQuotes" }, "\(nothing.reasons)")
    }

    @Test func constantPricesAreRefusedWithTheReason() throws {
        var market = AdvisedMarket()
        market.spread = 0
        let advice = try market.advice(history: market.history())
        #expect(advice.recommendation == nil && isSound(advice))
        #expect(advice.decision.reasons.contains { $0.code == "pricesHardlyVaried" }, "\(advice.reasons)")
    }

    @Test func separationIsSaidAndEstimatesNothing() throws {
        var market = AdvisedMarket()
        market.acceptance = { $0 < 1 ? 1 : 0 }
        let advice = try market.advice(history: market.history())
        #expect(advice.evidence.acceptance == nil && isSound(advice))
        #expect(advice.evidence.notes.contains { $0.contains("separate") }, "\(advice.evidence.notes)")
        // Own quotes that all were accepted leave the cohort's acceptance.
        let mixed = AdvisedMarket().history()
        let happy = QuoteHistory(
            mixed.quotes.map {
                .init(
                    day: $0.day, user: $0.user, total: $0.total, reference: $0.reference,
                    isAccepted: $0.isAccepted || $0.providers.contains("own"), providers: $0.providers)
            }, source: "made up")
        let borrowed = try AdvisedMarket().advice(history: happy)
        #expect(borrowed.evidence.acceptance != nil && borrowed.evidence.cohortQuotes > 0)
        #expect(borrowed.evidence.notes.contains { $0.contains("your own quotes cannot be estimated") })
    }

    @Test func collinearColumnsOfAHistoryDoNotMatter() throws {
        var lines = ["request,week,provider,chosen,price,reference,twice,thrice"]
        var random = SeededGenerator(seed: 3)
        for index in 0..<200 {
            let ratio = exp(0.2 * random.normal())
            let accepts = random.chance(1 / (1 + exp(-(6 - 6 * ratio))))
            lines.append("\(index),2900,own,\(accepts ? 1 : 0),\(100 * ratio),100,\(200 * ratio),\(300 * ratio)")
        }
        let history = try QuoteHistory(csv: Array((lines.joined(separator: "\n") + "\n").utf8), document: "quotes.csv")
        let evidence = AcceptanceEvidence(history, provider: "own", on: SmallMarket.day)
        #expect(evidence.acceptance != nil && evidence.ownQuotes == 200)
        // Where collinear columns do enter, the fit names them.
        let data = try ChoiceData(csv: Array((lines.joined(separator: "\n") + "\n").utf8), document: "quotes.csv")
        do throws(PricingError) {
            _ = try ConditionalLogit.fit(data, variables: ["constant", "price", "twice"], outside: true)
            Issue.record("not refused")
        } catch {
            #expect("\(error)".contains("price") && "\(error)".contains("twice"), "\(error)")
        }
    }

    @Test func aCostAboveEveryRivalsPriceIsSaid() throws {
        let market = AdvisedMarket()
        let advice = try market.advice(outlay: 0.02, history: market.history())
        #expect(advice.recommendation == nil && isSound(advice))
        #expect(advice.decision.reasons.contains { $0.code == "noProfitablePrice" }, "\(advice.reasons)")
    }

    @Test func zeroCapacityIsSaid() throws {
        let market = AdvisedMarket()
        let advice = try market.advice(history: market.history(), capacityGB: 0)
        #expect(advice.recommendation == nil && isSound(advice))
        #expect(advice.decision.reasons.contains { $0.code == "zeroCapacity" }, "\(advice.reasons)")
    }

    @Test(arguments: [(1, 9), (1_000_000_000, 0)])
    func extremePricesGiveNoNonsense(units: Int, scale: Int) throws {
        var market = AdvisedMarket()
        for index in market.offers.indices {
            market.offers[index].tariff.storage = [Tier(price: decimal(units, scale))]
        }
        do {
            let advice = try market.advice(history: market.history())
            #expect(isSound(advice))
            // Nothing is won at or above the cost of a thousandth of a dollar.
            #expect(advice.recommendation == nil && !advice.reasons.isEmpty)
        } catch let error as PricingError {
            #expect(scale == 0 && "\(error)".contains("100000 USD"), "\(error)")
        }
    }

    @Test(arguments: [
        ("request,week,provider,chosen,price\n1,2900,own,1,5\n", "the column 'reference' is missing"),
        ("request,week,provider,chosen,reference\n1,2900,own,1,5\n", "the column 'price' is missing"),
        ("request,provider,chosen,price,reference\n1,own,1,5,6\n", "the column 'week' is missing"),
        ("request,week,chosen,price,reference\n1,2900,1,5,6\n", "the column 'provider' is missing"),
        ("request,week,provider,chosen,price,reference\n1,2900,own,1,-5,6\n", "price: -5.0 is not above zero"),
        ("request,week,provider,chosen,price,reference\n1,2900,own,1,5,6\n1,2900,b,0,7,6\n", "differ in price"),
        ("request,week,provider,chosen,price,reference\n1,99999999,own,1,5,6\n", "week: 99999999 is out of range"),
        ("request,week,provider,chosen,price,reference\n1,2900,own,2,5,6\n", "use 0 or 1")
    ])
    func faultyHistoriesNameTheColumn(text: String, message: String) {
        do throws(PricingError) {
            _ = try QuoteHistory(csv: Array(text.utf8), document: "quotes.csv")
            Issue.record("not refused")
        } catch {
            #expect("\(error)".contains(message), "\(error)")
        }
    }

    // MARK: What moved the price

    @Test func anEarlierDocumentTellsWhatMovedThePrice() throws {
        let market = AdvisedMarket()
        let history = market.history()
        let before = try market.advice(outlay: 0.001, history: history)
        let previous = try PreviousAdvice(
            JSONValue(parsing: Array(before.json.text(indented: true).utf8)), document: "before.json")
        #expect(previous.offer == "own/m0/hot" && previous.day == SmallMarket.day)
        let after = try market.advice(outlay: 0.004, history: history, previous: previous)
        let drivers = try #require(after.decision.drivers)
        let (old, new) = (try #require(before.recommendation).price, try #require(after.recommendation).price)
        #expect(drivers.previousPrice == old && abs(drivers.total - (new - old)) < 1e-9)
        #expect(drivers.cost >= 0 && drivers.rivals == 0 && drivers.capacity == 0 && after.text.contains("since "))
        #expect(throws: InputError.self) { try PreviousAdvice(["day": "2026-01-01"], document: "other.json") }
    }

    // MARK: Promises and buckets

    private func measurements(latency: Double, uptime: Double) -> [Marketplace.Measurement] {
        (0..<12).flatMap { month in
            [(MeasurementMetric.latencyMs, latency), (.availability, uptime)].map {
                Marketplace.Measurement(
                    time: (SmallMarket.day.ordinal - 30 * month - 1) * 86_400, region: "north", offer: "own/m0/hot",
                    metric: $0.0, value: $0.1)
            }
        }
    }

    @Test func anUptimeThatIsSeldomKeptIsNotAdvised() throws {
        let market = AdvisedMarket()
        var terms = AdviceTerms()
        terms.uptimes = [0.99999]
        let bucket = try PlatformBucket(
            [
                "provider_id": "GABC", "bucket_id": 7, "region": "m0", "price_per_gb_storage": 50_000,
                "price_per_gb_egress": 0, "sla_avg_latency_ms": 25, "sla_avg_uptime_pct": 99_950_000, "locked": false
            ], document: "bucket.json")
        let advice = try market.advice(
            history: market.history(), terms: terms, bucket: bucket,
            measurements: measurements(latency: 20, uptime: 0.9996))
        #expect(advice.decision.promises.count == 2)
        #expect(advice.decision.promises[0].breachProbability < 0.1)
        #expect(advice.decision.promises[1].breachProbability > 0.9)
        #expect(try #require(advice.recommendation).option == 0)
        #expect(advice.text.contains("99.95% uptime, 25 ms (advised)"), "\(advice.text)")
    }

    /// Latencies that requests ask for are weighed against how often they would have been broken.
    @Test func theLatencyIsChosenAmongThoseThatAreAsked() throws {
        var market = AdvisedMarket()
        for (index, asked) in [30, 60, nil].enumerated() {
            market.requests[index].qos.latencyMs = asked.map { decimal($0, 0) }
        }
        // Every other month is at 50 ms: 30 ms is broken in 6 of 12.
        var measured: [Marketplace.Measurement] = []
        for month in 0..<12 {
            let time = (SmallMarket.day.ordinal - 30 * month - 1) * 86_400
            for (metric, value) in [
                (MeasurementMetric.latencyMs, month % 2 == 0 ? 25.0 : 50.0), (.availability, 0.9996)
            ] {
                measured.append(
                    Marketplace.Measurement(
                        time: time, region: "north", offer: "own/m0/hot", metric: metric, value: value))
            }
        }
        func bucket(_ latency: Int) throws -> PlatformBucket {
            try PlatformBucket(
                [
                    "provider_id": "GABC", "bucket_id": 7, "region": "m0", "price_per_gb_storage": 50_000,
                    "price_per_gb_egress": 0, "sla_avg_latency_ms": JSONValue(latency),
                    "sla_avg_uptime_pct": 99_950_000, "locked": false
                ], document: "bucket.json")
        }
        let advice = try market.advice(history: market.history(), bucket: try bucket(20), measurements: measured)
        let promises = advice.decision.promises
        // What stands is broken in every month; 60 loses the first request and no month, 65 would lose another for nothing.
        #expect(promises.map { $0.promise?.latencyMilliseconds } == [20, 30, 60])
        let breaches: [Double] = [12.5 / 13, 6.5 / 13, 0.5 / 13]
        #expect(promises.map(\.breachProbability) == breaches)
        let profits = promises.map { $0.best?.profit ?? 0 }
        let recommendation = try #require(advice.recommendation)
        #expect(profits.max() == profits[recommendation.option] && recommendation.option == 2)
        #expect(recommendation.promise?.latencyMilliseconds == 60)
        // Each promise is quoted to those whose bound it keeps.
        let served = promises.compactMap { $0.best?.winRate }
        let expected: [Double] = Array([1, 1, 2.0 / 3].suffix(served.count))
        for (rate, share) in zip(served, expected) { #expect(abs(rate - share) < 1e-9) }
        // The same as if the bucket promised it and the request that it loses were never made.
        let standing = try market.advice(history: market.history(), bucket: try bucket(60), measurements: measured)
        #expect(standing.recommendation?.price == recommendation.price)
    }

    @Test func theBucketsArgumentsCarryTheAdviceUnlessItIsLocked() throws {
        func bucket(_ locked: Bool, _ region: String = "m0") throws -> PlatformBucket {
            try PlatformBucket(
                [
                    "provider_id": "GABC", "bucket_id": 7, "region": .string(region), "price_per_gb_storage": 50_000,
                    "price_per_gb_egress": 0, "sla_avg_latency_ms": 50, "sla_avg_uptime_pct": 99_900_000,
                    "locked": .bool(locked)
                ], document: "bucket.json")
        }
        let market = AdvisedMarket()
        let history = market.history()
        let advice = try market.advice(history: history, bucket: try bucket(false))
        let price = try #require(advice.recommendation).price
        let conditions = try #require(try advice.conditions(for: try bucket(false)))
        #expect(conditions.storagePrice == Int128((price * 1e7).rounded()))
        #expect(advice.text.contains("update_bucket_conditions") && advice.text.contains("nothing is applied"))
        let locked = try market.advice(history: history, bucket: try bucket(true))
        #expect(!locked.text.contains("update_bucket_conditions") && locked.text.contains("locked by a deal"))
        let elsewhere = try market.advice(history: history, bucket: try bucket(false, "m1"))
        #expect(elsewhere.text.contains("the bucket in 'm1'") && isSound(elsewhere))
    }
}
