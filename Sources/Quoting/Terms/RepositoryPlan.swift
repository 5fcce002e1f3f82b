import Allocation
import Marketplace
import MarketplaceContract

/// A repository of the platform: how the data is spread over one bucket a leg.
public struct RepositoryPlan: Sendable, Hashable {
    /// How buckets relate.
    public enum Mode: String, Sendable, Hashable {
        /// Each bucket has a folder of its own.
        case normal = "NORMAL"
        /// The buckets of a folder hold the same data; one of them is the master.
        case mirror = "MIRROR"
    }

    /// One bucket of the plan.
    public struct Bucket: Sendable, Hashable {
        /// The leg's offer.
        public let offer: String
        /// The folder.
        public let folder: String
        /// Whether it is the master of its mirror.
        public let isMaster: Bool

        /// A bucket of a plan.
        public init(offer: String, folder: String, isMaster: Bool) {
            self.offer = offer
            self.folder = folder
            self.isMaster = isMaster
        }
    }

    /// `NORMAL` or `MIRROR`.
    public let mode: Mode
    /// `S3`, `GCS` or `BLOB`: the interface of the repository.
    public let storageType: String
    /// The buckets, in the order of the legs.
    public let buckets: [Bucket]

    /// A plan of given parts; see ``validate()``.
    public init(mode: Mode, storageType: String, buckets: [Bucket]) {
        self.mode = mode
        self.storageType = storageType
        self.buckets = buckets
    }

    /// The plan of an allocation: a mirror for each placement where all of them are copies and share no offer, as a bucket
    /// may stand in one mirror only; else a folder for each leg.
    init(_ plan: AllocationPlan, catalog: Catalog) {
        let placed = plan.placements.flatMap { $0.legs.map(\.offer.id) }
        let mirrored =
            plan.placements.allSatisfy { $0.scheme.data == 1 && $0.scheme.shards > 1 }
            && Set(placed).count == placed.count
        var mirrors: [String: (folder: String, isMaster: Bool)] = [:]
        for (index, placement) in plan.placements.enumerated() {
            let folder = plan.placements.count == 1 ? "data" : "mirror-\(index + 1)"
            for (position, leg) in placement.legs.enumerated() { mirrors[leg.offer.id] = (folder, position == 0) }
        }
        let apis = plan.offers.map { catalog.providers[$0.provider]?.apis ?? [] }
        let asked = plan.request.eligibility.api ?? apis.first?.first ?? "s3"
        self.init(
            mode: mirrored ? .mirror : .normal, storageType: Self.storageType(asked),
            buckets: plan.offers.enumerated().map { index, offer in
                guard mirrored, let mirror = mirrors[offer.id] else {
                    return Bucket(offer: offer.id, folder: "shard-\(index + 1)", isMaster: false)
                }
                return Bucket(offer: offer.id, folder: mirror.folder, isMaster: mirror.isMaster)
            })
    }

    private static func storageType(_ api: String) -> String {
        switch api.lowercased() {
        case "gcs": "GCS"
        case "blob", "azure", "azure-blob": "BLOB"
        default: "S3"
        }
    }

    /// Holds the plan against the platform's rules: a mirror has at least two buckets and exactly one master, no bucket
    /// stands twice, and the folders of `NORMAL` are distinct and without masters.
    /// - Throws: `refused` with the rule and its remedy.
    public func validate() throws(ContractError) {
        func refuse(_ problem: String, _ remedy: String) -> ContractError {
            .refused(argument: "repoBuckets", problem: problem, remedy: remedy)
        }
        guard !buckets.isEmpty else { throw refuse("there is no bucket", "give one for each leg") }
        var seen: Set<String> = []
        for bucket in buckets {
            guard seen.insert(bucket.offer).inserted else {
                throw refuse("\(bucket.offer) stands twice", "a bucket may stand in one mirror or folder only")
            }
            guard !bucket.folder.isEmpty else { throw refuse("\(bucket.offer) has no folder", "name one") }
        }
        let folders = Dictionary(grouping: buckets, by: \.folder)
        for (folder, members) in folders.sorted(by: { $0.key < $1.key }) {
            let masters = members.count { $0.isMaster }
            switch mode {
            case .normal:
                guard members.count == 1 else {
                    throw refuse("the folder '\(folder)' has \(members.count) buckets", "give each its own folder")
                }
                guard masters == 0 else { throw refuse("'\(folder)' has a master", "masters are for MIRROR") }
            case .mirror:
                guard members.count > 1 else {
                    throw refuse("the mirror '\(folder)' has one bucket", "give it a second one, or use NORMAL")
                }
                guard masters == 1 else {
                    throw refuse("the mirror '\(folder)' has \(masters) masters", "mark exactly one")
                }
            }
        }
    }
}
