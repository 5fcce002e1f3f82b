import Foundation
import MarketplaceStore
import TestSupport

/// The database that simulations begin with: six offers of the real catalogue with capacities, and keys of two tenants.
struct SimulatedStore {
    static let gigabyte = 1_000_000_000
    private static let offers = [
        "backblaze/eu-central/b2-pay-as-you-go", "hetzner/fsn1/object-storage", "ovh/gra/object-storage-standard-1-az",
        "scaleway/fr-par/standard-multi-az", "wasabi/eu-central-1/hot-payg", "wasabi/eu-west-1/hot-payg"
    ]

    let folder: TemporaryFolder
    let path: String
    let keys: [String: String]
    let capacity: [String: Int]
    /// Lines of its audit log.
    let audited: Int

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("template.sqlite")
        // The shipped folder without what thousands of users did.
        let source = folder.path("datasets")
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: ShippedData.folder.path)
        where !name.hasPrefix("interactions") && !name.hasPrefix("measurements") {
            try FileManager.default.createSymbolicLink(
                atPath: source + "/" + name, withDestinationPath: ShippedData.folder.appendingPathComponent(name).path)
        }
        let store = try MarketplaceDatabase(path: path, .creating)
        try store.importFolder(source, now: LifecycleSimulation.start)
        let capacity = Dictionary(uniqueKeysWithValues: Self.offers.map { ($0, 2000 * Self.gigabyte) })
        try store.import(.catalog, Self.catalog(capacity), document: "simulation", now: LifecycleSimulation.start)
        var (generator, keys) = (SeededGenerator(seed: 6), [String: String]())
        for tenant in LifecycleSimulation.tenants {
            keys[tenant] = try store.transact(by: .machine, at: 0) {
                try $0.createKey(
                    for: tenant, name: "k", scopes: ["quotes:read", "quotes:write", "settlements:write"],
                    using: &generator
                ).text
            }
        }
        audited = try store.verifyAudit().count
        try store.close()
        (self.keys, self.capacity) = (keys, capacity)
    }

    /// A catalogue file of the offers that have a capacity, in bytes.
    static func catalog(_ capacity: [String: Int]) throws -> [UInt8] {
        let file = try Data(contentsOf: ShippedData.folder.appendingPathComponent("catalog.jsonl"))
        let lines = String(decoding: file, as: UTF8.self).split(separator: "\n").compactMap { line -> String? in
            guard let (_, bytes) = capacity.first(where: { line.hasPrefix(#"{"id":"\#($0.key)","#) }) else {
                return nil
            }
            return String(line).replacing(
                "\"provenance\"", with: "\"capacityGB\":\"\(bytes / gigabyte)\",\"provenance\"")
        }
        return Array(lines.joined(separator: "\n").utf8)
    }
}
