import Foundation
import LinearAlgebra

/// Tensors in a file of the safetensors layout: 8 bytes of header length, a JSON header, raw little-endian numbers.
///
/// The file is memory-mapped: opening checks the header alone, and a tensor's bytes are read when it is asked for. The
/// metadata keeps the SHA-256 of each tensor under `sha256:` and its name; a tensor that is read is checked against it,
/// a tensor that stays mapped is not, until `verify`.
public struct TensorFile: Sendable {
    /// The number formats of the layout that this module knows.
    public enum ElementType: String, Sendable, Codable {
        /// 32-bit IEEE 754.
        case float32 = "F32"
        /// 64-bit IEEE 754.
        case float64 = "F64"
        /// 32-bit two's complement.
        case int32 = "I32"
        /// 64-bit two's complement.
        case int64 = "I64"

        /// Bytes of one element.
        public var size: Int { self == .float32 || self == .int32 ? 4 : 8 }
    }

    /// One tensor of the header.
    public struct Entry: Sendable, Equatable {
        /// The number format.
        public let type: ElementType
        /// The extents, slowest first; empty for a scalar.
        public let shape: [Int]
        /// The bytes within the data that follows the header.
        public let range: Range<Int>
        /// The product of the extents.
        public var count: Int { range.count / type.size }
    }

    /// The file's name, for messages.
    public let name: String
    /// The tensors by name.
    public let entries: [String: Entry]
    /// The free text of `__metadata__`.
    public let metadata: [String: String]
    private let digests: [String: String]
    private let bytes: Data
    private let dataStart: Int
    private let mapping: MappedFile?

    /// The largest header that is accepted, in bytes.
    public static let largestHeader = 100_000_000
    /// What the keys of the tensors' hashes begin with in the metadata.
    static let digestPrefix = "sha256:"

    /// Maps the file and checks its header.
    /// - Throws: `fileFailure`, `malformedTensors`.
    public init(contentsOf file: URL) throws(RecommendationError) {
        let mapping = try MappedFile(mapping: file)
        try self.init(mapping.data, name: file.lastPathComponent, mapping: mapping)
    }

    /// Checks the header of a file in memory.
    ///
    /// Every byte after the header must belong to exactly one tensor, and each tensor's range must be as long as its
    /// type and shape say: a file that was cut, extended or doctored is refused.
    /// - Throws: `malformedTensors`.
    public init(_ bytes: Data, name: String) throws(RecommendationError) {
        try self.init(bytes, name: name, mapping: nil)
    }

