import Documents
import Foundation
import Marketplace

/// Requests: a folder with one in each `*.json`, one such file, or a file with one a line.
public struct RequestSource {
    let path: String

    /// The requests at `path`.
    public init(path: String) { self.path = path }

    /// The requests by file name or line, each checked against `catalog` where one is given.
    ///
    /// - Throws: `CommandEnd` for a folder or file that cannot be read; `InputError` for a request at fault.
    public func read(_ catalog: Catalog? = nil) throws -> [(name: String, request: SLARequest)] {
        try documents().map { name, document, bytes in
            let request = try SLARequest(JSONValue(parsing: bytes, document: document), document: document)
            if let catalog { try request.validate(against: catalog, document: document) }
            return (name, request)
        }
    }

    private func documents() throws -> [(name: String, document: String, bytes: [UInt8])] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandEnd(
                .usage, "error: the requests '\(path)' cannot be read; name a folder or file by --requests")
        }
        if path.hasSuffix(".json"), !isFolder.boolValue {
            let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            return [(name, path, try Terminal.read(path, "the request"))]
        }
        guard isFolder.boolValue else {
            let lines = try Terminal.read(path, "the requests").split(separator: 0x0A, omittingEmptySubsequences: false)
            let filled = lines.enumerated().filter { $0.element.contains { $0 != 0x20 && $0 != 0x0D } }
            guard !filled.isEmpty else { throw CommandEnd(.usage, "error: '\(path)' has no request; write one a line") }
            return filled.map { ("line \($0 + 1)", "\(path), line \($0 + 1)", Array($1)) }
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        let files = names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted()
        guard !files.isEmpty else {
            throw CommandEnd(.usage, "error: the folder '\(path)' has no *.json; put requests there, or name another")
        }
        return try files.map { (String($0.dropLast(5)), $0, try Terminal.read(path + "/" + $0, "the request")) }
    }
}
