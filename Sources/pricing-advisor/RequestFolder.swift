import CommandSupport
import Documents
import Foundation
import Marketplace
import Pricing

/// A folder of requests, one in each `*.json`.
struct RequestFolder {
    let path: String

    /// The requests by file name, each checked against `catalog`.
    ///
    /// - Throws: `CommandEnd` for a folder or file that cannot be read; `InputError` for a request at fault.
    func read(_ catalog: Catalog) throws -> [NamedRequest] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw CommandEnd(
                .usage, "error: the folder of requests '\(path)' cannot be read; name one by --requests")
        }
        let files = names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted()
        guard !files.isEmpty else {
            throw CommandEnd(.usage, "error: the folder '\(path)' has no *.json; put requests there, or name another")
        }
        let root = URL(fileURLWithPath: path, isDirectory: true)
        return try files.map { file in
            let bytes = try Terminal.read(root.appendingPathComponent(file).path, "the request")
            let request = try SLARequest(JSONValue(parsing: bytes, document: file), document: file)
            try request.validate(against: catalog, document: file)
            return NamedRequest(name: String(file.dropLast(5)), request: request)
        }
    }
}
