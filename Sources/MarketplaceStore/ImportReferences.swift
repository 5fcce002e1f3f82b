import Documents
import GRDB
import Marketplace
import Money

/// What a document may refer to: everything that the store knows when the document is read.
///
/// Metros, providers, regions and offers are never deleted, so what was known when a document was checked is known
/// when it is written.
final class ImportReferences {
    /// A set of IDs and where they come from.
    enum Subject: String, CaseIterable {
        case metro, provider, offer
        case readerRegion = "reader region"

        fileprivate var table: String { self == .readerRegion ? "readerRegion" : rawValue }

        fileprivate var source: ImportKind {
            switch self {
            case .metro: .metros
            case .provider: .providers
            case .offer: .catalog
            case .readerRegion: .readerRegions
            }
        }
    }

    /// The last second that an event or a rate may be of: a year ahead of now, which leaves room for clocks that are
    /// wrong but not for a date with a wrong digit.
    let latestTime: Int
    /// The first second that an event may be of.
    let earliestTime = 946_684_800
    /// The metro of every provider's region, by provider, then by region.
    let providerRegions: [String: [String: String]]
    private let known: [Subject: Set<String>]
    private var remedies: [String: String] = [:]

    /// Everything that `db` knows; `now` in seconds since 1970-01-01T00:00:00Z.
    init(_ db: Database, now: Int) throws {
        latestTime = now + 366 * 86_400
        var known: [Subject: Set<String>] = [:]
        for subject in Subject.allCases {
            known[subject] = try String.fetchSet(db, sql: "SELECT id FROM \(subject.table)")
        }
        self.known = known
        var regions: [String: [String: String]] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT provider, region, metro FROM providerRegion")
        while let row = try rows.next() { regions[row[0], default: [:]][row[1]] = row[2] }
        providerRegions = regions
    }

    /// The ID if it is known; else nil after `report` has been told the problem and its remedy.
    func check(_ id: String, _ subject: Subject, _ report: (_ problem: String, _ remedy: String) -> Void) -> String? {
        let candidates = known[subject] ?? []
        if candidates.contains(id) { return id }
        if candidates.isEmpty {
            report("unknown \(subject.rawValue) '\(id)'", "none is known yet: import \(subject.source.rawValue) first")
        } else {
            report("unknown \(subject.rawValue) '\(id)'", remedy(id, subject.rawValue, candidates))
        }
        return nil
    }

    /// The field of `row` if it names something known.
    func check(_ row: RowReader, _ field: String, _ subject: Subject) -> String? {
        guard let id = row.string(field) else { return nil }
        return check(id, subject) { row.report(field, $0, remedy: $1) }
    }

    /// The time in the field of `row`, in seconds, if it is a plausible one.
    func time(_ row: RowReader, _ field: String) -> Int? {
        let text = row.text(field)
        guard let time = UTCTime.seconds(text) else {
            row.report(field, "'\(text)' is not a time", remedy: "write UTC as YYYY-MM-DDThh:mm:ssZ")
            return nil
        }
        guard (earliestTime...latestTime).contains(time) else {
            row.report(
                field, "\(text) is out of range", remedy: "use times from 2000 to \(UTCTime.day(latestTime)) at most")
            return nil
        }
        return time
    }

    /// The day in the field of `row` if it is not in the far future.
    func day(_ row: RowReader, _ field: String) -> CalendarDay? {
        guard let day = row.day(field) else { return nil }
        let latest = UTCTime.day(latestTime)
        if day <= latest { return day }
        row.report(field, "\(day) is in the far future", remedy: "use days up to \(latest)")
        return nil
    }

    /// The known asset in the field of `row`.
    func asset(_ row: RowReader, _ field: String) -> Asset? {
        guard let code = row.string(field) else { return nil }
        if let asset = try? Asset.named(code) { return asset }
        row.report(field, "unknown asset '\(code)'", remedy: suggestion(code, Asset.registry.map(\.code)))
        return nil
    }

    /// The remedy for an unknown word. Looking for the nearest of hundreds of words is slow, so that it is done once
    /// for each word, and not for a file full of words that are all unknown.
    private func remedy(_ word: String, _ subject: String, _ candidates: Set<String>) -> String {
        let key = subject + "\u{0}" + word
        if let remedy = remedies[key] { return remedy }
        guard remedies.count < 100 else { return "" }
        let remedy = suggestion(word, candidates.sorted())
        remedies[key] = remedy
        return remedy
    }
}
