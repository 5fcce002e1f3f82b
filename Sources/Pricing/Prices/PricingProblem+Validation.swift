extension PricingProblem {
    /// Refuses figures that are no numbers or out of range. O(pieces + draws).
    /// - Throws: ``PricingError/badValue(field:remedy:)`` that names the field.
    public func validate() throws(PricingError) {
        try PricingError.require(!options.isEmpty, "options", "give at least one: the promise that stands")
        try PricingError.require(outlay >= 0 && outlay.isFinite, "outlay", "give a finite number, at least 0")
        if let fullOutlay {
            try PricingError.require(
                fullOutlay >= 0 && fullOutlay.isFinite, "fullOutlay", "give a finite number, at least 0")
        }
        try PricingError.require(platformFee >= 0 && platformFee < 1, "platformFee", "give a share from 0 to below 1")
        if let capacity {
            try PricingError.require(capacity >= 0 && capacity.isFinite, "capacity", "give a finite number, at least 0")
        }
        try PricingError.require(
            range.lowerBound >= 0 && range.upperBound.isFinite && range.upperBound > range.lowerBound, "range",
            "give 0 ≤ lower < upper, finite")
        try PricingError.require(tick > 0 && tick.isFinite, "tick", "give a finite number above 0")
        try PricingError.require(
            PriceGrid(tick: tick, limit: range.upperBound) != nil, "tick",
            "give at least \(range.upperBound * 0x1p-50): finer steps of such prices cannot be told apart")
        if let currentPrice {
            try PricingError.require(
                currentPrice >= 0 && currentPrice.isFinite, "currentPrice", "give a finite number, at least 0")
        }
        if let floor {
            try PricingError.require(floor >= 0 && floor.isFinite, "floor", "give a finite number, at least 0")
        }
        if let largestChange {
            try PricingError.require(
                largestChange > 0 && largestChange.isFinite, "largestChange", "give a share above 0, such as 0.2")
            try PricingError.require(currentPrice != nil, "currentPrice", "give the price that changes are capped from")
        }
        for (index, option) in options.enumerated() { try option.validate("options[\(index)]") }
        if let previous {
            try PricingError.require(
                previous.outlay >= 0 && previous.outlay.isFinite, "previous.outlay", "give a finite number, at least 0")
            try PricingError.require(
                previous.platformFee >= 0 && previous.platformFee < 1, "previous.platformFee",
                "give a share from 0 to below 1")
            try PricingError.require(
                previous.capacity.map { $0 >= 0 && $0.isFinite } ?? true, "previous.capacity",
                "give a finite number, at least 0")
            try previous.option.validate("previous.option")
            try previous.presentRivals?.validate("previous.presentRivals")
            try previous.presentQuality?.validate("previous.presentQuality")
        }
        try evidence.validate()
    }
}

extension PromiseOption {
    func validate(_ path: String) throws(PricingError) {
        try PricingError.require(
            breachProbability >= 0 && breachProbability < 1, "\(path).breachProbability",
            "give a probability from 0 to below 1")
        try demand.validate("\(path).demand")
    }
}

extension PricedDemand {
    /// The highest price at which demand is known under every factor of rivals' prices; +∞ when nothing is asked for.
    var knownUpTo: Double {
        let factor = rivalFactors.min() ?? 1
        return requests.reduce(.infinity) { known, request in
            request.pieces.last.map { min(known, $0.upTo * factor) } ?? known
        }
    }

    func validate(_ path: String) throws(PricingError) {
        try PricingError.require(
            !rivalFactors.isEmpty && rivalFactors.allSatisfy { $0 > 0 && $0.isFinite }, "\(path).rivalFactors",
            "give finite factors above 0; [1] when rivals stand")
        let most = acceptances.map(\.draws.count).max() ?? 0
        for (index, acceptance) in acceptances.enumerated() {
            let field = "\(path).acceptances[\(index)]"
            try PricingError.require(
                acceptance.draws.count == 1 || acceptance.draws.count == most && most > 0, field,
                "give one draw, or as many as the others have")
            try PricingError.require(
                acceptance.draws.allSatisfy {
                    $0.sensitivity.isFinite && !$0.intercept.isNaN && $0.intercept > -.infinity
                },
                field, "give finite curves, or an intercept of +∞ for certain acceptance")
        }
        for (index, request) in requests.enumerated() { try validate(request, "\(path).requests[\(index)]") }
    }

    private func validate(_ request: PricedRequest, _ path: String) throws(PricingError) {
        try PricingError.require(
            request.monthlyRate >= 0 && request.monthlyRate.isFinite, "\(path).monthlyRate",
            "give a finite number, at least 0")
        try PricingError.require(
            request.referenceTotal > 0 && request.referenceTotal.isFinite, "\(path).referenceTotal",
            "give a finite amount above 0")
        try PricingError.require(
            acceptances.indices.contains(request.acceptance), "\(path).acceptance",
            "give an index of the demand's acceptances")
        var last = 0.0
        for piece in request.pieces {
            let isNumber =
                piece.upTo.isFinite && piece.volume.isFinite && piece.costIntercept.isFinite && piece.costSlope.isFinite
                && piece.otherProfit.isFinite
            try PricingError.require(
                isNumber && piece.volume >= 0 && piece.costSlope >= 0 && piece.upTo >= last, "\(path).pieces",
                "give finite figures by rising price, volume and costSlope at least 0")
            last = piece.upTo
        }
    }
}

extension DemandEvidence {
    func validate() throws(PricingError) {
        try PricingError.require(
            (ownQuotes ?? 0) >= 0 && (cohortQuotes ?? 0) >= 0, "evidence", "give counts of quotes, at least 0")
        try PricingError.require(
            sensitivityDraws.allSatisfy(\.isFinite), "evidence.sensitivityDraws", "give finite draws")
        try PricingError.require(
            priceVariation.map { $0 >= 0 && $0.isFinite } ?? true, "evidence.priceVariation",
            "give a finite number, at least 0")
        try PricingError.require(
            !(firstStageF?.isNaN ?? false), "evidence.firstStageF", "give a number, or none")
        try PricingError.require(
            observedPrices.map { $0.lowerBound.isFinite && $0.upperBound.isFinite } ?? true, "evidence.observedPrices",
            "give finite prices")
    }
}
