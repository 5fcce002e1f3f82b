import Foundation
import LinearAlgebra

/// A tensor in memory, on its way into a file.
public struct NamedTensor: Sendable {
    /// The name, unique in its file.
    public let name: String
    /// The number format.
    public let type: TensorFile.ElementType
    /// The extents, slowest first.
    public let shape: [Int]
    /// The little-endian bytes.
    public let bytes: Data

    /// A matrix as F32 of rank 2.
    public init(_ name: String, _ matrix: Matrix<Float>) {
        self.init(name, shape: [matrix.rows, matrix.columns], .float32, matrix.elements.map(\.bitPattern))
    }

    /// A vector as F32 of rank 1.
    public init(_ name: String, _ vector: [Float]) {
        self.init(name, shape: [vector.count], .float32, vector.map(\.bitPattern))
    }

    /// Integers as I32 of rank 1.
    public init(_ name: String, _ integers: [Int32]) {
        self.init(name, shape: [integers.count], .int32, integers)
    }

    /// Integers as I64 of rank 1.
    public init(_ name: String, _ integers: [Int64]) {
        self.init(name, shape: [integers.count], .int64, integers)
    }

    /// The same numbers under another name.
    func renamed(_ name: String) -> NamedTensor { NamedTensor(self, name: name) }

    private init(_ other: NamedTensor, name: String) {
        self.name = name
        (type, shape, bytes) = (other.type, other.shape, other.bytes)
    }

    private init<Number: FixedWidthInteger>(
        _ name: String, shape: [Int], _ type: TensorFile.ElementType, _ numbers: [Number]
    ) {
        self.name = name
        self.type = type
        self.shape = shape
        bytes = numbers.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }
}

extension TensorFile {
    /// The bytes of a file with `tensors`, ordered by name, wider types first so that all are aligned.
    ///
    /// The same tensors give the same bytes. Each tensor's SHA-256 is in the metadata. The header is padded with blanks to a multiple of 8 bytes.
    /// - Throws: `malformedTensors` for a name twice or the reserved one.
    public static func encode(
        _ tensors: [NamedTensor], metadata: [String: String] = [:]
    ) throws(RecommendationError) -> Data {
        var header = TensorHeader()
        header.metadata = metadata
        var body = Data()
        for tensor in tensors.sorted(by: { ($1.type.size, $0.name) < ($0.type.size, $1.name) }) {
            guard header.tensors[tensor.name] == nil, tensor.name != TensorHeader.metadataKey.stringValue else {
                throw .malformedTensors(file: "the file to write", reason: "tensor name \(tensor.name) is taken")
            }
            header.metadata[digestPrefix + tensor.name] = tensor.bytes.sha256
            let start = body.count
            body.append(tensor.bytes)
            header.tensors[tensor.name] = .init(
                dtype: tensor.type.rawValue, shape: tensor.shape, data_offsets: [start, body.count])
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var json: Data
        do { json = try encoder.encode(header) } catch {
            throw .malformedTensors(file: "the file to write", reason: "its header cannot be encoded")
        }
        json.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
        var bytes = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        bytes.append(json)
        bytes.append(body)
        return bytes
    }
}
