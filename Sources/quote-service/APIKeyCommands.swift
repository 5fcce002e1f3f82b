import ArgumentParser
import CommandSupport
import Documents
import Marketplace
import MarketplaceStore

/// `quote-service api-keys`
struct APIKeyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-keys", abstract: "Makes, lists and revokes the keys by which tenants call the service.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key and prints it, once: only its hash is kept.")

        @Option(name: .long, help: "Whose records the key opens.")
        var tenant: String

        @Option(name: .long, help: "What to call the key in lists.")
        var name = "key"

        @Option(
            name: .long,
            help: ArgumentHelp("What the key may do, e.g. quotes:read,quotes:write.", valueName: "scopes"))
        var scopes = "quotes:read,quotes:write"

        @Option(
            name: .long,
            help: ArgumentHelp(
                "The provider that the key's holder speaks for: advice:read and costs:write are about it.",
                valueName: "id"))
        var provider: String?

        @Option(name: .long, help: ArgumentHelp("After how many days it ends; never by default.", valueName: "days"))
        var days: Int?

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var time: TimeOptions

        func validate() throws {
            let isName = { (text: String) in
                (1...64).contains(text.utf8.count)
                    && text.utf8.allSatisfy { $0 >= 0x21 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
            }
            guard isName(tenant) else {
                throw ValidationError("--tenant must be 1…64 printable ASCII characters, no '/'")
            }
            guard isName(name) else { throw ValidationError("--name must be 1…64 printable ASCII characters, no '/'") }
            if let days {
                guard (1...36_500).contains(days) else { throw ValidationError("--days must be within 1…36500") }
            }
            guard !scopes.split(separator: ",").isEmpty else { throw ValidationError("--scopes names no scope") }
        }

        func run() throws {
            var generator = SystemRandomNumberGenerator()
            let now = time.now
            do {
                let text = try database.open().transact(by: .machine, at: now) {
                    try $0.createKey(
                        for: tenant, name: name, scopes: Set(scopes.split(separator: ",").map(String.init)),
                        provider: provider, expiresAt: days.map { now + $0 * 86_400 }, using: &generator
                    ).text
                }
                Terminal.write(text + "\n")
            } catch StoreError.unknownReference {
                throw CommandEnd(.refused, "error: there is no provider '\(provider ?? "")' in the store")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the keys, the newest first; never their secrets.")

        @Flag(name: .long, help: "Print one JSON document.")
        var json = false

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var time: TimeOptions

        func run() throws {
            let keys = try database.open().keys()
            if json {
                return Terminal.write(
                    .array(
                        keys.map { key in
                            JSONValue(members: [
                                ("id", .string(key.id)), ("tenant", .string(key.tenant)), ("name", .string(key.name)),
                                ("scopes", .array(key.scopes.sorted().map { .string($0) })),
                                ("provider", key.provider.map { .string($0) }),
                                ("createdAt", .string(UTCTime.text(key.createdAt))),
                                ("expiresAt", key.expiresAt.map { .string(UTCTime.text($0)) }),
                                ("revokedAt", key.revokedAt.map { .string(UTCTime.text($0)) })
                            ])
                        }))
            }
            for key in keys {
                let state = key.revokedAt != nil ? "revoked" : key.isValid(at: time.now) ? "valid" : "expired"
                Terminal.write(
                    "\(key.id)  \(key.tenant)  \(key.name)  \(state)  \(key.scopes.sorted().joined(separator: ","))\n")
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a key at once and for good.")

        @Argument(help: "The key's ID, as 'list' shows it.")
        var id: String

        @OptionGroup var database: DatabaseOptions
        @OptionGroup var time: TimeOptions

        func run() throws {
            do {
                try database.open().transact(by: .machine, at: time.now) { try $0.revokeKey(id) }
            } catch StoreError.unknownKey(let id) {
                throw CommandEnd(.refused, "error: \(StoreError.unknownKey(id: id))")
            }
            Terminal.write("key \(id) opens nothing any more\n")
        }
    }
}
