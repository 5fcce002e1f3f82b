import Allocation
import Foundation
import Hummingbird
import Marketplace
import MarketplaceStore
import Money
import Quoting

extension ConsoleRoutes {
    /// Points that are enough to look at.
    private static let frontierPoints = 40

    /// What more or less money would bring.
    func frontier(_ request: Request) async throws -> Shown {
        let form = ConsoleForm(request)
        let now = clock()
        let document = form.document(from: "\(CalendarDay(ordinal: UTCTime.day(now).ordinal + 1))")
        let found: (frontier: Frontier, asked: SLARequest, catalog: String)
        do {
            let asked = try SLARequest(document)
            found = try await work.value(document.text(), for: document.text()) {
                let catalog = try view.now(now).catalog
                try asked.validate(against: catalog, document: "")
                let offers = Eligibility(asked, catalog, on: UTCTime.day(now)).offers
                let problem = try AllocationProblem(
                    request: asked, offers: offers, catalog: catalog, failures: configuration.failures,
                    charges: configuration.charges, schemes: configuration.schemes,
                    table: try state.market(now: now).table)
                let search = FrontierSearch(
                    timeLimit: min(configuration.timeLimit, settings.frontierSeconds),
                    enoughPoints: Self.frontierPoints, criteria: Set(FrontierCriterion.allCases))
                return (try search.run(problem), asked, catalog.version)
            }
        } catch let error as AllocationError {
            throw QuotingError.allocation(error)
        }
        let points = found.frontier.points
        func text(_ point: Frontier.Point) -> String {
            "\(fixed(point.cost, 2)), \(point.quality.availabilityText), \(point.quality.latencyText)"
        }
        func chart(_ title: String, _ x: String, isLogarithmic: Bool, _ value: (AllocationQuality) -> Double) -> String
        {
            ConsoleChart.scatter(
                title: title, x: x, y: "cost of the term", isLogarithmic: isLogarithmic,
                points.enumerated().compactMap { index, point in
                    let x = value(point.quality)
                    guard x.isFinite else { return nil }
                    return .init(x: x, y: point.cost, row: index, text: text(point), isPale: !point.misses.isEmpty)
                })
        }
        let rows = points.enumerated().map { index, point -> [String: Any] in
            [
                "index": index, "cost": fixed(point.cost, 2), "availability": point.quality.availabilityText,
                "latency": point.quality.latencyText,
                "misses": point.missesText,
                "placement": point.placementText
            ]
        }
        let values: [String: Any] = [
            "summary": "\(gigabytes(found.asked.logicalBytes)) for \(found.asked.months) months.",
            "query": form.query,
            "asset": "USD", "isEmpty": points.isEmpty, "count": points.count, "points": rows,
            "availability": chart(
                "Cost against availability", "probability that data cannot be read", isLogarithmic: true
            ) { max($0.unavailability, 1e-18) },
            "latency": chart("Cost against latency", "latency of the slowest region, ms", isLogarithmic: false) {
                $0.latency
            }
        ]
        return (
            .ok,
            pages.html(
                "frontier", title: "What more or less money would bring", catalog: found.catalog, hasCharts: true,
                values)
        )
    }
}
