import Documents
import Marketplace
import Money

/// A quote's cost lines as a FOCUS 1.3 dataset (FinOps Open Cost and Usage Specification, Cost and Usage): one row for each
/// leg, month, kind of charge and step of a graduated price; credits, fees and the gateway as rows of their own.
///
/// In each row with a price `ContractedUnitPrice` × `PricingQuantity` = `ContractedCost`, exactly; so for the list price,
/// as the marketplace bills providers' own tariffs. `BilledCost` is what was rounded and adds up to the quote's total.
/// Amounts are in the tariffs' asset; a conversion to another is the quote's own line.
///
/// The marketplace makes the service available and issues the invoice, hence it is `ServiceProviderName`; who stores is
/// `HostProviderName`. All charges but credits are `Usage`: none is paid for charges to come, as a `Purchase` would be. A
/// quote has no invoice, so `InvoiceId` is null.
public struct FocusExport: Sendable, Hashable {
    /// The columns, in order. `ProviderName` and `PublisherName` are deprecated by 1.3 and still asked for.
    public static let columns = [
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
        "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
        "ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
        "ContractedUnitPrice", "EffectiveCost", "HostProviderName", "InvoiceId", "InvoiceIssuerName", "ListCost",
        "ListUnitPrice",
        "PricingCategory", "PricingCurrency", "PricingCurrencyContractedUnitPrice",
        "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "PricingQuantity", "PricingUnit",
        "ProviderName", "PublisherName", "RegionId", "RegionName",
        "ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "ServiceProviderName",
        "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId"
    ]

    /// One row, by column; a column that is absent is null.
    public private(set) var rows: [[String: String]] = []
    private let common: [String: String]

    /// Who makes the services available and issues the invoice.
    private static let issuer = "Flashback"
    private static let resourceType = "Storage offer"

    /// The rows of `quote`, in the order of months. O(months · legs · tiers).
    public init(_ quote: Quote) throws(QuotingError) {
        let request = quote.request
        common = [
            "BillingAccountId": request.user, "BillingAccountName": request.user,
            "BillingCurrency": quote.total.asset.code, "PricingCurrency": quote.total.asset.code,
            "InvoiceIssuerName": Self.issuer
        ]
        let legs = try quote.legs.map { leg throws(QuotingError) in (leg, try leg.meteredLines(request)) }
        let months = max(1, request.months)
        for month in 0..<request.months {
            let period = [
                "BillingPeriodStart": Self.time(request.start.addingMonths(month)),
                "BillingPeriodEnd": Self.time(request.start.addingMonths(month + 1)),
                "ChargePeriodStart": Self.time(request.start.addingMonths(month)),
                "ChargePeriodEnd": Self.time(request.start.addingMonths(month + 1))
            ]
            for (leg, lines) in legs where month < lines.count {
                for line in lines[month] { add(period, Self.row(leg.offer, line)) }
            }
            if month == 0 {
                for charge in quote.bill.migration + quote.bill.moves {
                    add(
                        period,
                        Self.service(charge.offer.split(separator: "/").first.map(String.init) ?? charge.offer)
                            .merging(
                                Self.single(
                                    charge.amount, "Moving", "One-Time",
                                    sku: "\(charge.offer)/moving-\(charge.kind.rawValue)")
                            ) { $1 }
                            .merging([
                                "ChargeDescription": "Moving data from \(charge.offer): \(charge.kind.rawValue)",
                                "ResourceId": charge.offer, "ResourceName": charge.offer,
                                "ResourceType": Self.resourceType
                            ]) { $1 })
                }
            }
            for use in quote.bill.creditsByMonth[month] {
                let provider = request.credits[use.index].provider
                let amount = "-" + use.amount.decimalText
                add(
                    period,
                    Self.service(provider).merging([
                        "ChargeCategory": "Credit", "ChargeFrequency": "One-Time", "BilledCost": amount,
                        "EffectiveCost": amount, "ListCost": amount, "ContractedCost": amount,
                        "ChargeDescription": "Credit with \(provider)"
                    ]) { $1 })
            }
            let gateway = Amount(minor: quote.bill.gateway.minor / Int128(months), quote.total.asset)
            for (amount, name) in [(quote.bill.platformFeeByMonth[month], "fee"), (gateway, "gateway")]
            where amount.minor > 0 {
                add(
                    period,
                    Self.single(amount, "Months", "Recurring", sku: "flashback/\(name)").merging([
                        "ChargeDescription": "Platform \(name)", "ProviderName": Self.issuer,
                        "PublisherName": Self.issuer, "ServiceProviderName": Self.issuer,
                        "HostProviderName": Self.issuer, "ServiceName": "Flashback marketplace",
                        "ServiceCategory": "Other", "ServiceSubcategory": "Other (Other)"
                    ]) { $1 })
            }
        }
    }

