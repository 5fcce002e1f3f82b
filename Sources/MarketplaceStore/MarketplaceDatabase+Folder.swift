import Foundation
import GRDB

extension MarketplaceDatabase {
    /// The files of a folder of data, in an order in which each refers only to those before it.
    private static let folder: [(file: String, kind: ImportKind)] = [
        ("metros.csv", .metros), ("providers.csv", .providers), ("provider-regions.csv", .regions),
        ("reader-regions.csv", .readerRegions), ("latency.csv", .latency), ("exchange-rates.csv", .rates),
        ("catalog.jsonl", .catalog), ("registers.csv", .registers)
    ]

    /// Files of which a folder may have none or several, by how their names begin.
    private static let series: [(prefix: String, kind: ImportKind)] = [
        ("interactions", .interactions), ("measurements", .measurements)
    ]

    /// Imports a folder such as the package's `datasets/` in one transaction: all of it or nothing.
    ///
    /// It must have `metros.csv`, `providers.csv`, `provider-regions.csv`, `reader-regions.csv`, `latency.csv`,
    /// `exchange-rates.csv`, `catalog.jsonl` and `registers.csv`; all `interactions*.csv` and `measurements*.csv`
    /// follow in the order of their names.
    ///
    /// - Throws: ``StoreError/incompleteFolder(path:missing:)``, or ``StoreError/refused(_:)`` with every issue of the
    ///   first file that has any.
    @discardableResult
    public func importFolder(_ directory: String, now: Int) throws(StoreError) -> [ImportReport] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw .unreadableFile(path: directory, detail: "it is not a folder that can be read")
        }
        let missing = Self.folder.map(\.file).filter { !names.contains($0) }
        guard missing.isEmpty else { throw .incompleteFolder(path: directory, missing: missing) }
        var files = Self.folder
        for (prefix, kind) in Self.series {
            files += names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".csv") }.sorted().map { ($0, kind) }
        }
        let root = URL(fileURLWithPath: directory, isDirectory: true)
        return try write { db in
            try files.map { file, kind in
                let bytes = try Self.contents(of: root.appendingPathComponent(file).path)
                let references = try ImportReferences(db, now: now)
                return try PreparedImport(kind, bytes, file, references).write(db, now: now)
            }
        }
    }
}
