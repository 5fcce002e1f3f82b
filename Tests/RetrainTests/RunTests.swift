import Documents
import Foundation
import Marketplace
import MarketplaceStore
import Recommendation
import TestSupport
import Testing

/// `retrain run` on good and on bad input: a clear error or the right degenerate answer, and the champion stays.
@Suite struct RunTests {
    private func members(_ text: String) throws -> [String: JSONValue] {
        guard case .object(let members) = try JSONValue(parsing: Array(text.utf8)) else { return [:] }
        return members
    }

    @Test func fromAHistoryToAChampionAndBack() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        let run = try command.run(
            "run", "--json", "--half-life-days", "90", "--weight", "renewed=2", "--confidence", "0.6")
        #expect(run.status == 0, "\(run.errors)")
        let document = try members(run.output)
        #expect(document["trained"] == true)
        let stored = try command.registry.champion()
        #expect(stored.manifest.weighting?.halfLifeDays == 90)
        #expect(stored.manifest.weighting?.weights[.renewed] == 2)
        #expect(document["promoted"] == .string(stored.manifest.version))
        let evaluation = try #require(try command.registry.evaluation(stored.manifest.version))
        let report = try RetrainingReport(decoding: evaluation)
        #expect(report.passed && report.contenders.map(\.name) == ["challenger", "popularity"])
        #expect(stored.manifest.metrics == report.contenders[0].metrics)
        #expect(report.curve.map(\.epoch) == Array(1...32))
        #expect(report.split.validation < report.split.test && report.split.test < report.split.end)
        let page = command.folder.appendingPathComponent("report.html")
        let paged = try command.run("report", "--out", "report.html")
        // The chart library is Debian's; where it is absent the message names the package.
        if paged.status == 0 {
            let html = try String(contentsOf: page, encoding: .utf8)
            #expect(html.contains(stored.manifest.version) && html.contains("users with 1–9 offers"))
            #expect(!html.contains("src=\"http") && !html.contains("href=\"http"), "it opens without a network")
        } else {
            #expect(paged.status == 3 && paged.errors.contains("libjs-chart.js"), "\(paged.errors)")
        }
        let again = try command.run("run", "--half-life-days", "90", "--weight", "renewed=2", "--confidence", "0.6")
        #expect(again.status == 0 && again.errors.contains("nothing to do"))
        // Another recipe is compared with the champion's.
        let other = try command.run("run", "--factors", "1", "--unobserved-weight", "0", "--json", "--margin", "0")
        let comparison = try members(other.output)
        #expect(other.status == 1 && comparison["promoted"] == .null)
        #expect(comparison["overChampion"] != nil)
        #expect(try command.registry.championVersion() == stored.manifest.version)
        #expect(try command.run("rollback").status == 3, "there is nothing before it")
    }

    @Test func performanceIsALineOfItsOwn() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        let none = try command.run("run", "--only", "performance")
        #expect(none.status == 0 && none.errors.contains("no measurements to learn from"))
        let file = command.folder.appendingPathComponent("flashback.sqlite").path
        do {
            let store = try MarketplaceDatabase(path: file)
            try store.import(
                .measurements, file: ShippedData.folder.appendingPathComponent("measurements-sample.csv").path,
                now: RetrainCommand.now)
            try store.close()
        }
        let run = try command.run("run", "--only", "performance")
        #expect(run.status == 0, "\(run.output) \(run.errors)")
        #expect(run.output.contains("passed  latency_ms, better than the catalogue"))
        let line = QoSRegistry(models: command.registry.folder)
        let first = try line.champion()
        #expect(first.models[.latencyMs] != nil && first.manifest.data.measurements == 2604)
        #expect(first.manifest.metrics["latency_ms error"] != nil)
        #expect(try line.evaluation(first.manifest.version) != nil)
        #expect(try command.registry.championVersion() == nil)
        let again = try command.run("run", "--only", "performance")
        #expect(again.status == 0 && again.errors.contains("nothing to do"))
        let forced = try command.run("run", "--only", "performance", "--force", "--json")
        let document = try members(forced.output)
        guard case .object(let performance)? = document["performance"] else {
            Issue.record("no performance in \(forced.output)")
            return
        }
        let second = try line.champion().manifest.version
        #expect(performance["promoted"] == .string(second) && second != first.manifest.version)
        let list = try command.run("list")
        #expect(list.output.contains("* \(second)  performance") && list.output.contains("  \(first.manifest.version)"))
        #expect(try command.run("rollback", "--performance").status == 0)
        #expect(try line.line.championVersion() == first.manifest.version)
        #expect(try command.run("promote", second).status == 0)
        #expect(try line.line.championVersion() == second)
        #expect(try command.run("rollback").status == 3, "preferences have nothing to go back to")
    }

    @Test func championsOfEveryKindFollowOneAnother() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        // What is judged here is the way of a model, not its worth.
        let gate = ["--margin", "1", "--slice-margin", "1", "--confidence", "0.5", "--minimum-coverage", "0"]
        let arguments = [
            ["--model", "blend", "--factors", "8", "--epochs", "3", "--solver", "exact", "--map-from", "0"],
            ["--model", "gf-cf", "--rank", "8"], ["--model", "ease", "--regularization", "20"],
            ["--model", "item-cosine", "--neighbours", "50", "--shrinkage", "1"],
            ["--model", "ials", "--factors", "8", "--epochs", "4"]
        ]
        var versions: [String] = []
        for (index, options) in arguments.enumerated() {
            let run = try command.run(["run", "--json"] + options + gate)
            #expect(run.status == 0, "\(options): \(run.errors)\(run.output)")
            let stored = try command.registry.champion().manifest
            #expect(stored.kind.rawValue == options[1] && stored.version.hasPrefix(options[1] + "-"))
            let report = try RetrainingReport(
                decoding: try #require(try command.registry.evaluation(stored.version)))
            #expect(report["challenger"]?.recipe?.model == stored.recipe)
            #expect(report["champion"]?.recipe?.model.kind.rawValue == (index > 0 ? arguments[index - 1][1] : nil))
            let serving = try ServingModel(championIn: command.registry.folder.path)
            #expect(serving.kind == stored.kind)
            #expect(try serving.best(5, for: serving.user([])).count == 5)
            versions.append(stored.version)
        }
        let popularity = try command.run(["run", "--model", "popularity"] + gate)
        #expect(popularity.status == 1, "no better than popularity: \(popularity.output)")
        #expect(try command.run("rollback").status == 0)
        #expect(try command.registry.champion().manifest.kind == .itemCosine)
        #expect(try command.run("prune", "--keep", "2", "--dry-run").errors.contains("would delete"))
        #expect(try command.registry.versions().count == 5)
        #expect(try command.run("prune", "--keep", "2").status == 0)
        #expect(Set(try command.registry.versions()) == Set(versions[2...3]), "the champion and the one before it")
        #expect(try command.run("rollback").status == 0)
        #expect(try command.registry.champion().manifest.kind == .ease)
    }

    @Test func aChampionThatIsDamagedIsReplacedNotRepaired() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        #expect(try command.run("run").status == 0)
        let champion = try #require(try command.registry.championVersion())
        let file = command.registry.folder.appendingPathComponent("\(champion)/factors.safetensors")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file)
        #expect(try command.run("promote", champion).status == 3, "a damaged model is not promoted")
        let again = try command.run("run", "--force")
        #expect(again.status == 0, "\(again.errors)\(again.output)")
        let next = try command.registry.champion().manifest.version
        #expect(next != champion)
        #expect(try command.run("rollback").status == 3, "nor rolled back to")
        #expect(try command.registry.champion().manifest.version == next)
    }

    @Test func whatWasRolledBackStaysOutUntilItIsForced() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        #expect(try command.run("run").status == 0)
        let first = try command.registry.championVersion()
        let arguments = ["run", "--seed", "3", "--margin", "1", "--confidence", "0.6"]
        #expect(try command.run(arguments).status == 0)
        let second = try command.registry.championVersion()
        #expect(first != second)
        #expect(try command.run("rollback").status == 0)
        let again = try command.run(arguments)
        #expect(again.status == 0 && again.errors.contains("was rolled back"), "\(again.errors)")
        #expect(try command.registry.championVersion() == first)
        #expect(try command.run(arguments + ["--force"]).status == 0)
        #expect(try command.registry.championVersion() == second)
    }

    @Test func onlyOneJobAtATime() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        let lock = try command.registry.lockForJob(holder: "the test")
        let refused = try command.run("run")
        #expect(refused.status == 3 && refused.errors.contains("the test"), "\(refused.errors)")
        #expect(try command.run("search", "--trials", "1").status == 3)
        withExtendedLifetime(lock) {}
    }

    @Test func aDiskThatFillsUpLeavesTheChampion() throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        #expect(try command.run("run").status == 0)
        let champion = try command.registry.championVersion()
        // In blocks of 1024 bytes. With 8 not even the database's journal can be had; with 40 that fits, but no factors.
        for (limit, seconds, message) in [(8, "30", "disk"), (40, "30", "cannot write"), (40, "0", "cannot write")] {
            let full = try command.run(
                [
                    "run", "--force", "--factors", "24", "--margin", "1", "--confidence", "0.6", "--checkpoint-seconds",
                    seconds
                ],
                prefix: "ulimit -f \(limit); ")
            #expect(!full.wasKilled && full.status == 3, "\(limit): \(full.status) \(full.errors)\(full.output)")
            #expect(full.errors.contains(message), "\(limit): \(full.errors)")
            #expect(try command.registry.champion().manifest.version == champion)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: command.registry.folder.path)
        #expect(try command.registry.versions() == [champion], "\(names)")
        #expect(try command.run("run", "--force", "--seed", "2").status == 0)
    }

    @Test(arguments: [
        ("nothing", 3, "import interactions"), ("views alone", 3, "import interactions"),
        ("one user", 1, "enough to test"), ("one offer", 1, "enough to test"), ("one event", 1, "enough to test"),
        ("one moment", 1, "FAILED"), ("everything", 1, "enough to test")
    ])
    func degenerateHistories(_ history: String, _ status: Int32, _ message: String) throws {
        let day = 86_400
        let command = try RetrainCommand { offers in
            func event(_ user: Int, _ offer: Int, _ time: Int, _ kind: InteractionKind = .reserved) -> Interaction {
                Interaction(
                    time: RetrainCommand.now - 100 * day + time * day, user: "u\(user)",
                    offer: offers[offer % offers.count], kind: kind)
            }
            switch history {
            case "nothing": return []
            case "views alone": return (0..<50).map { event($0, $0, $0, .viewed) }
            case "one user": return (0..<50).map { event(0, $0, $0) }
            case "one offer": return (0..<50).map { event($0, 0, $0) }
            case "one event": return [event(0, 0, 0)]
            case "one moment": return (0..<90).flatMap { user in (0..<3).map { event(user, user + 7 * $0, 5) } }
            default: return (0..<40).flatMap { user in offers.indices.map { event(user, $0, 1) } }
            }
        }
        defer { command.remove() }
        let run = try command.run("run")
        #expect(run.status == status, "\(run.status): \(run.errors)\(run.output)")
        #expect((run.errors + run.output).contains(message), "\(run.errors)\(run.output)")
        #expect(try command.registry.championVersion() == nil)
    }

    @Test(arguments: [
        (["--weight", "viewed=nan"], "weight of viewed"), (["--weight", "viewed=3"], "at least that of viewed"),
        (["--weight", "liked=1"], "no weight"), (["--half-life-days", "0"], "halfLifeDays"),
        (["--cancellation", "inf"], "cancellation"), (["--weighting", "absent.json"], "cannot be read"),
        (["--margin", "2"], "margin"), (["--confidence", "1"], "confidence"), (["--engine", "abacus"], "engine"),
        (["--regularization", "nan"], "regularization"), (["--searched"], "retrain search"),
        (["--regularization", "0"], "regularization"), (["--model", "oracle"], "unknown model"),
        (["--model", "ease", "--factors", "8"], "--factors"), (["--rank", "8"], "--rank"),
        (["--model", "item-cosine", "--neighbours", "0"], "neighbours"), (["--solver", "magic"], "solver"),
        (["--model", "ease", "--engine", "spark"], "spark"), (["--map-from", "-1"], "map-from"),
        (["--searched", "--model", "ease"], "of ease")
    ])
    func badArguments(_ arguments: [String], _ message: String) throws {
        let command = try RetrainCommand()
        defer { command.remove() }
        let run = try command.run(["run"] + arguments)
        #expect(run.status == 2 && run.errors.contains(message), "\(run.status): \(run.errors)")
    }
}
