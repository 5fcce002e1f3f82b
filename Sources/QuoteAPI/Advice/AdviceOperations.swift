import MarketplaceStore
import Pricing

extension Operation {
    private static let decimal = Parameter.Kind.text(maximum: 40)
    private static let word = Parameter.Kind.text(maximum: 200)
    private static let list = Parameter.Kind.text(maximum: 4000)

    static let advise = Operation(
        "advise", .get, "/v1/providers/{id}/advice",
        "What the provider that the caller speaks for should charge; takes seconds. Prices are in USD per volume unit "
            + "and month.", tag: .market, scope: .adviceRead,
        parameters: [
            .init("offer", word, "The offer; without it the one that is eligible for most requests."),
            .init("objective", .choice(PriceObjective.allCases.map(\.rawValue)), "What to aim for."),
            .init("largestChange", decimal, "The most that the price may change at once, in percent."),
            .init("floor", decimal, "The provider's own floor: it only warns."),
            .init("monthlyRequests", decimal, "How many requests like those replayed arrive in a month."),
            .init("rivalSpread", decimal, "How far rivals' prices may stray, one standard deviation in percent."),
            .init("uptime", list, "Uptimes to consider promising, in percent."),
            .init("whatIf", list, "Prices to be told about; limited."),
            .init("freeCapacityGB", decimal, "GB that can still be sold."),
            .init("maximumPrice", decimal, "The highest price to search.")
        ], answers: [.json("Advice", "The advice, with the audit log's record of it made.")],
        problems: [.conflict, .unprocessableContent])

    static let stateCosts = Operation(
        "stateCosts", .put, "/v1/providers/{id}/costs",
        "Keeps the costs of the provider that the caller speaks for; advice goes by them.", tag: .market,
        scope: .costsWrite, body: .json("Costs", limit: AdviceRoutes.costsLimit),
        answers: [.empty(.noContent, "They are kept.")])
}
