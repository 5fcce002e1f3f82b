import Foundation
import LinearAlgebra
import TestSupport

/// Times exact top-k beside faiss and the machine's limits, in one run on data of the same shape.
@main
struct TopKPeers {
    static func main() throws {
        guard let options = PeerOptions(Array(CommandLine.arguments.dropFirst())) else {
            print(PeerOptions.help)
            exit(2)
        }
        for items in options.items { try TopKPeers(options: options).run(items) }
        if options.users > 0 { try OpeningRun(options: options).run() }
        try StoreRun(options: options).run()
    }

    let options: PeerOptions

    private func run(_ count: Int) throws {
        let items = Self.matrix(count, options.factors, seed: 7)
        let queries = Self.matrix(max(256, options.queries), options.factors, seed: 8)
        let batch = try queries.gatheringRows(Array(0..<256))
        let singles = (0..<options.queries).map { Array(queries.row($0)) }
        print("\(count) items × \(options.factors), the best \(options.count)")

        let building = Stopwatch.best(1) { _ = try? InnerProductIndex(items) }
        let index = try InnerProductIndex(items)
        let plain = try InnerProductIndex(items, screens: false)
        for query in singles.prefix(8) { _ = try index.search(query, count: options.count) }
        let single = try Stopwatch.each(singles) { _ = try index.search($0, count: options.count) }
        let unscreened = try Stopwatch.each(singles) { _ = try plain.search($0, count: options.count) }
        let batched = Stopwatch.best(3) { _ = try? index.search(batch, count: options.count) } / 256
        let reading = Stopwatch.best(20) { _ = MachineLimits.read(items) }
        let multiplying =
            Stopwatch.best(3) {
                MachineLimits.multiply(batch, items, threads: ParallelBlocks.defaultThreads)
            } / 256
        let gigabytes = Double(count * options.factors * 4) / 1e6 / reading
        let gigaflops = 2 * Double(count * options.factors) / multiplying / 1e6

        Self.line("prepared once, by reading all items", building)
        Self.line("single query, p50", single.p50, "p99 \(Self.text(single.p99))")
        Self.line("single query in Float alone, p50", unscreened.p50, "p99 \(Self.text(unscreened.p99))")
        Self.line("  limit: all items read in Float", reading, "\(Int(gigabytes)) GB/s, two threads")
        Self.line("batch of 256, a query", batched)
        Self.line("  limit: its products by sgemm alone", multiplying, "\(Int(gigaflops)) GFLOP/s")
        print("  " + Self.ratio("single", reading, single.p50, "reading all items in Float"))
        print("  " + Self.ratio("batch", multiplying, batched, "sgemm alone"))
        if let peer = try FaissPeer(options, items: count) {
            Self.line("faiss IndexFlatIP, single, p50", peer.single)
            Self.line("faiss IndexFlatIP, batch of 256, a query", peer.batch)
            print("  " + Self.ratio("single", peer.single, single.p50, "faiss"))
            print("  " + Self.ratio("batch", peer.batch, batched, "faiss"))
        }
        let exact = try checked(index, items, singles.prefix(20), batch)
        print("  exact: \(exact) of 20 queries equal a full sort in Double, single and batched\n")
    }

    /// How many queries agree with a full sort of inner products in Double, ties by index.
    private func checked(
        _ index: InnerProductIndex, _ items: Matrix<Float>, _ queries: ArraySlice<[Float]>, _ batch: Matrix<Float>
    ) throws -> Int {
        let batched = try index.search(batch, count: options.count)
        var exact = 0
        for (number, query) in queries.enumerated() {
            let scores = (0..<items.rows).map { row in
                zip(items.row(row), query).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            }
            let sorted = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(options.count)
            let found = try index.search(query, count: options.count)
            if found.rows.map({ Int($0) }) == Array(sorted), batched[number] == found { exact += 1 }
        }
        return exact
    }

    /// Numbers of about a normal distribution: sums of uniform ones.
    static func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Float> {
        var random = SeededGenerator(seed: seed)
        return Matrix(rows: rows, columns: columns) { _, _ in
            let bits = random.next()
            let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
            return (Float(sum) - 131_070) / 37_837
        }
    }

    static func line(_ what: String, _ milliseconds: Double, _ note: String = "") {
        let name = what.padding(toLength: 44, withPad: " ", startingAt: 0)
        print("  \(name)\(text(milliseconds).padding(toLength: 12, withPad: " ", startingAt: 0))\(note)")
    }

    static func text(_ milliseconds: Double) -> String { String(format: "%.3f ms", milliseconds) }

    private static func ratio(_ what: String, _ theirs: Double, _ ours: Double, _ name: String) -> String {
        String(format: "\(what): %.2f × as fast as \(name)", theirs / ours)
    }
}

/// Times in milliseconds.
enum Stopwatch {
    /// The shortest of some runs.
    static func best(_ runs: Int, _ body: () -> Void) -> Double {
        (0..<runs).map { _ in ContinuousClock().measure(body) / .milliseconds(1) }.min() ?? 0
    }

    /// The median and the 99th percentile of one run for each of `inputs`.
    static func each<Input>(_ inputs: [Input], _ body: (Input) throws -> Void) rethrows -> (p50: Double, p99: Double) {
        let times = try inputs.map { input in
            try ContinuousClock().measure { try body(input) } / .milliseconds(1)
        }.sorted()
        guard !times.isEmpty else { return (0, 0) }
        return (times[times.count / 2], times[min(times.count - 1, times.count * 99 / 100)])
    }
}
