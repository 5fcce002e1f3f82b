import Foundation
import Recommendation
import TestSupport

/// Training from a file of generated interactions: time and memory as their number grows.
enum GeneratedRun {
    /// Writes `count` interactions of users of 20 to 80 items each, popular ones more often, and trains on the file.
    static func run(_ count: Int, factors: [Int], epochs: Int) throws {
        let (users, items) = (max(1, count / 50), max(100, count / 500))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("flashback-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let clock = ContinuousClock()
        var start = clock.now
        let writer = try InteractionFileWriter(file, userCount: users, itemCount: items)
        var random = SeededGenerator(seed: 1)
        var written = 0
        for user in 0..<users {
            var row = Set<Int32>()
            let wanted = Int.random(in: 20...80, using: &random)
            // The square of a uniform number: half of the interactions fall on a quarter of the items.
            for _ in 0..<wanted {
                let place = Double.random(in: 0..<1, using: &random)
                row.insert(Int32((Int(place * place * Double(items)) + user % 10 * (items / 10)) % items))
            }
            written += row.count
            try writer.append(items: row.sorted()[...])
        }
        try writer.finish()
        func seconds() -> Double { (clock.now - start) / .seconds(1) }
        let size = (try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? 0
        print(
            String(
                format: "%d interactions of %d users with %d items: %d MB written in %.1f s, peak %.0f MB", written,
                users,
                items, size >> 20, seconds(), ProcessMemory.peakMB))
        start = clock.now
        let data = try TrainingData(contentsOf: file)
        print(String(format: "opened and checked in %.1f s, peak %.0f MB", seconds(), ProcessMemory.peakMB))
        for factors in factors {
            start = clock.now
            _ = try ImplicitALS(.init(factors: factors, epochs: epochs)).train(data)
            print(
                String(
                    format: "%d factors: %.2f s an epoch, peak %.0f MB, of which two copies of the factors are %d MB",
                    factors, seconds() / Double(epochs), ProcessMemory.peakMB,
                    (8 * factors * (users + items)) >> 20))
        }
    }
}
