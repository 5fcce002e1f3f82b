import Documents
import Money

extension SLARequest {
    /// Checks what the request refers to against `catalog`, and that its parts do not contradict each other.
    ///
    /// - Throws: ``InputError`` with a JSON pointer and a remedy for each fault.
    public func validate(against catalog: Catalog, document: String = "") throws(InputError) {
        let log = IssueLog()
        func known(_ pointer: String, _ what: String, _ name: String, _ names: some Sequence<String>) {
            // Looking for near names is slow: thousands of unknown ones do not each get a remedy.
            let remedy = log.issues.count < 50 ? suggestion(name, names.sorted()) : ""
            log.report(pointer, "unknown \(what) '\(name)'", remedy: remedy)
        }
        var seen: Set<String> = []
        for (index, part) in traffic.enumerated() {
            if catalog.readerRegions[part.region] == nil {
                known("/traffic/\(index)/region", "region", part.region, catalog.readerRegions.keys)
            }
            if !seen.insert(part.region).inserted {
                log.report("/traffic/\(index)/region", "'\(part.region)' stands twice", remedy: "add its traffic up")
            }
        }
        let providers = catalog.providers.keys
        for (index, name) in eligibility.allow.enumerated() where catalog.providers[name] == nil {
            known("/eligibility/providers/allow/\(index)", "provider", name, providers)
        }
        for (index, name) in eligibility.deny.enumerated() where catalog.providers[name] == nil {
            known("/eligibility/providers/deny/\(index)", "provider", name, providers)
        }
        let jurisdictions = Set(catalog.metros.values.flatMap(\.jurisdictions))
        for (index, name) in eligibility.jurisdictions.enumerated() where !jurisdictions.contains(name) {
            known("/eligibility/jurisdictions/\(index)", "jurisdiction", name, jurisdictions)
        }
        for (index, credit) in credits.enumerated() {
            if catalog.providers[credit.provider] == nil {
                known("/credits/\(index)/provider", "provider", credit.provider, providers)
            }
            if credit.amount.asset != .usd {
                log.report("/credits/\(index)/asset", "credits are counted in USD", remedy: "convert the amount")
            }
        }
        if let budget, budget.amount.asset != .usd {
            log.report(
                "/budget/asset", "budgets are compared in USD, the asset of the tariffs", remedy: "convert the amount")
        }
        for (index, holding) in current.enumerated() {
            if catalog.offer(holding.offer) == nil {
                known("/current/\(index)/offer", "offer", holding.offer, catalog.offers.map(\.id))
            }
            if let since = holding.since, since > start {
                log.report(
                    "/current/\(index)/since", "the data cannot lie there since a day after the term's start",
                    remedy: "use a day up to \(start)")
            }
        }
        if case .fixed(let scheme) = redundancy {
            let parity = scheme.parity
            if toleratedProviders > parity {
                log.report(
                    "/redundancy/tolerate/providers", "\(scheme) cannot lose \(toleratedProviders) providers",
                    remedy: "tolerate at most \(parity), or add redundancy")
            }
            if toleratedRegions > parity {
                log.report(
                    "/redundancy/tolerate/regions", "\(scheme) cannot lose \(toleratedRegions) regions",
                    remedy: "tolerate at most \(parity), or add redundancy")
            }
        }
        try log.check(document)
    }
}
