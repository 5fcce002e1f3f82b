import Marketplace
import Money

/// A share of the data that lies under one placement and is read in one way.
struct ShareColumn: Sendable, Hashable {
    /// Which of the model's schemes.
    let scheme: Int
    /// Offers of the problem, ascending.
    let members: [Int]
    /// By traffic region: the k offers that its reads fetch from; empty where nothing is read.
    let fetched: [[Int]]
}

/// A request over its term: what shares of the data over placements carry and cost. Everything that the optimizer's
/// linear programs relax is evaluated here as it is, in double precision; the bill (``AllocationPlan``) is exact.
final class TermModel: Sendable {
    let problem: AllocationProblem
    /// Constraints that are left out, for explanations.
    let relaxed: Set<ConstraintKind>
    let classes: [MonthClass]
    /// The placements that each scheme admits.
    let spaces: [PlacementSpace]
    /// By offer of the problem.
    let costs: [OfferCosts]
    /// 1 and the platform's share of what providers are paid.
    let fee: Double
    /// What the platform's gateway costs a month.
    let gateway: Double
    /// Bytes read a month, by traffic region.
    let demand: [Double]
    /// Read operations a month, by traffic region, and write operations of all.
    let reads: [Double]
    let writes: Double
    /// By scheme and month class: raw bytes of a shard of everything.
    let raw: [[Double]]
    /// Moving away from where the data is.
    let leaving: [AllocationProblem.Leaving]
    /// By scheme, then by offer and month class: what storing a shard of everything costs a month.
    private let wholeStorages: [[Double]]
    private let mostRead: Double
    /// By offer: money a byte of egress at least, by month class where it is not the same in all.
    let egressSlopes: [Double]
    let variedEgressSlopes: [Int: [Double]]
    /// By offer that is kinked, one for each tariff of the term: money at least for a first byte stored and read.
    private let firstBytes: [Int: [(stored: Double, read: Double)]]
    let kinked: [Bool]
    /// By offer: whether any leg holds more than the free volumes of storage, so that only their worth matters.
    let outgrowsFree: [Bool]
    /// By offer: whether all that can be read is within an allowance that grows with what is stored.
    let readsFree: [Bool]
    /// By offer: whether a base fee, or a minimum that a leg may fall short of, makes being used cost something.
    let isFixed: [Bool]
    /// By offer: whether a leg may fall short of the minimum.
    let mayFallShort: [Bool]
    let offerGroups: [Int]
    /// Providers of the offers and their numbers, by name.
    let providerNumbers: [(name: String, number: Int)]

    /// - Parameter capacityPrices: by offer, money for each raw byte held at the peak, the platform's fee aside; none unless
    ///   given. A budget and credits would count them as charges.
    init(_ problem: AllocationProblem, relaxed: Set<ConstraintKind> = [], capacityPrices: [Double] = []) {
        self.problem = problem
        self.relaxed = relaxed
        let request = problem.request
        let classes = request.monthClasses(problem.offers)
        self.classes = classes
        let schemes = problem.schemes.filter { $0.shards <= problem.offers.count }
        let ground = PlacementGround(problem, relaxed: relaxed)
        spaces = schemes.map { PlacementSpace(ground, $0) }
        let volumes = StoredVolumes(request, schemes, classes)
        var costs = problem.offers.indices.map { OfferCosts(problem, $0, volumes) }
        for (j, price) in capacityPrices.enumerated() where price > 0 { costs[j].capacityPrice = price }
        self.costs = costs
        fee = 1 + Double(problem.charges.feeBasisPoints) / 10_000
        demand = request.traffic.map { Double($0.egressBytes) }
        gateway = problem.charges.gatewayPerGB.doubleValue * demand.reduce(0, +) / 1e9
        reads = request.traffic.map { Double($0.reads) }
        writes = volumes.writes
        raw = volumes.bytes
        leaving = problem.leaving
        let wholeStorages = schemes.indices.map { s -> [Double] in
            var whole: [Double] = []
            whole.reserveCapacity(costs.count * classes.count)
            for cost in costs {
                for (v, bytes) in cost.billed[s].enumerated() { whole.append(cost.tariff(v).storage(bytes)) }
            }
            return whole
        }
        self.wholeStorages = wholeStorages
        let least = Double(schemes.map(\.data).min() ?? 1)
        let most = demand.reduce(0, +) / least
        mostRead = most
        func slope(_ tariff: CompiledTariff) -> Double { most > 0 ? tariff.egress(most) / most : 0 }
        egressSlopes = costs.map { slope($0.firstTariff) }
        variedEgressSlopes = Dictionary(
            uniqueKeysWithValues: costs.indices.filter { !costs[$0].varied.isEmpty }.map {
                ($0, costs[$0].varied.map(slope))
            })
        let leg = problem.smallestLeg
        let read = demand.reduce(0, +)
        outgrowsFree = costs.map { $0.outgrowsFree(leg) }
        let readsFree = costs.map { cost in
            classes.indices.allSatisfy { v in
                let multiple = cost.tariff(v).freeMultiple
                return multiple > 0 && multiple * Double(classes[v].logicalBytes) >= read
            }
        }
        self.readsFree = readsFree
        let mayFallShort = costs.map { $0.mayFallShort(leg, writes: volumes.writes) }
        self.mayFallShort = mayFallShort
        isFixed = costs.indices.map { mayFallShort[$0] || costs[$0].sometimes { $0.fee > 0 } }
        let egressLimits = !relaxed.contains(.egressLimit)
        let capacities = !relaxed.contains(.capacity)
        kinked = costs.indices.map { j in
            let cost = costs[j]
            let hasLimit = egressLimits && most > 0 && cost.sometimes { $0.limitMultiple != nil }
            let isFull = capacities && cost.capacity.map { volumes.most > $0 * (1 - 1e-9) } ?? false
            if hasLimit || isFull || cost.storageIsKinked || most > 0 && !readsFree[j] && cost.egressIsKinked(most) {
                return true
            }
            guard cost.sometimes({ $0.minimum > 0 }) else { return false }
            return wholeStorages.contains { whole in
                classes.indices.contains { v in
                    let tariff = cost.tariff(v)
                    return tariff.fee + volumes.writes * tariff.write + whole[j * classes.count + v] < tariff.minimum
                }
            }
        }
        let kinked = kinked
        firstBytes = Dictionary(
            uniqueKeysWithValues: costs.indices.filter { kinked[$0] }.map { j in
                let cost = costs[j]
                let tariffs = cost.varied.isEmpty ? [cost.firstTariff] : cost.varied
                return (
                    j,
                    tariffs.map {
                        ($0.storage.startSlope(before: cost.mostBilled), $0.egress.startSlope(before: most))
                    }
                )
            })
        var names: [Int: String] = [:]
        for j in costs.indices where names[problem.rows[j].provider] == nil {
            names[problem.rows[j].provider] = costs[j].provider
        }
        providerNumbers = names.map { ($1, $0) }.sorted { $0.name < $1.name }
        let credited = [""] + Set(request.credits.map(\.provider)).sorted()
        offerGroups =
            credited.count == 1
            ? [Int](repeating: 0, count: costs.count)
            : costs.map { credited.firstIndex(of: $0.provider) ?? 0 }
    }

