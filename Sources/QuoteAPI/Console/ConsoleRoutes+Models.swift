import Foundation
import Hummingbird
import Marketplace
import Quoting
import Recommendation

extension ConsoleRoutes {
    /// Versions that are shown.
    private static let shownVersions = 30

    /// The models in service, and how those before them were measured.
    func modelsInService() async throws -> Shown {
        let now = clock()
        let found = try await state.compute {
            () throws -> (
                market: Market, versions: [ModelManifest], changes: [ModelRegistry.Change], performances: [QoSManifest]
            ) in
            let folder = URL(fileURLWithPath: models, isDirectory: true)
            let (registry, qos) = (ModelRegistry(folder: folder), QoSRegistry(models: folder))
            // Newest first by the time of training; a version that cannot be read is passed over.
            let manifests = ((try? registry.versions()) ?? []).compactMap { try? registry.manifest($0) }
            let performances = ((try? qos.line.versions()) ?? []).compactMap { try? qos.manifest($0) }
            return (
                try state.market(now: now), manifests.sorted { $0.createdAt > $1.createdAt },
                ((try? registry.history()) ?? []) + ((try? qos.line.history()) ?? []),
                performances.sorted { $0.createdAt > $1.createdAt }
            )
        }
        let champion = found.market.model?.version ?? "none"
        let shown = Array(found.versions.prefix(Self.shownVersions))
        func measure(_ manifest: ModelManifest, _ name: String) -> Double? { manifest.metrics[name] }
        func text(_ manifest: ModelManifest, _ name: String) -> String {
            measure(manifest, name).map { fixed($0, 4) } ?? "–"
        }
        func time(_ date: Date) -> String { UTCTime.text(Int(date.timeIntervalSince1970)) }
        let oldest = Array(shown.reversed())
        let values: [String: Any] = [
            "isEmpty": shown.isEmpty, "champion": champion,
            "performance": found.market.qos?.basis ?? "the catalogue's figures",
            "chart": ConsoleChart.series(
                "line", title: "Measures on data that was not seen, by version", unit: "",
                labels: oldest.map(\.version),
                [
                    ("Recall@20", oldest.map { measure($0, "recall@20") }),
                    ("NDCG@20", oldest.map { measure($0, "ndcg@20") })
                ], aspectRatio: 4),
            "versions": shown.map { manifest -> [String: Any] in
                [
                    "version": manifest.version, "kind": manifest.kind.rawValue, "trained": time(manifest.createdAt),
                    "interactions": manifest.data.interactions, "recall": text(manifest, "recall@20"),
                    "ndcg": text(manifest, "ndcg@20"),
                    "standing": manifest.version == champion ? "in service" : "not in service"
                ]
            },
            "hasPerformance": !found.performances.isEmpty,
            "performances": found.performances.prefix(Self.shownVersions).map { manifest -> [String: Any] in
                [
                    "version": manifest.version, "trained": time(manifest.createdAt),
                    "measurements": manifest.data.measurements,
                    "errors": manifest.metrics.sorted { $0.key < $1.key }.map { "\($0.key) \(fixed($0.value, 4))" }
                        .joined(separator: ", "),
                    "standing": found.market.qos?.version == manifest.version ? "in service" : "not in service"
                ]
            },
            "changes": found.changes.sorted { $0.at > $1.at }.prefix(20).map {
                "\(time($0.at)): \($0.action.rawValue) \($0.version)"
            }
        ]
        return (
            .ok,
            pages.html(
                "models", title: "Models in service", catalog: found.market.catalog.version, hasCharts: !shown.isEmpty,
                values)
        )
    }
}
