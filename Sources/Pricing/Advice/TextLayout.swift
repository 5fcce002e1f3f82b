/// Columns and wrapped sentences for a terminal of 80 columns.
enum TextLayout {
    static let width = 80

    /// `text` in a column of `width` characters, cut where it is longer.
    static func column(_ text: String, _ width: Int) -> String {
        let shown = text.count > width - 1 ? text.prefix(width - 2) + "…" : text[...]
        return shown + String(repeating: " ", count: width - shown.count)
    }

    /// `cells` to the right of their columns.
    static func columns(_ cells: [String], _ widths: [Int]) -> String {
        zip(cells, widths).map { cell, width in String(repeating: " ", count: max(1, width - cell.count)) + cell }
            .joined()
    }

    /// The parts, separated by commas, as wrapped lines.
    static func wrapped(_ parts: [String], indent: String, first: String) -> [String] {
        wrapped(parts.joined(separator: ", "), indent: indent, first: first)
    }

    /// A sentence as lines that fit; those after the first are indented by `indent` and two more.
    static func wrapped(_ sentence: String, indent: String, first: String) -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in sentence.split(separator: " ").flatMap({ Self.broken(String($0), width - indent.count - 2) }) {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                (line, isEmpty) = (indent + "  ", true)
            }
            line += isEmpty ? word : " " + word
            isEmpty = false
        }
        return lines + [line]
    }

    /// A word in pieces that fit a line.
    private static func broken(_ word: String, _ width: Int) -> [String] {
        guard word.count > width else { return [word] }
        return [String(word.prefix(width))] + broken(String(word.dropFirst(width)), width)
    }
}
