import Marketplace
import MathematicalProgramming

extension AllocationOptimizer {
    /// The models of `problem`, one a scheme, as they go to the solver before any placement is excluded.
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
