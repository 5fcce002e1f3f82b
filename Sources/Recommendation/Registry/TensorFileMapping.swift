import Foundation
import LinearAlgebra

extension MappedFile {
    /// Maps a regular file, which must not be changed in place, least of all cut: the registry replaces files whole, and
    /// a mapping keeps the old one.
    /// - Throws: `fileFailure`.
    convenience init(mapping file: URL) throws(RecommendationError) {
        do {
            try self.init(file)
        } catch {
            let reason = error.code == .EINVAL ? "it is not a file" : String(cString: strerror(error.code.rawValue))
            throw .fileFailure(operation: "map", file: file.lastPathComponent, reason: reason)
        }
    }
}
