import Documents
import Money

/// What the stored volume means that an oracle reports and the contract multiplies by the price.
public enum StorageReporting: String, Sendable, Hashable, CaseIterable {
    /// The volume held when the report is made: each report is paid a price per GB.
    case volume
    /// The volume held × the days since the last report ÷ 30: a price per GB and month.
    case volumeMonths = "volume-months"
}

/// A version of the marketplace contract: its units and types, and what is not public about it as fields.
///
/// Open in the public sources, hence here: the divisor of MB volumes in settlement, the deployed fee, what a report of
/// storage means, and what happens after a breach.
public struct ContractProfile: Sendable, Hashable {
    /// A name, e.g. `marketplace-16`.
    public var name: String
    /// What the contract's `version()` returns; nil when unknown.
    public var version: Int?
    /// The unit of volume arguments: `gb` or `mb`, which is their suffix as well.
    public var volumeSuffix: String
    /// Contract units of volume in a gigabyte (10⁹ bytes).
    public var volumeUnitsPerGB: Int
    /// The type of volume arguments.
    public var volumeType: ContractType
    /// What price × volume is divided by in settlement, rounded down once for storage and egress together.
    public var settlementDivisor: Int
    /// How uptimes are written.
    public var uptimeScale: UptimeScale
    /// The uptime of a deal that no oracle has updated.
    public var newDealUptime: Int
    /// The latency of a deal that no oracle has updated, in milliseconds.
    public var newDealLatencyMs: Int
    /// Decimals of prices and amounts in USD.
    public var amountDecimals: Int
    /// The platform's fee on payouts, in basis points, as `get_platform_fee` returns it.
    public var platformFeeBasisPoints: Int
    /// What a report of storage means.
    public var storageReporting: StorageReporting
    /// Whether a deal goes on being settled after the provider has breached.
    public var settlesAfterBreach: Bool
    /// Whether a deposit makes a deal funded again that the consumer has breached.
    public var depositMendsBreach: Bool

    /// The compiled contract with `version()` = 16: gigabytes in 32 bits, uptime as percent × 10⁶, a fee of 2% by the
    /// platform's documentation.
    public static let version16 = ContractProfile(
        name: "marketplace-16", version: 16, volumeSuffix: "gb", volumeUnitsPerGB: 1, volumeType: .u32,
        settlementDivisor: 1, uptimeScale: .percentMillionths, newDealUptime: 99_999_999, newDealLatencyMs: 0,
        amountDecimals: 7, platformFeeBasisPoints: 200, storageReporting: .volume, settlesAfterBreach: true,
        depositMendsBreach: true)

    /// The newer client's contract: megabytes in 64 bits, 102,400 for 100 GB.
    public static let megabytes: ContractProfile = {
        var profile = version16
        profile.name = "marketplace-mb"
        profile.version = nil
        profile.volumeSuffix = "mb"
        profile.volumeUnitsPerGB = 1024
        profile.volumeType = .u64
        profile.settlementDivisor = 1024
        return profile
    }()

    /// An early source's contract: gigabytes, 9,990 for 99.90%.
    public static let early: ContractProfile = {
        var profile = version16
        profile.name = "marketplace-early"
        profile.version = nil
        profile.uptimeScale = .percentHundredths
        profile.newDealUptime = 9_999
        return profile
    }()

    /// The profiles that are known without a file.
    public static let known = [version16, megabytes, early]

    /// A known profile by its name, or by what follows `marketplace-` in it: `16`, `mb`, `early`.
    public static func named(_ name: String) -> ContractProfile? {
        known.first { $0.name == name || $0.name == "marketplace-" + name }
    }

    /// What 100% uptime is in the contract's integers.
    public var fullUptime: Int { uptimeScale.full }

    /// One USD in the contract's integers.
    public var usd: Int128 { (0..<min(max(amountDecimals, 0), 18)).reduce(Int128(1)) { value, _ in value * 10 } }

    /// An uptime that may be promised, as the contract's integer: rounded down, and never 100%, at which a deal that no
    /// oracle has updated would breach at once.
    public func promised(_ uptime: Uptime) -> Int {
        min(uptime.integer(uptimeScale), min(fullUptime - 1, newDealUptime))
    }

    /// Bytes in contract units, rounded up. Positive for what is positive.
    public func units(_ bytes: Int) throws(ContractError) -> Int128 {
        try ContractError.wrap { () throws(MoneyError) in
            try Rounding.up.quotient(Int128(max(0, bytes)) * Int128(volumeUnitsPerGB), 1_000_000_000)
        }
    }

    /// USD as the contract's integer, rounded up: what a user must fund.
    public func amount(_ usd: ExactDecimal) throws(ContractError) -> Int128 {
        try ContractError.wrap { () throws(MoneyError) in try usd.scaled(by: self.usd, rounding: .up) }
    }

