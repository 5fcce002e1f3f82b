import Allocation
import ArgumentParser
import CommandSupport
import Documents
import Foundation
import Marketplace
import Quoting

/// `quote-service fleet`
struct Fleet: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Plans many requests at once against finite capacities of offers: what all of them cost at least, where each goes, and what capacity is worth."
    )

    @Option(
        name: .long,
        help:
            "The SLA requests: a file with one JSON document a line, a folder of .json files, or - for standard input.")
    var requests: String

    @Option(
        name: .long,
        help: "Capacities, as CSV with the columns offer,gigabytes: raw GB that all requests together may hold there.")
    var capacities: String?

    @Option(name: .long, help: "Threads that work at a time; as many as there are processors by default.")
    var threads: Int?

    @Option(name: .long, help: "Seconds that planning may take.")
    var timeLimit = 60.0

    @Option(name: .long, help: "How many requests are solved exactly, one by one, once all are assigned.")
    var refinements = 1_000

    @Flag(name: .long, help: "Print one JSON document instead of text.")
    var json = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var time: TimeOptions

    func validate() throws {
        guard timeLimit >= 0 else { throw ValidationError("--time-limit must not be negative") }
        guard refinements >= 0 else { throw ValidationError("--refinements must not be negative") }
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
    }

    func run() throws {
        let catalog = try database.open().catalog()
        let requests = try readRequests(catalog)
        let day = UTCTime.day(time.now)
        let problem = FleetProblem(
            requests: requests, catalog: catalog, capacities: try readCapacities(catalog),
            eligible: { Eligibility($0, catalog, on: day).offers })
        var optimizer = FleetOptimizer(timeLimit: timeLimit)
        if let threads { optimizer.threads = threads }
        optimizer.refinements = refinements
        optimizer.progress = { Terminal.progress("\($0.phase) \(Int(100 * $0.share))%") }
        let plan = try optimizer.plan(problem)
        Terminal.progress("", done: true)
        let faults = FleetCheck(problem: problem, plan: plan).faults(sample: 1_000)
        guard faults.isEmpty else {
            throw CommandEnd(.failure, "error: the plan does not hold: " + faults.prefix(3).joined(separator: "; "))
        }
        if json {
            Terminal.write(plan.document)
        } else {
            Terminal.write(plan.text)
        }
        if plan.assignments.isEmpty, !requests.isEmpty { throw CommandEnd(.refused) }
    }

    /// All requests, checked against the catalogue; the first that is at fault ends the command.
    private func readRequests(_ catalog: Catalog) throws -> [SLARequest] {
        var documents: [(name: String, bytes: [UInt8])] = []
        var isFolder: ObjCBool = false
        if requests != "-", FileManager.default.fileExists(atPath: requests, isDirectory: &isFolder), isFolder.boolValue
        {
            let files = try FileManager.default.contentsOfDirectory(atPath: requests).filter { $0.hasSuffix(".json") }
            for file in files.sorted() {
                let path = requests + "/" + file
                documents.append((path, try Terminal.read(path, "the request")))
            }
        } else {
            let name = requests == "-" ? "standard input" : requests
            let lines = try Terminal.read(requests, "the requests").split(
                separator: 0x0A, omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() where line.contains(where: { $0 != 0x20 && $0 != 0x0D }) {
                documents.append(("\(name), line \(index + 1)", Array(line)))
            }
        }
        return try documents.map { name, bytes in
            let request = try SLARequest(JSONValue(parsing: bytes, document: name), document: name)
            try request.validate(against: catalog, document: name)
            return request
        }
    }

    private func readCapacities(_ catalog: Catalog) throws -> [String: Int] {
        guard let path = capacities else { return [:] }
        let table = try CSVTable(
            parsing: try Terminal.read(path, "the capacities"), header: ["offer", "gigabytes"], document: path)
        var capacities: [String: Int] = [:]
        for row in table.rows {
            guard row.fields.count == 2, catalog.offer(row.fields[0]) != nil else {
                throw CommandEnd(.refused, "error: \(path), line \(row.line): no offer '\(row.fields.first ?? "")'")
            }
            guard let gigabytes = Double(row.fields[1]), gigabytes >= 0, gigabytes < 9e9 else {
                throw CommandEnd(.refused, "error: \(path), line \(row.line): '\(row.fields[1])' is not a volume in GB")
            }
            capacities[row.fields[0]] = Int(gigabytes * 1e9)
        }
        return capacities
    }
}

extension FleetPlan.Reason {
    /// A word for programs.
    fileprivate var code: String {
        switch self {
        case .invalid: "invalid"
        case .noPlacement: "noPlacement"
        case .noneWithinLimits: "noneWithinLimits"
        case .noRoom: "noRoom"
        case .deadline: "deadline"
        }
    }

