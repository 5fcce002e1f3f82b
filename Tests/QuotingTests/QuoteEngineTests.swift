import Allocation
import Documents
import Marketplace
import Money
import Quoting
import Testing

@Suite struct QuoteEngineTests {
    private func quote(_ answer: QuoteAnswer) throws -> Quote {
        guard case .quote(let quote) = answer else {
            Issue.record("expected a quote, got \(answer.text)")
            throw CancellationError()
        }
        return quote
    }

    private func refusal(_ answer: QuoteAnswer) throws -> Refusal {
        guard case .refusal(let refusal) = answer else {
            Issue.record("expected a refusal, got \(answer.text)")
            throw CancellationError()
        }
        return refusal
    }

    /// Beta at 10 USD and gamma at 5 USD a month for 1 TB; gamma serves the reads for nothing: 12 × 15 × 1.02.
    @Test func cheapestPairByHand() throws {
        let quote = try quote(SmallMarket.engine().answer(SmallMarket.request(), now: SmallMarket.now))
        #expect(quote.legs.map(\.offer.id) == ["beta/dublin/standard", "gamma/virginia/standard"])
        #expect(quote.total.decimalText == "183.60")
        #expect(quote.bill.platformFee.decimalText == "3.60")
        #expect(quote.allocation.status == .optimal)
        #expect(quote.achieved.toleratedProviders == 1)
    }

    /// A latency bound moves the reads to Dublin: beta at 10 + 9 against alpha at 20 + 5.
    @Test func latencyMovesReads() throws {
        let request = try SmallMarket.request { $0.qos.latencyMs = try ExactDecimal("10") }
        let quote = try quote(SmallMarket.engine().answer(request, now: SmallMarket.now))
        #expect(quote.legs.map(\.offer.id) == ["beta/dublin/standard", "gamma/virginia/standard"])
        #expect(quote.legs.map { $0.readShares[0] } == [1, 0])
        #expect(quote.total.decimalText == "293.76")
        #expect(quote.achieved.latencies == [5])
    }

    @Test func linesAddUpToTheTotal() throws {
        let request = try SmallMarket.request {
            $0.monthlyGrowth = try ExactDecimal("0.03")
            $0.credits = [
                .init(provider: "gamma", amount: try Amount("20.55", .usd), expires: try CalendarDay("2027-03-31"))
            ]
            $0.current = [.init(offer: "alpha/dublin/standard", logicalBytes: 500_000_000_000)]
        }
        let quote = try quote(SmallMarket.engine().answer(request, now: SmallMarket.now))
        var sum: Int128 = 0
        for leg in quote.legs {
            #expect(leg.lines.reduce(Int128(0)) { $0 + $1.amount.minor } == leg.cost.minor)
            sum += leg.cost.minor
        }
        for charge in quote.bill.migration { sum += charge.amount.minor }
        for credit in quote.bill.credits { sum -= credit.amount.minor }
        sum += quote.bill.platformFee.minor + quote.bill.gateway.minor
        #expect(sum == quote.total.minor)
        #expect(quote.bill.payableByMonth.reduce(Int128(0)) { $0 + $1.minor } == quote.total.minor)
        #expect(quote.bill.migration.map(\.amount.decimalText) == ["25.00"])
        #expect(quote.bill.credits.map(\.amount.decimalText) == ["20.55"])
    }

    @Test func sameInputsGiveTheSameBytes() throws {
        let request = try SmallMarket.request()
        let one = try SmallMarket.engine().answer(request, now: SmallMarket.now).json.text()
        let two = try SmallMarket.engine().answer(request, now: SmallMarket.now).json.text()
        let later = try SmallMarket.engine().answer(request, now: SmallMarket.now + 1).json.text()
        #expect(one == two)
        #expect(one != later)
    }

    @Test func requestSurvivesItsOwnJSON() throws {
        let request = try SmallMarket.request {
            $0.qos.availability = try ExactDecimal("0.999")
            $0.budget = .init(amount: try Amount("700", .usd), period: .term)
            $0.eligibility.jurisdictions = ["EU"]
            $0.payment = try Asset.named("EUR")
        }
        #expect(try SLARequest(request.json) == request)
    }

    @Test func budgetTooSmallNamesBudgetAndRemedyWorks() throws {
        let request = try SmallMarket.request { $0.budget = .init(amount: try Amount("10", .usd), period: .month) }
        let refusal = try refusal(SmallMarket.engine().answer(request, now: SmallMarket.now))
        let conflict = try #require(refusal.allocation.conflict)
        #expect(conflict.members.map(\.constraint) == [.budget])
        #expect(conflict.members[0].remedy == "a budget of 15.30 USD per month")
        let mended = try SmallMarket.request { $0.budget = .init(amount: try Amount("15.30", .usd), period: .month) }
        _ = try quote(SmallMarket.engine().answer(mended, now: SmallMarket.now))
    }

    @Test func availabilityOutOfReachNamesAvailability() throws {
        let request = try SmallMarket.request { $0.qos.availability = try ExactDecimal("0.99999999") }
        let refusal = try refusal(SmallMarket.engine().answer(request, now: SmallMarket.now))
        let conflict = try #require(refusal.allocation.conflict)
        #expect(conflict.members.map(\.constraint) == [.availability])
        #expect(conflict.alternatives == ["3 copies instead of 2 copies"])
        #expect(refusal.text.contains("/qos/availability"))
    }

    @Test func paymentInAnotherAssetRoundsUpWithMargin() throws {
        let rate = ExchangeRate(
            base: .usd, quote: try Asset.named("XLM"), rate: try ExactDecimal("4"), date: try CalendarDay("2026-11-17"),
            source: "test")
        let request = try SmallMarket.request { $0.payment = try Asset.named("XLM") }
        let quote = try quote(SmallMarket.engine(rates: [rate]).answer(request, now: SmallMarket.now))
        #expect(quote.conversion?.to.decimalText == "738.0720000")
        #expect(throws: QuotingError.self) { try SmallMarket.engine().answer(request, now: SmallMarket.now) }
        let later = SmallMarket.now + 30 * 86_400
        #expect(throws: QuotingError.self) { try SmallMarket.engine(rates: [rate]).answer(request, now: later) }
    }

    @Test func termsFundEveryLegInFull() throws {
        let quote = try quote(SmallMarket.engine().answer(SmallMarket.request(), now: SmallMarket.now))
        #expect(quote.terms.repositoryMode == "MIRROR")
        for (leg, terms) in zip(quote.legs, quote.terms.legs) {
            #expect(terms.fundingAmount == leg.cost.minor * 100_000)
            #expect(terms.agreedStorage == 1000)
            #expect(terms.durationSeconds == 365 * 86_400)
            #expect(terms.uptime == 99_900_000)
        }
        #expect(quote.terms.repository.buckets.filter(\.isMaster).count == 1)
    }

    @Test func textFitsATerminal() throws {
        let text = try SmallMarket.engine().answer(SmallMarket.request(), now: SmallMarket.now).text
        for line in text.split(separator: "\n") { #expect(line.count <= 96, "\(line)") }
        #expect(text.contains("183.60"))
    }
}
