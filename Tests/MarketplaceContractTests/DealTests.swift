import Documents
import MarketplaceContract
import Money
import TestSupport
import Testing

/// The contract's settlement by hand. 0.02 USD per GB stored is 200,000; 0.01 USD per GB read is 100,000.
@Suite struct DealTests {
    static let bucket = BucketConditions(
        storagePrice: 200_000, egressPrice: 100_000, latencyMs: 50, uptime: 99_900_000)

    static func deal(
        _ amount: Int128, _ profile: ContractProfile = .version16, provider: Int = 50, consumer: Int = 50
    ) throws -> Deal {
        var deal = Deal(profile, providerReputation: provider, consumerReputation: consumer)
        try deal.accept()
        try deal.fund(amount)
        return deal
    }

    /// 1,000 GB and 100 GB: 1,000 × 200,000 + 100 × 100,000 = 210,000,000 = 21 USD; the fee is 2% of it.
    @Test(arguments: [ContractProfile.version16, .megabytes])
    func fullPayment(profile: ContractProfile) throws {
        var deal = try Self.deal(500_000_000, profile)
        let unit = Int128(profile.volumeUnitsPerGB)
        try deal.report(.init(storage: 1000 * unit, egress: 100 * unit))
        try deal.observe(latencyMs: 50, uptime: 99_900_000)  // Both at the bound: kept.
        let settled = try deal.settle(Self.bucket)
        #expect(settled.amount == 210_000_000 && settled.payment == 210_000_000 && settled.fee == 4_200_000)
        #expect(settled.payout == 205_800_000 && settled.shortfall == 0 && settled.breaches.isEmpty)
        #expect(deal.balance == 290_000_000 && deal.paidOut == 205_800_000 && deal.fees == 4_200_000)
        #expect(deal.unpaid == .init() && deal.paid == .init(storage: 1000 * unit, egress: 100 * unit))
        #expect(deal.providerReputation == 51 && deal.consumerReputation == 51 && deal.status == .funded)
        try deal.complete()
        #expect(deal.refunded == 290_000_000 && deal.balance == 0 && deal.status == .completed)
    }

    /// 70 of 210 million: a third of the volumes is paid, 333 of 1,000 and 33 of 100, rounded down.
    @Test(arguments: [ContractProfile.version16, .megabytes])
    func shortfall(profile: ContractProfile) throws {
        var deal = try Self.deal(70_000_000, profile)
        let unit = Int128(profile.volumeUnitsPerGB)
        try deal.report(.init(storage: 1000 * unit, egress: 100 * unit))
        let settled = try deal.settle(Self.bucket)
        #expect(settled.payment == 70_000_000 && settled.fee == 1_400_000 && settled.shortfall == 140_000_000)
        #expect(deal.paid == .init(storage: 1000 * unit / 3, egress: 100 * unit / 3))
        #expect(deal.unpaid == .init(storage: 1000 * unit - 1000 * unit / 3, egress: 100 * unit - 100 * unit / 3))
        #expect(deal.balance == 0 && deal.status == .breachedConsumer)
        #expect(deal.providerReputation == 51 && deal.consumerReputation == 49)
        #expect(throws: ContractError.self) { try deal.settle(Self.bucket) }
        #expect(throws: ContractError.self) { try deal.complete() }
        try deal.cancel()
        #expect(deal.status == .cancelled && deal.refunded == 0)
    }

    /// One millisecond above, or a millionth of a percent below: all that is pending is forfeited, the balance is whole.
    @Test(arguments: [ContractProfile.version16, .megabytes], [(51, 99_900_000), (50, 99_899_999), (51, 0)])
    func breach(profile: ContractProfile, observed: (latency: Int, uptime: Int)) throws {
        var deal = try Self.deal(500_000_000, profile)
        let unit = Int128(profile.volumeUnitsPerGB)
        try deal.report(.init(storage: 1000 * unit, egress: 100 * unit))
        try deal.observe(latencyMs: observed.latency, uptime: observed.uptime)
        let settled = try deal.settle(Self.bucket)
        #expect(settled.forfeited == 210_000_000 && settled.payment == 0 && settled.fee == 0)
        #expect(settled.breaches.count == (observed.latency > 50 ? 1 : 0) + (observed.uptime < 99_900_000 ? 1 : 0))
        #expect(deal.balance == 500_000_000 && deal.paidOut == 0 && deal.fees == 0 && deal.forfeited == 210_000_000)
        #expect(deal.unpaid == .init() && deal.slashed == .init(storage: 1000 * unit, egress: 100 * unit))
        #expect(deal.providerReputation == 49 && deal.consumerReputation == 50 && deal.status == .breachedProvider)
        try deal.complete()
        #expect(deal.refunded == 500_000_000)
    }

