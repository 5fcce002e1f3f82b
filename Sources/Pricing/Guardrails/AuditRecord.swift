import Crypto
import Documents
import Foundation
import Marketplace

/// One line of the audit trail: who was advised on what, from which inputs, by which model, with which answer.
///
/// The trail keeps hashes, not contents: it can show that an answer was given, and to which question, without holding
/// anybody's costs. Each record carries the hash of the one before it, so that no record can be changed, left out or put
/// in afterwards without every later hash failing.
public struct AuditRecord: Sendable, Hashable {
    /// What was asked for.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Advice in the terminal or as JSON.
        case advice
        /// A page.
        case report
        /// What one price would bring; each price is a record.
        case whatIf
    }

    /// The number of the record, from 1.
    public let sequence: Int
    /// Seconds since 1970-01-01T00:00:00Z.
    public let time: Int
    /// What was asked for.
    public let kind: Kind
    /// Who was advised.
    public let provider: String
    /// On which offer.
    public let offer: String
    /// The hash of everything that the answer was made from.
    public let inputs: String
    /// The model: the method's name and version, with the demand parameters that were used.
    public let model: String
    /// The hash of the answer.
    public let output: String
    /// The hash of the record before; of the first one ``genesis``.
    public let previous: String
    /// The hash of this record without this field.
    public let hash: String

    /// What stands for the record before the first.
    public static let genesis = "sha256:" + String(repeating: "0", count: 64)

    /// The record that follows `previous`.
    public init(
        after previous: AuditRecord?, time: Int, kind: Kind, provider: String, offer: String, inputs: String,
        model: String, output: String
    ) {
        sequence = (previous?.sequence ?? 0) + 1
        self.time = time
        self.kind = kind
        self.provider = provider
        self.offer = offer
        self.inputs = inputs
        self.model = model
        self.output = output
        self.previous = previous?.hash ?? Self.genesis
        hash = Self.digest(
            Self.members(
                sequence, time, kind, provider, offer, inputs, model, output, previous?.hash ?? Self.genesis))
    }

    /// Reads a record back; its hash is taken as it stands, see ``AuditTrail/verified(_:document:)``.
    init(_ value: JSONValue, document: String) throws(InputError) {
        let log = IssueLog()
        let reader = ObjectReader(value, log: log)
        let sequence = reader.integer("sequence", in: 1...Int.max)
        let time = reader.string("time").flatMap { text -> Int? in
            let seconds = UTCTime.seconds(text)
            if seconds == nil { log.report("/time", "'\(text)' is not a time", remedy: "write 2026-11-22T12:00:00Z") }
            return seconds
        }
        let kind = reader.choice("kind", Kind.allCases.map(\.rawValue)).flatMap(Kind.init)
        let texts = ["provider", "offer", "inputs", "model", "output", "previous", "hash"].map {
            reader.string($0) ?? ""
        }
        reader.finish()
        try log.check(document)
        guard let sequence, let time, let kind else { throw InputError(document, [InputIssue("", "is no record")]) }
        self.sequence = sequence
        self.time = time
        self.kind = kind
        (provider, offer, inputs, model, output) = (texts[0], texts[1], texts[2], texts[3], texts[4])
        (previous, hash) = (texts[5], texts[6])
    }

    /// The record as one line of JSON, without the line's end.
    public var line: String {
        var members = Self.members(sequence, time, kind, provider, offer, inputs, model, output, previous)
        members.append(("hash", .string(hash)))
        return JSONValue(members: members).text()
    }

    /// Whether the hash is that of the other fields.
    var isIntact: Bool {
        hash == Self.digest(Self.members(sequence, time, kind, provider, offer, inputs, model, output, previous))
    }

    private static func members(
        _ sequence: Int, _ time: Int, _ kind: Kind, _ provider: String, _ offer: String, _ inputs: String,
        _ model: String, _ output: String, _ previous: String
    ) -> [(String, JSONValue?)] {
        [
            ("sequence", JSONValue(sequence)), ("time", .string(UTCTime.text(time))), ("kind", .string(kind.rawValue)),
            ("provider", .string(provider)), ("offer", .string(offer)), ("inputs", .string(inputs)),
            ("model", .string(model)), ("output", .string(output)), ("previous", .string(previous))
        ]
    }

    private static func digest(_ members: [(String, JSONValue?)]) -> String {
        digest(of: JSONValue(members: members).text().utf8)
    }

    /// SHA-256 of `bytes`, as `sha256:` and 64 hexadecimal digits.
    public static func digest(of bytes: some Sequence<UInt8>) -> String {
        "sha256:" + SHA256.hash(data: Data(bytes)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
