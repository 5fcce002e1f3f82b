import Foundation
import LinearAlgebra
import Recommendation
import Testing

@Suite("The safetensors layout")
struct TensorFileTests {
    private let matrix = Matrix<Float>(rows: 2, columns: 3) { Float($0) + 0.5 * Float($1) }

    /// A file with a header written by hand.
    private func file(_ header: String, body: Int, length: Int? = nil) -> Data {
        var bytes = Data()
        let size = UInt64(bitPattern: Int64(length ?? header.utf8.count))
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: size >> (8 * UInt64(shift)))) }
        return bytes + Data(header.utf8) + Data(count: body)
    }

    @Test("What is written is read back, metadata and every type")
    func roundTrip() throws {
        let bytes = try TensorFile.encode(
            [
                NamedTensor("a", matrix), NamedTensor("v", [1, -2.5] as [Float]), NamedTensor("i", [3, -4] as [Int32]),
                NamedTensor("l", [5, .min] as [Int64]), NamedTensor("empty", [] as [Float])
            ],
            metadata: ["kind": "test / ü"])
        let file = try TensorFile(bytes, name: "t")
        #expect(try file.matrix("a") == matrix)
        #expect(try file.vector("v") == [1, -2.5])
        #expect(try file.integers("i", as: Int32.self) == [3, -4])
        #expect(try file.integers("l", as: Int64.self) == [5, .min])
        #expect(try file.vector("empty").isEmpty)
        #expect(file.metadata == ["kind": "test / ü"])
        let headerLength = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(headerLength % 8 == 0, "tensors are aligned")
        #expect(
            bytes
                == (try TensorFile.encode(
                    [
                        NamedTensor("v", [1, -2.5] as [Float]), NamedTensor("empty", [] as [Float]),
                        NamedTensor("a", matrix), NamedTensor("l", [5, .min] as [Int64]),
                        NamedTensor("i", [3, -4] as [Int32])
                    ], metadata: ["kind": "test / ü"])),
            "the same tensors give the same bytes")
    }

    @Test("A file of the reference layout, byte by byte")
    func reference() throws {
        var bytes = file(#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   "#, body: 0)
        bytes.append(contentsOf: [0x00, 0x00, 0x80, 0x3F, 0x00, 0x00, 0x00, 0xC0])
        #expect(try TensorFile(bytes, name: "x").vector("x") == [1, -2])
    }

    @Test("Every cut of a valid file is refused")
    func truncation() throws {
        let bytes = try TensorFile.encode([NamedTensor("a", matrix), NamedTensor("v", [1, 2] as [Float])])
        for length in 0..<bytes.count {
            #expect(throws: RecommendationError.self) { try TensorFile(bytes.prefix(length), name: "cut") }
        }
        #expect(throws: RecommendationError.self) { try TensorFile(bytes + Data([0]), name: "long") }
        // A slice whose indices do not start at 0 reads as well as a whole.
        let shifted = (Data([1, 2, 3]) + bytes).dropFirst(3)
        #expect(try TensorFile(shifted, name: "slice").matrix("a") == matrix)
    }

    @Test(
        "Headers that break a rule are refused",
        arguments: [
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,  // shape against range
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,  // a hole at the front
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,  // bytes that belong to none
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            #"{"a":{"dtype":"Q9","shape":[2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
            #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,
            #"{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            #" {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "[]", "{", ""
        ])
    func headers(header: String) {
        #expect(throws: RecommendationError.self) { try TensorFile(file(header, body: 8), name: "h") }
    }

    @Test("Absurd header lengths, names twice, wrong kinds and NaN are refused")
    func more() throws {
        for length in [Int.max, 100_000_001, 9, -1] {
            #expect(throws: RecommendationError.self) { try TensorFile(file("{}", body: 0, length: length), name: "h") }
        }
        #expect(throws: RecommendationError.self) {
            try TensorFile.encode([NamedTensor("a", [1] as [Float]), NamedTensor("a", [2] as [Float])])
        }
        #expect(throws: RecommendationError.self) {
            try TensorFile.encode([NamedTensor("__metadata__", [1] as [Float])])
        }
        let other = try TensorFile(
            try TensorFile.encode([NamedTensor("a", [Float.nan]), NamedTensor("m", matrix)]), name: "f")
        #expect(throws: RecommendationError.nonFinite(what: "tensor a of f")) { try other.vector("a") }
        #expect(throws: RecommendationError.self) { try other.vector("m") }
        #expect(throws: RecommendationError.self) { try other.matrix("absent") }
        #expect(throws: RecommendationError.self) { try other.integers("m", as: Int32.self) }
    }
}
