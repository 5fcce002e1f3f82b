import CommandSupport
import Documents
import Marketplace

/// A file of offers that stands in for those of the store.
enum CatalogFile {
    /// The store's catalogue with the offers of `path` in place of its own, one JSON object a line.
    ///
    /// - Throws: `InputError` with every line that cannot be taken.
    static func read(_ path: String, over catalog: Catalog) throws -> Catalog {
        let bytes = try Terminal.read(path, "the catalogue")
        let log = IssueLog()
        var offers: [Offer] = []
        var lines: [String: Int] = [:]
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            func report(_ place: String, _ problem: String, _ remedy: String) {
                log.report("line \(index + 1)" + (place.isEmpty ? "" : ", " + place), problem, remedy: remedy)
            }
            let own = IssueLog()
            var offer: Offer?
            do throws(InputError) {
                offer = Offer(try JSONValue(parsing: line), log: own)
            } catch {
                for issue in error.issues { report("", issue.problem, issue.remedy) }
            }
            for issue in own.issues { report(issue.location, issue.problem, issue.remedy) }
            guard let offer else { continue }
            if catalog.providers[offer.provider] == nil {
                report("/provider", "unknown provider '\(offer.provider)'", "import it with the providers")
            }
            if catalog.metros[offer.metro] == nil {
                report("/metro", "unknown metro '\(offer.metro)'", "import it with the metros")
            }
            if let first = lines.updateValue(index + 1, forKey: offer.id) {
                report("/id", "the offer '\(offer.id)' stands in line \(first) already", "keep one of them")
            }
            offers.append(offer)
        }
        if offers.isEmpty, log.issues.isEmpty { log.report("line 1", "the file has no offer") }
        try log.check(path == "-" ? "standard input" : path)
        return catalog.listing(offers, version: "file \(path)")
    }
}
