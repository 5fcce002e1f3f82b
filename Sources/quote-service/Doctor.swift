import ArgumentParser
import CommandSupport
import Documents
import Foundation

/// `quote-service doctor`
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Examines all that the service stands on, and says what helps.",
        discussion: """
            The disk, the database's pages and references, the audit log's chain, the catalogue, the exchange rates, the \
            models in service, the keys that sign, the certificate. Nothing is changed but the schema of an older \
            version's database, and the service may run meanwhile. Ends with 1 when something keeps the service from working as it should; warnings do not count.
            """)

    @Flag(
        name: .long, help: "Leave out what takes longer the more is stored: pages, references, chain, models' hashes.")
    var quick = false

    @Flag(name: .long, help: "Print one JSON document.")
    var json = false

    @OptionGroup var certificate: CertificateOptions
    @OptionGroup var keys: KeyFile
    @OptionGroup var market: MarketOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        let examination = Examination(
            database: market.database.database, models: market.models, keys: keys.keys, certificate: certificate.files,
            maximumRateAgeDays: market.maxRateAgeDays, isQuick: quick, now: time.now)
        let findings = examination.findings()
        let isSound = !findings.contains { $0.verdict == .failed }
        if json {
            Terminal.write([
                "sound": .bool(isSound),
                "findings": .array(
                    findings.map {
                        JSONValue(members: [
                            ("subject", .string($0.subject)), ("verdict", .string($0.verdict.rawValue)),
                            ("detail", .string($0.detail)), ("remedy", $0.remedy.map { .string($0) })
                        ])
                    })
            ])
        } else {
            for finding in findings {
                let mark = finding.verdict.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
                let subject = finding.subject.padding(toLength: 13, withPad: " ", startingAt: 0)
                Terminal.write(mark + subject + finding.detail + "\n")
                if let remedy = finding.remedy { Terminal.write(String(repeating: " ", count: 22) + "→ \(remedy)\n") }
            }
        }
        if !isSound { throw CommandEnd(.refused) }
    }
}
