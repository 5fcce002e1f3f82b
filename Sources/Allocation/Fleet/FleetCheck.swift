import Marketplace
import Money

/// Checks a fleet's plan from the requests' own words: it shares nothing with the planning.
public struct FleetCheck: Sendable {
    let problem: FleetProblem
    let plan: FleetPlan

    /// A check of `plan`.
    public init(problem: FleetProblem, plan: FleetPlan) {
        self.problem = problem
        self.plan = plan
    }

    /// Everything that does not hold; empty when all does.
    ///
    /// - Parameter sample: how many assignments are checked one by one and billed exactly, spread evenly; all unless
    ///   given. Capacities, completeness and sums are checked over all.
    public func faults(sample: Int? = nil) -> [String] {
        var faults = completenessFaults() + capacityFaults() + sumFaults()
        let count = plan.assignments.count
        let step = sample.map { max(1, count / max(1, $0)) } ?? 1
        for index in stride(from: 0, to: count, by: step) { faults += assignmentFaults(plan.assignments[index]) }
        return faults
    }

    /// Every request is either served or named as not served, once.
    private func completenessFaults() -> [String] {
        let named = (plan.assignments.map(\.request) + plan.unserved.map(\.request)).sorted()
        return named == Array(problem.requests.indices) ? [] : ["not every request is named exactly once"]
    }

    /// What offers hold, at each request's peak.
    private func capacityFaults() -> [String] {
        var held: [String: Int128] = [:]
        for assignment in plan.assignments where problem.requests.indices.contains(assignment.request) {
            let peak = problem.requests[assignment.request].peakLogicalBytes
            for placement in assignment.placements {
                let shard = (Int128(peak) - 1) / Int128(placement.scheme.data) + 1
                let bytes = placement.share == 1 ? shard : Int128((Double(shard) * placement.share).rounded(.up))
                for leg in placement.legs { held[leg.offer.id, default: 0] += bytes }
            }
        }
        return problem.catalog.offers.compactMap { offer in
            guard let capacity = problem.capacity(of: offer), let bytes = held[offer.id], bytes > Int128(capacity)
            else { return nil }
            return "\(offer.id) would hold \(bytes) bytes and can take \(capacity)"
        }
    }

    private func sumFaults() -> [String] {
        var faults: [String] = []
        let sum = plan.assignments.reduce(0) { $0 + $1.cost }
        if abs(sum - plan.objective) > 1e-9 * max(1, abs(sum)) { faults.append("the costs come to \(sum)") }
        if plan.bound > plan.objective * (1 + 1e-12) { faults.append("the bound exceeds the objective") }
        for price in plan.clearingPrices where price.pricePerGB < 0 {
            faults.append("the capacity of \(price.offer) has a negative price")
        }
        return faults
    }

    /// One assignment against its request, and its cost against the exact bill.
    private func assignmentFaults(_ assignment: FleetPlan.Assignment) -> [String] {
        guard problem.requests.indices.contains(assignment.request) else { return ["an assignment has no request"] }
        let request = problem.requests[assignment.request]
        let allowed = Set(problem.eligible(request).map(\.id))
        let offers = Dictionary(assignment.placements.flatMap(\.legs).map { ($0.offer.id, $0.offer) }) { one, _ in one }
        var faults = offers.keys.sorted().filter { !allowed.contains($0) }.map { "\($0) is not eligible" }
        do throws(AllocationError) {
            let own = try AllocationProblem(
                request: request, offers: offers.values.sorted { $0.id < $1.id }, catalog: problem.catalog,
                failures: problem.failures, charges: problem.charges, schemes: problem.schemes)
            faults += AllocationCheck(
                problem: own, placements: assignment.placements, claimants: assignment.claimants
            ).faults()
            let plan = try AllocationPlan(
                problem: own, placements: assignment.placements, claimants: assignment.claimants)
            let total = try plan.bill().total.doubleValue
            let lines = Double(plan.offers.count * ChargeKind.allCases.count + 2 + own.migration.count)
            // Each line is rounded to the cent, the model is not; volumes are whole bytes and operations.
            let slack = 0.0055 * lines * Double(request.months) + 1e-6 * total
            if abs(total - assignment.cost) > slack {
                faults.append("the bill comes to \(total), the plan says \(assignment.cost)")
            }
        } catch {
            faults.append("\(error)")
        }
        return faults.map { "\(request.user): \($0)" }
    }
}
