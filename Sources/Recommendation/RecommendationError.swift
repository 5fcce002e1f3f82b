import LinearAlgebra

/// Why the recommender could not read, train, score or store.
public enum RecommendationError: Error, Sendable, Equatable {
    /// A text file of interactions has a bad row: its line, counted from 1, and what is wrong there.
    case badInteractions(line: Int, reason: String)
    /// Interactions in memory contradict themselves.
    case invalidInteractions(reason: String)
    /// QoS measurements are at fault: none at all, a value out of range, a metric that does not fit.
    case invalidMeasurements(reason: String)
    /// A hyperparameter has no meaning: its name and what it must be.
    case invalidHyperparameter(name: String, requirement: String)
    /// A user or an item that the model does not know.
    case indexOutOfRange(kind: String, index: Int, count: Int)
    /// Shapes that must agree do not.
    case shapeMismatch(what: String, expected: String, found: String)
    /// A NaN or an infinity in what must be finite.
    case nonFinite(what: String)
    /// The linear algebra below failed.
    case numerical(LinearAlgebraError)
    /// A safetensors file breaks its format: the file's name and the rule that it breaks.
    case malformedTensors(file: String, reason: String)
    /// A model folder is not whole: its version and what is missing or contradictory.
    case brokenModel(version: String, reason: String)
    /// No model of that version; the versions there are.
    case unknownVersion(String, available: [String])
    /// No champion has been promoted, or there is none to roll back to.
    case noChampion(reason: String)
    /// A checkpoint of training that cannot be gone on from: what is wrong with it.
    case invalidCheckpoint(reason: String)
    /// A file of interactions is not what its writer left: its name and what is wrong.
    case malformedInteractions(file: String, reason: String)
    /// Another job writes into the registry: who says so.
    case busy(holder: String)
    /// What trains outside this process failed: its name, what went wrong, and what helps.
    case engineFailure(engine: String, reason: String)
    /// The file system refused: what was done, the file's name, and its reason.
    case fileFailure(operation: String, file: String, reason: String)
}

extension RecommendationError: CustomStringConvertible {
    /// What happened and what helps against it.
    public var description: String {
        switch self {
        case .badInteractions(let line, let reason):
            "interactions, line \(line): \(reason); a line is a user index and its item indices, separated by blanks"
        case .invalidInteractions(let reason):
            "interactions: \(reason)"
        case .invalidMeasurements(let reason):
            "measurements: \(reason)"
        case .invalidHyperparameter(let name, let requirement):
            "hyperparameter \(name) \(requirement)"
        case .indexOutOfRange(let kind, let index, let count):
            "\(kind) \(index) is not among the \(count) that the model knows; fold it in, or retrain"
        case .shapeMismatch(let what, let expected, let found):
            "\(what): expected \(expected), found \(found)"
        case .nonFinite(let what):
            "\(what) has a NaN or an infinity"
        case .numerical(let error):
            "\(error)"
        case .malformedTensors(let file, let reason):
            "\(file) is not a valid safetensors file: \(reason); write it again or restore it from a copy"
        case .brokenModel(let version, let reason):
            "model \(version) is broken: \(reason); retrain, or roll back to a version that loads"
        case .unknownVersion(let version, let available):
            "no model \(version); there are: \(available.isEmpty ? "none" : available.joined(separator: ", "))"
        case .noChampion(let reason):
            "no champion: \(reason); train and promote a model first"
        case .invalidCheckpoint(let reason):
            "the checkpoint cannot be resumed: \(reason); remove it to train from the start"
        case .malformedInteractions(let file, let reason):
            "\(file) is no valid file of interactions: \(reason); write it again"
        case .busy(let holder):
            "another job writes into the registry: \(holder.isEmpty ? "it does not say who" : holder); wait for its end"
        case .engineFailure(let engine, let reason):
            "\(engine): \(reason)"
        case .fileFailure(let operation, let file, let reason):
            "cannot \(operation) \(file): \(reason)"
        }
    }
}

/// Runs linear algebra and carries its errors into this module's.
func numerical<Result>(_ body: () throws(LinearAlgebraError) -> Result) throws(RecommendationError) -> Result {
    do { return try body() } catch { throw .numerical(error) }
}
