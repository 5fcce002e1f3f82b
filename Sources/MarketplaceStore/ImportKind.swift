/// What can be imported, each from a file of its own format.
public enum ImportKind: String, Sendable, Hashable, CaseIterable {
    /// Offers, one JSON object a line. The file replaces the listing as a whole.
    case catalog
    /// Metropolitan areas: `metro,name,country,continent,jurisdictions,latitude,longitude`.
    case metros
    /// Where providers' regions lie: `provider,region,metro,source`.
    case regions
    /// Reader regions: `region,name,metro`.
    case readerRegions = "reader-regions"
    /// Round-trip times: `region,metro,rtt_ms,kind,source,as_of`.
    case latency
    /// Exchange rates: `date,base,quote,rate,kind,source,retrieved`.
    case rates
    /// Providers: `provider,name,kind,country,apis,features,certifications,assumed_availability,reputation,source,as_of`.
    case providers
    /// Registers of certified participants: `kind,participant,status,since,until,evidence`.
    case registers
    /// What users did: `time,user,offer,kind`.
    case interactions
    /// What was measured: `time,region,offer,metric,value`.
    case measurements
}

/// What an import did.
public struct ImportReport: Sendable, Hashable, CustomStringConvertible {
    /// What was imported.
    public let kind: ImportKind
    /// The document's name.
    public let document: String
    /// Rows that are new.
    public let added: Int
    /// Rows that replaced a row of the same key.
    public let replaced: Int
    /// Rows that were there already, word for word.
    public let unchanged: Int
    /// Offers that the document no longer lists. They are delisted, not deleted: history refers to them.
    public let removed: Int

    /// Rows of the document.
    public var rows: Int { added + replaced + unchanged }
    /// Whether the import changed anything.
    public var changed: Bool { added + replaced + removed > 0 }

    /// A line such as `latency.csv: 2400 latency rows: 2400 added, 0 replaced, 0 unchanged`.
    public var description: String {
        "\(document): \(rows) \(kind.rawValue) rows: \(added) added, \(replaced) replaced, \(unchanged) unchanged"
            + (removed > 0 ? ", \(removed) delisted" : "")
    }
}

/// An import that changed something, as the log remembers it.
public struct ImportRecord: Sendable, Hashable {
    /// What was imported.
    public let kind: ImportKind
    /// The document's name.
    public let document: String
    /// Rows of the document.
    public let rows: Int
    /// `sha256:` and the hash of the document's bytes in hexadecimal digits.
    public let fingerprint: String
    /// When, in seconds since 1970-01-01T00:00:00Z.
    public let time: Int
}
