import Foundation
import Marketplace
import Recommendation
import TestSupport
import Testing

/// A job that dies at any moment leaves the champion serving, and can be run again.
@Suite(.serialized) struct KillTests {
    @Test func killedAtTwentyRandomMoments() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        let first = try command.run("run", "--at", "2026-11-22T12:00:00Z")
        #expect(first.status == 0, "\(first.errors)\(first.output)")
        // A gate that is always open: every job that gets that far promotes.
        let open = [
            "run", "--force", "--factors", "16", "--epochs", "6", "--margin", "1", "--slice-margin", "1",
            "--confidence", "0.5"
        ]
        let start = ContinuousClock.now
        #expect(try command.run(open).status == 0)
        let length = (ContinuousClock.now - start) / .seconds(1)
        let registry = command.registry
        var champion = try #require(try registry.championVersion())
        var generator = SeededGenerator(seed: 20_261_126)
        var (killed, promoted) = (0, 0)
        var attempt = 0
        while killed < 20, attempt < 60 {
            attempt += 1
            // Each job trains anew, and goes on from what the one before has left.
            let arguments = open + ["--checkpoint-seconds", "0", "--seed", String(attempt / 8 + 2)]
            // However slow the machine has become meanwhile, some jobs end.
            let moment = Double.random(in: 0..<1.2 * length, using: &generator)
            let outcome = try command.run(arguments, killAfter: attempt % 6 == 0 ? nil : moment)
            if outcome.wasKilled { killed += 1 }
            let now = try #require(try registry.championVersion(), "attempt \(attempt)")
            // What a service would do: the pointer names a version that loads whole.
            let model = try ServingModel(championIn: registry.folder.path)
            #expect(model.version == now)
            if now != champion { promoted += 1 }
            if !outcome.wasKilled { #expect(outcome.status == 0 || outcome.status == 1, "\(outcome.errors)") }
            #expect(try registry.history().last?.version == now, "attempt \(attempt)")
            champion = now
        }
        #expect(killed == 20, "\(killed) of \(attempt) were killed")
        let last = try command.run(open + ["--seed", "99"])
        #expect(last.status == 0, "\(last.errors)\(last.output)")
        #expect(try registry.championVersion() != champion)
        let left = try FileManager.default.contentsOfDirectory(atPath: registry.folder.path)
        #expect(
            left.filter { $0.hasPrefix(".") }.sorted() == [".job.lock", ".writing.lock"], "nothing is left half done")
        #expect(try command.run("rollback").status == 0)
        #expect(try registry.championVersion() == champion)
        #expect(promoted >= 1, "some jobs were not killed")
    }

    @Test func aKilledSearchGoesOnWithoutRepeatingATrial() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        let whole = try command.run("search", "--trials", "6", "--max-epochs", "4", "--at", "2026-11-22T12:00:00Z")
        #expect(whole.status == 0, "\(whole.errors)")
        let expected = try #require(try SearchLog(command.registry).last()).trials
        #expect(expected.count == 6)

        let again = try RetrainCommand()
        defer { again.remove() }
        var generator = SeededGenerator(seed: 3)
        var arguments = ["search", "--trials", "6", "--max-epochs", "4", "--at", "2026-11-22T12:00:00Z"]
        for _ in 0..<12 {
            _ = try again.run(arguments, killAfter: Double.random(in: 0.02..<0.25, using: &generator))
            if try SearchLog(again.registry).last() != nil {
                arguments = ["search", "--trials", "6", "--resume"]
            }
        }
        let end = try again.run(arguments)
        #expect(end.status == 0, "\(end.errors)")
        #expect(try SearchLog(again.registry).last()?.trials == expected)
        // A line that a kill cut short counts for nothing.
        let file = again.registry.folder.appendingPathComponent("search.jsonl")
        let handle = try FileHandle(forUpdating: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"trial\":{\"num".utf8))
        try handle.close()
        #expect(try SearchLog(again.registry).last()?.trials == expected)
        #expect(try again.run("search", "--trials", "7", "--resume").status == 0)
        #expect(try SearchLog(again.registry).last()?.trials.count == 7)
        let run = try again.run("run", "--searched")
        #expect(run.status == 0, "\(run.errors)\(run.output)")
        let best = try #require(try SearchLog(again.registry).best())
        #expect(try again.registry.champion().manifest.recipe.kind == best.model.kind)
    }

    @Test func aJobGoesOnWhereItWasKilledAndComesToTheSameModel() throws {
        let (one, two) = (try RetrainCommand(), try RetrainCommand())
        defer { one.remove() }
        defer { two.remove() }
        let arguments = ["run", "--epochs", "10", "--checkpoint-seconds", "0", "--confidence", "0.6"]
        #expect(try one.run(arguments + ["--at", "2026-11-22T12:00:00Z"]).status == 0)
        var resumed = false
        for attempt in 0..<40 {
            // Later and later, until one gets through; new events after the first start do not count.
            let outcome = try two.run(
                arguments + ["--at", "2026-11-22T12:00:0\(attempt % 10)Z"], killAfter: 0.02 * Double(attempt + 2))
            resumed = resumed || outcome.errors.contains("going on")
            if !outcome.wasKilled { break }
        }
        #expect(resumed)
        let (first, second) = (try one.registry.champion(), try two.registry.champion())
        #expect(first.model as? ImplicitALSModel == second.model as? ImplicitALSModel)
        #expect(first.manifest.job == second.manifest.job)
    }
}
