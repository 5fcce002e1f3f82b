import Foundation
import LinearAlgebra

/// Writes a file of interactions from rows that come user by user, as a database delivers them in order.
///
/// Memory is O(users + items) and a buffer, however many interactions there are: the arrays by item are made from those
/// by user in as many passes over the file as the buffer requires. The file appears, whole, when `finish` returns.
public final class InteractionFileWriter {
    private let file: URL
    private let temporary: URL
    private let userCount: Int
    private let itemCount: Int
    private let bufferedEntries: Int
    private var rowStarts = [0]
    private var degrees: [Int]
    private var columns: Section
    private var confidences: Section?
    private var preferences: Section?

    /// A writer of `file`.
    ///
    /// - Parameters:
    ///   - hasConfidences: whether rows come with confidences; otherwise they are 1.
    ///   - hasPreferences: whether rows come with preferences; otherwise they are 1.
    ///   - bufferedEntries: how many interactions are held in memory, 4 to 12 bytes each.
    /// - Throws: `shapeMismatch`, `fileFailure`.
    public init(
        _ file: URL, userCount: Int, itemCount: Int, hasConfidences: Bool = false, hasPreferences: Bool = false,
        bufferedEntries: Int = 4 << 20
    ) throws(RecommendationError) {
        guard (0...Int(Int32.max)).contains(userCount), (0...Int(Int32.max)).contains(itemCount) else {
            throw .shapeMismatch(
                what: "interactions", expected: "0 to \(Int32.max) users and items",
                found: "\(userCount) × \(itemCount)")
        }
        self.file = file
        self.userCount = userCount
        self.itemCount = itemCount
        self.bufferedEntries = max(1, bufferedEntries)
        degrees = [Int](repeating: 0, count: itemCount)
        let name = ".\(file.lastPathComponent).\(UUID().uuidString)"
        temporary = file.deletingLastPathComponent().appendingPathComponent(name)
        columns = try Section(temporary)
        try columns.append([UInt64](repeating: 0, count: InteractionFileLayout.headerSize / 8))
        if hasConfidences { confidences = try Section(temporary.appendingPathExtension("c")) }
        if hasPreferences { preferences = try Section(temporary.appendingPathExtension("p")) }
    }

    deinit { removeTemporaries() }

    private func removeTemporaries() {
        for section in [columns, confidences, preferences] {
            if let section { try? FileManager.default.removeItem(at: section.file) }
        }
    }

    /// Writes a matrix.
    /// - Throws: `fileFailure`.
    public static func write(_ matrix: InteractionMatrix, to file: URL) throws(RecommendationError) {
        let writer = try InteractionFileWriter(
            file, userCount: matrix.userCount, itemCount: matrix.itemCount,
            hasConfidences: matrix.confidences != nil, hasPreferences: matrix.preferences != nil)
        for user in 0..<matrix.userCount {
            let range = matrix.entryRange(of: user)
            try writer.append(
                items: matrix.items[range], confidences: matrix.confidences?[range],
                preferences: matrix.preferences?[range])
        }
        try writer.finish()
    }

