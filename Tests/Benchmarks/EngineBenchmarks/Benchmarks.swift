import Allocation
import Benchmark
import Documents
import Foundation
import LinearAlgebra
import Marketplace
import MarketplaceStore
import QuoteAPI
import Quoting
import Recommendation
import TestSupport

/// What is measured, each beside the limit or the reference that it is to be held against:
///
/// - `sgemm` is the machine's limit for `iALS epoch`: the same floating-point work would take as long as its flops at
///   that rate.
/// - `plain enumeration` is the reference for `optimizer` on an instance that both can solve.
/// - `quote` against `optimizer` shows what a quote costs beyond its optimization.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuUser, .peakMemoryResident], maxDuration: .seconds(5), maxIterations: 200)

    let order = 1024
    Benchmark("sgemm \(order)³") { benchmark in
        let a = Matrix<Float>(rows: order, columns: order) { Float(($0 * 31 + $1 * 17) % 101) / 101 }
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(try Matrix.product(a, a)) }
    }

    if SharedData.isPresent("gowalla/train.txt") {
        for factors in [64, 128, 256] {
            Benchmark(
                "iALS epoch, Gowalla, \(factors) factors",
                configuration: .init(metrics: [.wallClock, .cpuUser, .peakMemoryResident], maxIterations: 3)
            ) { benchmark in
                let train = try InteractionText.readSplit(
                    train: SharedData.url("gowalla/train.txt"), test: SharedData.url("gowalla/test.txt")
                ).train
                let trainer = try ImplicitALS(.init(factors: factors, epochs: 1))
                benchmark.startMeasurement()
                blackHole(try trainer.train(train))
            }
        }
    }

    let now = 1_795_348_800  // 2026-11-22T12:00:00Z
    for name in ["small-app", "media-archive-eu", "global-delivery"] {
        Benchmark("optimizer, \(name)") { benchmark in
            let problem = try problem(name, now)
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(try AllocationOptimizer().solve(problem)) }
        }
        Benchmark("quote, \(name)") { benchmark in
            let (catalog, request) = try market(name, now)
            let engine = QuoteEngine(catalog: catalog, model: NoPreferences(), rates: [])
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(try engine.answer(request, now: now)) }
        }
    }

    Benchmark("optimizer, 40 offers") { benchmark in
        let problem = try problem("small-app", now, most: 40)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(try AllocationOptimizer().solve(problem)) }
    }
    Benchmark("plain enumeration, 40 offers") { benchmark in
        let problem = try problem("small-app", now, most: 40)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(try AllocationEnumeration(problem).solve()) }
    }

    Benchmark("exact bill of a month", configuration: .init(metrics: [.wallClock, .throughput], scalingFactor: .kilo)) {
        benchmark in
        let (catalog, _) = try market("small-app", now)
        guard let offer = catalog.offer("aws/eu-west-1/s3-standard") else { return }
        let usage = Usage(
            storedBytes: 70_000_000_000_000, objects: 1_000_000, egressBytes: 20_000_000_000_000, reads: 1_000_000,
            writes: 1000)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(try offer.tariff.bill(usage)) }
    }
}

/// The shipped catalogue and one of the sample requests.
private func market(_ name: String, _ now: Int) throws -> (Catalog, SLARequest) {
    let store = try MarketplaceDatabase.inMemory()
    try store.importFolder(ShippedData.folder.path, now: now)
    return (try store.catalog(), try SLARequest(JSONValue(parsing: ShippedData.request(name))))
}

/// The allocation problem of a sample request over the first `most` of its eligible offers.
private func problem(_ name: String, _ now: Int, most: Int = .max) throws -> AllocationProblem {
    let (catalog, request) = try market(name, now)
    let offers = Eligibility(request, catalog, on: UTCTime.day(now)).offers
    return try AllocationProblem(request: request, offers: Array(offers.prefix(most)), catalog: catalog)
}
