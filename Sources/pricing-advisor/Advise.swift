import ArgumentParser
import CommandSupport
import Pricing

/// `pricing-advisor advise`
struct Advise: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what to charge for an offer, how sure that is, and what it rests on.",
        discussion: """
            Price: every request is replayed through the allocation optimizer with one flat storage price in place of the \
            offer's tiers and without its monthly minimum; all prices at which its volume changes are found by parametric \
            programming. Users' acceptance of a quote's total is estimated from the history, costs come from a file. The \
            best price is told with its 90% interval and the prices that keep 98% of the best, or why none is.

            Position: each offer among comparable offers of other providers: the same continent, access and level of \
            availability, and a storage price within a factor of four.

            Of rivals nothing enters but the public listing; of others' quotes two parameters of a cohort of at least \
            five providers, none above a quarter of it, at least three months old. Every advice is recorded; nothing is \
            applied by itself. Breakpoints are shown as the highest price tick (0.000001 USD) below.
            """)

    @OptionGroup var options: AdviceOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        Terminal.write(
            try Advice.give(options, .advice) { json ? $0.json.text(indented: true) + "\n" : $0.text })
    }
}
