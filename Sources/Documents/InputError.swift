/// One thing that is wrong with a document, and what mends it.
public struct InputIssue: Sendable, Hashable, CustomStringConvertible {
    /// Where: a JSON pointer (`/storage/logicalGB`), or `line 12` with the name of the field.
    public let location: String
    /// What is wrong there.
    public let problem: String
    /// What to do about it; empty when the problem says it all.
    public let remedy: String

    /// An issue at `location`.
    public init(_ location: String, _ problem: String, remedy: String = "") {
        self.location = location
        self.problem = problem
        self.remedy = remedy
    }

    /// Location, problem and remedy in one line.
    public var description: String {
        (location.isEmpty ? "" : location + ": ") + problem + (remedy.isEmpty ? "" : "; " + remedy)
    }
}

/// A document that cannot be taken, with everything that is wrong with it.
public struct InputError: Error, Sendable, CustomStringConvertible {
    /// What the document is, e.g. its file name.
    public let document: String
    /// The issues in the order of the document; never empty.
    public let issues: [InputIssue]

    /// A refusal of `document`.
    public init(_ document: String, _ issues: [InputIssue]) {
        self.document = document
        self.issues = issues
    }

    /// A line for each issue.
    public var description: String {
        issues.map { document.isEmpty ? $0.description : "\(document): \($0)" }.joined(separator: "\n")
    }
}

/// Collects the issues of one document while it is read.
public final class IssueLog {
    /// What was found so far.
    public private(set) var issues: [InputIssue] = []

    /// An empty log.
    public init() {}

    /// Notes an issue.
    public func report(_ location: String, _ problem: String, remedy: String = "") {
        issues.append(InputIssue(location, problem, remedy: remedy))
    }

    /// Refuses the document if anything is wrong with it.
    public func check(_ document: String) throws(InputError) {
        guard issues.isEmpty else { throw InputError(document, issues) }
    }
}

extension StringProtocol {
    /// The candidate that is at most two edits away from the text, for "did you mean".
    public func nearest(among candidates: some Sequence<String>) -> String? {
        var best: (candidate: String, distance: Int)?
        let length = count
        // Texts whose lengths differ by more are further apart than that; a long one is compared with none.
        for candidate in candidates where (candidate.count - length).magnitude <= 2 {
            let distance = editDistance(candidate)
            if distance <= Swift.min(2, candidate.count / 2), distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.candidate
    }

    /// Levenshtein's distance, letters compared without case. O(n·m).
    private func editDistance(_ other: String) -> Int {
        let (one, two) = (Array(lowercased()), Array(other.lowercased()))
        var row = Array(0...two.count)
        for (i, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in two.enumerated() {
                let substituted = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[two.count]
    }
}
