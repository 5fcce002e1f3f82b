import Foundation
import Marketplace
import MathematicalProgramming

/// Plans many requests at once against the finite capacities of offers.
///
/// The capacities are the only thing that ties requests together, so they are priced: at given prices each request is a
/// question of its own. The sum of the answers bounds the cost of every plan from below (Lagrangean duality), and the
/// prices that maximise it are those at which the requests' own choices almost fit. There are far more requests than
/// scarce offers, so hardly any request must be moved, and the gap that remains is proven small. Requests that differ in
/// volumes only share what does not depend on these.
public struct FleetOptimizer: Sendable {
    /// How far planning has come.
    public struct Progress: Sendable {
        /// What is being done.
        public let phase: String
        /// Which share of it is done, 0…1.
        public let share: Double
    }

    /// Seconds for the whole plan. The plan is deterministic unless this strikes.
    public var timeLimit: Double
    /// How close to the bound, relative to it, a plan should come before prices are no longer refined.
    public var relativeGap: Double
    /// How many threads work at a time. The plan does not depend on it.
    public var threads: Int
    /// How many requests at most are solved exactly, one by one, once all are assigned: those that may gain most.
    public var refinements = 1_000
    /// Seconds that each of them may take.
    public var refiningSeconds = 0.25
    /// Told now and then, from any thread.
    public var progress: (@Sendable (Progress) -> Void)?

    /// An optimizer with limits.
    ///
    /// - Parameter threads: as many as there are processors unless given.
    public init(
        timeLimit: Double = 60, relativeGap: Double = 1e-4,
        threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        progress: (@Sendable (Progress) -> Void)? = nil
    ) {
        self.timeLimit = timeLimit
        self.relativeGap = relativeGap
        self.threads = threads
        self.progress = progress
    }

    /// Plans `problem`. Time grows linearly with the number of requests; memory by some kilobytes for each.
    ///
    /// - Throws: ``AllocationError/solver(_:)`` when a linear program fails.
    public func plan(_ problem: FleetProblem) throws(AllocationError) -> FleetPlan {
        do throws(ProgrammingError) {
            let planning = FleetPlanning(problem, self)
            return try planning.run()
        } catch {
            throw .solver(error)
        }
    }

    /// Plans `problem`, and writes down the program of choosing among the placements that planning priced, whole ones,
    /// for the requests that the plan serves: one binary variable for each placement, one row for each request and for
    /// each offer of limited capacity (in GB). For any other solver to be held against the plan.
    ///
    /// - Throws: ``AllocationError/solver(_:)`` when a linear program fails.
    public func planAndModel(
        _ problem: FleetProblem
    ) throws(AllocationError) -> (plan: FleetPlan, model: MathematicalProgram) {
        do throws(ProgrammingError) {
            let planning = FleetPlanning(problem, self)
            let plan = try planning.run()
            return (plan, planning.model(of: plan))
        } catch {
            throw .solver(error)
        }
    }
}
