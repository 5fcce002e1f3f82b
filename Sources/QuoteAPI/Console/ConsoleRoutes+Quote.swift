import Allocation
import Documents
import Foundation
import HTTPTypes
import Hummingbird
import Marketplace
import MarketplaceStore
import Money
import Quoting

extension ConsoleRoutes {
    /// The form, empty, or filled by a sample or a query.
    func ask(_ request: Request) async throws -> Shown {
        var form = ConsoleForm(request)
        if let name = request.uri.queryParameters["sample"] {
            guard let sample = settings.samples.first(where: { $0.name == name }) else {
                throw Problem(status: .notFound, type: "not-found", title: "There is no such sample")
            }
            form = ConsoleForm(sample.request)
        }
        return try await shown(form, .ok)
    }

    /// A quote that is computed and not kept; the form again where the request is at fault.
    func quote(_ request: Request) async throws -> Shown {
        var form = ConsoleForm(request)
        let now = clock()
        let document = form.document(from: "\(CalendarDay(ordinal: UTCTime.day(now).ordinal + 1))")
        let answer: QuoteAnswer
        let catalog: String
        do {
            (answer, catalog) = try await state.compute {
                let asked = try SLARequest(document)
                let market = try state.market(now: now)
                return (
                    try market.engine(for: asked, by: Self.visitor, now: now, configuration: configuration)
                        .answer(asked, now: now), market.catalog.version
                )
            }
        } catch let error as InputError {
            form.take(error)
            return try await shown(form, .badRequest)
        } catch QuotingError.input(let error) {
            form.take(error)
            return try await shown(form, .badRequest)
        }
        switch answer {
        case .quote(let quote):
            return (
                .ok,
                pages.html(
                    "quote", title: "A quote for \(gigabytes(quote.request.logicalBytes))", catalog: catalog,
                    hasCharts: true, Self.values(quote, form, document))
            )
        case .refusal(let refusal):
            var values = Self.whyNot(refusal.eligibility)
            (values["query"], values["text"]) = (form.query, refusal.text)
            return (.ok, pages.html("refusal", title: "No quote", catalog: catalog, values))
        }
    }

    /// Who looks: nobody's tenant, for neither keys nor tokens can name one with a space, so that no history enters.
    static let visitor = Caller(tenant: "console visitor", actor: "visitor")

    // MARK: The form

    private func shown(_ form: ConsoleForm, _ status: HTTPResponse.Status) async throws -> Shown {
        let now = clock()
        let market = try await state.compute { try state.market(now: now) }
        func field(_ name: String, _ label: String) -> [String: Any] {
            let faults = form.faults[name] ?? []
            return [
                "name": name, "label": label, "value": form.values[name] ?? "", "faulty": !faults.isEmpty,
                "fault": faults.joined(separator: "; ")
            ]
        }
        func options(_ name: String, _ all: [(value: String, text: String)]) -> [[String: Any]] {
            all.map { ["value": $0.value, "text": $0.text, "chosen": form.values[name] == $0.value] }
        }
        func choice(_ name: String, _ label: String, _ all: [(value: String, text: String)]) -> [String: Any] {
            var values = field(name, label)
            let known = form.values[name] ?? ""
            values["options"] = options(name, all.contains { $0.value == known } ? all : all + [(known, known)])
            return values
        }
        let jurisdictions = Set(market.catalog.metros.values.flatMap(\.jurisdictions)).sorted()
        let samples = settings.samples.enumerated().map { index, sample -> [String: Any] in
            ["name": sample.name, "last": index == settings.samples.count - 1]
        }
        let values: [String: Any] = [
            "hasFaults": !form.faults.isEmpty,
            "faults": form.faults.sorted { $0.key < $1.key }.flatMap { name, faults in
                faults.map { (name.isEmpty ? "" : name + ": ") + $0 }
            },
            "hasSamples": !samples.isEmpty, "samples": samples,
            "stored": [
                field("volume", "Volume"), field("growth", "Growth in a month, %"), field("months", "Months")
            ],
            "units": options("unit", [("GB", "GB"), ("TB", "TB")]),
            "regions": market.catalog.readerRegions.values.sorted { $0.id < $1.id }.map { region -> [String: Any] in
                ["id": region.id, "name": region.name, "chosen": form.regions.contains(region.id)]
            },
            "traffic": [
                field("egress", "Read in a month, GB"), field("reads", "Read requests in a month"),
                field("writes", "Write requests in a month")
            ],
            "choices": [
                choice("scheme", "Redundancy", [("auto", "whatever is cheapest")]),
                choice(
                    "tolerate", "Survives the loss of",
                    [("0", "none"), ("1", "any one provider"), ("2", "any two providers")]),
                choice(
                    "availability", "Availability",
                    [
                        ("", "as it comes"), ("0.999", "99.9%"), ("0.9999", "99.99%"), ("0.99999", "99.999%"),
                        ("0.999999", "99.9999%")
                    ]),
                choice("jurisdiction", "Data stays in", [("", "anywhere")] + jurisdictions.map { ($0, $0) })
            ],
            "bounds": [
                field("latency", "Latency of at most, ms"), field("budget", "Budget in a month, USD"),
                field("recommended", "Surcharge for recommended offers, as a share")
            ]
        ]
        return (
            status, pages.html("request", title: "Request a quote", catalog: market.catalog.version, values)
        )
    }

