import Foundation
import Recommendation
import Testing

@Suite("The model registry")
struct ModelRegistryTests {
    private let time = Date(timeIntervalSince1970: 1_700_000_000)

    /// A registry with popularity models `versions` over the same data.
    private func withRegistry(
        _ versions: [String], _ body: (ModelRegistry, InteractionMatrix) throws -> Void
    ) throws {
        let (train, _) = try SmallData.checkerboard(6)
        try TemporaryFolder.with { folder in
            let registry = ModelRegistry(folder: folder.appendingPathComponent("models"))
            for version in versions {
                try registry.save(try SmallData.model(.ials, train, factors: 2), .sample(version, train))
            }
            try body(registry, train)
        }
    }

    private func isBroken(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch let error as RecommendationError {
            if case .brokenModel = error { return error.description.contains("roll back") }
            return false
        } catch {
            return false
        }
    }

    @Test("Versions are listed, with manifest and IDs")
    func saving() throws {
        try withRegistry(["b", "a"]) { registry, train in
            #expect(try registry.versions() == ["a", "b"])
            let ids = (0..<6).map { "id-\($0)" }
            let model = PopularityModel(train)
            let manifest = try registry.save(model, .sample("c", train, userIDs: ids, itemIDs: ids.reversed()))
            let stored = try registry.load("c")
            #expect(stored.manifest == manifest)
            #expect(stored.userIDs == ids && stored.itemIDs == ids.reversed())
            #expect(manifest.data.hash == train.sha256 && manifest.data.hash.count == 64)
            #expect(manifest.data.interactions == train.count)
            #expect(try registry.manifest("a").recipe.factorization?.factors == 2)
            #expect(isBroken { try registry.save(model, .sample("c", train)) }, "a version is never overwritten")
            #expect(isBroken { try registry.save(model, .sample("d", train, userIDs: ["x"])) })
            #expect(
                isBroken { try registry.save(model, .sample("d", train, userIDs: [String](repeating: "x", count: 6))) })
            for name in [
                "", ".hidden", "../up", "a/b", "champion", "history.json", "ü", String(repeating: "x", count: 101)
            ] {
                #expect(isBroken { try registry.save(model, .sample(name, train)) }, "\(name)")
            }
            #expect(throws: RecommendationError.unknownVersion("z", available: ["a", "b", "c"])) {
                try registry.load("z")
            }
        }
    }

    @Test("The hash of data changes with every part of it")
    func dataHash() throws {
        let plain = try SmallData.random(users: 9, items: 9, density: 0.3, seed: 1)
        let other = try SmallData.random(users: 9, items: 9, density: 0.3, seed: 2)
        let ones = try InteractionMatrix(
            userCount: 9, itemCount: 9, rowStarts: plain.rowStarts, items: plain.items,
            confidences: plain.items.map { _ in 1 })
        let against = try InteractionMatrix(
            userCount: 9, itemCount: 9, rowStarts: plain.rowStarts, items: plain.items,
            preferences: plain.items.map { _ in 1 })
        #expect(Set([plain.sha256, other.sha256, ones.sha256, against.sha256, plain.transposed().sha256]).count == 5)
    }

    @Test("Promotion, rollback and their history")
    func champions() throws {
        try withRegistry(["v1", "v2", "v3"]) { registry, _ in
            #expect(try registry.championVersion() == nil)
            #expect(throws: RecommendationError.noChampion(reason: "none was promoted")) { try registry.champion() }
            #expect(throws: RecommendationError.self) { try registry.rollback(at: time) }
            try registry.promote("v1", at: time)
            #expect(throws: RecommendationError.self) { try registry.rollback(at: time) }
            try registry.promote("v2", at: time)
            try registry.promote("v3", at: time)
            #expect(try registry.champion().manifest.version == "v3")
            #expect(try registry.rollback(at: time).manifest.version == "v2")
            #expect(try registry.rollback(at: time).manifest.version == "v1")
            #expect(try registry.championVersion() == "v1")
            #expect(throws: RecommendationError.self) { try registry.rollback(at: time) }
            try registry.promote("v3", at: time)
            #expect(try registry.rollback(at: time).manifest.version == "v1")
            #expect(try registry.history().map(\.version) == ["v1", "v2", "v3", "v2", "v1", "v3", "v1"])
            #expect(try registry.history().map(\.at) == [Date](repeating: time, count: 7))
            #expect(throws: RecommendationError.self) { try registry.promote("none", at: time) }
            #expect(try registry.championVersion() == "v1")
        }
    }

    @Test(
        "A broken model is refused, and never replaces the champion",
        arguments: ["flip", "cut", "missing", "manifest", "counts", "wrong", "escape"])
    func broken(damage: String) throws {
        try withRegistry(["good", "bad"]) { registry, _ in
            try registry.promote("good", at: time)
            let folder = registry.folder.appendingPathComponent("bad")
            let factors = folder.appendingPathComponent("factors.safetensors")
            let manifest = folder.appendingPathComponent("manifest.json")
            func rewrite(_ old: String, _ new: String) throws {
                let text = try String(contentsOf: manifest, encoding: .utf8)
                #expect(text.contains(old))
                try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: manifest)
            }
            var bytes = try Data(contentsOf: factors)
            switch damage {
            case "flip":
                bytes[bytes.count - 1] ^= 1
                try bytes.write(to: factors)
            case "cut": try bytes.dropLast(4).write(to: factors)
            case "missing": try FileManager.default.removeItem(at: factors)
            case "manifest": try Data("{}".utf8).write(to: manifest)
            case "counts": try rewrite("\"userCount\" : 6", "\"userCount\" : 7")
            case "wrong": try rewrite("\"factors\" : 2", "\"factors\" : 3")
            default: try rewrite("factors.safetensors", "../good/factors.safetensors")
            }
            #expect(isBroken { _ = try registry.load("bad") })
            #expect(isBroken { try registry.promote("bad", at: time) })
            #expect(try registry.champion().manifest.version == "good")
            #expect(try registry.history().count == 1)
        }
    }

    @Test("What an interrupted writer leaves behind is not a version")
    func leftovers() throws {
        try withRegistry(["v1"]) { registry, _ in
            let partial = registry.folder.appendingPathComponent(".v2.partial")
            try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
            try Data("{}".utf8).write(to: partial.appendingPathComponent("manifest.json"))
            try FileManager.default.createDirectory(
                at: registry.folder.appendingPathComponent("empty"), withIntermediateDirectories: true)
            #expect(try registry.versions() == ["v1"])
            let left = try FileManager.default.contentsOfDirectory(atPath: registry.folder.path).sorted()
            #expect(left == [".v2.partial", "empty", "v1"], "saving leaves no temporary files")
            try Data("../elsewhere\n".utf8).write(to: registry.folder.appendingPathComponent("champion"))
            #expect(throws: RecommendationError.noChampion(reason: "the pointer names no version")) {
                try registry.champion()
            }
        }
    }
}
