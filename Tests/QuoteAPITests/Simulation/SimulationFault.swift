import Foundation

/// What was not as it must be, and how to see it again.
struct SimulationFault: Error, CustomStringConvertible {
    let seed: UInt64
    let step: Int
    let problem: String
    let trail: [String]

    var description: String {
        """
        seed \(seed), step \(step): \(problem)
        the last steps: \(trail.suffix(12).joined(separator: "; "))
        again: FLASHBACK_SIMULATION_SEED=\(seed) FLASHBACK_SIMULATION_STEPS=\(step) swift test --filter LifecycleSimulation
        """
    }
}

/// A lie that the simulation is told of the service, to see whether it notices.
enum PlantedFault: String, CaseIterable, Sendable {
    /// A crash brings the file of before the last acknowledged write back.
    case lostWrite
    /// A repeated call gets another byte.
    case changedRepeat
    /// A change of which the audit log has nothing.
    case unaudited
    /// What an SLA that has ended held is said to be held still.
    case keptHold
    /// An answer of another tenant's.
    case leak

    /// What the fault that is noticed must say, one of these.
    var words: [String] {
        switch self {
        case .lostWrite: ["the audit log has", "held are"]
        case .unaudited: ["the audit log has"]
        case .changedRepeat: ["was answered otherwise"]
        case .keptHold: ["held are"]
        case .leak: [" sees "]
        }
    }
}