    // MARK: The answer

    private static func values(_ quote: Quote, _ form: ConsoleForm, _ document: JSONValue) -> [String: Any] {
        var values = whyNot(quote.eligibility)
        let chosen = Set(quote.legs.map(\.offer.id))
        let bill = quote.bill
        let most = bill.payableByMonth.max { $0.minor < $1.minor } ?? bill.total
        values["total"] = "\(bill.total)"
        values["months"] = quote.request.months
        values["most"] = "\(most)"
        values["query"] = form.query
        let schemes = Set(quote.allocation.placements.map(\.scheme.description)).sorted().joined(separator: " and ")
        values["summary"] =
            "\(schemes) on \(quote.achieved.providers) provider\(quote.achieved.providers == 1 ? "" : "s"), "
            + "\(quote.request.months) months from \(quote.request.start)."
        values["legs"] = quote.legs.map { leg -> [String: Any] in
            [
                "offer": leg.offer.id, "provider": leg.offer.provider, "metro": leg.offer.metro,
                "stored": gigabytes(leg.usages.first?.storedBytes ?? 0), "cost": "\(leg.cost)",
                "lines": leg.lines.map { "\($0.kind.rawValue) \($0.amount)" }.joined(separator: ", ")
            ]
        }
        values["legsChart"] = ConsoleChart.series(
            "bar", title: "What each offer is paid for the term", unit: bill.total.asset.code,
            labels: quote.legs.map(\.offer.id), [("cost", quote.legs.map { $0.cost.doubleValue })], isHorizontal: true)
        values["monthsChart"] = ConsoleChart.series(
            "bar", title: "What is paid in each month", unit: bill.total.asset.code,
            labels: bill.payableByMonth.indices.map { "\($0 + 1)" },
            [("payable", bill.payableByMonth.map(\.doubleValue))])
        let lines = (try? quote.statement().lines) ?? []
        let others = lines.filter { line in !quote.legs.contains { line.label.hasPrefix($0.offer.id + " ") } }
        values["bill"] =
            quote.legs.map { ["name": $0.offer.id, "amount": "\($0.cost)"] as [String: Any] }
            + others.map { ["name": $0.label, "amount": "\($0.amount)"] }
            + [["name": "total", "amount": "\(bill.total)"]]
        let latencies = zip(quote.request.traffic, quote.achieved.latencies).compactMap { part, latency in
            latency.map { "\(part.region) \(fixed($0, 0)) ms" }
        }
        values["achieved"] =
            "Readable with probability \(fixed(100 * quote.achieved.availability, 5))%, durable by "
            + "\(fixed(quote.achieved.durabilityNines, 1)) nines a year; \(quote.achieved.toleratedProviders) of its "
            + "providers may be lost at once. " + latencies.joined(separator: ", ")
        values["ranking"] = quote.ranking.providers.prefix(12).enumerated().map { index, ranked -> [String: Any] in
            [
                "place": index + 1, "offer": ranked.offer.id, "score": fixed(ranked.score, 3),
                "preference": fixed(ranked.preference, 3), "qos": fixed(ranked.qosUtility, 3),
                "latency": ranked.meanLatency.map { fixed($0, 0) + " ms" } ?? "–",
                "chosen": chosen.contains(ranked.offer.id)
                    ? "yes"
                    : chosen.contains { $0.hasPrefix(ranked.offer.provider + "/") } ? "another offer of it" : "no"
            ]
        }
        values["curl"] =
            "curl -X POST \"$SERVICE/v1/quotes\" -H \"Authorization: Bearer $KEY\" -H 'Content-Type: application/json' \\\n"
            + "  -d '\(document.text().replacing("'", with: "'\\''"))'"
        return values
    }

    /// How many offers were dropped, and for what.
    static func whyNot(_ eligibility: Eligibility) -> [String: Any] {
        [
            "eligible": eligibility.offers.count, "dropped": eligibility.rejections.count,
            "reasons": eligibility.counts.map { reason, offers -> [String: Any] in
                let example = eligibility.rejections.first { $0.causes.contains { $0.reason == reason } }
                let detail = example?.causes.first { $0.reason == reason }?.detail ?? ""
                return [
                    "reason": reason.rawValue, "offers": offers,
                    "example": (example?.offer ?? "") + (detail.isEmpty ? "" : ": \(detail)")
                ]
            }
        ]
    }
}
