import Documents
import Foundation
import Money
import Pricing
import TestSupport
import Testing

/// What choices from the listing may tell a provider, and when they tell nothing.
@Suite struct ListingEvidenceTests {
    private let market = ListingEvidence.Market(gigabytesPerUnit: 1, upTo: 0.05, rivalSpread: 0.05)

    private func evidence(
        _ choices: ListingChoices, of provider: String = "p3", on day: CalendarDay = SmallMarket.day
    ) throws -> ListingEvidence {
        try ListingEvidence(choices, provider: provider, on: day, market: market)
    }

    @Test func sensitivityIsFoundAlthoughPricesAnswerQuality() throws {
        var listing = MadeUpListing()
        listing.passed = 0.0008
        var (controlled, naive, covered) = (0.0, 0.0, 0)
        let count = 4
        for seed in 1...UInt64(count) {
            let choices = listing.draw(seed: seed)
            let found = try evidence(try listing.read(choices))
            let draws = found.evidence.sensitivityDraws
            #expect(draws.count >= 180)
            #expect((found.evidence.firstStageF ?? 0) > 10)
            controlled += draws.reduce(0, +) / Double(draws.count * count)
            let sorted = draws.sorted()
            if sorted[draws.count / 20]...sorted[draws.count * 19 / 20] ~= listing.alpha { covered += 1 }
            let plain = try evidence(try listing.read(choices, shifter: false))
            #expect(plain.evidence.firstStageF == 0)
            #expect(plain.notes.contains { $0.contains("cost_shifter") })
            naive += plain.evidence.sensitivityDraws.reduce(0, +) / Double(draws.count * count)
        }
        // Weekly quality that goes with prices makes users look as if they minded prices less.
        #expect(abs(controlled - listing.alpha) < 0.12 * listing.alpha, "\(controlled), naive \(naive)")
        #expect(naive < 0.85 * listing.alpha, "\(naive)")
        #expect(covered >= count - 1)
    }

    @Test func whichRivalWonCannotBeTold() throws {
        let listing = MadeUpListing()
        let choices = listing.draw(seed: 4)
        var random = SeededGenerator(seed: 9)
        let changed = choices.map { choice -> MadeUpListing.Choice in
            var other = choice
            let own = choice.rows.firstIndex { $0.provider == 3 }
            if choice.taken != own || own == nil {
                let rest = choice.rows.indices.filter { $0 != own }
                other.taken = random.chance(0.5) ? random.pick(rest) : nil
            }
            return other
        }
        let (one, other) = (
            try evidence(try listing.read(choices)), try evidence(try listing.read(changed))
        )
        #expect(one.ownChoices > AcceptanceEvidence.enough)
        #expect(one.demand == other.demand)
        #expect(one.evidence == other.evidence)
        #expect(one.notes == other.notes)
    }

    @Test func rivalsRecentChoicesChangeNothing() throws {
        // Few own choices, so that a cohort's parameters are borrowed: theirs are three months old.
        var listing = MadeUpListing()
        listing.choices = 400
        let choices = listing.draw(seed: 6)
        let recent = SmallMarket.day.ordinal - 91
        let changed = choices.map { choice -> MadeUpListing.Choice in
            guard 7 * choice.week + 6 > recent, !choice.rows.contains(where: { $0.provider == 3 }) else {
                return choice
            }
            var other = choice
            other.taken = choice.taken == nil ? 0 : nil
            return other
        }
        let (one, other) = (
            try evidence(try listing.read(choices)), try evidence(try listing.read(changed))
        )
        #expect((50...300).contains(one.ownChoices), "\(one.ownChoices)")
        #expect(one.cohortChoices > 0)
        #expect(one.demand == other.demand)
    }

    @Test func aDominatedOrYoungCohortIsNotUsed() throws {
        var listing = MadeUpListing()
        (listing.choices, listing.providers) = (250, ["p0", "p1", "p2", "p3"])
        // Four providers are too few for a cohort.
        let few = try listing.read(listing.draw(seed: 2))
        let found = try evidence(few)
        #expect(found.cohortChoices == 0)
        #expect(found.notes.contains { $0.contains("providers") })
        listing = MadeUpListing()
        (listing.choices, listing.weeks) = (250, 10)
        let young = try evidence(try listing.read(listing.draw(seed: 2)))
        #expect(young.cohortChoices == 0)
    }