    /// The fee is rounded down: 2% of 49 is 0, of 50 is 1, of 199 is 3.
    @Test func feeIsAnIntegerDivision() throws {
        for (price, fee) in [(49, 0), (50, 1), (149, 2), (199, 3)] as [(Int128, Int128)] {
            var deal = try Self.deal(1000)
            try deal.report(.init(storage: 1))
            let settled = try deal.settle(.init(storagePrice: price, egressPrice: 0, latencyMs: 50, uptime: 0))
            #expect(settled.fee == fee && settled.payout == price - fee)
        }
    }

    /// Megabytes are divided once, after the sum: (3 × 1000 + 1 × 1000) / 1024 = 3, not 2 + 0.
    @Test func megabytesAreDividedOnce() throws {
        var deal = try Self.deal(1000, .megabytes)
        try deal.report(.init(storage: 3, egress: 1))
        #expect(try deal.pending(.init(storagePrice: 1000, egressPrice: 1000, latencyMs: nil, uptime: 0)) == 3)
    }

    @Test func reputationsAreClamped() throws {
        var deal = try Self.deal(1_000_000_000, provider: 100, consumer: 99)
        for _ in 0..<3 {
            try deal.report(.init(storage: 1))
            _ = try deal.settle(Self.bucket)
        }
        #expect(deal.providerReputation == 100 && deal.consumerReputation == 100)
        deal = try Self.deal(1_000_000_000, provider: 1)
        for _ in 0..<3 {
            try deal.observe(latencyMs: 60, uptime: 99_999_999)
            _ = try deal.settle(Self.bucket)
        }
        #expect(deal.providerReputation == 0 && deal.status == .breachedProvider)
        #expect(Deal(.version16, providerReputation: 700, consumerReputation: -3).providerReputation == 100)
        deal = try Self.deal(1, consumer: 0)
        try deal.report(.init(storage: 1))
        _ = try deal.settle(Self.bucket)
        #expect(deal.consumerReputation == 0)
    }

