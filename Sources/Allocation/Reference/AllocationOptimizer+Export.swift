import Marketplace
import MathematicalProgramming

extension AllocationOptimizer {
    /// The plain one-placement programs of `problem`, one a scheme: what a user would give to a solver. Where a division
    /// over several placements is cheaper, the optimizer's answer lies below them.
    public static func models(
        _ problem: AllocationProblem
    ) throws(AllocationError) -> [(scheme: RedundancyScheme, program: MathematicalProgram)] {
        var models: [(RedundancyScheme, MathematicalProgram)] = []
        for scheme in problem.schemes where scheme.shards <= problem.offers.count {
            do throws(ProgrammingError) {
                models.append((scheme, try AllocationModel(problem, scheme: scheme).program))
            } catch {
                throw .solver(error)
            }
        }
        return models
    }

    /// The mixed-integer program that was solved: over the shares of the placements that the search came to know, with
    /// every step of every tariff.
    ///
    /// The search proves that no other placement makes the data cheaper, so that any other solver's optimum of this
    /// program is ``Allocation/cheapest``, but for what a budget loses to the rounding of bills. A preference is left
    /// out. nil when the search found no placement at all.
    public func solvedModel(_ problem: AllocationProblem) throws(AllocationError) -> MathematicalProgram? {
        let model = TermModel(problem)
        var timing = Allocation.Timing()
        let columns = try search(model, .cost, clock: Stopwatch(), timing: &timing).1
        var known: Set<EnumeratedPlacement> = []
        var placements: [EnumeratedPlacement] = []
        for column in columns {
            let placement = EnumeratedPlacement(scheme: model.scheme(column), offers: column.members)
            if known.insert(placement).inserted { placements.append(placement) }
        }
        guard !placements.isEmpty else { return nil }
        do throws(ProgrammingError) {
            return try EnumeratedProgram(problem, placements).formulation().program
        } catch {
            throw .solver(error)
        }
    }
}
