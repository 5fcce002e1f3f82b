import Allocation
import Foundation
import Marketplace
import MathematicalProgramming
import Money

/// Plans generated fleets on the real catalogue, one row a size, beside HiGHS on the whole model.
///
///     fleet-peers [requests …] [--threads n] [--peer-seconds s] [--time-limit s]
@main
struct FleetPeers {
    /// What is asked for on the command line.
    struct Options {
        var sizes: [Int] = []
        var threads = ProcessInfo.processInfo.activeProcessorCount
        var peerSeconds = 60.0
        var timeLimit = 600.0

        init(_ arguments: [String]) {
            var rest = arguments[...]
            while let argument = rest.popFirst() {
                switch argument {
                case "--threads": threads = rest.popFirst().flatMap { Int($0) } ?? threads
                case "--peer-seconds": peerSeconds = rest.popFirst().flatMap { Double($0) } ?? peerSeconds
                case "--time-limit": timeLimit = rest.popFirst().flatMap { Double($0) } ?? timeLimit
                default: if let size = Int(argument), size > 0 { sizes.append(size) }
                }
            }
            if sizes.isEmpty { sizes = [1_000, 10_000, 100_000] }
        }
    }

    static func main() throws {
        let options = Options(Array(CommandLine.arguments.dropFirst()))
        let catalog = try CatalogFixture.catalog()
        let eligible: @Sendable (SLARequest) -> [Offer] = { CatalogFixture.eligible($0, catalog) }
        let optimizer = FleetOptimizer(timeLimit: options.timeLimit, threads: options.threads)
        // The instances must not depend on how far a time limit lets requests be refined.
        var plain = optimizer
        plain.refinements = 0
        let popular = try popularOffers(catalog, eligible, plain)
        print("requests  seconds    cpu s  peak MB       objective           bound     gap  scarce  unserved  faults")
        for size in options.sizes {
            let capacities = popular.mapValues { Int($0 * Double(size)) }
            let problem = FleetProblem(
                requests: GeneratedFleet(count: size, seed: 1).requests, catalog: catalog, capacities: capacities,
                eligible: eligible)
            let before = processorSeconds()
            let (plan, model) = try optimizer.planAndModel(problem)
            let used = processorSeconds() - before
            let faults = FleetCheck(problem: problem, plan: plan).faults(sample: 2_000)
            print(
                pad("\(size)", 8), pad(String(format: "%.1f", plan.timing.total), 8),
                pad(String(format: "%.1f", used), 8), pad("\(plan.peakMemory / 1_000_000)", 8),
                pad(String(format: "%.2f", plan.objective), 15), pad(String(format: "%.2f", plan.bound), 15),
                pad(String(format: "%.3f%%", 100 * plan.gap), 7),
                pad("\(plan.clearingPrices.count(where: \.isScarce))", 7), pad("\(plan.unserved.count)", 9),
                pad("\(faults.count)", 7))
            print(
                String(
                    format:
                        "          grouping %.1f s, pricing %.1f s, clearing %.1f s, repairing %.1f s, refining %.1f s; ",
                    plan.timing.grouping, plan.timing.pricing, plan.timing.clearing, plan.timing.repairing,
                    plan.timing.refining)
                    + "\(plan.rounds) rounds, \(plan.profiles) profiles, \(plan.candidates) placements priced")
            for fault in faults.prefix(5) { print("          " + fault) }
            try solveByPeer(model, plan, options.peerSeconds)
        }
    }

    /// HiGHS on the program of choosing among all priced placements.
    private static func solveByPeer(_ model: MathematicalProgram, _ plan: FleetPlan, _ seconds: Double) throws {
        let solution = try HiGHSSolver().solve(model, SolverParameters(timeLimit: seconds, relativeGap: 1e-6))
        let size = "\(model.variableCount) × \(model.constraintCount)"
        let time = String(format: "%.1f s", solution.solveSeconds)
        guard let objective = solution.objective, solution.isFeasible else {
            print("          HiGHS on \(size): \(solution.status.rawValue) after \(time)")
            return
        }
        print(
            "          HiGHS on \(size): \(solution.status.rawValue) after \(time), "
                + String(format: "%.2f, gap %.4f%%, ", objective, 100 * (solution.gap ?? 1))
                + String(format: "ours is %+.4f%% of it", 100 * (plan.objective / objective - 1)))
    }

    /// The offers that a fleet without limits wants most, and half of what it would hold there for each request.
    private static func popularOffers(
        _ catalog: Catalog, _ eligible: @escaping @Sendable (SLARequest) -> [Offer], _ optimizer: FleetOptimizer
    ) throws -> [String: Double] {
        let requests = GeneratedFleet(count: 1_000, seed: 1).requests
        let plan = try optimizer.plan(FleetProblem(requests: requests, catalog: catalog, eligible: eligible))
        var held: [String: Double] = [:]
        for assignment in plan.assignments {
            let peak = requests[assignment.request].peakLogicalBytes
            for placement in assignment.placements {
                for leg in placement.legs {
                    held[leg.offer.id, default: 0] += Double((peak - 1) / placement.scheme.data + 1)
                }
            }
        }
        let most = held.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.prefix(16)
        return Dictionary(uniqueKeysWithValues: most.map { ($0.key, 0.5 * $0.value / Double(requests.count)) })
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Processor time of the process so far, all threads together.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
