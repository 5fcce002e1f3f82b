import Mustache

/// Text as it may stand in a page, between tags and in quoted attributes.
///
/// Mustache's own escaping goes by characters: a quotation mark with a combining mark behind it is another character than a
/// quotation mark, though a browser ends the attribute there. This one goes by scalars, as browsers do.
struct EscapedText: MustacheContentType {
    /// Put before a template it has the template's values escaped by this.
    static let pragma: String = {
        MustacheContentTypes.register(EscapedText(), named: "SCALARS")
        return "{{% CONTENT_TYPE:SCALARS}}"
    }()

    /// The text with every scalar that means something to a browser written out. O(length).
    func escapeText(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            // No page may have it.
            case "\0": escaped.append("\u{FFFD}")
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
