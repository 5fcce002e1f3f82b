import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Signing

/// `quote-service keys`
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes, shows and changes the keys that sign quotes.",
        subcommands: [Show.self, Rotate.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the public keys as a JSON Web Key Set; the newest, which signs, comes first.")

        @OptionGroup var file: KeyFile

        func run() throws { Terminal.write(try file.read().verification.jwks) }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a new key that signs from now on; makes the key file where there is none.",
            discussion: """
                Retired keys stay published, so that what they signed can still be verified; a running service takes \
                the new file up when it starts again.
                """)

        @OptionGroup var file: KeyFile
        @OptionGroup var time: TimeOptions

        @Option(
            name: .long,
            help: ArgumentHelp("Drop keys that were retired more than so many days ago.", valueName: "days"))
        var keepDays = 1_100

        func validate() throws {
            guard (0...36_500).contains(keepDays) else { throw ValidationError("--keep-days must be within 0…36500") }
        }

        func run() throws {
            let ring: KeyRing
            if FileManager.default.fileExists(atPath: file.keys) {
                var old = try file.read()
                old.rotate(now: time.now, forgetting: time.now - keepDays * 86_400)
                ring = old
            } else {
                ring = KeyRing(now: time.now)
            }
            do throws(SigningError) { try ring.write(to: file.keys) } catch {
                throw CommandEnd(.failure, "error: \(error)")
            }
            Terminal.write(
                "key \(ring.currentKey) signs from now on; \(ring.verification.keys.count - 1) retired are published\n")
        }
    }
}

/// Where the service's keys are.
struct KeyFile: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The file with the keys that sign quotes.", valueName: "file"))
    var keys = "keys.json"

    func read() throws -> KeyRing {
        do throws(SigningError) { return try KeyRing(file: keys) } catch {
            throw CommandEnd(.failure, "error: \(error)")
        }
    }
}