    /// An amount of USD as the contract's integer, rounded up. An amount of another asset is an error: convert first.
    public func amount(_ amount: Amount) throws(ContractError) -> Int128 {
        guard amount.asset == .usd else { throw .money(.assetMismatch(amount.asset.code, Asset.usd.code)) }
        let product = amount.minor.multipliedReportingOverflow(by: usd)
        guard !product.overflow else { throw .overflow("an amount") }
        return try ContractError.wrap { () throws(MoneyError) in
            try Rounding.up.quotient(product.partialValue, Asset.usd.unit)
        }
    }
}

extension ContractProfile {
    /// Reads a profile, so that a new version of the contract needs a file and no new program. Fields that are absent are
    /// those of the profile that `basedOn` names, version 16 unless given; unknown fields are refused.
    /// - Throws: `InputError` with every fault.
    public init(_ json: JSONValue, document: String = "") throws(InputError) {
        let log = IssueLog()
        let reader = ObjectReader(json, log: log)
        var profile = Self.version16
        if reader.has("basedOn"), let name = reader.string("basedOn") {
            if let known = Self.named(name) {
                profile = known
            } else {
                log.report("/basedOn", "unknown profile '\(name)'", remedy: suggestion(name, Self.known.map(\.name)))
            }
        }
        func integer(_ key: String, _ range: ClosedRange<Int>, _ path: WritableKeyPath<ContractProfile, Int>) {
            if reader.has(key), let value = reader.integer(key, in: range) { profile[keyPath: path] = value }
        }
        func flag(_ key: String, _ path: WritableKeyPath<ContractProfile, Bool>) {
            guard let value = reader.value(key) else { return }
            guard case .bool(let flag) = value else {
                log.report("/" + key, "expected true or false, found \(value.kind)")
                return
            }
            profile[keyPath: path] = flag
        }
        profile.name = reader.string("name") ?? ""
        profile.version = reader.has("version") ? reader.integer("version", in: 0...Int(UInt32.max)) : nil
        if reader.has("volumeUnit"), let unit = reader.choice("volumeUnit", ["gb", "mb"]) {
            if unit != profile.volumeSuffix {
                let other = unit == "mb" ? Self.megabytes : Self.version16
                profile.volumeSuffix = unit
                profile.volumeUnitsPerGB = other.volumeUnitsPerGB
                profile.volumeType = other.volumeType
                profile.settlementDivisor = other.settlementDivisor
            }
        }
        integer("volumeUnitsPerGB", 1...1_000_000_000, \.volumeUnitsPerGB)
        if reader.has("volumeType"), let type = reader.choice("volumeType", ["u32", "u64", "u128"]) {
            profile.volumeType = ContractType(rawValue: type) ?? profile.volumeType
        }
        integer("settlementDivisor", 1...1_000_000_000, \.settlementDivisor)
        if reader.has("uptimeScale"), let scale = reader.choice("uptimeScale", UptimeScale.allCases.map(\.rawValue)) {
            profile.uptimeScale = UptimeScale(rawValue: scale) ?? profile.uptimeScale
            profile.newDealUptime = profile.fullUptime - 1
        }
        integer("newDealUptime", 0...profile.fullUptime, \.newDealUptime)
        integer("newDealLatencyMs", 0...Int(UInt32.max), \.newDealLatencyMs)
        integer("amountDecimals", 2...18, \.amountDecimals)
        integer("platformFeeBasisPoints", 0...10_000, \.platformFeeBasisPoints)
        if reader.has("storageReporting"),
            let meaning = reader.choice("storageReporting", StorageReporting.allCases.map(\.rawValue))
        {
            profile.storageReporting = StorageReporting(rawValue: meaning) ?? profile.storageReporting
        }
        flag("settlesAfterBreach", \.settlesAfterBreach)
        flag("depositMendsBreach", \.depositMendsBreach)
        reader.finish()
        try log.check(document)
        self = profile
    }

    /// The profile as ``init(_:document:)`` reads it, with every field.
    public var json: JSONValue {
        JSONValue(members: [
            ("name", .string(name)), ("version", version.map { JSONValue($0) }), ("volumeUnit", .string(volumeSuffix)),
            ("volumeUnitsPerGB", JSONValue(volumeUnitsPerGB)), ("volumeType", .string(volumeType.rawValue)),
            ("settlementDivisor", JSONValue(settlementDivisor)), ("uptimeScale", .string(uptimeScale.rawValue)),
            ("newDealUptime", JSONValue(newDealUptime)), ("newDealLatencyMs", JSONValue(newDealLatencyMs)),
            ("amountDecimals", JSONValue(amountDecimals)),
            ("platformFeeBasisPoints", JSONValue(platformFeeBasisPoints)),
            ("storageReporting", .string(storageReporting.rawValue)), ("settlesAfterBreach", .bool(settlesAfterBreach)),
            ("depositMendsBreach", .bool(depositMendsBreach))
        ])
    }
}
