import Documents
import GRDB
import Money

extension ImportFormat {
    /// Providers.
    static var providers: ImportFormat {
        csv(
            table: "provider",
            columns: [
                "id", "name", "kind", "country", "apis", "features", "certifications", "assumedAvailability",
                "reputation", "source", "asOf"
            ], keyCount: 1,
            header: [
                "provider", "name", "kind", "country", "apis", "features", "certifications", "assumed_availability",
                "reputation", "source", "as_of"
            ]
        ) { row, _ in
            let id = row.string("provider")
            let name = row.string("name")
            let kind = row.choice("kind", ["cloud", "object-store", "decentralized"])
            let country = country(row, "country")
            let availability = row.decimal("assumed_availability", in: .zero ... .one)
            let reputation = row.integer("reputation", in: 0...100)
            guard let id, let name, let kind, let country, let availability, let reputation else { return nil }
            return [
                id, name, kind, country, row.text("apis"), row.text("features"), row.text("certifications"),
                availability.description, reputation, row.text("source"), row.text("as_of")
            ]
        }
    }

    /// Registers of certified participants.
    static var registers: ImportFormat {
        csv(
            table: "registerEntry", columns: ["kind", "participant", "since", "status", "until", "evidence"],
            keyCount: 3, header: ["kind", "participant", "status", "since", "until", "evidence"]
        ) { row, references in
            let kind = row.choice("kind", ["storage-provider", "service-provider"])
            // Service providers sell no storage and are in no other table.
            let participant =
                kind == "storage-provider"
                ? references.check(row, "participant", .provider) : row.string("participant")
            let status = row.choice("status", ["certified", "suspended"])
            let since = references.day(row, "since")
            let open = row.text("until").isEmpty
            let until = open ? nil : row.day("until")
            if let since, let until, until < since {
                row.report("until", "\(until) is before \(since)", remedy: "leave it empty for an open end")
                return nil
            }
            guard let kind, let participant, let status, let since, open || until != nil else { return nil }
            return [kind, participant, since.description, status, until?.description, row.text("evidence")]
        }
    }

    /// Exchange rates.
    static var rates: ImportFormat {
        csv(
            table: "exchangeRate", columns: ["base", "quote", "date", "rate", "kind", "source", "retrieved"],
            keyCount: 3, header: ["date", "base", "quote", "rate", "kind", "source", "retrieved"]
        ) { row, references in
            let date = references.day(row, "date")
            let base = references.asset(row, "base")
            let quote = references.asset(row, "quote")
            let rate = row.decimal("rate", in: .zero...ExactDecimal(1_000_000_000_000))
            let kind = row.choice("kind", ["reference", "operator"])
            if let rate, rate == .zero {
                row.report("rate", "is zero", remedy: "a rate is above zero")
                return nil
            }
            if let base, base == quote {
                row.report("quote", "is the base itself", remedy: "a rate is between two assets")
                return nil
            }
            guard let date, let base, let quote, let rate, let kind else { return nil }
            return [
                base.code, quote.code, date.description, rate.description, kind, row.text("source"),
                row.text("retrieved")
            ]
        }
    }
}
