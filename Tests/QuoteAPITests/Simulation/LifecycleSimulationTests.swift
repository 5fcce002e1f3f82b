import Foundation
import Testing

/// Lives of the service that a seed decides, crashes and lost answers among them. To see one again, or longer, or many:
/// `FLASHBACK_SIMULATION_SEED=n`, `FLASHBACK_SIMULATION_STEPS=m`, `FLASHBACK_SIMULATION_SEEDS=k`.
@Suite("Simulated lives") struct LifecycleSimulationTests {
    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment["FLASHBACK_SIMULATION_" + name].flatMap { Int($0) }
    }

    private static var seeds: [UInt64] {
        if let seed = number("SEED") { return [UInt64(seed)] }
        return (1...UInt64(max(1, number("SEEDS") ?? 4))).map { $0 }
    }

    @Test func everyLifeIsAsTheModelSays() async throws {
        let template = try SimulatedStore()
        var counts: [String: Int] = [:]
        for seed in Self.seeds {
            let simulation = try LifecycleSimulation(
                seed: seed, steps: Self.number("STEPS") ?? 400, template: template)
            do { try await simulation.run() } catch {
                Issue.record("\(error)")
                return
            }
            counts.merge(simulation.counts, uniquingKeysWith: +)
        }
        print("simulated: " + counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
        // A simulation in which nothing happens proves nothing.
        guard Self.number("STEPS") == nil else { return }
        for name in ["made", "accepted", "crashes", "torn writes", "repeated", "refused: capacity", "refused: expired"]
        {
            #expect((counts[name] ?? 0) > 0, "\(name)")
        }
    }

    /// The checks are worth something only if they notice what is wrong.
    @Test(arguments: PlantedFault.allCases) func whatIsWrongIsNoticed(planted: PlantedFault) async throws {
        let template = try SimulatedStore()
        let simulation = try LifecycleSimulation(seed: 1, steps: 1500, planting: planted, template: template)
        let fault = await #expect(throws: SimulationFault.self) { try await simulation.run() }
        let problem = try #require(fault).problem
        #expect(planted.words.contains { problem.contains($0) }, "\(problem)")
    }
}
