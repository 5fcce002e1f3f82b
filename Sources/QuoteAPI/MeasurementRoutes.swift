import Documents
import Foundation
import HTTPTypes
import Hummingbird
import Marketplace
import MarketplaceStore

/// `POST /v1/measurements` keeps what was measured: when it answers, the next ranking knows it.
struct MeasurementRoutes: Sendable {
    /// The largest request body, in bytes, and the most measurements in it.
    static let (bodyLimit, countLimit) = (1024 * 1024, 5000)

    let state: MarketState
    let clock: @Sendable () -> Int

    static let create = Operation(
        "recordMeasurements", .post, "/v1/measurements",
        "Keeps what was measured: when this answers, the next ranking knows it.", tag: .measurements,
        scope: .measurementsWrite, body: .json("Measurements", limit: bodyLimit),
        answers: [.json("RecordedMeasurements", "How many were new.", status: .created)])

    func add(to router: inout OperationRouter) {
        router.add(Self.create) { request, _ in try await create(request) }
    }

    private func create(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let now = clock()
        let recorded = try await state.compute {
            let catalog = try state.market(now: now).catalog
            let measurements = try Self.measurements(JSONValue(parsing: body.readableBytesView), catalog, now: now)
            return (new: try state.record(measurements), all: measurements.count)
        }
        let answer: JSONValue = ["recorded": JSONValue(recorded.new), "known": JSONValue(recorded.all - recorded.new)]
        return Response(
            status: .created, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: .init(string: answer.text())))
    }

    /// `{"measurements": [{"time", "region", "offer", "metric", "value"}, …]}`, every one checked.
    private static func measurements(
        _ json: JSONValue, _ catalog: Catalog, now: Int
    ) throws(InputError) -> [Marketplace.Measurement] {
        let log = IssueLog()
        let reader = ObjectReader(json, log: log)
        let rows = reader.objects("measurements")
        reader.finish()
        if log.issues.isEmpty, !(1...countLimit).contains(rows.count) {
            log.report("/measurements", "has \(rows.count) elements", remedy: "send 1 to \(countLimit)")
        }
        var measurements: [Marketplace.Measurement] = []
        for row in rows.prefix(countLimit) {
            if let one = measurement(row, catalog, now, log) { measurements.append(one) }
            row.finish()
        }
        guard log.issues.isEmpty else { throw InputError("", log.issues) }
        return measurements
    }

    private static func measurement(
        _ row: ObjectReader, _ catalog: Catalog, _ now: Int, _ log: IssueLog
    ) -> Marketplace.Measurement? {
        let time = row.string("time").flatMap { text -> Int? in
            guard let time = UTCTime.seconds(text) else {
                log.report(row.location("time"), "'\(text)' is not a time", remedy: "write UTC as YYYY-MM-DDThh:mm:ssZ")
                return nil
            }
            guard time >= 0, time <= now + 86_400 else {
                log.report(row.location("time"), "\(text) is out of range", remedy: "a measurement lies in the past")
                return nil
            }
            return time
        }
        func known(_ key: String, _ isKnown: (String) -> Bool, _ all: @autoclosure () -> [String]) -> String? {
            guard let id = row.string(key) else { return nil }
            if isKnown(id) { return id }
            log.report(row.location(key), "unknown \(key) '\(id)'", remedy: suggestion(id, all()))
            return nil
        }
        let region = known(
            "region", { catalog.readerRegions[$0] != nil }, catalog.readerRegions.keys.sorted())
        let offer = known("offer", { catalog.offer($0) != nil }, catalog.offers.map(\.id))
        let metric = row.choice("metric", MeasurementMetric.allCases.map(\.rawValue)).flatMap(MeasurementMetric.init)
        guard case .number(let text)? = row.value("value"), let value = Double(text) else {
            log.report(row.location("value"), "is missing or no number", remedy: "give it in the metric's unit")
            return nil
        }
        guard let time, let region, let offer, let metric else { return nil }
        guard metric.plausible.contains(value) else {
            log.report(
                row.location("value"), "\(value) is out of range",
                remedy: "give \(metric.plausible.lowerBound) to \(metric.plausible.upperBound)")
            return nil
        }
        return Marketplace.Measurement(time: time, region: region, offer: offer, metric: metric, value: value)
    }
}
