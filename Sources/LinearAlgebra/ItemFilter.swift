/// Which rows of an `InnerProductIndex` a query may be answered with.
///
/// A filter costs nothing for rows that do not score among the best: only those are looked up in it. Where few rows
/// are allowed, they alone are scored.
public struct ItemFilter: Sendable, Hashable {
    /// The rows that may be found, ascending and unique; nil allows all.
    public let allowed: [Int32]?
    /// The rows that may not be found although they are allowed, ascending and unique.
    public let denied: [Int32]

    /// A filter of rows in any order; numbers that are no rows are passed over. O(n log n).
    public init(allowed: [Int32]? = nil, denied: [Int32] = []) {
        self.allowed = allowed.map(Self.ascending)
        self.denied = Self.ascending(denied)
    }

    /// Everything may be found.
    public static let none = ItemFilter()

    /// Whether `row` may be found. O(log n).
    package func admits(_ row: Int) -> Bool {
        let row = Int32(truncatingIfNeeded: row)
        return !Self.contains(denied, row) && (allowed.map { Self.contains($0, row) } ?? true)
    }

    private static func ascending(_ rows: [Int32]) -> [Int32] {
        if zip(rows, rows.dropFirst()).allSatisfy({ $0 < $1 }) { return rows }
        return Set(rows).sorted()
    }

    private static func contains(_ rows: [Int32], _ row: Int32) -> Bool {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low] == row
    }
}
