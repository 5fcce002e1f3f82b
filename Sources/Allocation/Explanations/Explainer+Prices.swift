import Marketplace
import Money

/// Prices of what can be had by the unit, from exact optima about what is asked.
extension Explainer {
    /// What one unit more of a constraint saves; nil where it comes in steps, or no straight piece is near.
    func price(_ kind: ConstraintKind) throws(Interruption) -> Explanation.Price? {
        let request = problem.request
        switch kind {
        case .budget:
            guard let budget = request.budget, budget.period == .month else { return nil }
            let amount = budget.amount
            // Bills are rounded line by line: a budget that is met to the cent is met by a few cents less.
            let rounding = TermModel(problem.keeping { base.division.offers.contains($0.id) })
                .roundingSlack(.month, base.division.offers.count)
            let noise = threshold + rounding * Double(request.months)
            return try price(amount.doubleValue, "USD", 0.01...(16 * amount.doubleValue), sign: -1, noise: noise) {
                value in
                let minor = Int128((value * 100).rounded())
                return problem.asking { $0.budget?.amount = Amount(minor: minor, amount.asset) }
            }
        case .maxProviderShare:
            guard let share = request.maxProviderShare else { return nil }
            return try price(100 * share.doubleValue, "percentage point", 0...100, sign: -1) { value in
                problem.asking { $0.maxProviderShare = Self.decimal(value / 100) }
            }
        default: return nil
        }
    }

    /// What one terabyte more room at an offer saves.
    func capacityPrice(_ offer: Offer) throws(Interruption) -> Explanation.Price? {
        guard let capacity = offer.capacityBytes, capacity > 0 else { return nil }
        let most = 1.01 * max(Double(capacity), Double(problem.request.peakLogicalBytes))
        return try price(Double(capacity) / 1e12, "TB", 0...(most / 1e12), sign: -1) { value in
            problem.selling(offer.id) { $0.capacityBytes = Int((value * 1e12).rounded()) }
        }
    }

    /// What a limit of one more multiple of what is stored saves. Where it changes in the term, it is the tightest that is
    /// named, and all of them move by as much.
    func egressLimitPrice(_ offer: Offer) throws(Interruption) -> Explanation.Price? {
        let limits = offer.egressLimits(for: problem.request).compactMap(\.self)
        guard let multiple = limits.min()?.doubleValue, multiple > 0 else { return nil }
        return try price(multiple, "times what is stored", (multiple / 16)...(16 * multiple), sign: -1) { value in
            problem.selling(offer.id) { $0.moveEgressLimits(by: value - multiple) }
        }
    }

    /// What one terabyte more stored at the start costs a month.
    func volumePrice() throws(Interruption) -> Explanation.Price? {
        let request = problem.request
        let origin = Double(request.logicalBytes) / 1e12
        // Objects are whole: between two counts of them nothing changes where each is billed at a least size.
        let grain = Double(max(1, request.meanObjectBytes)) / 1e12
        let stepped = problem.offers.contains {
            base.division.offers.contains($0.id)
                && $0.tariffs(for: request).contains { $0.objectOverheadBytes > 0 || $0.minimumObjectBytes > 0 }
        }
        let grows = request.monthlyGrowth != .zero
        let noise = threshold + (stepped && grows ? 2 * base.cost * grain / origin : 0)
        return try price(
            origin, "TB", (origin / 16)...(8 * origin), sign: 1 / Double(request.months), noise: noise,
            grain: grain < origin / 1000 ? grain : 0
        ) { value in
            problem.asking { $0.logicalBytes = max(1, Int(min(value * 1e12, 9e18).rounded())) }
        }
    }

    /// What one terabyte more read from traffic region `u` costs a month.
    func egressPrice(_ u: Int) throws(Interruption) -> Explanation.Price? {
        let origin = Double(problem.request.traffic[u].egressBytes) / 1e12
        return try price(origin, "TB", (origin / 16)...(4 * origin), sign: 1 / Double(problem.request.months)) {
            value in
            problem.asking { $0.traffic[u].egressBytes = Int(min(value * 1e12, 9e18).rounded()) }
        }
    }

