import Documents
import Foundation
import MarketplaceStore
import TestSupport

/// Crashes, and what must hold after them and after every step.
extension LifecycleSimulation {
    // MARK: Crashes

    func crash(_ caller: TestCaller, _ store: MarketplaceDatabase) async throws -> End? {
        let image = folder.path("image-\(step).sqlite")
        let kind = random.int(0...3)
        // A write that is acknowledged: it must be in the image. Its answer may be lost: then it is asked for again.
        if kind == 1 || kind == 2 { try await make(caller) }
        note("crash \(kind)")
        let stale = planted == .lostWrite ? lastSafeImage : ""
        if stale.isEmpty {
            try copy(store, to: image)
        } else {
            for part in ["", "-wal"] where FileManager.default.fileExists(atPath: stale + part) {
                try FileManager.default.copyItem(atPath: stale + part, toPath: image + part)
            }
        }
        lastSafeImage = folder.path("kept.sqlite")
        for part in ["", "-wal"] {
            try? FileManager.default.removeItem(atPath: lastSafeImage + part)
            if FileManager.default.fileExists(atPath: image + part) {
                try FileManager.default.copyItem(atPath: image + part, toPath: lastSafeImage + part)
            }
        }
        if kind == 2 || kind == 3 {
            // The first bytes of a write that nobody was told of.
            let torn = (0..<random.int(1...9000)).map { _ in UInt8(random.int(0...255)) }
            if let file = FileHandle(forWritingAtPath: image + "-wal") {
                try file.seekToEnd()
                try file.write(contentsOf: Data(torn))
                try file.close()
                count("torn writes")
            }
        }
        count("crashes")
        return .crash(image: image)
    }

    /// Copies database and log as they lie on the disk: while somebody reads, the log is not begun anew, so that the two copies
    /// are of one moment.
    func copy(_ store: MarketplaceDatabase, to image: String) throws {
        var isCopied = false
        try store.forEachAuditEntry { _ in
            guard !isCopied else { return }
            isCopied = true
            for part in ["", "-wal"] where FileManager.default.fileExists(atPath: path + part) {
                try FileManager.default.copyItem(atPath: path + part, toPath: image + part)
            }
        }
        try require(isCopied, "there is no audit log")
    }

    /// After a crash: every acknowledged write is there.
    func recovered(_ store: MarketplaceDatabase) async throws {
        do { try store.check() } catch { throw fault("after the crash: \(error)") }
        try check(store)
        try checkStored(store)
    }

    // MARK: Invariants

    /// What is cheap enough for every step.
    func check(_ store: MarketplaceDatabase) throws {
        let (held, expected) = (try store.heldCapacity(at: model.now), model.held())
        try require(held == expected, "held are \(held), not \(expected)")
        let tip: AuditTip
        do { tip = try store.verifyAudit() } catch { throw fault("\(error)") }
        let audited = model.audited + (planted == .unaudited && counts["accepted"] != nil ? 1 : 0)
        try require(tip.count == audited, "the audit log has \(tip.count) lines, not \(audited)")
    }

    /// Every quote as it is stored.
    func checkStored(_ store: MarketplaceDatabase) throws {
        var seen = 0
        for tenant in Self.tenants {
            for stored in try store.quotes(tenant: tenant, limit: 1_000_000) {
                guard let quote = model.quotes[stored.id] else { throw fault("\(stored.id) is unknown") }
                seen += 1
                try require(quote.tenant == tenant, "\(stored.id) is \(tenant)'s, not \(quote.tenant)'s")
                try require(
                    stored.status.rawValue == quote.state, "\(stored.id) is \(stored.status), not \(quote.state)")
            }
        }
        try require(seen == model.quotes.count, "\(seen) quotes are stored, not \(model.quotes.count)")
    }

    func checkAll(_ caller: TestCaller, _ store: MarketplaceDatabase) async throws {
        try checkStored(store)
        for id in model.order {
            guard let quote = model.quotes[id] else { continue }
            try await look(caller, id, quote)
        }
        for call in model.calls {
            let answer = try await caller.call(.post, call.path, as: call.tenant, key: call.key, body: call.body)
            try require(answer.bytes == call.bytes, "\(call.path) is answered otherwise at the end")
        }
        try check(store)
        do { try store.check() } catch { throw fault("\(error)") }
        counts["quotes checked", default: 0] += model.order.count
    }
}