    /// A bucket that promises 100% is breached by a deal that nobody has measured.
    @Test func fullUptimeBreachesAtOnce() throws {
        var deal = try Self.deal(1000)
        try deal.report(.init(storage: 1))
        let settled = try deal.settle(.init(storagePrice: 1, egressPrice: 1, latencyMs: 1, uptime: 100_000_000))
        #expect(settled.breaches == [.uptime(observed: 99_999_999, promised: 100_000_000)])
        let promised = ContractProfile.version16.promised(.full)
        deal = try Self.deal(1000)
        #expect(
            try deal.settle(.init(storagePrice: 1, egressPrice: 1, latencyMs: 1, uptime: promised)).breaches.isEmpty)
        #expect(ContractProfile.early.promised(.full) == 9999)
    }

    /// Every step from every status: allowed or refused as the contract does, and a refusal changes nothing.
    @Test func statusMachine() throws {
        func reached(_ status: DealStatus) throws -> Deal {
            var deal = Deal(.version16)
            switch status {
            case .pending: break
            case .accepted: try deal.accept()
            case .funded: deal = try Self.deal(1_000_000)
            case .completed: deal = try Self.deal(1_000_000); try deal.complete()
            case .cancelled: try deal.cancel()
            case .breachedConsumer:
                deal = try Self.deal(1)
                try deal.report(.init(storage: 1))
                _ = try deal.settle(Self.bucket)
            case .breachedProvider:
                deal = try Self.deal(1_000_000)
                try deal.observe(latencyMs: 99, uptime: 0)
                _ = try deal.settle(Self.bucket)
            }
            #expect(deal.status == status)
            return deal
        }
        let steps: [(String, (inout Deal) throws -> Void, Set<DealStatus>)] = [
            ("accept", { try $0.accept() }, [.pending]), ("reject", { try $0.reject() }, [.pending]),
            ("fund", { try $0.fund(5) }, [.accepted]),
            ("deposit", { try $0.deposit(5) }, [.funded, .breachedConsumer, .breachedProvider]),
            ("settle", { _ = try $0.settle(Self.bucket) }, [.funded, .breachedProvider]),
            ("complete", { try $0.complete() }, [.funded, .breachedProvider]),
            ("cancel", { try $0.cancel() }, [.pending, .accepted, .breachedConsumer])
        ]
        for status in DealStatus.allCases {
            for (name, step, allowed) in steps {
                let before = try reached(status)
                var deal = before
                if allowed.contains(status) {
                    #expect(throws: Never.self, "\(name) from \(status)") { try step(&deal) }
                } else {
                    #expect(throws: ContractError.self, "\(name) from \(status)") { try step(&deal) }
                    #expect(deal == before)
                }
            }
        }
    }

    /// Random lives: in every step deposits = balance + paid out + fees + refunds, reputations stay within 0…100, no
    /// volume is lost, and a failed step changes nothing.
    @Test(arguments: [ContractProfile.version16, .megabytes, .early])
    func moneyIsConserved(profile: ContractProfile) throws {
        var random = SeededGenerator(seed: 17)
        var settlements = 0
        for _ in 0..<1500 {
            var deal = Deal(
                profile, providerReputation: random.int(0...100), consumerReputation: random.int(0...100))
            var reported = Deal.Volumes()
            for _ in 0..<30 {
                let before = deal
                let bucket = BucketConditions(
                    storagePrice: Int128(random.int(0...400_000)), egressPrice: Int128(random.int(0...400_000)),
                    latencyMs: random.chance(0.1) ? nil : random.int(20...60),
                    uptime: random.int(0...profile.fullUptime))
                let volumes = Deal.Volumes(storage: Int128(random.int(0...9000)), egress: Int128(random.int(0...900)))
                do {
                    switch random.int(0...19) {
                    case 0: try deal.complete()
                    case 1: try deal.cancel()
                    case 2, 3: try deal.accept()
                    case 4, 5: try deal.fund(Int128(random.int(0...9_000_000_000)))
                    case 6: try deal.deposit(Int128(random.int(0...2_000_000_000)))
                    case 7:
                        try deal.observe(latencyMs: random.int(0...70), uptime: random.int(0...profile.fullUptime + 1))
                    case 8...12:
                        try deal.report(volumes)
                        reported = .init(
                            storage: reported.storage + volumes.storage, egress: reported.egress + volumes.egress)
                    default:
                        let settled = try deal.settle(bucket)
                        settlements += 1
                        #expect(settled.payment + settled.forfeited + settled.shortfall == settled.amount)
                        #expect(settled.payout + settled.fee == settled.payment && settled.shortfall >= 0)
                    }
                } catch {
                    #expect(deal == before)
                }
                #expect(deal.deposited == deal.balance + deal.paidOut + deal.fees + deal.refunded)
                #expect(deal.balance >= 0 && deal.paidOut >= 0 && deal.fees >= 0)
                #expect((0...100).contains(deal.providerReputation) && (0...100).contains(deal.consumerReputation))
                let (open, paid, lost) = (deal.unpaid, deal.paid, deal.slashed)
                #expect(open.storage + paid.storage + lost.storage == reported.storage)
                #expect(open.egress + paid.egress + lost.egress == reported.egress)
            }
        }
        #expect(settlements > 1000)
    }

    @Test func whatIsTooLargeFailsAndChangesNothing() throws {
        var deal = try Self.deal(1000)
        #expect(throws: ContractError.self) { try deal.report(.init(storage: Int128(UInt32.max) + 1)) }
        #expect(throws: ContractError.self) { try deal.observe(latencyMs: -1, uptime: 0) }
        #expect(throws: ContractError.self) { try deal.observe(latencyMs: 1, uptime: 100_000_001) }
        #expect(throws: ContractError.self) { try deal.deposit(.max) }
        try deal.report(.init(storage: 4_294_967_295, egress: 4_294_967_295))
        let before = deal
        #expect(throws: ContractError.self) {
            try deal.settle(.init(storagePrice: .max / 2, egressPrice: 1, latencyMs: nil, uptime: 0))
        }
        #expect(deal == before)
    }
}

