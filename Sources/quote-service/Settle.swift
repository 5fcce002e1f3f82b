import ArgumentParser
import CommandSupport
import Documents
import MarketplaceContract
import Money
import Quoting

/// `quote-service settle`
struct Settle: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replays the marketplace contract's settlement of a deal over a series of usage and QoS.",
        discussion: """
            The deal is JSON: {"profile", "bucket": {"price_per_gb_storage", "price_per_gb_egress", \
            "sla_avg_latency_ms", "sla_avg_uptime_pct"}, "fund_usd" or "amount_usd", "reputation": {"provider", \
            "consumer"}}. The series is CSV with the columns \(SettlementPeriod.header.joined(separator: ",")); from \
            latency_ms on they may be empty: the last four change the live bucket, which is what the contract settles by.
            """)

    @Option(name: .long, help: "The deal as JSON: a file, or - for standard input.")
    var deal: String

    @Option(name: .long, help: "The periods as CSV, in order.")
    var series: String

    @Option(
        name: .long, help: "The contract's version: 16, mb, early, or a file with a profile; else what the deal says.")
    var profile: String?

    @Flag(name: .long, help: "Print one JSON document instead of a table.")
    var json = false

    func run() throws {
        let scenario = try SettlementScenario(
            JSONValue(parsing: try Terminal.read(deal, "the deal"), document: deal),
            override: try profile.map(ContractProfile.chosen),
            document: deal)
        let periods = try SettlementPeriod.periods(try Terminal.read(series, "the series"), document: series)
        let run: SettlementRun
        do throws(ContractError) {
            run = try SettlementRun(scenario, periods)
        } catch {
            throw CommandEnd(.refused, "error: \(error)")
        }
        if json { Terminal.write(run.json) } else { Terminal.write(run.text) }
    }
}

extension SettlementRun {
    /// The run as a table by period, in USD, and how it ends.
    var text: String {
        let profile = scenario.profile
        func usd(_ amount: Int128) -> String {
            (try? ExactDecimal(significand: amount, scale: profile.amountDecimals))?.description ?? String(amount)
        }
        var table = TextTable([false, true, true, true, true, true, true, false])
        table.add("period", "pending", "to provider", "fee", "forfeited", "balance", "reputation", "status")
        for row in rows {
            let reputation = "\(row.deal.providerReputation)/\(row.deal.consumerReputation)"
            let settled = row.settlement
            table.add(
                row.period.label, settled.map { usd($0.amount) } ?? "–", settled.map { usd($0.payout) } ?? "–",
                settled.map { usd($0.fee) } ?? "–", settled.map { usd($0.forfeited) } ?? "–", usd(row.deal.balance),
                reputation, row.remark)
        }
        return """
            Settlement by contract \(profile.name), fee \(profile.platformFeeBasisPoints) bp, in USD; reputation of provider/consumer
            \(table.lines.joined(separator: "\n"))
              \(end.status.rawValue): deposited \(usd(end.deposited)) = to the provider \(usd(end.paidOut)) + \
            fees \(usd(end.fees)) + refunded \(usd(end.refunded)); forfeited \(usd(end.forfeited))

            """
    }

    /// The run as JSON; amounts in the contract's integers, as strings.
    var json: JSONValue {
        func amount(_ value: Int128) -> JSONValue { .string(String(value)) }
        let periods = rows.map { row in
            JSONValue(members: [
                ("period", .string(row.period.label)), ("pending", row.settlement.map { amount($0.amount) }),
                ("paid", row.settlement.map { amount($0.payment) }),
                ("payout", row.settlement.map { amount($0.payout) }),
                ("fee", row.settlement.map { amount($0.fee) }),
                ("forfeited", row.settlement.map { amount($0.forfeited) }),
                ("shortfall", row.settlement.map { amount($0.shortfall) }), ("balance", amount(row.deal.balance)),
                ("providerReputation", JSONValue(row.deal.providerReputation)),
                ("consumerReputation", JSONValue(row.deal.consumerReputation)),
                ("status", .string(row.deal.status.rawValue)), ("remark", .string(row.remark)),
                ("bucket", BucketGuard(row.bucket).json)
            ])
        }
        return [
            "profile": scenario.profile.json, "periods": .array(periods),
            "end": [
                "status": .string(end.status.rawValue), "deposited": amount(end.deposited),
                "paidOut": amount(end.paidOut), "fees": amount(end.fees), "refunded": amount(end.refunded),
                "forfeited": amount(end.forfeited), "unpaidStorage": amount(end.unpaid.storage),
                "unpaidEgress": amount(end.unpaid.egress)
            ]
        ]
    }
}

extension SettlementRun.Row {
    /// The status, and why it is that.
    fileprivate var remark: String {
        if let refusal { return "\(deal.status.rawValue): not settled, \(refusal)" }
        let broken = (settlement?.breaches ?? []).map { breach in
            switch breach {
            case .latency(let observed, let promised): "latency \(observed) ms above \(promised)"
            case .uptime(let observed, let promised): "uptime \(observed) below \(promised)"
            }
        }
        return broken.isEmpty ? deal.status.rawValue : deal.status.rawValue + ": " + broken.joined(separator: ", ")
    }
}
