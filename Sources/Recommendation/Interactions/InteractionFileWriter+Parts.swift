import Foundation
import LinearAlgebra

extension InteractionFileWriter {
    /// A file that numbers are appended to, a megabyte at a time.
    final class Section {
        let file: URL
        private let handle: FileHandle
        private var pending = Data()
        private var length = 0

        init(_ file: URL) throws(RecommendationError) {
            self.file = file
            do {
                guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
                    throw CocoaError(.fileWriteUnknown)
                }
                handle = try FileHandle(forUpdating: file)
            } catch { throw Self.failure(error, file) }
        }

        /// Appends numbers in this machine's byte order, which all platforms of this package have as little-endian.
        func append<Values: Collection>(_ numbers: Values) throws(RecommendationError)
        where Values.Element: BitwiseCopyable {
            let bytes = Array(numbers).withUnsafeBytes { Data($0) }
            pending.append(bytes)
            length += bytes.count
            if pending.count >= 1 << 20 { try flush() }
        }

        /// Zeros up to the next multiple of eight bytes.
        func pad() throws(RecommendationError) {
            try append([UInt8](repeating: 0, count: InteractionFileLayout.padded(length) - length))
        }

        /// Appends all of another section, padded.
        func append(contentsOf other: Section) throws(RecommendationError) {
            try other.pad()
            try other.flush()
            try flush()
            do {
                try other.handle.seek(toOffset: 0)
                while let bytes = try other.handle.read(upToCount: 1 << 20), !bytes.isEmpty {
                    try handle.write(contentsOf: bytes)
                    length += bytes.count
                }
            } catch { throw Self.failure(error, file) }
        }

        /// Removes all that was appended.
        func empty() throws(RecommendationError) {
            do {
                try handle.truncate(atOffset: 0)
                try handle.seek(toOffset: 0)
            } catch { throw Self.failure(error, file) }
            pending.removeAll()
            length = 0
        }

        func flush() throws(RecommendationError) {
            do { try handle.write(contentsOf: pending) } catch { throw Self.failure(error, file) }
            pending.removeAll(keepingCapacity: true)
        }

        /// Writes the header over the first bytes and flushes all to the disk.
        func close(header: [UInt64]) throws(RecommendationError) {
            do {
                try handle.seek(toOffset: 0)
                try handle.write(contentsOf: header.withUnsafeBytes { Data($0) })
                try handle.synchronize()
                try handle.close()
            } catch { throw Self.failure(error, file) }
        }

        private static func failure(_ error: any Error, _ file: URL) -> RecommendationError {
            .fileFailure(operation: "write", file: file.lastPathComponent, reason: error.localizedDescription)
        }
    }

    /// The rows of a range of items, from the rows of all users.
    struct TransposedPart {
        private(set) var users: [Int32]
        private(set) var weights: [Float] = []
        private(set) var targets: [Float] = []

        init(
            rowStarts: [Int], items: Numbers<Int32>, weights: Numbers<Float>?, targets: Numbers<Float>?,
            range: Range<Int>, degrees: [Int], blockSize: Int
        ) {
            var next = degrees[range].reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
            let size = next[range.count]
            users = [Int32](repeating: 0, count: size)
            if weights != nil { self.weights = [Float](repeating: 0, count: size) }
            if targets != nil { self.targets = [Float](repeating: 0, count: size) }
            let (low, high) = (Int32(range.lowerBound), Int32(range.upperBound))
            var user = 0
            let entries = rowStarts[rowStarts.count - 1]
            for first in stride(from: 0, to: entries, by: blockSize) {
                let block = first..<min(entries, first + blockSize)
                let columns = items.slice(block)
                let (blockWeights, blockTargets) = (weights?.slice(block), targets?.slice(block))
                for k in block {
                    while k >= rowStarts[user + 1] { user += 1 }
                    let item = columns[k - first]
                    guard item >= low, item < high else { continue }
                    let position = next[Int(item - low)]
                    next[Int(item - low)] += 1
                    users[position] = Int32(user)
                    if let blockWeights { self.weights[position] = blockWeights[k - first] }
                    if let blockTargets { self.targets[position] = blockTargets[k - first] }
                }
            }
        }
    }
}
