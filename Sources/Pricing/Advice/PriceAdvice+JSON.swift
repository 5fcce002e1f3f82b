import Documents
import Marketplace
import Money
import Quoting

extension PriceAdvice {
    /// The advice as one document. Prices per volume unit (`unit`) where they are the tariff's, per GB (10⁹ bytes)
    /// where they are compared with rivals'; decimals that are money are strings.
    public var json: JSONValue {
        JSONValue(members: [
            ("provider", .string(provider)), ("day", .string("\(day)")), ("catalog", .string(catalogVersion)),
            (
                "comparable",
                [
                    "rule": .string(Self.rule), "priceFactor": JSONValue(comparability.priceFactor),
                    "volumeGB": JSONValue(comparability.volumeBytes / 1e9)
                ]
            ),
            ("positions", .array(positions.map(\.json))), ("breakpoints", listing == nil ? breakpoints : nil),
            ("choices", listing.map(json)), ("advice", decisionJSON), ("inputs", listing == nil ? inputsJSON : nil)
        ])
    }

    private func json(_ listing: ListingEvidence) -> JSONValue {
        JSONValue(members: [
            ("offer", .string(replayed.offer.id)), ("unit", .string(replayed.offer.tariff.unit.rawValue)),
            ("shown", JSONValue(listing.ownChoices)), ("taken", JSONValue(listing.taken)),
            ("cohort", JSONValue(listing.cohortChoices)),
            // Log odds lost with each USD per GB and month.
            (
                "sensitivity",
                listing.evidence.sensitivityDraws.isEmpty
                    ? nil
                    : [
                        "median": JSONValue(Quantile.of(listing.evidence.sensitivityDraws, 0.5)),
                        "from": JSONValue(Quantile.of(listing.evidence.sensitivityDraws, 0.025)),
                        "to": JSONValue(Quantile.of(listing.evidence.sensitivityDraws, 0.975))
                    ]
            ),
            ("firstStageF", listing.evidence.firstStageF.flatMap { $0.isFinite ? JSONValue($0) : nil }),
            (
                "forecast",
                listing.forecast.map {
                    [
                        "choices": JSONValue($0.choices), "logLoss": JSONValue($0.logLoss),
                        "baseRateLogLoss": JSONValue($0.baseRateLogLoss)
                    ]
                }
            ),
            ("assumptions", .array(assumptions.map { .string($0) }))
        ])
    }

    /// What "comparable" means, in one sentence.
    static let rule =
        "another provider's offer on the same continent, with the same access and level of availability (whole nines), "
        + "whose storage price is within the price factor"

    private var breakpoints: JSONValue {
        let chosen: JSONValue =
            switch choice {
            case .named: "named"
            case .mostEligible(let count, let tied):
                ["eligibleRequests": JSONValue(count), "tiedOffers": JSONValue(tied)]
            }
        return [
            "offer": .string(replayed.offer.id), "unit": .string(replayed.offer.tariff.unit.rawValue),
            "chosen": chosen, "from": JSONValue(range.lowerBound), "to": JSONValue(range.upperBound),
            "tick": "0.000001", "assumptions": .array(assumptions.map { .string($0) }),
            "exact": .bool(replays.allSatisfy(\.isExact)), "steps": .array(shownSteps.map(json)),
            "requests": .array(replays.map(json))
        ]
    }

    private func json(_ step: PriceStep) -> JSONValue {
        let volumes = zip(requests, step.volumeGBMonths).filter { $0.1 > 0 }.map { named, volume -> JSONValue in
            ["request": .string(named.name), "gigabyteMonths": JSONValue(volume)]
        }
        return [
            "upTo": .string(step.upTo < range.upperBound ? "\(step.tick)" : "\(price(step.upTo))"),
            "endOfRange": .bool(step.upTo >= range.upperBound), "gigabyteMonths": JSONValue(step.total),
            "meanGB": JSONValue(meanGigabytes(step)), "requests": .array(volumes)
        ]
    }

    /// The end of the range on the price tick.
    func price(_ value: Double) -> ExactDecimal {
        (try? ExactDecimal(significand: Int128((value * PriceTick.perUSD).rounded(.down)), scale: 6)) ?? .zero
    }

    private func json(_ replay: RequestReplay) -> JSONValue {
        var members: [(String, JSONValue?)] = [
            ("request", .string(replay.name)), ("months", JSONValue(replay.months)), ("exact", .bool(replay.isExact)),
            ("listedGigabyteMonths", replay.listedGBMonths.map { JSONValue($0) }),
            ("needsOffer", replay.needsOffer.map { .string($0) }),
            ("leavesOutCredits", .bool(replay.leavesOutCredits))
        ]
        switch replay.standing {
        case .replayed: members.append(("standing", "replayed"))
        case .undecided: members.append(("standing", "undecided"))
        case .infeasible(let words): members += [("standing", "infeasible"), ("reason", .string(words))]
        case .ineligible(let causes):
            let reasons = causes.map { cause -> JSONValue in
                ["reason": .string(cause.reason.rawValue), "detail": .string(cause.detail)]
            }
            members += [("standing", "ineligible"), ("reasons", .array(reasons))]
        }
        if let price = replay.entersBelow {
            let isOpen = price >= range.upperBound
            members.append(("entersAt", .string(isOpen ? "\(self.price(price))" : "\(PriceTick.below(price))")))
            members.append(("entersAtEndOfRange", .bool(isOpen)))
        }
        let pieces = replay.pieces.map { piece -> JSONValue in
            let isEnd = piece.upTo >= range.upperBound
            return [
                "upTo": .string(isEnd ? "\(price(piece.upTo))" : "\(PriceTick.below(piece.upTo))"),
                "gigabyteMonths": JSONValue(piece.gigabyteMonths), "met": .bool(piece.isMet)
            ]
        }
        members.append(("pieces", .array(pieces)))
        return JSONValue(members: members)
    }
}

extension MarketPosition {
    /// The position; prices in USD per GB and month.
    var json: JSONValue {
        JSONValue(members: [
            ("offer", .string(offer.id)), ("pricePerGB", JSONValue(price)), ("rank", JSONValue(rank)),
            ("of", JSONValue(rivals.count + 1)), ("quantiles", quantiles?.json),
            ("rivals", .array(rivals.map { ["offer": .string($0.offer), "pricePerGB": JSONValue($0.price)] })),
            ("latency", .array(reach.map(\.json)))
        ])
    }
}

extension MarketPosition.Quantiles {
    var json: JSONValue {
        [
            "minimum": JSONValue(minimum), "lowerQuartile": JSONValue(lowerQuartile), "median": JSONValue(median),
            "upperQuartile": JSONValue(upperQuartile), "maximum": JSONValue(maximum)
        ]
    }
}

extension MarketPosition.Reach {
    var json: JSONValue {
        [
            "region": .string(region), "milliseconds": latency.map { JSONValue($0.milliseconds) } ?? .null,
            "measured": latency.map { .bool($0.measured) } ?? .null
        ]
    }
}
