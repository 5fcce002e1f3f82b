import Foundation
import Marketplace
import Recommendation
import TestSupport
import Testing

@Suite("QoS input and model files at their edges")
struct QoSInputTests {
    private func measurements(
        _ users: Int, _ offers: Int, _ entries: [(Int, Int, Double)], scale: QoSScale = .positive
    ) throws -> QoSMeasurements {
        try QoSMeasurements(
            scale: scale, users: QoSParties(count: users), offers: QoSParties(count: offers),
            entries: entries.map { .init(user: $0.0, offer: $0.1, value: $0.2) })
    }

    @Test("Values that cannot be are refused", arguments: [Double.nan, .infinity, -.infinity, 0, -0.5])
    func badValues(value: Double) throws {
        #expect(throws: RecommendationError.self) { try measurements(2, 2, [(0, 0, 1), (1, 1, value)]) }
    }

    @Test("Shares outside 0…1, indices outside, IDs twice, nothing at all, settings without meaning are refused")
    func refused() throws {
        #expect(throws: RecommendationError.self) { try measurements(1, 1, [(0, 0, 1.01)], scale: .share) }
        #expect(throws: RecommendationError.self) { try measurements(1, 1, [(1, 0, 1)]) }
        #expect(throws: RecommendationError.self) { try measurements(1, 1, [(0, -1, 1)]) }
        #expect(throws: RecommendationError.self) { try QoSParties(ids: ["a", "a"]) }
        #expect(throws: RecommendationError.invalidMeasurements(reason: "there are none to learn from")) {
            try QoSModel.train(try measurements(2, 2, []))
        }
        let data = try measurements(2, 2, [(0, 0, 1), (1, 1, 2)])
        for settings in [
            QoSHyperparameters(factors: 0), .init(sweeps: 0), .init(folds: 1), .init(ridge: .nan), .init(groupPrior: 0),
            .init(memory: -1), .init(atoms: 1)
        ] {
            #expect(throws: RecommendationError.self) { try QoSModel.train(data, settings) }
        }
        let model = try QoSModel.train(data)
        #expect(throws: RecommendationError.self) { try model.predict(user: 2, offer: 0) }
        #expect(throws: RecommendationError.self) { try model.predict(user: 0, offer: -1) }
    }

    @Test("One measurement is all that is expected then")
    func one() throws {
        let model = try QoSModel.train(try measurements(1, 1, [(0, 0, 0.25)]))
        for distribution in [try model.predict(user: 0, offer: 0), model.predict(user: "?", offer: "?")] {
            #expect(distribution.median == 0.25 && distribution.mean == 0.25)
            #expect(distribution.probability(atMost: 0.3) == 1 && distribution.probability(atLeast: 0.3) == 0)
        }
    }

    @Test("One user, one offer, equal values, more factors than anything: predictions within what was measured")
    func degenerate() throws {
        let values = [0.1, 0.2, 0.15, 0.3, 5, 0.12, 0.2, 0.4]
        var repeated: [(Int, Int, Double)] = [(1, 1, 1), (0, 1, 1)]
        for value in values { repeated.append((0, 0, value)) }
        let cases = [
            try measurements(1, 8, values.enumerated().map { (0, $0, $1) }),
            try measurements(8, 1, values.enumerated().map { ($0, 0, $1) }),
            try measurements(3, 3, (0..<9).map { ($0 / 3, $0 % 3, 2) }),
            try measurements(2, 2, repeated)
        ]
        for data in cases {
            let model = try QoSModel.train(data)
            let (least, most) = (data.entries.map(\.value).min() ?? 0, data.entries.map(\.value).max() ?? 0)
            for user in 0..<data.users.count {
                for offer in 0..<data.offers.count {
                    let distribution = try model.predict(user: user, offer: offer)
                    for value in [
                        distribution.median, distribution.mean, distribution.closest(0.5),
                        distribution.relativeErrorMinimizer
                    ] {
                        #expect(value >= least * (1 - 1e-9) && value <= most * (1 + 1e-9))
                    }
                }
            }
        }
    }

    @Test("Repeated measurements of a pair outweigh a single one")
    func repeated() throws {
        var entries: [(Int, Int, Double)] = []
        for k in 0..<40 { entries.append((k % 4, k / 4, 1 + 0.01 * Double(k % 7))) }
        entries.append((0, 10, 6))
        let once = try QoSModel.train(try measurements(4, 11, entries))
        for _ in 0..<11 { entries.append((0, 10, 6)) }
        let often = try QoSModel.train(try measurements(4, 11, entries))
        #expect(try often.predict(user: 0, offer: 10).median >= once.predict(user: 0, offer: 10).median)
    }

    @Test("The marketplace's measurements: regions measure, the metric gives the scale")
    func marketplace() throws {
        let rows = [
            Marketplace.Measurement(time: 1, region: "eu", offer: "a", metric: .latencyMs, value: 20),
            .init(time: 2, region: "eu", offer: "a", metric: .availability, value: 0.99),
            .init(time: 3, region: "us", offer: "b", metric: .latencyMs, value: 80)
        ]
        let latency = try QoSMeasurements(.latencyMs, of: rows, regionPaths: ["eu": ["europe"]])
        #expect(latency.entries.map(\.value) == [20, 80] && latency.users.paths == [["europe"], []])
        #expect(try QoSMeasurements(.availability, of: rows).scale == .share)
        #expect(try QoSMeasurements(.throughputMBps, of: rows).entries.isEmpty)
    }

    @Test("A model file survives a round trip, and every cut or turned byte is noticed or harmless")
    func files() throws {
        let world = SyntheticQoS(users: 12, offers: 20, seed: 40)
        let model = try QoSModel.train(
            world.measurements(world.entries(density: 0.5, seed: 41)), .init(factors: 2, sweeps: 5, atoms: 10))
        let bytes = try model.encoded()
        let copy = try QoSModel(TensorFile(bytes, name: "m"))
        #expect(try copy.encoded() == bytes)
        for (user, offer, path) in [("u1", "o1", []), ("?", "o2", ["r1"]), ("u2", "?", []), ("?", "?", [])] {
            let (a, b) = (
                model.predict(user: user, offer: offer, userPath: path),
                copy.predict(user: user, offer: offer, userPath: path)
            )
            #expect(a.median == b.median && a.mean == b.mean)
        }
        try TemporaryFolder.with { folder in
            let file = folder.appendingPathComponent("latency.safetensors")
            try model.write(to: file)
            #expect(try QoSModel(contentsOf: file).encoded() == bytes)
        }
        for length in stride(from: 0, to: bytes.count, by: bytes.count / 50) {
            #expect(throws: RecommendationError.self) {
                try QoSModel(TensorFile(bytes.prefix(length), name: "m"))
            }
        }
        var generator = SeededGenerator(seed: 42)
        for _ in 0..<300 {
            var flipped = bytes
            flipped[generator.int(0...bytes.count - 1)] ^= UInt8(1 << generator.int(0...7))
            guard let broken = try? QoSModel(TensorFile(flipped, name: "m")) else { continue }
            #expect(!broken.predict(user: "u1", offer: "o1").median.isNaN)
        }
        let other = try TensorFile.encode([NamedTensor("x", [Float(1)])])
        #expect(throws: RecommendationError.self) { try QoSModel(TensorFile(other, name: "m")) }
    }

    @Test("Matrices as text: what is missing is left out, and a bad line is named")
    func text() throws {
        try TemporaryFolder.with { folder in
            func read(_ text: String) throws -> QoSMeasurements {
                let file = folder.appendingPathComponent("matrix.tsv")
                try Data(text.utf8).write(to: file)
                return try QoSMeasurements.readMatrix(file, missingFrom: 19.9)
            }
            let data = try read("id\ta\tb\r\nx\t1.5\t\r\ny\t-1\t20\r\nz\t0\t19.8\r\n")
            #expect(data.users.ids == ["x", "y", "z"] && data.offers.ids == ["a", "b"])
            #expect(data.entries == [.init(user: 0, offer: 0, value: 1.5), .init(user: 2, offer: 1, value: 19.8)])
            for bad in ["", "id\ta\nx\t1\t2\n", "id\ta\nx\tfast\n", "id\ta\nx\tnan\n", "id\ta\nx\t1\nx\t2\n"] {
                #expect(throws: RecommendationError.self) { try read(bad) }
            }
            #expect(throws: RecommendationError.self) {
                try QoSMeasurements.readMatrix(folder.appendingPathComponent("absent"))
            }
        }
    }
}
