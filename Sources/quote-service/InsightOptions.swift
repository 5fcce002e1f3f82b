import Allocation
import ArgumentParser
import CommandSupport
import Documents
import Quoting

/// What is told beyond the allocation itself: why it is this one, and what to move when.
struct InsightOptions: ParsableArguments {
    @Flag(
        name: .long,
        help:
            "Explain the allocation: what each constraint costs, who comes next and at which price, what an exit would cost, how far it holds."
    )
    var explain = false

    @Flag(
        name: .long, help: "Plan what to move when: prices that change, credits that expire, data that lies somewhere.")
    var moves = false

    @Option(name: .long, help: "Seconds that an explanation may take.")
    var explainLimit = 60.0

    func validate() throws {
        guard explainLimit > 0 else { throw ValidationError("--explain-limit must be above 0") }
    }

    /// The parts that are asked for.
    func sections(
        _ problem: AllocationProblem, _ allocation: Allocation, timeLimit: Double
    ) throws -> [AnswerSection] {
        var sections: [AnswerSection] = []
        if moves {
            let plan = try MovingOptimizer(timeLimit: timeLimit).plan(problem)
            sections.append(AnswerSection(name: "moves", json: plan.document, text: "What to move when\n" + plan.text))
        }
        if explain {
            var options = Explanation.Options()
            options.timeLimit = explainLimit
            let explanation = try Explanation(
                problem, allocation, optimizer: AllocationOptimizer(timeLimit: timeLimit), options: options
            ) { Terminal.progress("explaining: \($0)") }
            Terminal.progress("", done: true)
            sections.append(
                AnswerSection(name: "explanations", json: explanation.document, text: explanation.text))
        }
        return sections
    }
}
