import Foundation
import LinearAlgebra
import Marketplace
import Recommendation
import TestSupport
import Testing

@Suite("Versions of QoS models")
struct QoSRegistryTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    /// Two metrics of a small world, made once.
    private static let models = Result { () throws -> [MeasurementMetric: MetricModel] in
        let world = SyntheticQoS(users: 6, offers: 12, seed: 50)
        let model = try QoSModel.train(
            world.measurements(world.entries(density: 0.7, seed: 51)), .init(factors: 2, sweeps: 5))
        return [
            .latencyMs: MetricModel(trend: QoSTrend([(10, 30), (40, 60)], usual: 1), model: model),
            .throughputMBps: MetricModel(model: model)
        ]
    }

    private static func manifest(_ version: String, measurements: Int = 100) -> QoSManifest {
        QoSManifest(
            version: version, createdAt: start, hyperparameters: .init(factors: 2, sweeps: 5),
            data: .init(start: start, end: start, measurements: measurements, hash: "h"), metrics: ["x": 1],
            codeVersion: "test", job: "job " + version)
    }

    @Test("They are promoted and rolled back apart from preferences")
    func lines() throws {
        try TemporaryFolder.with { folder in
            let preferences = ModelRegistry(folder: folder)
            let performance = QoSRegistry(models: folder)
            let train = try SmallData.random(users: 5, items: 4, density: 0.5, seed: 1)
            try preferences.save(try ImplicitALS(.init(factors: 2)).train(train), .sample("ials-1", train))
            try preferences.promote("ials-1", at: Self.start)
            #expect(throws: RecommendationError.noChampion(reason: "none of QoS was promoted")) {
                try performance.champion()
            }
            for version in ["qos-1", "qos-2"] {
                try performance.save(try Self.models.get(), Self.manifest(version), evaluation: Data("{}".utf8))
                try performance.promote(version, at: Self.start)
            }
            #expect(try preferences.versions() == ["ials-1"] && preferences.championVersion() == "ials-1")
            #expect(try performance.champion().manifest.version == "qos-2")
            #expect(try performance.evaluation("qos-2") == Data("{}".utf8))
            let stored = try performance.load("qos-1").models
            #expect(stored.count == 2)
            #expect(try stored[.latencyMs]?.encoded() == Self.models.get()[.latencyMs]?.encoded())
            #expect(try performance.rollback(at: Self.start).manifest.version == "qos-1")
            #expect(try performance.line.championVersion() == "qos-1" && preferences.championVersion() == "ials-1")
            #expect(try performance.line.history().map(\.action) == [.promote, .promote, .rollback])
            #expect(throws: RecommendationError.self) { try performance.rollback(at: Self.start) }
            #expect(throws: RecommendationError.self) {
                try performance.save(try Self.models.get(), Self.manifest("qos-1"))
            }
            #expect(throws: RecommendationError.self) {
                try performance.save(try Self.models.get(), Self.manifest("../out"))
            }
            #expect(throws: RecommendationError.self) { try performance.save([:], Self.manifest("qos-3")) }
        }
    }

    @Test("A version that is not whole is never promoted, whatever is wrong with it", arguments: 0..<7)
    func damage(kind: Int) throws {
        try TemporaryFolder.with { folder in
            let registry = QoSRegistry(models: folder)
            try registry.save(try Self.models.get(), Self.manifest("good"))
            try registry.promote("good", at: Self.start)
            try registry.save(try Self.models.get(), Self.manifest("bad"))
            let place = registry.line.folder.appendingPathComponent("bad")
            let (file, manifest) = (place.appendingPathComponent("latency_ms.safetensors"), "manifest.json")
            let text = try String(contentsOf: place.appendingPathComponent(manifest), encoding: .utf8)
            func rewrite(_ old: String, _ new: String) throws {
                #expect(text.contains(old))
                try Data(text.replacing(old, with: new).utf8).write(to: place.appendingPathComponent(manifest))
            }
            var bytes = try Data(contentsOf: file)
            switch kind {
            case 0:
                bytes[bytes.count / 2] ^= 1
                try bytes.write(to: file)
            case 1: try bytes.dropLast(40).write(to: file)
            case 2: try FileManager.default.removeItem(at: file)
            case 3: try rewrite("\"bad\"", "\"good\"")
            case 4: try rewrite("\"latency_ms\"", "\"availability\"")
            case 5: try rewrite("\"latency_ms\"", "\"loss\"")
            default: try rewrite("\"latency_ms.safetensors\"", "\"../good/latency_ms.safetensors\"")
            }
            #expect(throws: RecommendationError.self) { try registry.promote("bad", at: Self.start) }
            #expect(try registry.champion().manifest.version == "good")
        }
    }
}