    /// The reason for people.
    fileprivate var text: String {
        switch self {
        case .invalid(let fault): fault
        case .noPlacement: "no placement was found that meets what it asks for"
        case .noneWithinLimits: "no placement found keeps its budget and limits"
        case .noRoom: "what it could use is full"
        case .deadline: "time ran out"
        }
    }
}

extension FleetPlan {
    /// The plan as JSON.
    var document: JSONValue {
        JSONValue(members: [
            ("objective", JSONValue(objective)), ("bound", JSONValue(bound)), ("gap", JSONValue(gap)),
            ("isCutShort", .bool(isCutShort)),
            (
                "clearingPrices",
                .array(
                    clearingPrices.map {
                        JSONValue(members: [
                            ("offer", .string($0.offer)), ("usdPerGB", JSONValue($0.pricePerGB)),
                            ("usdPerGBMonth", JSONValue($0.pricePerGBMonth)), ("capacityBytes", JSONValue($0.capacity)),
                            ("usedBytes", JSONValue($0.used)), ("isScarce", .bool($0.isScarce))
                        ])
                    })
            ),
            (
                "assignments",
                .array(
                    assignments.map { assignment in
                        JSONValue(members: [
                            ("request", JSONValue(assignment.request)), ("cost", JSONValue(assignment.cost)),
                            (
                                "placements",
                                .array(
                                    assignment.placements.map { placement in
                                        JSONValue(members: [
                                            ("data", JSONValue(placement.scheme.data)),
                                            ("shards", JSONValue(placement.scheme.shards)),
                                            ("share", JSONValue(placement.share)),
                                            ("offers", .array(placement.legs.map { .string($0.offer.id) }))
                                        ])
                                    })
                            )
                        ])
                    })
            ),
            (
                "unserved",
                .array(
                    unserved.map {
                        JSONValue(members: [
                            ("request", JSONValue($0.request)), ("user", .string($0.user)),
                            ("reason", .string($0.reason.code)), ("detail", .string($0.reason.text)),
                            ("isImpossible", .bool($0.isImpossible))
                        ])
                    })
            ),
            (
                "seconds",
                JSONValue(members: [
                    ("grouping", JSONValue(timing.grouping)), ("pricing", JSONValue(timing.pricing)),
                    ("clearing", JSONValue(timing.clearing)), ("repairing", JSONValue(timing.repairing)),
                    ("refining", JSONValue(timing.refining)),
                    ("total", JSONValue(timing.total))
                ])
            )
        ])
    }

    /// The plan for people, within 100 columns.
    var text: String {
        func pad(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        var lines = [
            "\(assignments.count) of \(assignments.count + unserved.count) requests are served"
                + (isCutShort ? "; planning was ended by the time limit" : ""),
            String(
                format: "  %.2f USD over their terms, at least %.2f: proven within %.3f%%", objective, bound, 100 * gap)
        ]
        if !clearingPrices.isEmpty {
            lines += ["", "Capacity"]
            lines.append(
                "  " + "offer".padding(toLength: 50, withPad: " ", startingAt: 0) + pad("TB", 9) + pad("used", 7)
                    + pad("USD/GB", 11) + pad("a month", 11))
            for price in clearingPrices {
                let share = price.capacity > 0 ? 100 * Double(price.used) / Double(price.capacity) : 100
                lines.append(
                    "  " + price.offer.padding(toLength: 50, withPad: " ", startingAt: 0)
                        + pad(String(format: "%.1f", Double(price.capacity) / 1e12), 9)
                        + pad(String(format: "%.1f%%", share), 7)
                        + pad(price.isScarce ? String(format: "%.5f", price.pricePerGB) : "–", 11)
                        + pad(price.isScarce ? String(format: "%.6f", price.pricePerGBMonth) : "–", 11))
            }
        }
        if !unserved.isEmpty {
            lines += ["", "Not served"]
            for request in unserved.prefix(20) {
                let proof = request.isImpossible ? "; proven to be impossible" : ""
                lines.append("  \(request.request + 1) (\(request.user)): \(request.reason.text)\(proof)")
            }
            if unserved.count > 20 { lines.append("  … and \(unserved.count - 20) more (--json names all)") }
        }
        lines += [
            "",
            String(
                format: "%.1f s: grouping %.1f, pricing %.1f, clearing %.1f, assigning %.1f, refining %.1f; ",
                timing.total, timing.grouping, timing.pricing, timing.clearing, timing.repairing, timing.refining)
                + "\(profiles) groups of like requests, peak memory \(peakMemory / 1_000_000) MB"
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
