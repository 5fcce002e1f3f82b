import Marketplace
import Money

/// The platform's own SLA parameters, which hold where a request asks for nothing else.
public struct SLAParameters: Sendable, Hashable {
    /// The least upload throughput, in MB/s, for files up to 1 GB.
    public var uploadMBps = ExactDecimal(10)
    /// The least download throughput, in MB/s, for files up to 1 GB.
    public var downloadMBps = ExactDecimal(20)
    /// The least uptime over 30 rolling days: 99.95%, or what the offer promises where that is less.
    public var rollingUptime = Self.decimal("0.9995")
    /// The largest share of operations that may fail in a month: 0.01%.
    public var errorRate = Self.decimal("0.0001")
    /// What a month's charge is credited by when a promise off chain is not kept, in basis points. The platform's
    /// documentation names no figure: the operator's to set.
    public var creditBasisPoints = 1000

    /// The parameters of the platform's documentation of 2025-08.
    public init() {}

    private static func decimal(_ text: String) -> ExactDecimal { (try? ExactDecimal(text)) ?? .zero }

    /// The parameters in words, hashed with a quote's inputs.
    var fingerprint: String { "\(uploadMBps) \(downloadMBps) \(rollingUptime) \(errorRate) \(creditBasisPoints)" }
}

/// One promise: what is measured, over which window, where the bound is, and what follows when it is not kept.
public struct SLAMetric: Sendable, Hashable {
    /// What is measured.
    public enum Name: String, Sendable, Hashable {
        /// The average latency, in milliseconds.
        case latency = "latency_ms"
        /// The average uptime, as a share of time.
        case uptime
        /// The throughput of writes, in MB/s.
        case upload = "upload_mbps"
        /// The throughput of reads, in MB/s.
        case download = "download_mbps"
        /// The share of operations that fail.
        case errorRate = "error_rate"
    }

    /// What follows.
    public enum Consequence: Sendable, Hashable {
        /// The contract forfeits all that is pending and takes a point of reputation.
        case forfeit
        /// The month is credited by so many basis points, outside the contract.
        case credit(basisPoints: Int)
    }

    /// What is measured.
    public let name: Name
    /// The bound; a maximum for latency and errors, a minimum for the others.
    public let threshold: ExactDecimal
    /// The window that is judged.
    public let window: String
    /// What follows.
    public let consequence: Consequence

    /// Whether the contract enforces it by itself.
    public var isOnChain: Bool { consequence == .forfeit }

    /// The promises of a leg that is held to `latencyMs` and `uptime`, in the order of enforcement.
    static func metrics(
        latencyMs: Int?, uptime: ExactDecimal, _ request: SLARequest, _ parameters: SLAParameters
    ) -> [SLAMetric] {
        let credit = Consequence.credit(basisPoints: parameters.creditBasisPoints)
        var metrics: [SLAMetric] = []
        if let latencyMs {
            metrics.append(
                SLAMetric(
                    name: .latency, threshold: ExactDecimal(latencyMs), window: "settlement period",
                    consequence: .forfeit))
        }
        metrics.append(
            SLAMetric(name: .uptime, threshold: uptime, window: "settlement period", consequence: .forfeit))
        metrics.append(
            SLAMetric(
                name: .uptime, threshold: min(uptime, parameters.rollingUptime), window: "30 rolling days",
                consequence: credit))
        metrics.append(
            SLAMetric(
                name: .upload, threshold: request.qos.uploadMBps ?? parameters.uploadMBps,
                window: "month, files up to 1 GB", consequence: credit))
        metrics.append(
            SLAMetric(
                name: .download, threshold: request.qos.downloadMBps ?? parameters.downloadMBps,
                window: "month, files up to 1 GB", consequence: credit))
        metrics.append(
            SLAMetric(
                name: .errorRate, threshold: request.qos.errorRate ?? parameters.errorRate, window: "month",
                consequence: credit))
        return metrics
    }
}
