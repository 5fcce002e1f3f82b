import Allocation
import Foundation
import Marketplace
import MathematicalProgramming
import TestSupport

/// Times the optimizer beside the plain program on other solvers, in one run on the same instances.
@main
struct AllocationPeers {
    let options: PeerOptions
    let commands: [CommandSolver]

    static func main() throws {
        guard let options = PeerOptions(Array(CommandLine.arguments.dropFirst())) else {
            print(PeerOptions.help)
            exit(2)
        }
        let commands = CommandSolver.installed
        let missing = ["CBC", "GLPK"].filter { name in !commands.contains { $0.name == name } }
        print("HiGHS \(HiGHSSolver.version)" + commands.map { ", \($0.name)" }.joined(), terminator: "")
        print(missing.map { "; \($0) is not installed" }.joined())
        try AllocationPeers(options: options, commands: commands).run()
    }

    private func run() throws {
        var groups: [PeerGroup] = []
        for size in options.offers {
            var group = PeerGroup(name: "generated", offers: size)
            for seed in 0..<options.requests {
                let market = GeneratedMarket(offers: size, seed: UInt64(seed))
                try add(market.request, market.catalog.offers, market.catalog, nil, to: &group)
            }
            groups.append(group)
            PeerGroup.report(group)
        }
        if options.real { groups += try real() }
        PeerGroup.reportPhases(groups)
        PeerGroup.reportCommands(groups, commands.map(\.name))
    }

    /// The sample requests that can be met, each at many volumes, on the catalogue that ships.
    private func real() throws -> [PeerGroup] {
        let catalog = try CatalogFixture.catalog()
        let table = OfferTable(catalog.offers)
        let names = try ShippedData.requestNames().filter { !$0.hasPrefix("impossible") }
        var groups: [PeerGroup] = []
        for name in names {
            let sample = try CatalogFixture.request(name)
            var random = SeededGenerator(seed: 1)
            var group = PeerGroup(name: name, offers: 0)
            for _ in 0..<max(1, (options.requests + names.count - 1) / names.count) {
                var request = sample
                request.logicalBytes = Int(Double(sample.logicalBytes) * Double(random.int(50...200)) / 100)
                request.budget = nil
                request.recommendedPreference = .zero
                let eligible = CatalogFixture.eligible(request, catalog)
                group.offers = eligible.count
                try add(request, eligible, catalog, table, to: &group)
            }
            groups.append(group)
            PeerGroup.report(group)
        }
        return groups
    }

    private func add(
        _ request: SLARequest, _ offers: [Offer], _ catalog: Catalog, _ table: OfferTable?, to group: inout PeerGroup
    ) throws {
        let clock = ContinuousClock()
        let table = table ?? OfferTable(offers)
        var start = clock.now
        let problem = try AllocationProblem(request: request, offers: offers, catalog: catalog, table: table)
        let posing = (clock.now - start) / .milliseconds(1)
        start = clock.now
        let answer = try AllocationOptimizer().solve(problem)
        let ours = (clock.now - start) / .milliseconds(1)
        var row = PeerGroup.Row(answer: answer, posing: posing, ours: ours)
        if group.offers <= options.peerLimit {
            let programs = try AllocationOptimizer.models(problem).map(\.program)
            var parameters = SolverParameters(timeLimit: options.timeLimit, relativeGap: 1e-6)
            parameters.wantsRays = false
            var peer = PeerGroup.Peer()
            for program in programs {
                start = clock.now
                let solution = try HiGHSSolver().solve(program, parameters)
                peer.milliseconds += (clock.now - start) / .milliseconds(1)
                peer.take(solution.isFeasible ? solution.objective : nil)
                if solution.limit == .time { peer.isOutOfTime = true }
            }
            row.peers["HiGHS"] = peer
            if group.offers <= options.commandLimit, group.rows.count < options.commandRequests {
                for solver in commands { row.peers[solver.name] = try run(solver, programs) }
            }
        }
        group.rows.append(row)
    }

    private func run(_ solver: CommandSolver, _ programs: [MathematicalProgram]) throws -> PeerGroup.Peer {
        var peer = PeerGroup.Peer()
        for program in programs {
            guard let outcome = try solver.solve(program, timeLimit: options.timeLimit) else {
                peer.isNotUnderstood = true
                continue
            }
            peer.milliseconds += outcome.seconds * 1000
            peer.take(outcome.objective)
            if outcome.isOutOfTime { peer.isOutOfTime = true }
        }
        return peer
    }
}
