import Foundation
import LinearAlgebra

/// The layout of a file of interactions that training maps: compressed rows by user and by item, little-endian.
///
/// A header of eight 64-bit words (magic, users, items, entries, flags, checksum of all that follows, two zeros); then
/// by user: Int32 items, Float confidences, Float preferences, where the flags say that there are any; Int64 row
/// starts; then the same by item. Each array begins at a multiple of 8 bytes.
struct InteractionFileLayout: Equatable {
    static let magic: UInt64 = 0x3130_5849_4246_4c46
    static let headerSize = 64

    let userCount: Int
    let itemCount: Int
    let entries: Int
    let hasConfidences: Bool
    let hasPreferences: Bool

    /// The arrays of one orientation: the offsets of their bytes.
    struct Side: Equatable {
        var columns = 0
        var confidences: Int?
        var preferences: Int?
        var rowStarts = 0
    }

    /// Where the arrays by user and by item lie, and the length of the file; nil when that is beyond reason.
    var sides: (user: Side, item: Side, size: Int)? {
        guard [userCount, itemCount, entries].allSatisfy({ (0..<1 << 40).contains($0) }),
            userCount <= Int(Int32.max), itemCount <= Int(Int32.max)
        else { return nil }
        var offset = Self.headerSize
        func take(_ bytes: Int) -> Int {
            defer { offset += Self.padded(bytes) }
            return offset
        }
        func side(_ rows: Int) -> Side {
            var side = Side()
            side.columns = take(4 * entries)
            if hasConfidences { side.confidences = take(4 * entries) }
            if hasPreferences { side.preferences = take(4 * entries) }
            side.rowStarts = take(8 * (rows + 1))
            return side
        }
        let (user, item) = (side(userCount), side(itemCount))
        return (user, item, offset)
    }

    static func padded(_ bytes: Int) -> Int { (bytes + 7) / 8 * 8 }

    /// The eight words of the header.
    func header(checksum: UInt64) -> [UInt64] {
        let flags: UInt64 = (hasConfidences ? 1 : 0) | (hasPreferences ? 2 : 0)
        return [Self.magic, UInt64(userCount), UInt64(itemCount), UInt64(entries), flags, checksum, 0, 0]
    }

    /// What the checksum starts from: the counts are covered by it too.
    var seed: UInt64 { header(checksum: 0).reduce(0) { ($0 ^ $1) &* 0x9E37_79B9_7F4A_7C15 } }
}

extension TrainingData {
    /// Maps a file that `InteractionFileWriter` wrote.
    ///
    /// The file is read through once, to check it. Training reads a block of rows when it comes to it and lets it go
    /// then: its memory is O(factors), whatever the number of interactions. The same numbers give the same factors,
    /// bit for bit, as a matrix in memory. O(entries).
    /// - Throws: `fileFailure`, `malformedInteractions`.
    public init(contentsOf file: URL) throws(RecommendationError) {
        let name = file.lastPathComponent
        func malformed(_ reason: String) -> RecommendationError { .malformedInteractions(file: name, reason: reason) }
        let mapped: MappedFile
        do { mapped = try MappedFile(file) } catch {
            throw .fileFailure(operation: "read", file: name, reason: error.localizedDescription)
        }
        guard let words = Numbers<UInt64>(mapped, offset: 0, count: 8)?.array, words[0] == InteractionFileLayout.magic
        else { throw malformed("it does not begin as one") }
        guard words[4] < 4, words[6] == 0, words[7] == 0, words[1...3].allSatisfy({ $0 < 1 << 40 }) else {
            throw malformed("its header makes no sense")
        }
        let layout = InteractionFileLayout(
            userCount: Int(words[1]), itemCount: Int(words[2]), entries: Int(words[3]),
            hasConfidences: words[4] & 1 != 0, hasPreferences: words[4] & 2 != 0)
        guard let sides = layout.sides else { throw malformed("its header makes no sense") }
        guard mapped.count == sides.size else {
            throw malformed("it has \(mapped.count) bytes where \(sides.size) belong: it was cut or extended")
        }
        guard mapped.checksum(from: InteractionFileLayout.headerSize, into: layout.seed) == words[5] else {
            throw malformed("its checksum does not hold: it was damaged")
        }
        guard let byUser = RidgeSystems(mapped, sides.user, layout.userCount, layout.entries),
            let byItem = RidgeSystems(mapped, sides.item, layout.itemCount, layout.entries)
        else { throw malformed("its arrays do not lie where they should") }
        self.init(userCount: layout.userCount, itemCount: layout.itemCount, byUser: byUser, byItem: byItem)
    }
}

extension RidgeSystems {
    fileprivate init?(_ file: MappedFile, _ side: InteractionFileLayout.Side, _ rows: Int, _ entries: Int) {
        func floats(_ offset: Int?) -> Numbers<Float>? {
            offset.flatMap { Numbers<Float>(file, offset: $0, count: entries) }
        }
        guard let rowStarts = Numbers<Int>(file, offset: side.rowStarts, count: rows + 1),
            let columns = Numbers<Int32>(file, offset: side.columns, count: entries)
        else { return nil }
        self.init(
            rowStarts: rowStarts, columns: columns, weights: floats(side.confidences), targets: floats(side.preferences)
        )
    }
}
