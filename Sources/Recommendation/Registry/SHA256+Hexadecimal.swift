import Crypto
import Foundation

extension Data {
    /// SHA-256 of these bytes as 64 lower-case hexadecimal digits.
    var sha256: String { hexadecimal(SHA256.hash(data: self)) }
}

extension String {
    /// SHA-256 of the text in UTF-8, as `Data.sha256`.
    var sha256Text: String { Data(utf8).sha256 }
}

extension InteractionMatrix {
    /// SHA-256 of the shape, row starts, items and values as little-endian numbers: the identity of training data.
    public var sha256: String {
        var hash = SHA256()
        func add<Number: FixedWidthInteger>(_ numbers: [Number]) {
            numbers.map(\.littleEndian).withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        // A flag for each value array keeps "absent" apart from "empty".
        add([userCount, itemCount, confidences == nil ? 0 : 1, preferences == nil ? 0 : 1].map { Int64($0) })
        add(rowStarts.map { Int64($0) })
        add(items)
        if let confidences { add(confidences.map(\.bitPattern)) }
        if let preferences { add(preferences.map(\.bitPattern)) }
        return hexadecimal(hash.finalize())
    }
}

private func hexadecimal(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
