import ArgumentParser
import CommandSupport
import Foundation
import MarketplaceStore

/// `quote-service import`
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Imports a file into the database, all of it or nothing; creates the database if there is none.",
        discussion: """
            Kinds: \(ImportKind.allCases.map(\.rawValue).joined(separator: ", ")); or 'folder' with a folder that has \
            them all, such as datasets/. Every bad row is reported with its line and reason, and then nothing is imported.
            """)

    @Argument(help: "What the file holds, or 'folder'.")
    var kind: String

    @Argument(help: "The file, or the folder.")
    var file: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var time: TimeOptions

    func validate() throws {
        guard kind == "folder" || ImportKind(rawValue: kind) != nil else {
            let known = ["folder"] + ImportKind.allCases.map(\.rawValue)
            throw ValidationError("unknown kind '\(kind)'; known are \(known.joined(separator: ", "))")
        }
    }

    func run() throws {
        let existed = FileManager.default.fileExists(atPath: database.database)
        let store = try database.open(.creating)
        do {
            if let kind = ImportKind(rawValue: kind) {
                Terminal.log("\(try store.import(kind, file: file, now: time.now))")
            } else {
                for report in try store.importFolder(file, now: time.now) { Terminal.log("\(report)") }
            }
        } catch {
            // A refused first import leaves no empty database behind.
            if !existed {
                try? store.close()
                for suffix in ["", "-wal", "-shm"] {
                    try? FileManager.default.removeItem(atPath: database.database + suffix)
                }
            }
            throw error
        }
    }
}
