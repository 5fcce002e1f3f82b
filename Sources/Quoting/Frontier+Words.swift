import Allocation
import Foundation

extension AllocationQuality {
    /// The availability, rounded down two digits after its nines.
    package var availabilityText: String { AllocationText.availability(failing: unavailability) }
    /// The latency with its unit.
    package var latencyText: String { latency.isFinite ? fixed(latency, 1) + " ms" : "unknown" }
}

extension Frontier.Point {
    /// The placements in short: where few offers hold the data all of them, else their providers.
    package var placementText: String {
        placements.map { placement in
            let share = placements.count > 1 ? "\(fixed(100 * placement.share, 0))% " : ""
            let places =
                placement.legs.count <= 4
                ? placement.legs.map { "\($0.offer.provider)/\($0.offer.region)" }.joined(separator: ", ")
                : Set(placement.legs.map(\.offer.provider)).sorted().joined(separator: ", ")
            return share + "\(placement.scheme): " + places
        }
        .joined(separator: "; ")
    }

    /// The bounds of the request that it misses, in short.
    package var missesText: String { misses.isEmpty ? "–" : misses.map(\.rawValue).joined(separator: ", ") }
}
