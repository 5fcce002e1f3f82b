import Documents
import Marketplace
import Money

/// Which offer and which reader region the platform's telemetry speaks of.
public struct TelemetryContext: Sendable {
    /// The offer of each bucket's ID, by `bucketId`.
    public var offers: [String: String]
    /// The reader region of each host.
    public var regions: [String: String]

    /// A context of given parts.
    public init(offers: [String: String], regions: [String: String]) {
        self.offers = offers
        self.regions = regions
    }
}

/// What telemetry comes to: measurements, and what it did not say enough about.
public struct Telemetry: Sendable {
    /// The measurements, in the order of the document.
    public let measurements: [Measurement]
    /// Records whose bucket no offer has.
    public let unknownBuckets: Int
    /// Records whose host is in no reader region.
    public let unknownHosts: Int

    /// Reads `/stats/daily` or `/stats/minute`: the latency of each record that has one. Records without traffic have none.
    ///
    /// Integers come as numbers or strings, times in seconds, milliseconds or as text; fields that are not known are passed
    /// over, records of unknown buckets or hosts counted.
    /// - Throws: `InputError` with every fault.
    public static func stats(
        _ json: JSONValue, _ context: TelemetryContext, document: String = ""
    ) throws(InputError) -> Telemetry {
        try Telemetry(json, context, document) { reader in
            guard let time = reader.time("timestamp"), let bucket = reader.text("bucketId"),
                let host = reader.text("host")
            else { return nil }
            guard reader.has("latency_ms") else { return Record(bucket: bucket, host: host, values: []) }
            guard let latency = reader.decimal("latency_ms", in: 0...4_294_967_295) else { return nil }
            // A latency of 0 is a record without a read.
            let values = latency > .zero ? [(time, MeasurementMetric.latencyMs, latency.doubleValue)] : []
            return Record(bucket: bucket, host: host, values: values)
        }
    }

    /// Reads `/bucket/{id}/stats`, the averages of `bucket` by host, as measured at `time`, seconds since 1970.
    /// - Throws: `InputError` with every fault.
    public static func averages(
        _ json: JSONValue, bucket: String, time: Int, _ context: TelemetryContext, scale: UptimeScale? = .percent,
        document: String = ""
    ) throws(InputError) -> Telemetry {
        try Telemetry(json, context, document) { reader in
            guard let host = reader.text("host"), let uptime = reader.uptime("perc_uptime", scale) else { return nil }
            var values = [(time, MeasurementMetric.availability, uptime.share.doubleValue)]
            if reader.has("avg_latency_ms") {
                guard let latency = reader.decimal("avg_latency_ms", in: 0...4_294_967_295) else { return nil }
                if latency > .zero { values.append((time, .latencyMs, latency.doubleValue)) }
            }
            return Record(bucket: bucket, host: host, values: values)
        }
    }

    private struct Record {
        let bucket: String
        let host: String
        let values: [(time: Int, metric: MeasurementMetric, value: Double)]
    }

    private init(
        _ json: JSONValue, _ context: TelemetryContext, _ document: String, _ read: (PlatformReader) -> Record?
    ) throws(InputError) {
        let records = try PlatformDocument.read(json, "stats", document, id: nil, read)
        var measurements: [Measurement] = []
        var (buckets, hosts) = (0, 0)
        for record in records {
            guard let offer = context.offers[record.bucket] else {
                buckets += 1
                continue
            }
            guard let region = context.regions[record.host] else {
                hosts += 1
                continue
            }
            for (time, metric, value) in record.values {
                measurements.append(
                    Measurement(time: time, region: region, offer: offer, metric: metric, value: value))
            }
        }
        self.measurements = measurements
        unknownBuckets = buckets
        unknownHosts = hosts
    }
}
