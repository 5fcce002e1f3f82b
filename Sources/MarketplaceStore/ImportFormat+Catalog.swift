import Documents
import GRDB
import Marketplace

extension ImportFormat {
    /// Offers, one JSON object a line; blank lines are passed over.
    static var catalog: ImportFormat {
        ImportFormat(table: "offer", columns: ["id", "provider", "metro", "document", "listed"], keyCount: 1) {
            (bytes, document, references, log) throws(InputError) in
            var rows: [ImportRow] = []
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() {
                guard let text = String(validating: line, as: UTF8.self) else {
                    log.report("line \(index + 1)", "is not valid UTF-8", remedy: "save the file as UTF-8")
                    continue
                }
                let trimmed = text.trimmed
                guard !trimmed.isEmpty, let offer = offer(trimmed, line: index + 1, references, log) else { continue }
                let values: [any DatabaseValueConvertible] = [offer.id, offer.provider, offer.metro, trimmed, true]
                rows.append(ImportRow(line: index + 1, values: values.map(\.databaseValue)))
            }
            if rows.isEmpty, log.issues.isEmpty {
                log.report("line 1", "the file has no offer", remedy: "an empty catalogue would delist every offer")
            }
            return rows
        }
    }

    /// The offer of one line, if it is well formed and everything it refers to is known.
    private static func offer(_ text: String, line: Int, _ references: ImportReferences, _ log: IssueLog) -> Offer? {
        func report(_ place: String, _ problem: String, _ remedy: String) {
            log.report("line \(line)" + (place.isEmpty ? "" : ", " + place), problem, remedy: remedy)
        }
        let own = IssueLog()
        var offer: Offer?
        do throws(InputError) {
            let value = try JSONValue(parsing: text.utf8)
            if case .object = value {
                offer = Offer(value, log: own)
            } else {
                report("", "expected an object, found \(value.kind)", "write one offer a line")
            }
        } catch {
            for issue in error.issues {
                // The parser counts lines within its text, which is one line here.
                let column = issue.location.split(separator: ", ").last.map(String.init) ?? ""
                report(column, issue.problem, issue.remedy)
            }
        }
        for issue in own.issues { report(issue.location, issue.problem, issue.remedy) }
        guard let offer else { return nil }
        let provider = references.check(offer.provider, .provider) { report("/provider", $0, $1) }
        let metro = references.check(offer.metro, .metro) { report("/metro", $0, $1) }
        guard let provider, let metro else { return nil }
        let regions = references.providerRegions[provider] ?? [:]
        guard let place = regions[offer.region] else {
            let known = suggestion(offer.region, regions.keys.sorted())
            report(
                "/region", "unknown region '\(offer.region)' of provider '\(provider)'",
                known.isEmpty ? "import it with the provider's regions" : known)
            return nil
        }
        guard place == metro else {
            report("/metro", "'\(metro)' is not where region '\(offer.region)' lies", "use '\(place)'")
            return nil
        }
        return offer
    }
}

extension String {
    /// The text without white space at its ends.
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
