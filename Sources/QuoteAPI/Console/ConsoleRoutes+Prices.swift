import Documents
import Foundation
import HTTPTypes
import Hummingbird
import Marketplace
import MarketplaceStore
import Money
import Pricing
import Quoting

extension ConsoleRoutes {
    /// Seconds after which a page that waits for its curves looks again.
    private static let patience = 3

    /// What a provider would earn at each price of one of its offers, by costs that are assumed or that the visitor states.
    func prices(_ id: String, _ request: Request) async throws -> Shown {
        let demand = settings.demand
        let query = request.uri.queryParameters
        let text = query["cost"].map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
        let stated = text.isEmpty ? nil : Double(text)
        guard text.isEmpty || stated.map((0...1_000_000).contains) ?? false else {
            throw Problem(
                status: .badRequest, type: "invalid-request", title: "The cost cannot be taken",
                detail: "write what a TB stored for a month costs, in USD, such as 3.50")
        }
        let now = clock()
        let (catalog, provider, listed) = try await listed(of: id, now)
        let offers = listed.map(\.offer.id)
        guard let offer = query["offer"].map(String.init) ?? offers.first, offers.contains(offer) else {
            throw Problem(status: .notFound, type: "not-found", title: "The provider lists no such offer")
        }
        let requests = demand.requests.filter { (try? $0.request.validate(against: catalog)) != nil }
        let day = UTCTime.day(now)
        var terms = AdviceTerms()
        terms.platformFee = Double(configuration.charges.feeBasisPoints) / 10_000
        let costs = try await costs(of: id, stated, terms, now)
        let outcome = try settings.curves.outcome("\(offer) \(stated ?? -1) \(catalog.version) \(day)") { [terms] in
            try PriceAdvice(
                provider: id, offer: offer, requests: requests, catalog: catalog, day: day,
                own: OwnRecords(provider: id, costs: costs), history: demand.history, terms: terms)
        }
        var values: [String: Any] = [
            "provider": id, "cost": text, "hasSource": costs != nil, "source": costs?.source ?? "",
            "requests": requests.count,
            "offers": offers.map { ["value": $0, "chosen": $0 == offer] as [String: Any] }
        ]
        switch outcome {
        case nil: values["waits"] = true
        case .failure(let error): throw error
        case .success(let advice): values.merge(Self.values(advice)) { $1 }
        }
        return (
            .ok,
            pages.html(
                "curves", title: "What \(provider.name) would earn", catalog: catalog.version,
                hasCharts: outcome != nil, refresh: outcome == nil ? Self.patience : nil, values)
        )
    }

    /// What the visitor states, in USD per TB stored and month; what is assumed of the provider where nothing is.
    private func costs(
        of provider: String, _ stated: Double?, _ terms: AdviceTerms, _ now: Int
    ) async throws -> OwnRecords.Costs? {
        if let stated {
            let costs = try ProviderCosts(
                hardwarePrice: 0, lifeMonths: 1, capacityGigabytes: 1, utilisation: 1, powerWatts: 0,
                powerUsageEffectiveness: 1, electricityPricePerKilowattHour: 0, bandwidthPricePerGigabyte: 0,
                operationsPerGigabyteMonth: stated / 1000, platformFee: terms.platformFee)
            return OwnRecords.Costs(costs, source: "stated here", isAssumption: true)
        }
        guard let file = settings.demand.costs[provider] else { return nil }
        return try await state.compute {
            try file.ownCosts(
                rates: try state.market(now: now).rates, on: UTCTime.day(now), platformFee: terms.platformFee,
                source: "assumed for \(file.asOf)")
        }
    }

    private static func values(_ advice: PriceAdvice) -> [String: Any] {
        let unit = advice.replayed.offer.tariff.unit.rawValue
        let gigabytes = Double(advice.replayed.offer.tariff.unit.bytes) / 1e9
        let listed = advice.replayed.price * gigabytes
        let found = advice.recommendation
        func row(_ name: String, _ value: (PriceCurvePoint) -> String) -> [String: Any] {
            [
                "name": name, "listed": found?.current.map(value) ?? "–",
                "advised": found.map { value($0.expected) } ?? "–"
            ]
        }
        let reasons =
            advice.own.costs == nil
            ? ["The costs are not known; state them above."] : found == nil ? advice.reasons : []
        let won = advice.decision.breakpoints.filter { $0.volume > 0 }
        // Beyond what anybody would pay the curves say nothing.
        let last = ([listed, found?.price ?? 0] + won.map(\.price)).reduce(0, max) * (won.isEmpty ? 2 : 1.15)
        let curve = advice.decision.curve.filter { $0.price <= last }
        let marks = [("listed", listed), ("advised", found?.price ?? -1)].filter { $0.1 >= 0 && $0.1 <= last }
        func chart(
            _ title: String, _ y: String, _ value: (PriceCurvePoint) -> Double,
            _ band: (PriceCurvePoint) -> ClosedRange<Double>
        ) -> String {
            ConsoleChart.curve(
                title: title, x: "USD per \(unit) and month", y: y, marks: marks,
                curve.map { ConsoleChart.Banded(x: $0.price, y: value($0), band: band($0)) })
        }
        return [
            "isDrawn": true, "isAdvised": found != nil, "unit": unit,
            "price": found.map { fixed($0.price, 6) } ?? "", "listed": fixed(listed, 6),
            "low": found.map { fixed($0.interval.lowerBound, 6) } ?? "",
            "high": found.map { fixed($0.interval.upperBound, 6) } ?? "",
            "nearLow": found.map { fixed($0.nearlyBest.lowerBound, 6) } ?? "",
            "nearHigh": found.map { fixed($0.nearlyBest.upperBound, 6) } ?? "",
            "hasReasons": !reasons.isEmpty, "reasons": reasons,
            "rows": [
                row("profit, USD") { fixed($0.profit, 2) }, row("revenue, USD") { fixed($0.revenue, 2) },
                row("quoted, of all requests") { fixed(100 * $0.winRate, 1) + "%" },
                row("accepted, of those quoted") { $0.winRate > 0 ? fixed(100 * $0.acceptance, 1) + "%" : "–" },
                row("stored, GB") { fixed($0.volume * gigabytes, 0) }
            ],
            "profitChart": chart("Profit a month by price", "USD", { $0.profit }, { $0.profitBand }),
            "storedChart": chart(
                "Stored on average by price", "GB", { $0.volume * gigabytes },
                { $0.volumeBand.lowerBound * gigabytes...$0.volumeBand.upperBound * gigabytes }),
            "steps": won.map { step -> [String: Any] in
                [
                    "price": fixed(step.price, 6) + (step.isEndOfRange ? ", end of the range" : ""),
                    "volume": fixed(step.volume * gigabytes, 0), "count": fixed(step.requests, 1)
                ]
            },
            "assumptions": advice.assumptions
        ]
    }
}