@Suite struct SettlementRunTests {
    private func period(
        _ label: String, _ gb: String, latency: String? = nil, uptime: String? = nil, storagePrice: Int128? = nil,
        deposit: String = "0"
    ) throws -> SettlementPeriod {
        SettlementPeriod(
            label: label, storageGB: try ExactDecimal(gb), egressGB: .zero,
            latencyMs: try latency.map { try ExactDecimal($0) },
            uptime: try uptime.flatMap { Uptime(try ExactDecimal($0), scale: .percent) },
            deposit: try ExactDecimal(deposit), storagePrice: storagePrice)
    }

    /// A good month, a slow one, one that the provider repriced tenfold, and what is left.
    @Test func aStoryByHand() throws {
        let scenario = SettlementScenario(profile: .version16, bucket: DealTests.bucket, funding: 500_000_000)
        let run = try SettlementRun(
            scenario,
            [
                period("1", "1000", latency: "49.2", uptime: "99.95"), period("2", "1000", latency: "50.1"),
                period("3", "1000", latency: "20", storagePrice: 2_000_000), period("4", "1")
            ])
        #expect(run.rows.map { $0.settlement?.payment } == [200_000_000, 0, 300_000_000, nil])
        #expect(run.rows.map(\.deal.status) == [.funded, .breachedProvider, .breachedConsumer, .breachedConsumer])
        #expect(run.rows[1].settlement?.forfeited == 200_000_000 && run.rows[1].deal.latencyMs == 51)
        #expect(run.rows[3].refusal != nil)
        #expect(run.end.status == .cancelled && run.end.fees == 10_000_000 && run.end.paidOut == 490_000_000)
        #expect(run.end.providerReputation == 51 && run.end.consumerReputation == 50)
        // A deposit mends the breach where the profile says so.
        let mended = try SettlementRun(
            scenario, [period("1", "3000"), period("2", "1", deposit: "20")])
        #expect(mended.rows.map(\.deal.status) == [.breachedConsumer, .funded])
        #expect(mended.end.status == .completed && mended.end.refunded > 0)
    }

    @Test func shareOfAMonth() throws {
        var profile = ContractProfile.version16
        profile.storageReporting = .volumeMonths
        let scenario = SettlementScenario(profile: profile, bucket: DealTests.bucket, funding: 500_000_000)
        let week = SettlementPeriod(
            label: "w", days: 7, storageGB: try ExactDecimal("1000"), egressGB: try ExactDecimal("0.5"))
        // 1,000 × 7/30 = 233.3 up to 234; 0.5 up to 1.
        #expect(try SettlementRun(scenario, [week]).rows.first?.deal.paid == .init(storage: 234, egress: 1))
    }

    @Test func filesAreReadOrRefused() throws {
        let header = SettlementPeriod.header.joined(separator: ",") + "\n"
        let good = header + "2026-12,31,1000.5,10,49.2,99.95,,,,,\n2027-01,31,1000,0,,,25,230000,,40,99.9\n"
        let periods = try SettlementPeriod.periods(Array(good.utf8), document: "series")
        #expect(try periods.map(\.latencyMs) == [ExactDecimal("49.2"), nil])
        #expect(periods[1].storagePrice == 230_000 && periods[1].promisedUptime?.millionths == 99_900_000)
        for bad in [
            "x,0,1,1,,,,,,,\n", "x,30,-1,1,,,,,,,\n", "x,30,1,1,,100.1,,,,,\n", "x,30,1,1,,,,1.5,,,\n", "x,30\n", ""
        ] {
            #expect(throws: InputError.self, "\(bad)") {
                try SettlementPeriod.periods(Array((header + bad).utf8), document: "series")
            }
        }
        let deal = try SettlementScenario(
            JSONValue(
                parsing: Array(
                    """
                    {"profile": "mb", "fund_usd": "50.00000001", "reputation": {"provider": 70},
                     "bucket": {"price_per_gb_storage": "200000", "price_per_gb_egress": 100000,
                                "sla_avg_latency_ms": 50, "sla_avg_uptime_pct": 9990, "bucket_id": 7}}
                    """.utf8)))
        #expect(deal.profile == .megabytes && deal.funding == 500_000_001 && deal.bucket == DealTests.bucket)
        #expect(deal.providerReputation == 70 && deal.consumerReputation == 50)
        for bad in ["{}", "[]", "{\"bucket\": {}, \"fund_usd\": \"1\"}", "{\"profile\": \"17\", \"fund_usd\": \"1\"}"] {
            #expect(throws: InputError.self) { try SettlementScenario(JSONValue(parsing: Array(bad.utf8))) }
        }
    }
}
