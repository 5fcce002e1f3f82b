import Documents
import Marketplace
import Money

extension PriceAdvice {
    /// The price and what it rests on; prices in USD per volume unit and month, as decimal strings where they are advised.
    var decisionJSON: JSONValue {
        JSONValue(members: [
            ("offer", .string(replayed.offer.id)), ("objective", .string(terms.objective.rawValue)),
            ("status", recommendation == nil ? "abstained" : "recommended"),
            ("recommended", recommendation.map(json)),
            (
                "reasons",
                .array(
                    (own.costs == nil ? [["reason": "noCosts", "detail": .string(reasons.first ?? "")]] : [])
                        + decision.reasons.map { ["reason": .string($0.code), "detail": .string($0.words)] })
            ),
            (
                "cautions",
                .array(
                    (recommendation == nil ? [] : decision.cautions).map {
                        ["caution": .string($0.code), "detail": .string($0.words)]
                    })
            ),
            ("notes", .array(evidence.notes.map { .string($0) })), ("stage", .string(decision.stage.rawValue)),
            ("marginalCost", own.costs.map { _ in JSONValue(decision.marginalCost) }),
            ("fullCost", decision.fullCost.map { JSONValue($0) }),
            (
                "costs",
                own.costs.map { ["source": .string($0.source), "assumption": .bool($0.isAssumption)] }
            ),
            ("curve", .array(decision.curve.map(json))), ("won", .array(decision.breakpoints.map(json))),
            ("promises", .array(decision.promises.map(json))), ("drivers", decision.drivers.map(json)),
            ("benchmark", decision.benchmark.map(json)),
            (
                "whatIf",
                .array(
                    zip(terms.whatIf, whatIf).map { ["asked": JSONValue($0), "does": $1.map(json) ?? .null] })
            ),
            (
                "data",
                JSONValue(members: [
                    ("requests", JSONValue(problemNames.count)), ("ownQuotes", JSONValue(evidence.ownQuotes)),
                    ("cohortQuotes", JSONValue(evidence.cohortQuotes)), ("history", historySource.map { .string($0) }),
                    ("newest", evidence.newest.map { .string("\($0)") }),
                    ("ageDays", evidence.newest.map { JSONValue(max(0, day.ordinal - $0.ordinal)) })
                ])
            ),
            ("bucket", own.bucket.map(json))
        ])
    }

    /// The replayed demand and the costs, from which a later advice tells what moved the price; see ``PreviousAdvice``.
    var inputsJSON: JSONValue {
        let option = problem.options.first
        let requests = zip(problemNames, option?.demand.requests ?? []).map { name, request -> JSONValue in
            [
                "request": .string(name), "monthlyRate": JSONValue(request.monthlyRate),
                "referenceTotal": JSONValue(request.referenceTotal),
                "pieces": .array(
                    request.pieces.map {
                        [
                            "upTo": JSONValue($0.upTo), "volume": JSONValue($0.volume),
                            "costIntercept": JSONValue($0.costIntercept), "costSlope": JSONValue($0.costSlope),
                            "otherProfit": JSONValue($0.otherProfit)
                        ]
                    })
            ]
        }
        return JSONValue(members: [
            ("offer", .string(replayed.offer.id)), ("outlay", JSONValue(problem.outlay)),
            ("platformFee", JSONValue(problem.platformFee)), ("capacity", problem.capacity.map { JSONValue($0) }),
            ("breachProbability", JSONValue(option?.breachProbability ?? 0)), ("promise", option?.promise.map(json)),
            ("rivalFactors", .array((option?.demand.rivalFactors ?? [1]).map { JSONValue($0) })),
            ("requests", .array(requests))
        ])
    }

