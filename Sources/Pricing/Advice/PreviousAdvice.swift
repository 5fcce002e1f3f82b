import Documents
import Money

/// The inputs of an earlier advice, read from its JSON document, to tell what moved the price since.
public struct PreviousAdvice: Sendable, Hashable {
    /// The offer it was on.
    public let offer: String
    /// The day it was for.
    public let day: CalendarDay
    /// The requests as they were replayed then.
    let requests: [PricedRequest]
    let rivalFactors: [Double]
    let promise: QoSPromise?
    let breachProbability: Double
    let outlay: Double
    let platformFee: Double
    let capacity: Double?

    /// Reads the document that `advise --json` printed.
    ///
    /// - Throws: `InputError` naming the field at fault.
    public init(_ value: JSONValue, document: String) throws(InputError) {
        let log = IssueLog()
        let root = ObjectReader(value, log: log)
        let day = root.day("day")
        guard let inputs = root.requiredObject("inputs") else {
            throw InputError(
                document,
                [InputIssue("/inputs", "is missing", remedy: "give what 'advise --json' printed for the same offer")])
        }
        let numbers = NumberReader(log: log)
        let offer = inputs.string("offer")
        let outlay = numbers.number(inputs, "outlay")
        let fee = numbers.number(inputs, "platformFee")
        let capacity = inputs.has("capacity") ? numbers.number(inputs, "capacity") : nil
        let breach = numbers.number(inputs, "breachProbability")
        let promise = inputs.object("promise").flatMap { reader -> QoSPromise? in
            guard let latency = numbers.number(reader, "latencyMilliseconds"),
                let uptime = numbers.number(reader, "uptimePercent")
            else { return nil }
            return QoSPromise(latencyMilliseconds: latency, uptimePercent: uptime)
        }
        var factors: [Double] = []
        if case .array(let elements) = inputs.value("rivalFactors") {
            factors = elements.compactMap { if case .number(let text) = $0 { Double(text) } else { nil } }
        }
        let requests = inputs.objects("requests").compactMap { reader -> PricedRequest? in
            _ = reader.string("request")
            let pieces = reader.objects("pieces").compactMap { piece -> PricedRequest.Piece? in
                guard let upTo = numbers.number(piece, "upTo"), let volume = numbers.number(piece, "volume"),
                    let intercept = numbers.number(piece, "costIntercept"),
                    let slope = numbers.number(piece, "costSlope")
                else { return nil }
                let other = piece.has("otherProfit") ? numbers.number(piece, "otherProfit") : 0
                return PricedRequest.Piece(
                    upTo: upTo, volume: volume, costIntercept: intercept, costSlope: slope, otherProfit: other ?? 0)
            }
            guard let rate = numbers.number(reader, "monthlyRate"),
                let reference = numbers.number(reader, "referenceTotal")
            else { return nil }
            return PricedRequest(monthlyRate: rate, pieces: pieces, referenceTotal: reference)
        }
        try log.check(document)
        guard let day, let offer, let outlay, let fee, let breach, !factors.isEmpty, !requests.isEmpty else {
            throw InputError(document, [InputIssue("/inputs", "has no requests", remedy: "leave --previous out")])
        }
        self.offer = offer
        self.day = day
        self.requests = requests
        rivalFactors = factors
        self.promise = promise
        breachProbability = breach
        self.outlay = outlay
        platformFee = fee
        self.capacity = capacity
    }

    /// The inputs of then, with the acceptance of now.
    func inputs(beside option: PromiseOption) -> PreviousInputs {
        PreviousInputs(
            option: PromiseOption(
                promise: promise,
                demand: PricedDemand(
                    requests: requests, acceptances: option.demand.acceptances, rivalFactors: rivalFactors),
                breachProbability: breachProbability),
            outlay: outlay, platformFee: platformFee, capacity: capacity)
    }
}

/// Reads doubles, which may have exponents.
private struct NumberReader {
    let log: IssueLog

    func number(_ reader: ObjectReader, _ field: String) -> Double? {
        if case .number(let text) = reader.value(field), let value = Double(text), value.isFinite { return value }
        log.report(reader.location(field), "expected a number", remedy: "give the document as it was printed")
        return nil
    }
}
