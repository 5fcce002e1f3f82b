import Marketplace

/// A kind of user: what it stores and what it cares for. Users vary around their archetype.
public enum SyntheticArchetype: String, Sendable, Hashable, CaseIterable {
    /// An application's data, read all the time.
    case application
    /// Files that are delivered to many readers.
    case media
    /// Copies that are hardly ever read.
    case backup
    /// Large sets that are read through now and then.
    case analytics
    /// Records that must not leave a jurisdiction.
    case regulated

    /// How frequent it is, against the others.
    var share: Double {
        switch self {
        case .application: 0.34
        case .media: 0.2
        case .backup: 0.22
        case .analytics: 0.12
        case .regulated: 0.12
        }
    }

    /// Volumes that it may store, in gigabytes.
    var volumesGB: [Int] {
        switch self {
        case .application: [50, 200, 800, 3000]
        case .media: [1000, 5000, 20_000, 80_000]
        case .backup: [500, 4000, 30_000, 200_000]
        case .analytics: [5000, 20_000, 100_000, 400_000]
        case .regulated: [300, 2000, 10_000, 50_000]
        }
    }

    /// What it reads in a month, as a share of what it stores, in percent.
    var readPercent: Int {
        switch self {
        case .application: 40
        case .media: 100
        case .backup: 2
        case .analytics: 25
        case .regulated: 10
        }
    }

    /// Whether restoring for hours before reading is out of the question.
    var readsAtOnce: Bool { self != .backup }

    /// The means of the weights of log price, log latency, nines of availability, and being outside the jurisdiction.
    var weights: (price: Double, latency: Double, availability: Double, jurisdiction: Double) {
        switch self {
        case .application: (1.1, 1.0, 0.5, 0.8)
        case .media: (1.6, 0.8, 0.4, 0.4)
        case .backup: (2.0, 0.15, 0.2, 0.8)
        case .analytics: (1.5, 0.4, 0.3, 0.6)
        case .regulated: (0.7, 0.5, 0.7, 3.0)
        }
    }

    /// A month of its use at a volume.
    func usage(volumeGB: Int) -> Usage {
        let stored = volumeGB * 1_000_000_000
        let read = stored / 100 * readPercent
        // Objects of 4 MB; each is read whole.
        return Usage(
            storedBytes: stored, objects: stored / 4_000_000, egressBytes: read, reads: read / 4_000_000,
            writes: stored / 40_000_000)
    }
}