    private func json(_ recommendation: PriceRecommendation) -> JSONValue {
        JSONValue(members: [
            ("price", .string("\(tick(recommendation.price))")), ("interval", json(recommendation.interval)),
            ("nearlyBest", json(recommendation.nearlyBest)), ("expected", json(recommendation.expected)),
            ("listed", recommendation.current.map(json)), ("promise", recommendation.promise.map(json)),
            ("objectiveBound", JSONValue(recommendation.objectiveBound)),
            ("capacityShadowPrice", JSONValue(recommendation.capacityShadowPrice)),
            ("withoutCap", .string("\(tick(recommendation.uncappedPrice))")),
            ("expectedForfeits", JSONValue(recommendation.expectedForfeits)),
            (
                "hold",
                JSONValue(members: [
                    ("days", JSONValue(recommendation.hold.days)),
                    (
                        "until",
                        .string("\(holdUntil(recommendation))")
                    ), ("cause", .string(recommendation.hold.cause.rawValue)),
                    ("acceptancesPerMonth", JSONValue(recommendation.hold.acceptancesPerMonth)),
                    ("valueOfWaiting", recommendation.hold.valueOfWaiting.map { JSONValue($0) })
                ])
            )
        ])
    }

    /// A price of the decision, which is a whole tick.
    func tick(_ value: Double) -> ExactDecimal {
        (try? ExactDecimal(significand: Int128((min(max(0, value), 1e6) * PriceTick.perUSD).rounded()), scale: 6))
            ?? .zero
    }

    private func json(_ range: ClosedRange<Double>) -> JSONValue {
        ["from": JSONValue(range.lowerBound), "to": JSONValue(range.upperBound)]
    }

    private func json(_ promise: QoSPromise) -> JSONValue {
        [
            "latencyMilliseconds": JSONValue(promise.latencyMilliseconds),
            "uptimePercent": JSONValue(promise.uptimePercent)
        ]
    }

    private func json(_ point: PriceCurvePoint) -> JSONValue {
        JSONValue(members: [
            ("price", JSONValue(point.price)), ("profit", JSONValue(point.profit)),
            ("otherProfit", JSONValue(point.otherProfit)), ("profitBand", json(point.profitBand)),
            ("revenue", JSONValue(point.revenue)),
            ("acceptance", JSONValue(point.acceptance)), ("acceptanceBand", json(point.acceptanceBand)),
            ("winRate", JSONValue(point.winRate)), ("volume", JSONValue(point.volume)),
            ("volumeBand", json(point.volumeBand)), ("utilisation", point.utilisation.map { JSONValue($0) })
        ])
    }

    private func json(_ breakpoint: PriceBreakpoint) -> JSONValue {
        [
            "upTo": .string("\(tick(breakpoint.price))"), "volume": JSONValue(breakpoint.volume),
            "requests": JSONValue(breakpoint.requests), "endOfRange": .bool(breakpoint.isEndOfRange)
        ]
    }

    private func json(_ outcome: PromiseOutcome) -> JSONValue {
        JSONValue(members: [
            ("promise", outcome.promise.map(json)), ("breachProbability", JSONValue(outcome.breachProbability)),
            ("marginalCost", JSONValue(outcome.marginalCost)), ("best", outcome.best.map(json)),
            ("expectedForfeits", JSONValue(outcome.expectedForfeits))
        ])
    }

    private func json(_ drivers: PriceDrivers) -> JSONValue {
        [
            "previousPrice": JSONValue(drivers.previousPrice), "cost": JSONValue(drivers.cost),
            "rivals": JSONValue(drivers.rivals), "quality": JSONValue(drivers.quality),
            "capacity": JSONValue(drivers.capacity)
        ]
    }

    private func json(_ estimate: HedonicEstimate) -> JSONValue {
        JSONValue(members: [
            ("price", estimate.price.map { JSONValue($0) }), ("interval", estimate.interval.map(json)),
            ("comparables", JSONValue(estimate.comparables)), ("standing", .string(estimate.standing.rawValue))
        ])
    }

    private func json(_ bucket: PlatformBucket) -> JSONValue {
        do throws(PricingError) {
            let conditions = try conditions(for: bucket)
            return JSONValue(members: [
                ("bucket", JSONValue(bucket.bucketID)), ("locked", .bool(bucket.isLocked)), ("applied", false),
                ("update", conditions.flatMap { $0.changesAnything ? $0.json : nil })
            ])
        } catch {
            return [
                "bucket": JSONValue(bucket.bucketID), "locked": .bool(bucket.isLocked), "applied": false,
                "refused": .string("\(error)")
            ]
        }
    }
}
