import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Signing

/// `quote-service verify`
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says whether a signed quote is what its maker signed.",
        discussion: """
            The signature is a detached JWS (Ed25519) over the canonical JSON (RFC 8785) of the quote without its \
            member 'signature'. Ends with 1 when the quote was changed or another key signed it.
            """)

    @Argument(help: "The signed quote, or the service's answer with it: a file, or - for standard input.")
    var file: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The keys to judge by: a JSON Web Key Set, as /.well-known/jwks.json serves it, or the service's own key file.",
            valueName: "file"))
    var keys = "keys.json"

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    func run() throws {
        let quote = try JSONValue(parsing: try Terminal.read(file, "the quote"), document: file)
        // What the service answers has the signed document as one of its members.
        let signed: JSONValue = if case .object(let members) = quote { members["document"] ?? quote } else { quote }
        let set = try JSONValue(parsing: try Terminal.read(keys, "the key set"), document: keys)
        do throws(SigningError) {
            let key = try signed.verifySignature(by: VerificationKeys(jwks: set))
            let id: JSONValue? = if case .object(let members) = signed { members["id"] } else { nil }
            if json {
                Terminal.write(JSONValue(members: [("verified", true), ("key", .string(key)), ("id", id)]))
            } else {
                Terminal.write("verified: key \(key) signed exactly this document\n")
            }
        } catch {
            if json { Terminal.write(["verified": false, "reason": .string("\(error)")]) }
            throw CommandEnd(error.isOfKeys ? .usage : .refused, "error: \(error)")
        }
    }
}

extension SigningError {
    /// Whether the keys are at fault rather than the document.
    var isOfKeys: Bool {
        switch self {
        case .keys, .exposedKeys: true
        default: false
        }
    }
}
