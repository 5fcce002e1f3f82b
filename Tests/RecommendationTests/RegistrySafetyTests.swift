import Foundation
import LinearAlgebra
import Recommendation
import Testing

@Suite("What a killed or failing writer leaves behind")
struct RegistrySafetyTests {
    private let time = Date(timeIntervalSince1970: 1_700_000_000)

    private func withRegistry(_ body: (ModelRegistry, InteractionMatrix) throws -> Void) throws {
        let (train, _) = try SmallData.checkerboard(6)
        try TemporaryFolder.with { folder in
            let registry = ModelRegistry(folder: folder.appendingPathComponent("models"))
            for version in ["v1", "v2", "v3"] {
                try registry.save(try SmallData.model(.ials, train, factors: 2), .sample(version, train))
            }
            try body(registry, train)
        }
    }

    @Test("The pointer decides: a history that is ahead of it, or behind it, is set right")
    func pointerAndHistory() throws {
        try withRegistry { registry, _ in
            let pointer = registry.folder.appendingPathComponent("champion")
            try registry.promote("v1", at: time)
            try registry.promote("v2", at: time)
            // Died after the history of promoting v2.
            try Data("v1\n".utf8).write(to: pointer)
            #expect(try registry.history().map(\.version) == ["v1"])
            #expect(throws: RecommendationError.self) { try registry.rollback(at: time) }
            try registry.promote("v3", at: time)
            #expect(try registry.history().map(\.version) == ["v1", "v3"])
            #expect(try registry.rollback(at: time).manifest.version == "v1")
            // Died after the history of rolling back.
            try Data("v3\n".utf8).write(to: pointer)
            #expect(try registry.rollback(at: time).manifest.version == "v1")
            // Set by hand.
            try Data("v2\n".utf8).write(to: pointer)
            #expect(try registry.history().last?.version == "v2")
            #expect(try registry.rollback(at: time).manifest.version == "v1")
        }
    }

    @Test("One holder of a lock at a time; its end frees it, and a deleted file does not divide it")
    func locks() throws {
        try withRegistry { registry, _ in
            var job: RegistryLock? = try registry.lockForJob(holder: "first")
            #expect(throws: RecommendationError.busy(holder: "first")) { try registry.lockForJob(holder: "second") }
            // Promotion does not wait for training.
            _ = try registry.lockForWriting(holder: "operator")
            #expect(job != nil)
            job = nil
            job = try registry.lockForJob(holder: "third")
            try FileManager.default.removeItem(at: registry.folder.appendingPathComponent(".job.lock"))
            let other = try registry.lockForJob(holder: "fourth")
            #expect(throws: RecommendationError.busy(holder: "fourth")) { try registry.lockForJob(holder: "fifth") }
            withExtendedLifetime((job, other)) {}
        }
    }

    @Test("What is left half done goes with the next writer, and nothing else does")
    func leftovers() throws {
        try withRegistry { registry, _ in
            let partial = registry.folder.appendingPathComponent(".v9.\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: registry.folder.appendingPathComponent(".champion.\(UUID().uuidString)"))
            try Data("x".utf8).write(to: registry.folder.appendingPathComponent(".notes.of-the-operator"))
            _ = try registry.lockForWriting(holder: "test")
            let left = try FileManager.default.contentsOfDirectory(atPath: registry.folder.path).sorted()
            #expect(left == [".notes.of-the-operator", ".writing.lock", "v1", "v2", "v3"])
        }
    }

    @Test(
        "Training goes on from a checkpoint to the same bits; one that is damaged or of another job counts for nothing")
    func checkpoints() throws {
        let train = try SmallData.random(users: 30, items: 20, density: 0.2, seed: 2, valued: true)
        let hyperparameters = ImplicitALS.Hyperparameters(factors: 3, epochs: 6, regularization: 0.1)
        try TemporaryFolder.with { folder in
            let registry = ModelRegistry(folder: folder)
            let identity = JobFolder.Identity(hash: "a", until: 5)
            func job(_ identity: JobFolder.Identity) throws -> JobFolder {
                try JobFolder(identity, in: registry, interval: 0, clock: { 0 })
            }
            let whole = try ImplicitALS(hyperparameters).train(train)
            func resumed(_ identity: JobFolder.Identity) throws -> (epochs: [Int], model: ImplicitALSModel) {
                var epochs: [Int] = []
                let model = try LocalEngine(job: try job(identity)).train(train, hyperparameters, stage: "s") { epoch in
                    epochs.append(epoch.number)
                    return true
                }
                return (epochs, model)
            }
            _ = try LocalEngine(job: try job(identity)).train(train, hyperparameters, stage: "s") { $0.number < 5 }
            #expect(registry.unfinishedJob() == identity)
            let (file, done) = (
                registry.jobFolder.appendingPathComponent("s.checkpoint"),
                registry.jobFolder.appendingPathComponent("s.safetensors")
            )
            let kept = try Data(contentsOf: file)
            let second = try resumed(identity)
            #expect(second.epochs == [5, 6] && second.model == whole)
            // A stage that is done is not trained again, unless what it left is damaged.
            let third = try resumed(identity)
            #expect(third.epochs.isEmpty && third.model == whole)
            var model = try Data(contentsOf: done)
            model[model.count - 3] ^= 0x10
            try model.write(to: done)
            #expect(try resumed(identity).model == whole)
            var flipped = kept
            flipped[flipped.count - 3] ^= 0x10
            for damaged in [flipped, kept.dropLast(5), Data()] {
                try FileManager.default.removeItem(at: done)
                try damaged.write(to: file)
                let anew = try resumed(identity)
                #expect(anew.epochs == [1, 2, 3, 4, 5, 6] && anew.model == whole)
            }
            // A checkpoint of other data.
            try FileManager.default.removeItem(at: done)
            try kept.write(to: file)
            let other = try SmallData.random(users: 30, items: 20, density: 0.2, seed: 3, valued: true)
            let engine = LocalEngine(job: try job(identity))
            #expect(
                try engine.train(other, hyperparameters, stage: "s") { _ in true }
                    == ImplicitALS(hyperparameters).train(other))
            #expect(try resumed(JobFolder.Identity(hash: "b", until: 5)).epochs.count == 6)
            registry.forgetJob()
            #expect(registry.unfinishedJob() == nil)
        }
    }

