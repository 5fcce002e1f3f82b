import Documents

/// A type of the contract's interface.
public enum ContractType: String, Sendable, Hashable {
    /// An account or contract of the network.
    case address
    /// Text.
    case string
    /// An integer of 32 bits without sign.
    case u32
    /// An integer of 64 bits without sign.
    case u64
    /// An integer of 128 bits without sign.
    case u128

    /// The largest integer; nil for what is none. A `u128` is bounded by what amounts here are held in.
    public var maximum: Int128? {
        switch self {
        case .address, .string: nil
        case .u32: Int128(UInt32.max)
        case .u64: Int128(UInt64.max)
        case .u128: .max
        }
    }
}

/// One argument of a call.
public struct ContractArgument: Sendable, Hashable {
    /// Its name in the contract.
    public let name: String
    /// Its type.
    public let type: ContractType
    /// Whether the contract takes it as an option, which may be none.
    public let isOptional: Bool
    /// The value as text, digits for integers; nil for the none of an option, and for what the platform fills in.
    public let value: String?

    /// The argument: small integers as JSON numbers, large ones as strings, as JSON readers round them.
    public var json: JSONValue {
        let content: JSONValue =
            switch (value, type) {
            case (nil, _): .null
            case (let value?, .u32): .number(value)
            case (let value?, _): .string(value)
            }
        return JSONValue(members: [
            ("name", .string(name)), ("type", .string(isOptional ? "option<\(type.rawValue)>" : type.rawValue)),
            ("value", content)
        ])
    }
}

/// A call of the marketplace contract, its arguments in the order of the signature.
public struct ContractCall: Sendable, Hashable {
    /// The function.
    public let function: String
    /// The arguments, in order.
    public let arguments: [ContractArgument]

    /// The value of an argument; nil when it has none.
    public subscript(name: String) -> String? { arguments.first { $0.name == name }?.value }

    /// The call as `{"function", "arguments": [{"name", "type", "value"}]}`.
    public var json: JSONValue { ["function": .string(function), "arguments": .array(arguments.map(\.json))] }
}

/// Collects the arguments of a call, each checked against its type.
struct CallBuilder {
    let function: String
    private var arguments: [ContractArgument] = []

    init(_ function: String) { self.function = function }

    mutating func text(_ name: String, _ type: ContractType, _ value: String?) throws(ContractError) {
        if let value {
            let printable = value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            guard !value.isEmpty, value.utf8.count <= 256, printable else {
                throw .refused(
                    argument: "\(function).\(name)", problem: "'\(value.prefix(40))' is empty, too long or unprintable",
                    remedy: "use 1 to 256 bytes of text")
            }
        }
        arguments.append(ContractArgument(name: name, type: type, isOptional: false, value: value))
    }

    mutating func integer(
        _ name: String, _ type: ContractType, _ value: Int128?, optional: Bool = false
    ) throws(ContractError) {
        if let value, let maximum = type.maximum {
            guard value >= 0, value <= maximum else {
                throw .outOfRange(argument: "\(function).\(name)", value: String(value), type: type)
            }
        }
        arguments.append(
            ContractArgument(name: name, type: type, isOptional: optional, value: value.map { String($0) }))
    }

    mutating func option(_ name: String, _ value: String?) throws(ContractError) {
        if value != nil {
            // Checked as a text, then marked as an option.
            try text(name, .string, value)
            arguments.removeLast()
        }
        arguments.append(ContractArgument(name: name, type: .string, isOptional: true, value: value))
    }

    var call: ContractCall { ContractCall(function: function, arguments: arguments) }
}
