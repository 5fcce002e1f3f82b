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
}
