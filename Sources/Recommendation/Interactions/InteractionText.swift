import Foundation

/// Interactions as text: a line holds a user's index and the indices of its items, separated by blanks.
///
/// The format of the public Gowalla split. A user may have no items; a user that has no line has none either.
public enum InteractionText {
    /// The rows of one file, before the shape of the matrix is known.
    struct Rows {
        var itemsOfUser: [Int: [Int32]] = [:]
        var userCount = 0
        var itemCount = 0
    }

    /// The matrix of one text. Without sizes they are the largest index + 1.
    /// - Throws: `badInteractions` with the line of a malformed number, of an index that is negative or beyond the
    ///   given sizes, of an item twice, or of a user's second line.
    public static func parse(
        _ text: Data, userCount: Int? = nil, itemCount: Int? = nil
    ) throws(RecommendationError) -> InteractionMatrix {
        let rows = try parseRows(text, userCount: userCount, itemCount: itemCount)
        return try matrix(rows, userCount ?? rows.userCount, itemCount ?? rows.itemCount)
    }

    /// Train and test matrices of one common shape, as the split's files have them.
    /// - Throws: `fileFailure`, and what `parse` throws.
    public static func readSplit(
        train: URL, test: URL
    ) throws(RecommendationError) -> (train: InteractionMatrix, test: InteractionMatrix) {
        let trainRows = try parseRows(try read(train), userCount: nil, itemCount: nil)
        let testRows = try parseRows(try read(test), userCount: nil, itemCount: nil)
        let users = max(trainRows.userCount, testRows.userCount)
        let items = max(trainRows.itemCount, testRows.itemCount)
        return (try matrix(trainRows, users, items), try matrix(testRows, users, items))
    }

    /// The matrix of one file.
    /// - Throws: `fileFailure`, and what `parse` throws.
    public static func read(
        _ file: URL, userCount: Int? = nil, itemCount: Int? = nil
    ) throws(RecommendationError) -> InteractionMatrix {
        try parse(try read(file), userCount: userCount, itemCount: itemCount)
    }

    private static func read(_ file: URL) throws(RecommendationError) -> Data {
        do {
            return try Data(contentsOf: file)
        } catch {
            throw .fileFailure(operation: "read", file: file.lastPathComponent, reason: error.localizedDescription)
        }
    }

    private static func matrix(
        _ rows: Rows, _ userCount: Int, _ itemCount: Int
    ) throws(RecommendationError) -> InteractionMatrix {
        var starts = [0]
        var items: [Int32] = []
        starts.reserveCapacity(userCount + 1)
        for user in 0..<userCount {
            items.append(contentsOf: rows.itemsOfUser[user] ?? [])
            starts.append(items.count)
        }
        return try InteractionMatrix(userCount: userCount, itemCount: itemCount, rowStarts: starts, items: items)
    }

    private static func parseRows(
        _ text: Data, userCount: Int?, itemCount: Int?
    ) throws(RecommendationError) -> Rows {
        var rows = Rows()
        var line = 0
        for bytes in [UInt8](text).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            let numbers = try numbers(in: bytes, line: line)
            guard let user = numbers.first else { continue }
            if let userCount, user >= userCount {
                throw .badInteractions(line: line, reason: "user \(user) is beyond the \(userCount) users")
            }
            guard rows.itemsOfUser[user] == nil else {
                throw .badInteractions(line: line, reason: "user \(user) has a line already")
            }
            let items = numbers.dropFirst().sorted()
            if let repeated = zip(items, items.dropFirst()).first(where: { $0 == $1 }) {
                throw .badInteractions(line: line, reason: "item \(repeated.0) stands twice")
            }
            if let itemCount, let last = items.last, last >= itemCount {
                throw .badInteractions(line: line, reason: "item \(last) is beyond the \(itemCount) items")
            }
            rows.itemsOfUser[user] = items.map { Int32($0) }
            rows.userCount = max(rows.userCount, user + 1)
            rows.itemCount = max(rows.itemCount, (items.last ?? -1) + 1)
        }
        return rows
    }

    private static func numbers(in bytes: ArraySlice<UInt8>, line: Int) throws(RecommendationError) -> [Int] {
        var numbers: [Int] = []
        var current: Int?
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let value = (current ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
                guard value < Int(Int32.max) else {
                    throw .badInteractions(line: line, reason: "an index is beyond \(Int32.max - 1)")
                }
                current = value
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                if let value = current { numbers.append(value) }
                current = nil
            default:
                throw .badInteractions(line: line, reason: "byte \(byte) belongs to no index")
            }
        }
        if let value = current { numbers.append(value) }
        return numbers
    }
}
