import Documents
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import MarketplaceStore
import QuoteAPI
import Quoting
import Signing
import Synchronization
import TestSupport

/// A seeded run of the service over a database file: time, users' choices, lost answers, crashes and torn writes come from the
/// seed alone; after every step the service is compared with ``LifecycleModel``.
///
/// The service runs as itself, routes, store and all. Each life of it begins on the file that the last one left, or on the image
/// of a crash: database and write-ahead log as they lay on the disk at one moment, perhaps with the first bytes of a write that
/// was never finished behind them. For a while the disk may be full.
///
/// Used by one task at a time.
final class LifecycleSimulation: @unchecked Sendable {
    /// Counts of what was done, for people.
    var counts: [String: Int] = [:]

    let seed: UInt64
    let steps: Int
    let planted: PlantedFault?
    let folder: TemporaryFolder
    let ring = KeyRing(now: 0)
    var keys: [String: String] = [:]
    var random: SeededGenerator
    var model: LifecycleModel
    let time: TimeBox
    var generation = 0
    var step = 0
    var trail: [String] = []
    var offers: [String] = []
    var lastSafeImage = ""
    var keyed = 0
    var isDiskFull = false
    /// Quotes that were asked for and refused for want of room.
    var waiting: [(tenant: String, key: String?, body: [UInt8])] = []

    /// The clock that the service reads.
    final class TimeBox: Sendable {
        let now = Mutex(0)
    }

    /// What ends one life of the service.
    enum End { case done, crash(image: String) }

    static let start = 1_795_348_800  // 2026-11-22T12:00:00Z
    static let tenants = ["acme", "other"]

    init(seed: UInt64, steps: Int, planting planted: PlantedFault? = nil, template: SimulatedStore) throws {
        (self.seed, self.steps, self.planted) = (seed, steps, planted)
        folder = try TemporaryFolder()
        random = SeededGenerator(seed: seed)
        model = LifecycleModel(now: Self.start)
        model.capacity = template.capacity
        model.audited = template.audited
        keys = template.keys
        offers = template.capacity.keys.sorted()
        time = TimeBox()
        time.now.withLock { $0 = Self.start }
        try FileManager.default.copyItem(atPath: template.path, toPath: path)
    }

    var path: String { folder.path("store-\(generation).sqlite") }

    /// Runs all steps; throws the first fault.
    func run() async throws {
        while true {
            let store = try MarketplaceDatabase(path: path)
            defer { try? store.close() }
            if generation > 0 { try await recovered(store) }
            let server = QuoteServer(
                store: store, models: folder.path("models"), configuration: QuotingConfiguration(),
                logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }, keys: ring,
                clock: { [time] in time.now.withLock { $0 } })
            let box = EndBox()
            try await Application(router: server.router()).test(.router) { client in
                box.end = try await self.live(TestCaller(client: client, keys: self.keys), store)
            }
            guard case .crash(let image) = box.end else { return }
            generation += 1
            try FileManager.default.moveItem(atPath: image, toPath: path)
            if FileManager.default.fileExists(atPath: image + "-wal") {
                try FileManager.default.moveItem(atPath: image + "-wal", toPath: path + "-wal")
            }
        }
    }

    private final class EndBox: @unchecked Sendable { var end = End.done }

    func fault(_ problem: String) -> SimulationFault {
        SimulationFault(seed: seed, step: step, problem: problem, trail: trail)
    }

    func require(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
        guard condition else { throw fault(problem()) }
    }

    func count(_ name: String) { counts[name, default: 0] += 1 }

    // MARK: Steps

    func live(_ caller: TestCaller, _ store: MarketplaceDatabase) async throws -> End {
        while step < steps {
            step += 1
            let choice = random.int(0...99)
            switch choice {
            case 0..<26: try await make(caller)
            case 26..<46: try await accept(caller)
            case 46..<52: try await leave(caller)
            case 52..<57: try await revise(caller)
            case 57..<63: try await repeatCall(caller)
            case 63..<70: try await look(caller)
            case 70..<76: try await settle(caller)
            case 76..<89: advance()
            case 89..<91: try tidy(store)
            case 91..<94: try changeOffers(store)
            case 94..<96: try await fillDisk(caller, store)
            default:
                if let end = try await crash(caller, store) { return end }
            }
            try check(store)
        }
        try await checkAll(caller, store)
        return .done
    }

    func note(_ text: String) { trail.append("\(step) \(text)") }

    func pickQuote(_ isWanted: (LifecycleModel.Quote) -> Bool = { _ in true }) -> String? {
        let known = model.order.filter { model.quotes[$0].map(isWanted) ?? false }
        // Mostly the newest: the others have expired.
        guard !known.isEmpty else { return nil }
        return random.chance(0.7) ? random.pick(Array(known.suffix(6))) : random.pick(known)
    }
}