    /// Adds the row of the next user, which may be empty. O(row).
    ///
    /// - Parameters:
    ///   - items: ascending, each once.
    ///   - confidences: c ≥ 0, where the writer was told that there are any.
    ///   - preferences: p, likewise.
    /// - Throws: `shapeMismatch`, `indexOutOfRange`, `invalidInteractions`, `nonFinite`, `fileFailure`.
    public func append(
        items: ArraySlice<Int32>, confidences values: ArraySlice<Float>? = nil,
        preferences targets: ArraySlice<Float>? = nil
    ) throws(RecommendationError) {
        let user = rowStarts.count - 1
        guard user < userCount else { throw .indexOutOfRange(kind: "user", index: user, count: userCount) }
        guard (values?.count ?? 0) == (confidences == nil ? 0 : items.count),
            (targets?.count ?? 0) == (preferences == nil ? 0 : items.count)
        else {
            throw .shapeMismatch(
                what: "the values of user \(user)", expected: "\(items.count) where there are any",
                found: "\(values?.count ?? 0) confidences, \(targets?.count ?? 0) preferences")
        }
        var previous: Int32 = -1
        for item in items {
            guard item > previous, item < itemCount else {
                guard item >= 0, item < itemCount else {
                    throw .indexOutOfRange(kind: "item", index: Int(item), count: itemCount)
                }
                throw .invalidInteractions(reason: "the items of user \(user) do not ascend, or one stands twice")
            }
            previous = item
            degrees[Int(item)] += 1
        }
        for value in [values, targets] where value?.allSatisfy(\.isFinite) == false {
            throw .nonFinite(what: "an interaction value of user \(user)")
        }
        if let negative = values?.first(where: { $0 < 0 }) {
            throw .invalidInteractions(reason: "confidence \(negative) is negative; a dislike is preference 0")
        }
        try columns.append(items)
        if let values { try confidences?.append(values) }
        if let targets { try preferences?.append(targets) }
        rowStarts.append(rowStarts[user] + items.count)
    }

    /// Completes the file and puts it into its place. Users without a row have none.
    /// - Throws: `fileFailure`.
    public func finish() throws(RecommendationError) {
        let entries = rowStarts[rowStarts.count - 1]
        rowStarts += [Int](repeating: entries, count: userCount + 1 - rowStarts.count)
        let layout = InteractionFileLayout(
            userCount: userCount, itemCount: itemCount, entries: entries, hasConfidences: confidences != nil,
            hasPreferences: preferences != nil)
        guard let sides = layout.sides else {
            throw .fileFailure(operation: "write", file: file.lastPathComponent, reason: "there is too much of it")
        }
        try columns.pad()
        try confidences.map { (section) throws(RecommendationError) in try columns.append(contentsOf: section) }
        try preferences.map { (section) throws(RecommendationError) in try columns.append(contentsOf: section) }
        try columns.append(rowStarts)
        try columns.flush()
        try transpose(layout, sides.user)
        try columns.append(degrees.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
        try columns.flush()
        let checksum: UInt64
        do {
            checksum = try MappedFile(temporary).checksum(from: InteractionFileLayout.headerSize, into: layout.seed)
        } catch {
            throw .fileFailure(operation: "read", file: file.lastPathComponent, reason: error.localizedDescription)
        }
        try columns.close(header: layout.header(checksum: checksum))
        try AtomicFile.move(temporary, to: file)
        removeTemporaries()
    }

    /// Appends the arrays by item: for one range of items after the other, all users are gone through.
    private func transpose(_ layout: InteractionFileLayout, _ byUser: InteractionFileLayout.Side)
        throws(RecommendationError)
    {
        let mapped: MappedFile
        do { mapped = try MappedFile(temporary) } catch {
            throw .fileFailure(operation: "read", file: file.lastPathComponent, reason: error.localizedDescription)
        }
        func floats(_ offset: Int?) -> Numbers<Float>? {
            offset.flatMap { Numbers<Float>(mapped, offset: $0, count: layout.entries) }
        }
        guard let items = Numbers<Int32>(mapped, offset: byUser.columns, count: layout.entries) else { return }
        let (weights, targets) = (floats(byUser.confidences), floats(byUser.preferences))
        try confidences?.empty()
        try preferences?.empty()
        var first = 0
        while first < itemCount {
            var (last, size) = (first, 0)
            while last < itemCount, last == first || size + degrees[last] <= bufferedEntries {
                size += degrees[last]
                last += 1
            }
            let part = TransposedPart(
                rowStarts: rowStarts, items: items, weights: weights, targets: targets, range: first..<last,
                degrees: degrees, blockSize: bufferedEntries)
            try columns.append(part.users)
            try confidences?.append(part.weights)
            try preferences?.append(part.targets)
            first = last
        }
        try columns.pad()
        try confidences.map { (section) throws(RecommendationError) in try columns.append(contentsOf: section) }
        try preferences.map { (section) throws(RecommendationError) in try columns.append(contentsOf: section) }
    }
}
