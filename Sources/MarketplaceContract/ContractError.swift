import Money

/// What can go wrong with the marketplace contract's values and rules.
public enum ContractError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A value does not fit the type of an argument.
    case outOfRange(argument: String, value: String, type: ContractType)
    /// An argument that the contract refuses.
    case refused(argument: String, problem: String, remedy: String)
    /// A step that the deal's status does not allow.
    case notAllowed(step: String, status: DealStatus, allowed: [DealStatus])
    /// The contract's arithmetic leaves its 128 bits: the call would fail on chain, with nothing changed.
    case overflow(String)
    /// The exact arithmetic failed.
    case money(MoneyError)

    package static func wrap<Value>(_ body: () throws(MoneyError) -> Value) throws(ContractError) -> Value {
        do throws(MoneyError) { return try body() } catch { throw .money(error) }
    }

    /// What is wrong and what helps.
    public var description: String {
        switch self {
        case .outOfRange(let argument, let value, let type):
            "\(argument): \(value) does not fit \(type.rawValue); "
                + (type.maximum.map { "use 0…\($0), or a contract profile with a wider type" } ?? "use a whole number")
        case .refused(let argument, let problem, let remedy): "\(argument): \(problem); \(remedy)"
        case .notAllowed(let step, let status, let allowed):
            "cannot \(step) a deal that is \(status.rawValue); it must be "
                + allowed.map(\.rawValue).joined(separator: " or ")
        case .overflow(let operation): "\(operation) exceeds 128 bits; use smaller volumes or prices"
        case .money(let error): error.description
        }
    }
}
