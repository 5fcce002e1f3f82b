import Foundation
import Recommendation
import Testing

@Suite("Deleting old versions")
struct PruningTests {
    @Test("The champion and what a rollback would put back stay, whatever is asked")
    func keeps() throws {
        let (train, _) = try SmallData.checkerboard(6)
        let time = Date(timeIntervalSince1970: 0)
        try TemporaryFolder.with { folder in
            let registry = ModelRegistry(folder: folder)
            for version in 1...6 {
                var provenance = ModelProvenance.sample("v\(version)", train)
                provenance.createdAt = Date(timeIntervalSince1970: Double(version))
                try registry.save(PopularityModel(train), provenance)
            }
            for version in ["v3", "v2", "v1"] { try registry.promote(version, at: time) }
            #expect(try registry.prunable(keeping: 6).isEmpty)
            #expect(try registry.prunable(keeping: 3) == ["v3", "v4", "v5"])
            #expect(try registry.prunable(keeping: 2) == ["v3", "v4", "v5", "v6"])
            #expect(try registry.prunable(keeping: 1) == ["v3", "v4", "v5", "v6"])
            for version in ["v1", "v2"] {
                #expect(throws: RecommendationError.self) { try registry.delete(version) }
            }
            #expect(throws: RecommendationError.self) { try registry.delete("none") }
            for version in try registry.prunable(keeping: 3) { try registry.delete(version) }
            #expect(try registry.versions() == ["v1", "v2", "v6"])
            #expect(try registry.rollback(at: time).manifest.version == "v2")
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix(".") }
            #expect(left.isEmpty, "\(left)")
            try Data("{}".utf8).write(to: folder.appendingPathComponent("v6/manifest.json"))
            #expect(try registry.prunable(keeping: 1) == ["v6", "v1"], "what cannot be read goes first")
        }
    }
}