    @Test("The evaluation is checked like the factors")
    func evaluation() throws {
        try withRegistry { registry, train in
            var provenance = ModelProvenance.sample("v4", train)
            provenance.evaluation = Data("{}".utf8)
            provenance.weighting = .init()
            provenance.engine = .spark
            try registry.save(try SmallData.model(.ials, train, factors: 2), provenance)
            #expect(try registry.evaluation("v4") == Data("{}".utf8) && registry.evaluation("v1") == nil)
            #expect(try Recipe(registry.manifest("v4")).engine == .spark)
            try Data("[]".utf8).write(to: registry.folder.appendingPathComponent("v4/evaluation.json"))
            #expect(throws: RecommendationError.self) { try registry.evaluation("v4") }
            let manifest = registry.folder.appendingPathComponent("v4/manifest.json")
            let text = try String(contentsOf: manifest, encoding: .utf8)
            try Data(text.replacing("\"cancellation\" : 1", with: "\"cancellation\" : -1").utf8).write(to: manifest)
            #expect(throws: RecommendationError.self) { try registry.load("v4") }
        }
    }
}

@Suite("The exchange with Spark")
struct SparkExchangeTests {
    @Test("Ratings are confidences, negated for dislikes")
    func ratings() throws {
        let matrix = try InteractionMatrix(
            userCount: 2, itemCount: 3,
            entries: [.init(user: 1, item: 2, confidence: 0.5), .init(user: 0, item: 1, confidence: 2, preference: 0)])
        let bytes = Array(SparkExchange.ratings(matrix))
        #expect(bytes == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 192, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 63])
    }

    @Test("Items in any basis give the same scores; users are those that fold-in gives")
    func basis() throws {
        let train = try SmallData.random(users: 40, items: 25, density: 0.2, seed: 3, valued: true)
        let model = try ImplicitALS(.init(factors: 4, epochs: 5, regularization: 0.1, unobservedWeight: 0.2)).train(
            train)
        // Spark's items in a basis of their own: turned by a quarter in two planes.
        let turned = Matrix<Float>(rows: 25, columns: 4) { row, column in
            [
                model.itemFactors[row, 1], -model.itemFactors[row, 0], model.itemFactors[row, 3],
                -model.itemFactors[row, 2]
            ][column]
        }
        let bytes = try TensorFile.encode([NamedTensor("item_factors", turned)])
        let back = try SparkExchange.model(TensorFile(bytes, name: "f"), of: train, model.hyperparameters)
        for user in 0..<40 {
            for (one, two) in zip(try model.scores(user: user), try back.scores(user: user)) {
                #expect(abs(one - two) < 1e-5)
            }
        }
        let folded = try back.foldIn(train)
        #expect(zip(folded.elements, back.userFactors.elements).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("What Spark cannot do, and factors that are none, are refused")
    func refusals() throws {
        #expect(throws: RecommendationError.self) { try SparkExchange.Settings(.init(unobservedWeight: 0)) }
        #expect(throws: RecommendationError.self) { try SparkExchange.Settings(.init(frequencyExponent: 0.5)) }
        let settings = try SparkExchange.Settings(.init(regularization: 0.02, unobservedWeight: 0.1))
        #expect(abs(settings.alpha - 10) < 1e-12 && abs(settings.regularization - 0.2) < 1e-12)
        let train = try SmallData.random(users: 4, items: 5, density: 0.5, seed: 1)
        for bad in [
            Matrix<Float>(rows: 5, columns: 2) { _, _ in .nan }, Matrix<Float>(rows: 4, columns: 2) { _, _ in 1 },
            Matrix<Float>(rows: 5, columns: 3) { _, _ in 1 }
        ] {
            let bytes = try TensorFile.encode([NamedTensor("item_factors", bad)])
            #expect(throws: RecommendationError.self) {
                try SparkExchange.model(TensorFile(bytes, name: "f"), of: train, .init(factors: 2))
            }
        }
    }
}
