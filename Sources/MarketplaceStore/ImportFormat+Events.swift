import Documents
import GRDB
import Marketplace

extension ImportFormat {
    /// What users did.
    static var interactions: ImportFormat {
        let kinds = InteractionKind.allCases.map(\.rawValue)
        return csv(
            table: "interaction", columns: ["time", "user", "offer", "kind"], keyCount: 4,
            header: ["time", "user", "offer", "kind"], allowsRepeats: true
        ) { row, references in
            let time = references.time(row, "time")
            let user = user(row)
            let offer = references.check(row, "offer", .offer)
            let kind = row.choice("kind", kinds)
            guard let time, let user, let offer, let kind else { return nil }
            return [time, user, offer, kind]
        }
    }

    /// What was measured.
    static var measurements: ImportFormat {
        let metrics = MeasurementMetric.allCases.map(\.rawValue)
        return csv(
            table: "measurement", columns: ["time", "region", "offer", "metric", "value"], keyCount: 4,
            header: ["time", "region", "offer", "metric", "value"], allowsRepeats: true
        ) { row, references in
            let time = references.time(row, "time")
            let region = references.check(row, "region", .readerRegion)
            let offer = references.check(row, "offer", .offer)
            let metric = row.choice("metric", metrics).flatMap(MeasurementMetric.init)
            let value = row.double("value", in: (metric ?? .latencyMs).plausible)
            guard let time, let region, let offer, let metric, let value else { return nil }
            return [time, region, offer, metric.rawValue, value]
        }
    }

    /// A user's ID: it is shown in logs and tables, so that it has an end.
    private static func user(_ row: RowReader) -> String? {
        guard let user = row.string("user") else { return nil }
        if user.utf8.count <= 200 { return user }
        row.report("user", "has \(user.utf8.count) bytes", remedy: "an ID has at most 200")
        return nil
    }
}

extension MeasurementMetric {
    /// Values that can be true: a first byte may take minutes from a cold start, and no link carries a terabyte a second.
    package var plausible: ClosedRange<Double> {
        switch self {
        case .latencyMs: 0.001...600_000
        case .throughputMBps: 0...1_000_000
        case .availability: 0...1
        }
    }
}
