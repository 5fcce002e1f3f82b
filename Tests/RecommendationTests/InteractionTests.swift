import Foundation
import Recommendation
import Testing

@Suite("Interactions: matrices and text")
struct InteractionTests {
    private func parse(_ text: String, users: Int? = nil, items: Int? = nil) throws -> InteractionMatrix {
        try InteractionText.parse(Data(text.utf8), userCount: users, itemCount: items)
    }

    @Test("A line is a user and its items, in any order, with any blanks")
    func text() throws {
        let matrix = try parse("1 5 2\r\n\n0 3\n3\t0  4 \n4\n")
        #expect(matrix.userCount == 5 && matrix.itemCount == 6)
        #expect(matrix.rowStarts == [0, 1, 3, 3, 5, 5])
        #expect(matrix.items == [3, 2, 5, 0, 4])
        #expect(matrix.confidences == nil && matrix.preferences == nil)
        #expect(try parse("").userCount == 0)
        #expect(try parse("0 1", users: 4, items: 9).rowStarts == [0, 1, 1, 1, 1])
    }

    @Test(
        "A bad row is refused with its line",
        arguments: [
            ("0 1\n1 x\n", 2), ("0 1\n\n2 3 3", 3), ("0 1\n0 2", 2), ("0 -1", 1), ("0 1.5", 1),
            ("0 99999999999999999999", 1), ("9 1", 1), ("0 1\n1 12", 2)
        ])
    func badRows(text: String, line: Int) throws {
        do {
            _ = try parse(text, users: 9, items: 12)
            Issue.record("accepted")
        } catch let error as RecommendationError {
            guard case .badInteractions(line, _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(error.description.contains("line \(line)"))
        }
    }

    @Test("A file that is absent is an error that names it")
    func absent() throws {
        try TemporaryFolder.with { folder in
            #expect(throws: RecommendationError.self) {
                try InteractionText.read(folder.appendingPathComponent("none.txt"))
            }
        }
    }

    @Test("The transpose of the transpose is the matrix, values included", arguments: [false, true])
    func transposes(valued: Bool) throws {
        let matrix = try SmallData.random(users: 40, items: 30, density: 0.2, seed: 1, valued: valued)
        let transposed = matrix.transposed()
        #expect(transposed.transposed() == matrix)
        #expect(transposed.userDegrees == matrix.itemDegrees)
        // The checked initializer accepts what the transpose made.
        #expect(
            try InteractionMatrix(
                userCount: 30, itemCount: 40, rowStarts: transposed.rowStarts, items: transposed.items,
                confidences: transposed.confidences, preferences: transposed.preferences) == transposed)
    }

    @Test("Contradictory entries are refused")
    func refusals() throws {
        func build(_ entries: InteractionMatrix.Entry...) throws(RecommendationError) -> InteractionMatrix {
            try InteractionMatrix(userCount: 2, itemCount: 2, entries: entries)
        }
        #expect(throws: RecommendationError.indexOutOfRange(kind: "user", index: 2, count: 2)) {
            try build(.init(user: 2, item: 0))
        }
        #expect(throws: RecommendationError.indexOutOfRange(kind: "item", index: -1, count: 2)) {
            try build(.init(user: 0, item: -1))
        }
        #expect(throws: RecommendationError.self) { try build(.init(user: 0, item: 1), .init(user: 0, item: 1)) }
        #expect(throws: RecommendationError.self) { try build(.init(user: 0, item: 1, confidence: -1)) }
        #expect(throws: RecommendationError.nonFinite(what: "an interaction value")) {
            try build(.init(user: 0, item: 1, confidence: .nan))
        }
        #expect(throws: RecommendationError.nonFinite(what: "an interaction value")) {
            try build(.init(user: 0, item: 1, preference: .infinity))
        }
        #expect(throws: RecommendationError.self) {
            try InteractionMatrix(userCount: 1, itemCount: 3, rowStarts: [0, 2], items: [2, 1])
        }
        #expect(throws: RecommendationError.self) {
            try InteractionMatrix(userCount: 2, itemCount: 3, rowStarts: [0, 2], items: [1, 2])
        }
    }
}
