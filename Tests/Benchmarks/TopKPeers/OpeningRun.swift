import Foundation
import LinearAlgebra
import Recommendation

/// Opens a model of many users, and follows an event to the ranking that it changes.
struct OpeningRun {
    let options: PeerOptions

    func run() throws {
        let folder = URL(fileURLWithPath: options.scratch).appendingPathComponent("topk-peers-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let offers = 500
        print("a model of \(options.users) users and \(offers) offers × \(options.factors)")
        try write(offers, folder)
        let registry = ModelRegistry(folder: folder)

        // The file's pages are in memory, as they are after a promotion has read them.
        let before = ProcessMemory.residentMB
        var serving: ServingModel?
        let opening = try Stopwatch.each(Array(0..<20)) { _ in serving = try ServingModel(championIn: folder.path) }
        TopKPeers.line(
            "opened for service, p50", opening.p50,
            String(format: "p99 %.3f ms, %.1f MB more resident", opening.p99, ProcessMemory.residentMB - before))
        let open = try registry.openChampion()
        TopKPeers.line("  verified whole, in the background", Stopwatch.best(1) { try? open.verify() })
        TopKPeers.line("  read and copied whole, by load", Stopwatch.best(1) { _ = try? registry.load("v") })
        guard let serving else { return }
        try EventRun(serving: serving, offers: Self.names(offers)).run()
    }

    static func names(_ count: Int) -> [String] { (0..<count).map { "provider-\($0 % 25)/region/\($0)" } }

    private func write(_ offers: Int, _ folder: URL) throws {
        let d = options.factors
        let items = TopKPeers.matrix(offers, d, seed: 3)
        let model = try ImplicitALSModel(
            userFactors: TopKPeers.matrix(options.users, d, seed: 4), itemFactors: items,
            sharedDiagonal: (0..<d).map { j in 0.03 * (0..<offers).reduce(Float(0)) { $0 + items[$1, j] * items[$1, j] }
            },
            hyperparameters: .init(factors: d))
        let nothing = try InteractionMatrix(userCount: 1, itemCount: 1, entries: [])
        let registry = ModelRegistry(folder: folder)
        try registry.save(
            model,
            ModelProvenance(
                version: "v", createdAt: Date(timeIntervalSince1970: 0), seed: 4, data: .init(of: nothing),
                codeVersion: "benchmark", userIDs: (0..<options.users).map { "user-\($0)" },
                itemIDs: Self.names(offers)))
        try registry.promote("v", at: Date(timeIntervalSince1970: 0))
    }
}