    var request: SLARequest { problem.request }

    func holds(_ kind: ConstraintKind) -> Bool { !relaxed.contains(kind) }

    /// Money at least for a first byte stored at offer `j`, and for one read there, in a month of class `v`.
    func firstByte(_ j: Int, _ v: Int) -> (stored: Double, read: Double) {
        guard let slopes = firstBytes[j] else {
            let tariff = costs[j].tariff(v)
            return (
                tariff.storage.startSlope(before: costs[j].mostBilled), tariff.egress.startSlope(before: mostRead)
            )
        }
        return slopes[slopes.count == 1 ? 0 : v]
    }

    /// The most bytes that the request can read from offer `j` in a month.
    func mostEgress(_ j: Int) -> Double { mostRead }

    /// What storing a shard of everything at offer `j` costs a month of class `v`.
    func wholeStorage(_ scheme: Int, _ j: Int, _ v: Int) -> Double { wholeStorages[scheme][j * classes.count + v] }

    func scheme(_ column: ShareColumn) -> RedundancyScheme { spaces[column.scheme].scheme }

    /// How many of the months are of a class; the last entry stands for what is charged once at the end.
    func months(_ v: Int) -> Double { v < classes.count ? Double(classes[v].months.count) : 1 }

    /// Mean liking of the recommender over a column's offers.
    func liking(_ column: ShareColumn) -> Double {
        column.members.reduce(0) { $0 + problem.preferences[$1] } / Double(column.members.count)
    }

    /// What offer `j` carries when all data lies in `column`.
    func load(_ j: Int, _ column: ShareColumn) -> OfferLoad {
        var load = OfferLoad(classes: classes.count)
        let cost = costs[j]
        load.share = 1
        load.billed = cost.billed[column.scheme]
        load.raw = raw[column.scheme]
        load.writes = writes
        let needed = Double(scheme(column).data)
        for (u, offers) in column.fetched.enumerated() where offers.contains(j) {
            load.egress += demand[u] / needed
            load.reads += reads[u]
        }
        return load
    }

    /// What every offer carries when the data is divided over `columns`.
    func loads(_ columns: [(column: ShareColumn, share: Double)]) -> [Int: OfferLoad] {
        var loads: [Int: OfferLoad] = [:]
        for (column, share) in columns {
            for j in column.members {
                let own = load(j, column)
                var sum = loads[j] ?? OfferLoad(classes: classes.count)
                sum.share += share
                for v in classes.indices {
                    sum.billed[v] += share * own.billed[v]
                    sum.raw[v] += share * own.raw[v]
                }
                sum.egress += share * own.egress
                sum.reads += share * own.reads
                sum.writes += share * own.writes
                loads[j] = sum
            }
        }
        return loads
    }
}
