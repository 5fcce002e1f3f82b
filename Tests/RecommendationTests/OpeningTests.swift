import Foundation
import LinearAlgebra
import Recommendation
import Testing

@Suite("Opening a model for service")
struct OpeningTests {
    /// A registry with one promoted model "v" of 30 users and 12 items.
    private func withModel(_ body: (ModelRegistry, ImplicitALSModel, URL) throws -> Void) throws {
        try TemporaryFolder.with { folder in
            let train = try SmallData.random(users: 30, items: 12, density: 0.3, seed: 2)
            let model = try ImplicitALS(.init(factors: 4, epochs: 5, seed: 3)).train(train)
            let registry = ModelRegistry(folder: folder)
            var provenance = ModelProvenance.sample("v", train, itemIDs: (0..<12).map { "offer-\($0)" })
            provenance.calibration = Calibration(slope: 3, intercept: -2)
            provenance.userPrior = try FeaturePrior.fit(
                (0..<30).map { ["x": Double($0 % 2)] }, factors: model.userFactors)
            try registry.save(model, provenance)
            try registry.promote("v", at: Date(timeIntervalSince1970: 0))
            try body(registry, model, folder.appendingPathComponent("v"))
        }
    }

    private func change(_ file: URL, _ body: (inout Data) throws -> Void) throws {
        var bytes = try Data(contentsOf: file)
        try body(&bytes)
        try FileManager.default.removeItem(at: file)
        try bytes.write(to: file)
    }

    /// Where the bytes of a tensor begin in the file.
    private func offset(of tensor: String, in file: URL) throws -> Int {
        let bytes = try Data(contentsOf: file)
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        return try 8 + length + #require(TensorFile(bytes, name: "t").entries[tensor]).range.lowerBound
    }

    private func isBroken(_ reason: String? = nil, _ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch RecommendationError.brokenModel(_, let found) {
            return reason.map { found.contains($0) } ?? true
        } catch {
            return false
        }
    }

    @Test("An opened model is the stored one; its users stay in the file")
    func opening() throws {
        try withModel { registry, model, _ in
            let open = try registry.openChampion()
            let opened = try #require(open.model as? ImplicitALSModel)
            #expect(opened == model)
            #expect(opened.userFactors.isMapped)
            #expect(!opened.itemFactors.isMapped)
            #expect(open.itemIDs?.first == "offer-0")
            #expect(open.manifest.calibration == Calibration(slope: 3, intercept: -2))
            #expect(open.manifest.userPrior?.intercept.count == 4)
            try open.verify()
            let users = Array(0..<30)
            #expect(try opened.topK(users: users, count: 5) == model.topK(users: users, count: 5))
            let serving = try ServingModel(championIn: registry.folder.path)
            #expect(serving.calibration == Calibration(slope: 3, intercept: -2))
            #expect(try serving.best(12, for: serving.user([])).count == 12)
        }
    }

    @Test("A bit that flips among the users is found by verifying and by loading, one among the items by opening")
    func bitFlips() throws {
        try withModel { registry, _, folder in
            let file = folder.appendingPathComponent("factors.safetensors")
            let users = try offset(of: "user_factors", in: file)
            try change(file) { $0[users + 37] ^= 0x10 }
            let open = try registry.open("v")
            #expect(isBroken("user_factors") { try open.verify() })
            #expect(isBroken("SHA-256") { _ = try registry.load("v") })
            #expect(isBroken("SHA-256") { try registry.promote("v", at: Date(timeIntervalSince1970: 1)) })
            #expect(try registry.championVersion() == "v")
        }
        for tensor in ["item_factors", "shared_diagonal"] {
            try withModel { registry, _, folder in
                let file = folder.appendingPathComponent("factors.safetensors")
                let start = try offset(of: tensor, in: file)
                try change(file) { $0[start + 5] ^= 0x01 }
                #expect(isBroken(tensor) { _ = try registry.open("v") })
            }
        }
    }

    @Test("A NaN among mapped users is met when it is read, as an error")
    func mappedNaN() throws {
        try withModel { registry, _, folder in
            let file = folder.appendingPathComponent("factors.safetensors")
            let start = try offset(of: "user_factors", in: file)
            try change(file) { bytes in for byte in 0..<4 { bytes[start + byte] = 0xFF } }
            let open = try registry.open("v")
            #expect(isBroken("NaN") { _ = try ServingModel(open) })
        }
    }

    @Test("Every cut of the file is refused, and an empty, missing or foreign one")
    func truncation() throws {
        try withModel { registry, _, folder in
            let file = folder.appendingPathComponent("factors.safetensors")
            let whole = try Data(contentsOf: file)
            for length in stride(from: 0, to: whole.count, by: 41) {
                try change(file) { $0 = whole.prefix(length) }
                #expect(isBroken { _ = try registry.open("v") }, "\(length) bytes")
            }
            try change(file) { $0 = whole + Data([0]) }
            #expect(isBroken("belong to none") { _ = try registry.open("v") })
            try FileManager.default.removeItem(at: file)
            #expect(isBroken { _ = try registry.open("v") })
            try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
            #expect(isBroken("not a file") { _ = try registry.open("v") })
        }
    }

    @Test(
        "A manifest that lies about shapes, or names files elsewhere, is refused",
        arguments: [
            (#""userCount" : 30"#, #""userCount" : 31"#), (#""itemCount" : 12"#, #""itemCount" : 11"#),
            (#""factors" : 4"#, #""factors" : 5"#), ("factors.safetensors", "../v/factors.safetensors"),
            (#""version" : "v""#, #""version" : "w""#)
        ])
    func lies(truth: String, lie: String) throws {
        try withModel { registry, _, folder in
            try change(folder.appendingPathComponent("manifest.json")) { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                try #require(text.contains(truth))
                bytes = Data(text.replacingOccurrences(of: truth, with: lie).utf8)
            }
            #expect(isBroken { _ = try registry.open("v") })
        }
    }

    @Test("A model that is replaced or deleted serves on from its mapping")
    func replaced() throws {
        try withModel { registry, model, folder in
            let open = try registry.open("v")
            try FileManager.default.removeItem(at: folder)
            #expect(open.model as? ImplicitALSModel == model)
            try open.verify()
        }
    }
}