    private init(_ bytes: Data, name: String, mapping: MappedFile?) throws(RecommendationError) {
        func malformed(_ reason: String) -> RecommendationError { .malformedTensors(file: name, reason: reason) }
        guard bytes.count >= 8 else { throw malformed("it is shorter than the 8 bytes of the header length") }
        var length: UInt64 = 0
        for byte in bytes.prefix(8).reversed() { length = length << 8 | UInt64(byte) }
        guard length <= UInt64(Self.largestHeader) else {
            throw malformed("its header of \(length) bytes is larger than \(Self.largestHeader)")
        }
        guard Int(length) <= bytes.count - 8 else {
            throw malformed("its header of \(length) bytes ends behind the file of \(bytes.count)")
        }
        dataStart = 8 + Int(length)
        let headerBytes = bytes.dropFirst(8).prefix(Int(length))
        guard headerBytes.first == UInt8(ascii: "{") else { throw malformed("its header does not begin with {") }
        let header: TensorHeader
        do {
            header = try JSONDecoder().decode(TensorHeader.self, from: Data(headerBytes))
        } catch {
            throw malformed("its header is not the JSON of safetensors")
        }
        var entries: [String: Entry] = [:]
        for (tensor, raw) in header.tensors {
            guard let type = ElementType(rawValue: raw.dtype) else {
                throw malformed("tensor \(tensor) has type \(raw.dtype); known are F32, F64, I32, I64")
            }
            guard raw.data_offsets.count == 2, raw.data_offsets[0] >= 0, raw.data_offsets[0] <= raw.data_offsets[1],
                raw.data_offsets[1] <= bytes.count - dataStart
            else {
                throw malformed("the range of tensor \(tensor) is not within the data; the file may be cut short")
            }
            let range = raw.data_offsets[0]..<raw.data_offsets[1]
            guard let size = Self.byteCount(raw.shape, type), size == range.count else {
                throw malformed("tensor \(tensor) of shape \(raw.shape) does not fill its \(range.count) bytes")
            }
            entries[tensor] = Entry(type: type, shape: raw.shape, range: range)
        }
        var end = 0
        for (tensor, entry) in entries.sorted(by: {
            ($0.value.range.lowerBound, $0.value.range.upperBound) < (
                $1.value.range.lowerBound, $1.value.range.upperBound
            )
        }) {
            guard entry.range.lowerBound == end else {
                throw malformed(
                    "tensor \(tensor) \(entry.range.lowerBound < end ? "overlaps" : "leaves a hole behind") another")
            }
            end = entry.range.upperBound
        }
        guard end == bytes.count - dataStart else {
            throw malformed("\(bytes.count - dataStart - end) bytes behind the last tensor belong to none")
        }
        self.name = name
        self.entries = entries
        let prefix = Self.digestPrefix
        metadata = header.metadata.filter { !$0.key.hasPrefix(prefix) }
        digests = Dictionary(
            uniqueKeysWithValues: header.metadata.filter { $0.key.hasPrefix(prefix) }
                .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
        self.bytes = bytes
        self.mapping = mapping
    }

    /// The tensors whose names begin with `prefix`, under what follows it; the bytes are shared.
    func part(_ prefix: String) -> TensorFile { TensorFile(self, prefix: prefix) }

    private init(_ whole: TensorFile, prefix: String) {
        name = whole.name
        entries = Dictionary(
            uniqueKeysWithValues: whole.entries.filter { $0.key.hasPrefix(prefix) }
                .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
        metadata = whole.metadata
        digests = Dictionary(
            uniqueKeysWithValues: whole.digests.filter { $0.key.hasPrefix(prefix) }
                .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
        bytes = whole.bytes
        dataStart = whole.dataStart
        mapping = whole.mapping
    }

    private static func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
        var size = type.size
        for extent in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflow else { return nil }
            size = product
        }
        return size
    }

    /// A tensor of rank 2 in F32, finite throughout.
    /// - Throws: `malformedTensors` when it is absent or of another type or rank, `nonFinite`.
    public func matrix(_ tensor: String) throws(RecommendationError) -> Matrix<Float> {
        let entry = try entry(tensor, .float32, rank: 2)
        let values = try floats(entry, tensor)
        return try numerical { () throws(LinearAlgebraError) in
            try Matrix(rows: entry.shape[0], columns: entry.shape[1], elements: values)
        }
    }

    /// The tensor as `matrix` gives it, but left where it lies in a mapped file: O(1), whatever its size.
    ///
    /// Neither the hash nor the numbers are looked at, and pages are read when they are touched; whoever uses a row
    /// must expect a NaN in it. A tensor of a file in memory, or one that is not aligned, is copied and checked.
    /// - Throws: as `matrix`.
    public func mappedMatrix(_ tensor: String) throws(RecommendationError) -> Matrix<Float> {
        let entry = try entry(tensor, .float32, rank: 2)
        guard let mapping, let numbers = mapping.floats(at: dataStart + entry.range.lowerBound, count: entry.count)
        else { return try matrix(tensor) }
        return try numerical { () throws(LinearAlgebraError) in
            try Matrix(rows: entry.shape[0], columns: entry.shape[1], mapped: numbers, owner: mapping)
        }
    }

    /// Reads every tensor and compares it with its hash. Tensors without one pass.
    /// - Throws: `malformedTensors`. O(bytes).
    public func verify() throws(RecommendationError) {
        for (tensor, entry) in entries.sorted(by: { $0.key < $1.key }) { try check(entry, tensor) }
    }

    private func check(_ entry: Entry, _ tensor: String) throws(RecommendationError) {
        guard let digest = digests[tensor] else { return }
        let start = bytes.startIndex + dataStart
        let own = bytes[start + entry.range.lowerBound..<start + entry.range.upperBound]
        guard own.sha256 == digest else {
            throw .malformedTensors(
                file: name, reason: "tensor \(tensor) does not have its SHA-256: bytes have changed")
        }
    }

    /// A tensor of rank 1 in F32, finite throughout.
    /// - Throws: as `matrix`.
    public func vector(_ tensor: String) throws(RecommendationError) -> [Float] {
        try floats(try entry(tensor, .float32, rank: 1), tensor)
    }

    /// A tensor of rank 1 in I32 or I64.
    /// - Throws: as `matrix`.
    public func integers<Number: FixedWidthInteger & BitwiseCopyable>(
        _ tensor: String, as type: Number.Type
    ) throws(RecommendationError) -> [Number] {
        let entry = try entry(tensor, Number.bitWidth == 32 ? .int32 : .int64, rank: 1)
        try check(entry, tensor)
        return load(entry, as: Number.self).map { Number(littleEndian: $0) }
    }

    private func entry(_ tensor: String, _ type: ElementType, rank: Int) throws(RecommendationError) -> Entry {
        guard let entry = entries[tensor] else {
            throw .malformedTensors(file: name, reason: "tensor \(tensor) is missing")
        }
        guard entry.type == type, entry.shape.count == rank else {
            throw .malformedTensors(
                file: name,
                reason: "tensor \(tensor) is \(entry.type.rawValue) of rank \(entry.shape.count), not "
                    + "\(type.rawValue) of rank \(rank)")
        }
        return entry
    }

    private func floats(_ entry: Entry, _ tensor: String) throws(RecommendationError) -> [Float] {
        try check(entry, tensor)
        let values = load(entry, as: UInt32.self).map { Float(bitPattern: UInt32(littleEndian: $0)) }
        guard values.allSatisfy(\.isFinite) else { throw .nonFinite(what: "tensor \(tensor) of \(name)") }
        return values
    }

    /// The raw numbers of a tensor; the mapping need not be aligned.
    private func load<Number: BitwiseCopyable>(_ entry: Entry, as type: Number.Type) -> [Number] {
        [Number](unsafeUninitializedCapacity: entry.count) { target, count in
            let start = bytes.startIndex + dataStart
            let range = start + entry.range.lowerBound..<start + entry.range.upperBound
            count = bytes.copyBytes(to: target, from: range) / MemoryLayout<Number>.size
        }
    }
}

/// The JSON header of the layout.
struct TensorHeader: Codable {
    struct Raw: Codable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }
    struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
    static let metadataKey = Key(stringValue: "__metadata__")

    var tensors: [String: Raw] = [:]
    var metadata: [String: String] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        for key in object.allKeys {
            if key.stringValue == Self.metadataKey.stringValue {
                metadata = try object.decode([String: String].self, forKey: key)
            } else {
                tensors[key.stringValue] = try object.decode(Raw.self, forKey: key)
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        if !metadata.isEmpty { try object.encode(metadata, forKey: Self.metadataKey) }
        for (name, raw) in tensors { try object.encode(raw, forKey: Key(stringValue: name)) }
    }
}