    @Test func withoutOwnChoicesTheCohortStandsAlone() throws {
        var listing = MadeUpListing()
        listing.choices = 1500
        let choices = listing.draw(seed: 8)
        // The own offer is new: it was shown but forty times.
        var shown = 0
        let new = choices.compactMap { choice -> MadeUpListing.Choice? in
            guard choice.rows.contains(where: { $0.provider == 3 }) else { return choice }
            shown += 1
            return shown % 20 == 0 ? choice : nil
        }
        let found = try evidence(try listing.read(new))
        #expect(found.ownChoices < 50 && found.cohortChoices > 300, "\(found.ownChoices) \(found.cohortChoices)")
        #expect(!found.demand.requests.isEmpty)
        let draws = found.evidence.sensitivityDraws
        #expect(abs(draws.reduce(0, +) / Double(draws.count) - listing.alpha) < 0.35 * listing.alpha)
    }

    @Test func choicesFromAfterTheDayAreLeftOut() throws {
        let listing = MadeUpListing()
        let choices = listing.draw(seed: 4)
        let day = CalendarDay(ordinal: SmallMarket.day.ordinal - 120)
        let past = choices.filter { 7 * $0.week + 6 <= day.ordinal }
        let (one, other) = (
            try evidence(try listing.read(choices), on: day), try evidence(try listing.read(past), on: day)
        )
        #expect(one.demand == other.demand)
        #expect(one.notes.contains { $0.contains("from after") })
    }

    @Test func whatCannotBeEstimatedIsSaid() throws {
        let listing = MadeUpListing()
        let choices = listing.draw(seed: 4)
        func barrier(_ changed: [MadeUpListing.Choice]) throws -> String? {
            try evidence(try listing.read(changed)).evidence.barrier
        }
        #expect(try barrier(choices) == nil)
        // Never shown.
        let unseen = choices.filter { !$0.rows.contains { $0.provider == 3 } }
        #expect(try barrier(unseen)?.contains("no choice showed") == true)
        // Few, and no cohort of that age.
        let few = Array(choices.suffix(30))
        #expect(try barrier(few)?.contains("fewer than 50") == true)
        // Never taken, and no old choices that a cohort could be made of.
        let recent = choices.filter { 7 * $0.week + 6 > SmallMarket.day.ordinal - 91 }
        let never = recent.map { choice -> MadeUpListing.Choice in
            var choice = choice
            if choice.taken.map({ choice.rows[$0].provider == 3 }) ?? false { choice.taken = nil }
            return choice
        }
        #expect(try barrier(never)?.contains("separate") == true)
    }

    @Test func badFilesAreRefusedByLineAndColumn() throws {
        func refused(_ text: String) -> String {
            do {
                _ = try ListingChoices(csv: Array(text.utf8), document: "f.csv")
                return ""
            } catch { return "\(error)" }
        }
        let head = "request,week,user,provider,chosen,price,volume,cost_shifter\n"
        #expect(refused(head + "1,1,1,a,1,0.01,100,0\n1,1,1,b,0,0.02,100,1\n") == "")
        #expect(refused("request,chosen\n1,1\n").contains("'week' is missing"))
        #expect(refused("request,chosen\n1,1\n").contains("'volume' is missing"))
        #expect(refused(head + "1,1,1,a,1,1e9,100,0\n").contains("choice 1, price"))
        #expect(refused(head + "1,1,1,a,1,-1,100,0\n").contains("choice 1, price"))
        #expect(refused(head + "1,1,1,a,1,nan,100,0\n").contains("line 2"))
        #expect(refused(head + "1,1,1,a,1,0.01,0,0\n").contains("choice 1, volume"))
        #expect(refused(head + "1,1,1,a,1,0.01,10,0\n1,1,1,b,0,0.01,20,0\n").contains("choice 1, volume"))
        #expect(refused(head + "1,1,1,a,1,0.01,10,0\n1,1,1,a,0,0.01,10,0\n").contains("named in two rows"))
        #expect(refused(head + "1,1,1,a,1,0.01,10,0\n1,1,1,b,1,0.01,10,0\n").contains("a second row"))
        #expect(refused(head + "1,99999999,1,a,1,0.01,10,0\n").contains("choice 1, week"))
        #expect(
            refused(head.replacingOccurrences(of: "cost_shifter", with: "residual") + "1,1,1,a,1,0.01,10,0\n")
                .contains("is taken"))
    }
}
