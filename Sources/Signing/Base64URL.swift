import Foundation

/// Base64 with the URL-safe alphabet and without padding (RFC 4648, section 5; RFC 7515, appendix C).
package enum Base64URL {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        // In place and byte by byte: what is signed is large, and replacing parts of a string takes most of the signing.
        var text = Array(Data(bytes).base64EncodedData())
        while text.last == UInt8(ascii: "=") { text.removeLast() }
        for place in text.indices {
            if text[place] == UInt8(ascii: "+") { text[place] = UInt8(ascii: "-") }
            if text[place] == UInt8(ascii: "/") { text[place] = UInt8(ascii: "_") }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes; nil for what `encode` would not have written, so that no two texts stand for the same bytes.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let padded = String(text).replacing("-", with: "+").replacing("_", with: "/")
        let bytes = Data(base64Encoded: padded + String(repeating: "=", count: (4 - padded.utf8.count % 4) % 4))
        guard let bytes, encode(bytes) == text else { return nil }
        return Array(bytes)
    }
}
