import Foundation
import LinearAlgebra
import Recommendation
import Testing

@Suite("Training from files, and training that goes on")
struct TrainingDataTests {
    private func hyperparameters(_ factors: Int, epochs: Int = 4) -> ImplicitALS.Hyperparameters {
        .init(factors: factors, epochs: epochs, regularization: 0.02, unobservedWeight: 0.1, seed: 3)
    }

    @Test(
        "A file gives the same bits as the matrix in memory, whatever the buffer", arguments: [false, true],
        [5, 1 << 20])
    func sameBits(valued: Bool, buffer: Int) throws {
        let train = try SmallData.random(users: 700, items: 90, density: 0.1, seed: 21, valued: valued)
        try TemporaryFolder.with { folder in
            let file = folder.appendingPathComponent("interactions")
            let writer = try InteractionFileWriter(
                file, userCount: 700, itemCount: 90, hasConfidences: valued, hasPreferences: valued,
                bufferedEntries: buffer)
            for user in 0..<700 {
                let range = train.entryRange(of: user)
                try writer.append(
                    items: train.items[range], confidences: train.confidences?[range],
                    preferences: train.preferences?[range])
            }
            try writer.finish()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["interactions"])
            let data = try TrainingData(contentsOf: file)
            #expect(data.userCount == 700 && data.itemCount == 90)
            for factors in [6, 20] {
                let trainer = try ImplicitALS(hyperparameters(factors), threads: 2)
                #expect(try trainer.train(data) == trainer.train(train))
            }
        }
    }

    @Test("Nobody, nothing and users without rows can be written")
    func small() throws {
        try TemporaryFolder.with { folder in
            let file = folder.appendingPathComponent("interactions")
            for (users, items) in [(0, 0), (3, 0), (0, 3), (4, 2)] {
                let writer = try InteractionFileWriter(file, userCount: users, itemCount: items)
                if items > 0, users > 0 { try writer.append(items: [1]) }
                try writer.finish()
                let model = try ImplicitALS(hyperparameters(3)).train(TrainingData(contentsOf: file))
                #expect(model.userCount == users && model.itemCount == items)
            }
        }
    }

    @Test("Bad rows are refused, and leave no file")
    func badRows() throws {
        try TemporaryFolder.with { folder in
            let file = folder.appendingPathComponent("interactions")
            do {
                let writer = try InteractionFileWriter(file, userCount: 1, itemCount: 3, hasConfidences: true)
                for (items, values) in [
                    ([0, 0], [1, 1]), ([1, 0], [1, 1]), ([3], [1]), ([-1], [1]), ([0], [-1]), ([0], [.nan]), ([0], [])
                ] as [([Int32], [Float])] {
                    #expect(throws: RecommendationError.self) {
                        try writer.append(items: items[...], confidences: values[...])
                    }
                }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
            let writer = try InteractionFileWriter(file, userCount: 0, itemCount: 3)
            #expect(throws: RecommendationError.self) { try writer.append(items: [0]) }
            #expect(throws: RecommendationError.self) {
                try InteractionFileWriter(folder.appendingPathComponent("none/file"), userCount: 1, itemCount: 1)
            }
        }
    }

    @Test("A file that was cut, extended or changed in any bit is refused")
    func damage() throws {
        let train = try SmallData.random(users: 12, items: 9, density: 0.3, seed: 22, valued: true)
        try TemporaryFolder.with { folder in
            let file = folder.appendingPathComponent("interactions")
            try InteractionFileWriter.write(train, to: file)
            let whole = try Data(contentsOf: file)
            func isRefused(_ bytes: Data) throws -> Bool {
                try bytes.write(to: file)
                do throws(RecommendationError) {
                    _ = try TrainingData(contentsOf: file)
                    return false
                } catch {
                    if case .malformedInteractions("interactions", _) = error { return true }
                    return false
                }
            }
            let isWholeRefused = try isRefused(whole)
            #expect(!isWholeRefused)
            for length in [0, 1, 63, 64, 65, whole.count / 2, whole.count - 1] {
                #expect(try isRefused(whole.prefix(length)), "cut to \(length)")
            }
            #expect(try isRefused(whole + Data([0])))
            for byte in 0..<whole.count {
                var bytes = whole
                bytes[byte] ^= UInt8(1 << (byte % 8))
                #expect(try isRefused(bytes), "byte \(byte)")
            }
            try FileManager.default.removeItem(at: file)
            #expect(throws: RecommendationError.self) { try TrainingData(contentsOf: file) }
        }
    }

    @Test("Training that is resumed after any epoch gives the bits of one that was not interrupted", arguments: [6, 20])
    func resuming(factors: Int) throws {
        let train = try SmallData.random(users: 80, items: 50, density: 0.2, seed: 23, valued: true)
        let data = TrainingData(train)
        let trainer = try ImplicitALS(hyperparameters(factors), threads: 2)
        let whole = try trainer.train(train)
        var checkpoints: [ImplicitALS.Checkpoint] = []
        let watched = try trainer.train(data, store: { checkpoints.append($0) })
        #expect(watched == whole)
        #expect(checkpoints.map(\.epoch) == [1, 2, 3])
        try TemporaryFolder.with { folder in
            let file = folder.appendingPathComponent("checkpoint")
            for checkpoint in checkpoints {
                try checkpoint.save(to: file)
                let read = try ImplicitALS.Checkpoint(contentsOf: file)
                #expect(read == checkpoint)
                var epochs: [Int] = []
                let resumed = try trainer.train(data, resuming: read, progress: { epochs.append($0) })
                #expect(resumed == whole)
                #expect(epochs == Array(checkpoint.epoch + 1...4))
            }
        }
    }

    @Test("An error while a checkpoint is stored ends the training")
    func fullDisk() throws {
        let data = TrainingData(try SmallData.random(users: 20, items: 10, density: 0.2, seed: 24))
        let refused = RecommendationError.fileFailure(operation: "write", file: "c", reason: "disk full")
        #expect(throws: refused) {
            try ImplicitALS(hyperparameters(4)).train(data, store: { _ throws(RecommendationError) in throw refused })
        }
    }

    @Test("A checkpoint of other data or another recipe, or a damaged one, is refused")
    func foreignCheckpoints() throws {
        let train = try SmallData.random(users: 20, items: 10, density: 0.2, seed: 25)
        let data = TrainingData(train)
        let trainer = try ImplicitALS(hyperparameters(4))
        var checkpoint: ImplicitALS.Checkpoint?
        _ = try trainer.train(data, store: { checkpoint = $0 })
        let last = try #require(checkpoint)
        let other = TrainingData(try SmallData.random(users: 20, items: 10, density: 0.2, seed: 26))
        #expect(throws: RecommendationError.self) { try trainer.train(other, resuming: last) }
        #expect(throws: RecommendationError.self) {
            try ImplicitALS(hyperparameters(4, epochs: 5)).train(data, resuming: last)
        }
        try TemporaryFolder.with { folder in
            let file = folder.appendingPathComponent("checkpoint")
            try last.save(to: file)
            let whole = try Data(contentsOf: file)
            for byte in 0..<whole.count {
                var bytes = whole
                bytes[byte] ^= UInt8(1 << (byte % 8))
                try bytes.write(to: file)
                // A changed blank of the header's padding, or case of a digit, changes nothing.
                let read = try? ImplicitALS.Checkpoint(contentsOf: file)
                let isUnchanged = read == nil || read == last
                #expect(isUnchanged, "byte \(byte)")
            }
            try whole.dropLast().write(to: file)
            #expect(throws: RecommendationError.self) { try ImplicitALS.Checkpoint(contentsOf: file) }
        }
    }
}
