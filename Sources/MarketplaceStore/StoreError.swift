import Documents
import GRDB
import Marketplace
import Money

/// What can go wrong with the store.
public enum StoreError: Error, Sendable, CustomStringConvertible {
    /// There is no database at the path, and the caller did not ask to create one.
    case missing(path: String)
    /// The file is there but holds no schema of ours.
    case uninitialized(path: String)
    /// The file is not an SQLite database.
    case notADatabase(path: String)
    /// The file is another application's database.
    case foreign(path: String)
    /// The database was written by a newer version of this package.
    case newerSchema(path: String)
    /// The file's pages, or what stands in them, cannot be right.
    case corrupt(path: String, detail: String)
    /// There is a file where a new one was to be made.
    case fileExists(path: String)
    /// The disk is full.
    case diskFull(path: String)
    /// Another process held the database for longer than the time-out.
    case busy(path: String)
    /// The file or its folder must not be written.
    case notWritable(path: String)
    /// The file cannot be opened or created.
    case cannotOpen(path: String, detail: String)
    /// The database lists no offer.
    case noCatalog(path: String)
    /// An import was refused; nothing of it was stored.
    case refused(InputError)
    /// A file to import cannot be read.
    case unreadableFile(path: String, detail: String)
    /// A folder to import lacks files.
    case incompleteFolder(path: String, missing: [String])
    /// No quote has that ID.
    case unknownQuote(id: String)
    /// A quote of that ID is stored already, and it is another one.
    case quoteExists(id: String)
    /// The quote's status does not allow the step.
    case illegalTransition(id: String, from: QuoteStatus, to: QuoteStatus)
    /// The quote can no longer be accepted.
    case quoteExpired(id: String, at: Int)
    /// A quote was revised before; its last version is the one to revise.
    case revised(id: String)
    /// An offer has less capacity left than a leg needs, in bytes.
    case noCapacity(offer: String, free: Int, needed: Int)
    /// An offer of the quote is no longer listed.
    case withdrawn(offer: String)
    /// Other accepted quotes count on the user's credit already.
    case noCredit(provider: String, free: Amount, needed: Amount)
    /// No register or provider knows the participant.
    case unknownParticipant(kind: String, id: String)
    /// The register does not allow the step.
    case registerState(kind: String, id: String, detail: String)
    /// A period was settled before, by another report, or does not follow the last one.
    case settlementOrder(quote: String, detail: String)
    /// The key was used for another request.
    case reusedKey(String)
    /// No API key has that ID.
    case unknownKey(id: String)
    /// The audit log is not what was written.
    case brokenAudit(number: Int, detail: String)
    /// Something refers to an offer or a region that the store does not know.
    case unknownReference(detail: String)
    /// SQLite failed in a way that has no name here.
    case failed(path: String, detail: String)

    /// What is wrong and what helps.
    public var description: String {
        let create = "create it with 'quote-service import catalog …'"
        switch self {
        case .missing(let path): return "there is no database at '\(path)'; \(create)"
        case .uninitialized(let path): return "the database '\(path)' is empty; \(create)"
        case .notADatabase(let path):
            return "'\(path)' is not an SQLite database; name another file, or move it away and \(create)"
        case .foreign(let path):
            return "'\(path)' is another application's database and is left alone; name another file"
        case .newerSchema(let path):
            return "the database '\(path)' was written by a newer version; update this program, or name another file"
        case .corrupt(let path, let detail):
            return
                "the database '\(path)' is damaged (\(detail)); restore it from a backup, or move it away and \(create)"
        case .fileExists(let path): return "there is a file '\(path)' already; name another, or move it away"
        case .diskFull(let path):
            return "the disk is full: nothing was written to '\(path)'; free some space and repeat"
        case .busy(let path):
            return "another process holds the database '\(path)'; repeat when it has finished"
        case .notWritable(let path):
            return "the database '\(path)' may not be written; check the permissions of the file and of its folder"
        case .cannotOpen(let path, let detail):
            return "the database '\(path)' cannot be opened (\(detail)); check that its folder exists and is writable"
        case .noCatalog(let path):
            return "the database '\(path)' lists no offer; import them with 'quote-service import catalog …'"
        case .refused(let error): return error.description
        case .unreadableFile(let path, let detail): return "'\(path)' cannot be read: \(detail)"
        case .incompleteFolder(let path, let missing):
            return "the folder '\(path)' lacks \(missing.joined(separator: ", "))"
        case .unknownQuote(let id): return "there is no quote '\(id)'"
        case .quoteExists(let id): return "another quote is stored under the ID '\(id)'; quotes never change"
        case .illegalTransition(let id, let from, let to):
            return "quote '\(id)' is \(from.rawValue) and cannot become \(to.rawValue)"
        case .quoteExpired(let id, let time):
            return "quote '\(id)' expired at \(UTCTime.text(time)); ask for a new one"
        case .revised(let id): return "quote '\(id)' was revised already; revise its last version"
        case .noCapacity(let offer, let free, let needed):
            return
                "'\(offer)' has \(free / 1_000_000_000) GB left, the quote needs \(needed / 1_000_000_000) GB; ask anew"
        case .withdrawn(let offer): return "'\(offer)' is no longer listed; ask for a new quote"
        case .noCredit(let provider, let free, let needed):
            return
                "the quote counts on \(needed) of credit with \(provider), of which \(free) is not yet spoken for; ask anew"
        case .unknownParticipant(let kind, let id): return "no \(kind) '\(id)' is known; import providers first"
        case .registerState(let kind, let id, let detail): return "\(kind) '\(id)' \(detail)"
        case .settlementOrder(let quote, let detail): return "SLA '\(quote)': \(detail)"
        case .reusedKey(let key): return "the key '\(key)' was used for another request; take a new one"
        case .unknownKey(let id): return "there is no API key '\(id)'; 'quote-service api-keys list' shows them"
        case .brokenAudit(let number, let detail):
            return "the audit log is broken at line \(number): \(detail); restore it from a backup"
        case .unknownReference(let detail): return "an unknown offer, provider or region is referred to (\(detail))"
        case .failed(let path, let detail): return "the database '\(path)' failed: \(detail)"
        }
    }

    /// Our name for what SQLite reports about the database at `path`.
    package init(_ error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as InputError: self = .refused(error)
        case let error as DatabaseError:
            let detail = error.message ?? "\(error.resultCode)"
            switch error.resultCode {
            case .SQLITE_NOTADB: self = .notADatabase(path: path)
            case .SQLITE_CORRUPT: self = .corrupt(path: path, detail: detail)
            case .SQLITE_FULL: self = .diskFull(path: path)
            case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
            case .SQLITE_READONLY, .SQLITE_PERM: self = .notWritable(path: path)
            case .SQLITE_CANTOPEN: self = .cannotOpen(path: path, detail: detail)
            case .SQLITE_CONSTRAINT where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY:
                self = .unknownReference(detail: detail)
            default: self = .failed(path: path, detail: detail)
            }
        default: self = .failed(path: path, detail: "\(error)")
        }
    }
}
