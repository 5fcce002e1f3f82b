import Foundation
import Recommendation

/// A folder that exists for the length of a test.
enum TemporaryFolder {
    static func with(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "recommendation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }
}

extension ModelProvenance {
    /// A provenance with a fixed time.
    static func sample(
        _ version: String, _ train: InteractionMatrix, userIDs: [String]? = nil, itemIDs: [String]? = nil
    ) -> ModelProvenance {
        ModelProvenance(
            version: version, createdAt: Date(timeIntervalSince1970: 1_700_000_000), seed: 7, data: .init(of: train),
            metrics: ["recall@20": 0.25], codeVersion: "test", userIDs: userIDs, itemIDs: itemIDs)
    }
}
