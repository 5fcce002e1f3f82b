import Documents
import Foundation
import Logging
import QuoteAPI
import Synchronization
import Testing

@Suite("The log as JSON")
struct JSONLogTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
        func add(_ line: String) { all.withLock { $0.append(line) } }
    }

    private func logger(_ lines: Lines) -> Logger {
        Logger(label: "test") {
            JSONLogHandler(label: $0, clock: { Date(timeIntervalSince1970: 1_795_348_800.0625) }, write: lines.add)
        }
    }

    @Test func anEventIsOneDocumentOnOneLine() throws {
        let lines = Lines()
        var logger = logger(lines)
        logger[metadataKey: "service"] = "quotes"
        logger.warning(
            "two\nlines \"quoted\" \u{1}",
            metadata: ["path": "/v1/ü", "list": ["a", "b"], "nested": ["n": .stringConvertible(7)], "service": "mine"])
        let written = lines.all.withLock { $0 }
        #expect(written.count == 1 && written.first?.last == "\n")
        #expect(written.first?.count { $0.isNewline } == 1, "a message with newlines stays one line")
        let document = try JSONValue(parsing: Array((written.first ?? "").utf8))
        #expect(
            document == [
                "time": "2026-11-22T12:00:00.062Z", "level": "warning", "logger": "test",
                "message": "two\nlines \"quoted\" \u{1}",
                "metadata": ["path": "/v1/ü", "list": ["a", "b"], "nested": ["n": "7"], "service": "mine"]
            ])
    }

    @Test func loggersAreValuesWithLevelsOfTheirOwn() {
        let lines = Lines()
        let one = logger(lines)
        var other = one
        other.logLevel = .error
        other[metadataKey: "only"] = "other"
        other.info("too little")
        one.info("enough")
        #expect(lines.all.withLock { $0.count } == 1)
        #expect(lines.all.withLock { $0.allSatisfy { !$0.contains("only") } })
    }
}
