import Documents
import Marketplace
import Money
import Pricing
import TestSupport
import Testing

/// The rules that advice keeps whatever is asked of it.
@Suite struct GuardrailTests {
    // MARK: The audit trail

    private func trail(_ count: Int, provider: String = "own", kind: AuditRecord.Kind = .whatIf) -> [AuditRecord] {
        var records: [AuditRecord] = []
        for index in 0..<count {
            records.append(
                AuditRecord(
                    after: records.last, time: 1_000_000 + 60 * index, kind: kind, provider: provider,
                    offer: "own/m0/hot", inputs: AuditRecord.digest(of: "in \(index)".utf8), model: "replay 1",
                    output: AuditRecord.digest(of: "out \(index)".utf8)))
        }
        return records
    }

    private func bytes(_ records: [AuditRecord]) -> [UInt8] { Array(records.map { $0.line + "\n" }.joined().utf8) }

    private func verified(_ bytes: [UInt8]) throws -> AuditTrail { try AuditTrail(verifying: bytes, document: "trail") }

    @Test func aTrailReadsBackAsWritten() throws {
        let records = trail(5)
        let read = try verified(bytes(records))
        #expect(read.records == records && read.head == records.last?.hash)
        #expect(try verified([]).head == AuditRecord.genesis)
    }

    @Test func theDigestIsSHA256() {
        // FIPS 180-2, appendix B.1.
        #expect(
            AuditRecord.digest(of: "abc".utf8)
                == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(arguments: ["changed", "left out", "moved", "put in", "cut off", "rehashed"])
    func whatWasDoneToATrailIsFound(deed: String) throws {
        var records = trail(6)
        var text = bytes(records)
        var line = 3
        switch deed {
        case "changed":
            let place = try #require(String(decoding: text, as: UTF8.self).range(of: "\"sequence\":3"))
            var changed = String(decoding: text, as: UTF8.self)
            changed.replaceSubrange(place, with: "\"sequence\":8")
            text = Array(changed.utf8)
        case "left out":
            records.remove(at: 2)
            text = bytes(records)
        case "moved":
            records.swapAt(2, 3)
            text = bytes(records)
        case "put in":
            records.insert(records[1], at: 2)
            text = bytes(records)
        case "cut off":
            text.removeLast(9)
            line = 6
        default:
            // A forger who can compute hashes still has to rewrite everything that follows.
            records[2] = AuditRecord(
                after: records[1], time: 7, kind: .advice, provider: "own", offer: "own/m0/hot", inputs: "x",
                model: "y",
                output: "z")
            text = bytes(records)
            line = 4
        }
        do {
            _ = try verified(text)
            Issue.record("not found")
        } catch let error as InputError {
            #expect(error.description.contains("line \(line)"), "\(error)")
        }
    }

    // MARK: Questions

    private func refusal(_ limit: WhatIfLimit, _ count: Int, _ trail: AuditTrail, _ now: Int) -> String? {
        do throws(PricingError) { try limit.check(count, by: "own", in: trail, now: now) } catch { return "\(error)" }
        return nil
    }

    @Test func whatIfQuestionsAreLimitedByTheTrail() throws {
        let limit = WhatIfLimit()
        let asked = try verified(bytes(trail(20)))
        let now = 1_000_000 + 60 * 19
        #expect(
            refusal(limit, 1, asked, now)
                == "at most 20 prices may be asked about in any hour; ask again at \(UTCTime.text(1_003_600))")
        // Another provider's questions, other kinds of records, and old questions count for nothing.
        try limit.check(20, by: "other", in: asked, now: now)
        try limit.check(20, by: "own", in: try verified(bytes(trail(30, kind: .advice))), now: now)
        try limit.check(1, by: "own", in: asked, now: 1_000_000 + 3600)
        // The clock set back gains nothing.
        #expect(refusal(limit, 1, asked, 500) != nil)
        #expect(refusal(limit, 21, try verified([]), 0)?.hasSuffix("ask about fewer") == true)
    }

    @Test func aDayHasALimitOfItsOwn() throws {
        var records: [AuditRecord] = []
        for index in 0..<100 {
            records.append(
                AuditRecord(
                    after: records.last, time: 800 * index, kind: .whatIf, provider: "own", offer: "o", inputs: "x",
                    model: "x", output: "x"))
        }
        let trail = try verified(bytes(records))
        #expect(
            refusal(WhatIfLimit(), 1, trail, 86_399)?.contains("at most 100 prices may be asked about in any day")
                == true)
    }

    // MARK: Cohorts

    private func cohort(_ counts: [Int]) -> [CohortRule.Member] {
        counts.enumerated().map { CohortRule.Member(provider: "p\($0)", observations: $1) }
    }

    @Test func aCohortIsBroadEvenAndOld() {
        let (rule, day) = (CohortRule(), CalendarDay(ordinal: 20_000))
        func faults(_ counts: [Int], age: Int = 91) -> [String] {
            rule.faults(cohort(counts), newest: CalendarDay(ordinal: 20_000 - age), on: day)
        }
        #expect(faults([25, 25, 25, 20, 5]).isEmpty)
        #expect(faults([25, 25, 25, 25]).first?.contains("4 providers") == true)
        #expect(faults([25, 25, 25, 25, 0]).first?.contains("4 providers") == true)
        #expect(faults([26, 25, 25, 19, 5]).first?.contains("26%") == true)
        #expect(faults([25, 25, 25, 20, 5], age: 90).first?.contains("younger than 91 days") == true)
        // The dominant provider is not named.
        #expect(faults([900, 1, 1, 1, 1]).allSatisfy { !$0.contains("p0") })
    }
}