    private func price(
        _ origin: Double, _ unit: String, _ range: ClosedRange<Double>, sign: Double, noise: Double? = nil,
        grain: Double = 0, _ variant: @escaping (Double) -> AllocationProblem
    ) throws(Interruption) -> Explanation.Price? {
        guard range.contains(origin) else { return nil }
        let search = PieceSearch(
            origin: origin, optimum: base.cost, range: range, step: origin / 500, noise: noise ?? threshold,
            grain: grain, value: { (value) throws(Interruption) in try oracle.optimum(variant(value))?.cost })
        guard let piece = try search.piece() else { return nil }
        let amount = sign * piece.slope
        return Explanation.Price(
            amount: abs(amount) < 1e-12 ? 0 : amount, unit: unit, value: origin, lower: piece.lower,
            upper: piece.upper, isOpenBelow: piece.isOpenBelow, isOpenAbove: piece.isOpenAbove)
    }

    /// A number as a decimal of fifteen places, not below 0.
    static func decimal(_ value: Double) -> ExactDecimal {
        (try? ExactDecimal(significand: Int128((max(0, min(value, 1e15)) * 1e15).rounded()), scale: 15)) ?? .zero
    }
}

extension Explanation {
    /// What single offers' limits cost.
    mutating func explainLimits(_ explainer: Explainer, _ progress: (String) -> Void) throws(AllocationError) {
        try explainLimits(
            explainer, .capacity, explainer.problem.offers.filter { $0.capacityBytes != nil }, progress,
            Subject.capacity(offer:), { "\(Double($0.capacityBytes ?? 0) / 1e12) TB" }, { $0.capacityBytes = nil },
            { (offer) throws(Interruption) in try explainer.capacityPrice(offer) })
        let request = explainer.problem.request
        try explainLimits(
            explainer, .egressLimit,
            explainer.problem.offers.filter { $0.egressLimits(for: request).contains { $0 != nil } }, progress,
            Subject.egressLimit(offer:),
            { offer in
                let limits = offer.egressLimits(for: request).map { $0.map { "\($0) times what is stored" } ?? "none" }
                return limits.joined(separator: ", then ")
            },
            { $0.liftEgressLimits() },
            { (offer) throws(Interruption) in try explainer.egressLimitPrice(offer) })
    }

    private mutating func explainLimits(
        _ explainer: Explainer, _ kind: ConstraintKind, _ offers: [Offer], _ progress: (String) -> Void,
        _ subject: (String) -> Subject, _ asked: (Offer) -> String, _ relax: (inout Offer) -> Void,
        _ price: (Offer) throws(Interruption) -> Price?
    ) throws(AllocationError) {
        guard !offers.isEmpty else { return }
        progress("what \(kind.label) cost")
        let problem = explainer.problem
        // Where all of them together cost nothing, none does.
        let free = try attempt("what \(kind.label) cost") { () throws(Interruption) in
            try explainer.oracle.optimum(problem, relaxed: [kind], part: Oracle.longPart)
        }
        guard let free else { return }
        let isFree = explainer.difference(free) >= 0
        for offer in offers {
            var effect = Effect(
                subject: subject(offer.id), asked: asked(offer), achieved: nil, cost: isFree ? 0 : nil,
                isBinding: isFree ? false : nil)
            if !isFree {
                let relaxed = try optimum(
                    "what the limit of \(offer.id) costs", explainer, &effect, problem.selling(offer.id, relax))
                if relaxed != nil, effect.isBinding == true {
                    effect.price = try attempt("the price of the limit of \(offer.id)") { () throws(Interruption) in
                        try price(offer)
                    }
                }
            }
            effects.append(effect)
        }
    }

    /// What one more of each demand costs.
    mutating func explainDemand(_ explainer: Explainer, _ progress: (String) -> Void) throws(AllocationError) {
        progress("what one more terabyte costs")
        let volume = try attempt("what one more terabyte stored costs") { () throws(Interruption) in
            try explainer.volumePrice()
        }
        if let volume { demandPrices.append(DemandPrice(region: nil, price: volume)) }
        for (u, part) in explainer.problem.request.traffic.enumerated() where part.egressBytes > 0 {
            let price = try attempt("what one more terabyte read from \(part.region) costs") {
                () throws(Interruption) in
                try explainer.egressPrice(u)
            }
            if let price { demandPrices.append(DemandPrice(region: part.region, price: price)) }
        }
    }
}
