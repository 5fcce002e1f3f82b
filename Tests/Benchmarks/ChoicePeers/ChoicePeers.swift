import Foundation
import LinearAlgebra
import Pricing
import Recommendation

/// Fits conditional logits beside xlogit on the same data, a million choices, and every known answer.
@main
struct ChoicePeers {
    static func main() throws {
        guard let options = PeerOptions(Array(CommandLine.arguments.dropFirst())) else {
            print(PeerOptions.help)
            exit(2)
        }
        if options.listsKnownAnswers { return try listKnownAnswers() }
        if let replications = options.replications { return try runStudy(replications, draws: options.draws) }
        if let peer = try XlogitPeer(options) { try compare(peer, options) }
        if options.large > 0 { try runLarge(options.large) }
    }

    private static func compare(_ peer: XlogitPeer, _ options: PeerOptions) throws {
        print(
            "\(options.choices) choices × \(XlogitPeer.alternatives) alternatives × \(XlogitPeer.variables) variables")
        print(
            String(
                format: "  xlogit                %8.3f s  log likelihood %.6f  worst error %.6f", peer.report.fit_s,
                peer.report.log_likelihood, peer.report.worst_error))
        for threads in Set([1, ParallelBlocks.defaultThreads]).sorted() {
            var seconds = Double.infinity
            var fit: LogitFit?
            for _ in 0..<options.runs {
                seconds = min(
                    seconds,
                    try ContinuousClock().measure {
                        fit = try ConditionalLogit.fit(
                            peer.data, variables: XlogitPeer.names, outside: false, threads: threads)
                    } / .seconds(1))
            }
            guard let fit else { continue }
            print(
                String(
                    format: "  ours, %d thread%@       %8.3f s  log likelihood %.6f  worst error %.6f  %.1f × as fast",
                    threads, (threads == 1 ? " " : "s") as NSString, seconds, fit.logLikelihood, worstError(fit),
                    peer.report.fit_s / seconds))
            print(
                String(
                    format: "    log likelihood less the peer's: %.2e; %d steps over all choices; with robust errors",
                    fit.logLikelihood - peer.report.log_likelihood, fit.iterations))
        }
    }

    private static func worstError(_ fit: LogitFit) -> Double {
        fit.coefficients.enumerated().reduce(0) { max($0, abs($1.1 - truth($1.0))) }
    }

    /// The coefficients that the choices are drawn with, as the peer's.
    private static func truth(_ variable: Int) -> Double {
        -1 + 2 * Double(variable) / Double(XlogitPeer.variables - 1)
    }

    private static func runLarge(_ choices: Int) throws {
        let (alternatives, k) = (XlogitPeer.alternatives, XlogitPeer.variables)
        let columns = ParallelBlocks.map(count: k, blockSize: 1) { column, _ in
            var random = SyntheticRandom(seed: 12, stream: UInt64(column))
            return (0..<choices * alternatives).map { _ in random.normal() }
        }
        let chosen = ParallelBlocks.map(count: choices, blockSize: 4096) { block, range in
            var random = SyntheticRandom(seed: 13, stream: UInt64(block))
            return range.map { choice -> Int? in
                var best = (place: 0, utility: -Double.infinity)
                for place in 0..<alternatives {
                    var utility = random.gumbel()
                    for column in 0..<k { utility += truth(column) * columns[column][choice * alternatives + place] }
                    if utility > best.utility { best = (place, utility) }
                }
                return best.place
            }
        }.flatMap(\.self)
        let data = try ChoiceData(
            variables: XlogitPeer.names, columns: columns, sizes: [Int](repeating: alternatives, count: choices),
            chosen: chosen)
        let before = ProcessMemory.peakMB
        var fit: LogitFit?
        let seconds =
            try ContinuousClock().measure {
                fit = try ConditionalLogit.fit(data, variables: XlogitPeer.names, outside: false)
            } / .seconds(1)
        guard let fit else { return }
        print(
            String(
                format: "%d choices × %d alternatives × %d variables: %.2f s, %d steps over all, peak %.0f MB "
                    + "(%.0f MB before the fit, of which the numbers %.0f MB), log likelihood %.3f, worst error %.5f",
                choices, alternatives, k, seconds, fit.iterations, ProcessMemory.peakMB, before,
                Double(choices * alternatives * k * 8) / 1e6, fit.logLikelihood, worstError(fit)))
    }

    private static func listKnownAnswers() throws {
        let answers = try KnownAnswer.all()
        print("name                                                         ours          reference difference  bar")
        for answer in answers { print(answer.line) }
        print("\(answers.count { $0.isMet }) of \(answers.count) met")
    }

    private static func runStudy(_ replications: Int, draws: Int) throws {
        var study: DemandStudy?
        let seconds =
            try ContinuousClock().measure { study = try DemandStudy(replications: replications, draws: draws) }
            / .seconds(1)
        guard let study else { return }
        let expected = try ChoiceFixtures.expected("cf_montecarlo")
        let count = Double(replications)
        print(
            "\(replications) replications, \(draws) draws each, \(String(format: "%.1f", seconds)) s; the truth is -0.75"
        )
        print("                                            ours  reference")
        func line(_ name: String, _ ours: Double, _ key: String?) {
            let reference = key.map { String(format: "%10.4f", expected[$0].number) } ?? "         –"
            print(name.padding(toLength: 38, withPad: " ", startingAt: 0) + String(format: "%10.4f ", ours) + reference)
        }
        line("naive: mean", DemandStudy.mean(study.naive), "naive_mean")
        line("naive: deviation", DemandStudy.deviation(study.naive), "naive_sd")
        line("naive: 95% intervals cover", Double(study.naiveCovered) / count, "naive_cover")
        line("control function: mean", DemandStudy.mean(study.controlled), "cf_mean")
        line("control function: deviation", DemandStudy.deviation(study.controlled), "cf_sd")
        line("one-step error: mean", DemandStudy.mean(study.oneStepErrors), "cf_mean_onestep_se")
        line("one-step error: intervals cover", Double(study.oneStepCovered) / count, "cf_cover_onestep_se")
        line("two-stage bootstrap error: mean", DemandStudy.mean(study.bootstrapErrors), nil)
        line("two-stage bootstrap: ±1.96 se cover", Double(study.bootstrapCovered) / count, nil)
        line("two-stage bootstrap: quantiles cover", Double(study.quantileCovered) / count, nil)
    }
}