    private mutating func add(_ period: [String: String], _ row: [String: String]) {
        var row = common.merging(period) { $1 }.merging(row) { $1 }
        // Prices and bills are in one currency.
        for column in ["ContractedUnitPrice", "EffectiveCost", "ListUnitPrice"] {
            row["PricingCurrency" + column] = row[column]
        }
        rows.append(row)
    }

    private static func time(_ day: CalendarDay) -> String { "\(day)T00:00:00Z" }

    private static func service(_ provider: String) -> [String: String] {
        [
            "ProviderName": issuer, "PublisherName": provider, "ServiceProviderName": issuer,
            "HostProviderName": provider, "ServiceCategory": "Storage", "ServiceSubcategory": "Object Storage",
            "ServiceName": "\(provider) object storage"
        ]
    }

    /// A charge that is one unit of itself.
    private static func single(_ amount: Amount, _ unit: String, _ frequency: String, sku: String) -> [String: String] {
        let text = amount.decimalText
        return [
            "ChargeCategory": "Usage", "ChargeFrequency": frequency, "ConsumedQuantity": "1", "ConsumedUnit": unit,
            "BilledCost": text, "EffectiveCost": text,
            "ListCost": text, "ContractedCost": text, "ListUnitPrice": text, "ContractedUnitPrice": text,
            "PricingQuantity": "1", "PricingUnit": unit, "PricingCategory": "Standard", "SkuId": sku,
            "SkuPriceId": sku, "SkuMeter": unit
        ]
    }

    private static func row(_ offer: Offer, _ line: MeteredLine) -> [String: String] {
        let isRecurring = line.kind == .fee || line.kind == .minimum
        let sku = "\(offer.id)/\(line.kind.rawValue)"
        let cost = line.cost.description
        let billed = line.billed.decimalText
        return service(offer.provider).merging([
            "ServiceName": offer.storageClass, "RegionId": offer.region, "RegionName": offer.metro,
            "ResourceId": offer.id, "ResourceName": offer.id, "ResourceType": resourceType,
            "ChargeCategory": "Usage", "ChargeFrequency": isRecurring ? "Recurring" : "Usage-Based",
            "ChargeDescription": "\(offer.id): \(line.kind.label)"
                + (line.tier.map { ", step \($0 + 1)" } ?? "") + ", \(line.quantity) \(line.unit) at \(line.price)",
            "BilledCost": billed, "EffectiveCost": billed, "ListCost": cost, "ContractedCost": cost,
            "ListUnitPrice": line.price.description, "ContractedUnitPrice": line.price.description,
            "ConsumedQuantity": line.quantity.description, "ConsumedUnit": line.unit,
            "PricingQuantity": line.quantity.description, "PricingUnit": line.unit, "PricingCategory": "Standard",
            "SkuId": sku, "SkuMeter": line.kind.rawValue,
            "SkuPriceDetails": JSONValue.object(["StorageClass": .string(offer.storageClass)]).text(),
            "SkuPriceId": sku + (line.tier.map { "/step-\($0 + 1)" } ?? "")
        ]) { $1 }
    }

    /// The dataset as CSV (RFC 4180) with a header; nulls are empty fields.
    public var csv: String {
        func field(_ text: String) -> String {
            guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
            return "\"" + text.replacing("\"", with: "\"\"") + "\""
        }
        let lines = rows.map { row in Self.columns.map { field(row[$0] ?? "") }.joined(separator: ",") }
        return ([Self.columns.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
    }
}
