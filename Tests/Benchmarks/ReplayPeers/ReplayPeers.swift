import Allocation
import Foundation
import Marketplace
import Money
import Pricing
import TestSupport

/// Replays generated requests on the real catalogue over all breakpoints of one offer, one row a size, beside re-solving
/// a sample of them at single prices.
///
///     replay-peers [requests …] [--offer ID] [--to price] [--threads n] [--sample n] [--prices n] [--seconds s]
@main
struct ReplayPeers {
    /// What is asked for on the command line.
    struct Options {
        var sizes: [Int] = []
        var offer = "backblaze/eu-central/b2-pay-as-you-go"
        var upper = 0.05
        var threads = ProcessInfo.processInfo.activeProcessorCount
        var sample = 40
        var prices = 5
        var seconds = 2.0

        init(_ arguments: [String]) {
            var rest = arguments[...]
            while let argument = rest.popFirst() {
                switch argument {
                case "--offer": offer = rest.popFirst() ?? offer
                case "--to": upper = rest.popFirst().flatMap { Double($0) } ?? upper
                case "--threads": threads = rest.popFirst().flatMap { Int($0) } ?? threads
                case "--sample": sample = rest.popFirst().flatMap { Int($0) } ?? sample
                case "--prices": prices = max(1, rest.popFirst().flatMap { Int($0) } ?? prices)
                case "--seconds": seconds = rest.popFirst().flatMap { Double($0) } ?? seconds
                default: if let size = Int(argument), size > 0 { sizes.append(size) }
                }
            }
            if sizes.isEmpty { sizes = [1_000, 10_000, 100_000] }
        }
    }

    static func main() throws {
        let options = Options(Array(CommandLine.arguments.dropFirst()))
        let catalog = certified(try CatalogFixture.catalog())
        guard let offer = catalog.offer(options.offer) else {
            throw PricingError.unknownOffer(options.offer, provider: "", known: catalog.offers.map(\.id))
        }
        let replay = PriceReplay(catalog: catalog, day: CalendarDay(ordinal: 20_788))
        print("offer \(offer.id) of \(catalog.offers.count), prices 0 to \(options.upper) USD")
        print("requests  seconds  cpu s  peak MB  served  exact  found  steps  GB-months at 0")
        for size in options.sizes {
            let requests = GeneratedFleet(count: size, seed: 1).requests
            let (start, before) = (Date(), processorSeconds())
            let demand = try replay.demand(of: offer, requests, in: 0...options.upper, threads: options.threads)
            let (seconds, used) = (Date().timeIntervalSince(start), processorSeconds() - before)
            let served = demand.certainties.count { $0 == .exact || $0 == .found }
            print(
                pad("\(size)", 8), pad(format("%.2f", seconds), 8), pad(format("%.2f", used), 6),
                pad("\(peakMegabytes())", 8), pad("\(served)", 7),
                pad("\(demand.certainties.count { $0 == .exact })", 6),
                pad("\(demand.certainties.count { $0 == .found })", 6), pad("\(demand.steps.count)", 6),
                pad(format("%.0f", demand.volume(below: 1e-9)), 14))
            describe(demand)
            try compare(demand, requests, offer, replay, options)
        }
    }

    /// How far from proven the requests are that are not: relative to what they cost at the highest price.
    private static func describe(_ demand: ReplayedDemand) {
        let found = demand.gaps.indices.filter { demand.certainties[$0] == .found }
        let gaps = found.compactMap { r in
            demand.total(of: r, at: demand.range.upperBound).map { 100 * demand.gaps[r] / max(1e-9, $0) }
        }.sorted()
        guard let most = gaps.last else { return }
        func quantile(_ q: Double) -> Double { gaps[min(gaps.count - 1, Int(q * Double(gaps.count)))] }
        let undecided = demand.certainties.count { $0 == .undecided }
        print(
            format(
                "          not proven: at most %.4f%% of the cost too dear (median), %.3f%% (90 of 100), %.3f%% (worst); ",
                quantile(0.5), quantile(0.9), most) + "undecided: \(undecided)")
    }

    /// Re-solves a sample of the requests that the offer can serve at a few prices, by the optimizer that may divide data.
    private static func compare(
        _ demand: ReplayedDemand, _ requests: [SLARequest], _ offer: Offer, _ replay: PriceReplay, _ options: Options
    ) throws {
        let served = requests.indices.filter { demand.certainties[$0] != .none }
        guard !served.isEmpty, options.sample > 0 else { return }
        let stride = max(1, served.count / options.sample)
        let sample = served.enumerated().filter { $0.offset % stride == 0 }.map(\.element).prefix(options.sample)
        var single = replay
        single.timeLimit = options.seconds
        var (solves, proven, same, cheaper) = (0, 0, 0, 0)
        var (ours, theirs, seconds, saved, cost) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for r in sample {
            for index in 0..<options.prices {
                let price = options.upper * 0.6 * (Double(index) + 0.5) / Double(options.prices)
                let start = Date()
                let named = NamedRequest(name: "\(r)", request: requests[r])
                guard let solved = try single.optimum(named, of: offer, at: price) else { continue }
                seconds += Date().timeIntervalSince(start)
                solves += 1
                proven += solved.isProven ? 1 : 0
                let (volume, total) = (demand.piece(of: r, below: price), demand.total(of: r, at: price))
                ours += volume?.gigabyteMonths ?? 0
                theirs += solved.gigabyteMonths
                if abs((volume?.gigabyteMonths ?? 0) - solved.gigabyteMonths) <= 1e-6 * max(1, solved.gigabyteMonths) {
                    same += 1
                }
                saved += (total ?? 0) - solved.cost
                cost += solved.cost
                if solved.cost < (total ?? 0) * (1 - 1e-6) { cheaper += 1 }
            }
        }
        let grid = 100.0
        print(
            format(
                "          re-solving, divided, of a sample: %d solves, %d proven, mean %.1f ms; ", solves, proven,
                1000 * seconds / Double(max(1, solves)))
                + format(
                    "extrapolated to %.0f served requests × %.0f prices: %.0f s of one core", Double(served.count),
                    grid,
                    seconds / Double(max(1, solves)) * Double(served.count) * grid))
        print(
            format(
                "          the same volume in %d of %d, dividing is cheaper in %d; ", same, solves, cheaper)
                + format(
                    "volume %.4g against %.4g, cost %+.3f%%", ours, theirs, 100 * saved / max(1e-9, cost)))
    }

    /// The catalogue with every provider certified.
    private static func certified(_ catalog: Catalog) -> Catalog {
        Catalog(
            version: catalog.version, offers: catalog.offers, providers: Array(catalog.providers.values),
            metros: Array(catalog.metros.values), readerRegions: Array(catalog.readerRegions.values),
            latencies: Dictionary(
                uniqueKeysWithValues: catalog.readerRegions.keys.map { region in
                    let known = catalog.metros.keys.compactMap { metro in
                        catalog.latency(from: region, to: metro).map { (metro, $0) }
                    }
                    return (region, Dictionary(uniqueKeysWithValues: known))
                }),
            register: catalog.providers.keys.sorted().map {
                RegisterEntry(
                    kind: "storage-provider", participant: $0, status: "certified", since: CalendarDay(ordinal: 0),
                    until: nil, evidence: "benchmark")
            })
    }

    private static func format(_ text: String, _ values: any CVarArg...) -> String {
        String(format: text, arguments: values)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// The most memory that the process held so far, in millions of bytes.
    private static func peakMegabytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024 / 1_000_000
    }

    /// Processor time of the process so far, all threads together.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
