import Foundation

/// Base64 with the URL-safe alphabet and without padding (RFC 4648, section 5; RFC 7515, appendix C).
package enum Base64URL {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The bytes; nil for what `encode` would not have written, so that no two texts stand for the same bytes.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let padded = String(text).replacing("-", with: "+").replacing("_", with: "/")
        let bytes = Data(base64Encoded: padded + String(repeating: "=", count: (4 - padded.utf8.count % 4) % 4))
        guard let bytes, encode(bytes) == text else { return nil }
        return Array(bytes)
    }
}
