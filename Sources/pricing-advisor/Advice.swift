import CommandSupport
import Documents
import Marketplace
import Pricing

/// One advice, made and recorded.
enum Advice {
    /// Advises by `options`, records it, and returns it; what is shown is made by `output`, whose hash is recorded.
    ///
    /// - Throws: `CommandEnd`; nothing is shown that was not recorded.
    static func give(
        _ options: AdviceOptions, _ kind: AuditRecord.Kind, output: (PriceAdvice) throws -> String
    ) throws -> String {
        let now = options.time.now
        // Questions are counted before anything is computed, and again under the lock when they are recorded.
        let limit = WhatIfLimit()
        let known = try options.audit.file.readIfPresent()
        try ended { () throws(PricingError) in
            try limit.check(options.whatIf.count, by: options.provider, in: known, now: now)
        }
        let inputs: AdviceInputs
        do { inputs = try AdviceInputs(options) } catch let error as PricingError {
            throw CommandEnd(error.status, "error: \(error)")
        }
        let advice = try ended { () throws(PricingError) in
            try PriceAdvice(
                provider: options.provider, offer: options.offer, requests: inputs.requests, catalog: inputs.catalog,
                day: UTCTime.day(now), range: options.maximumPrice.map { 0...$0 }, own: inputs.own,
                history: inputs.history, choices: inputs.choices, terms: options.terms,
                progress: {
                    Terminal.progress("replaying \(inputs.requests[$0].name) (\($0 + 1) of \(inputs.requests.count)) …")
                })
        }
        let text = try output(advice)
        return try options.audit.file.append { trail in
            try ended { () throws(PricingError) in
                try limit.check(options.whatIf.count, by: options.provider, in: trail, now: now)
            }
            let hash = AuditRecord.digest(of: text.utf8)
            var records: [AuditRecord] = []
            for kind in [kind] + options.whatIf.map({ _ in AuditRecord.Kind.whatIf }) {
                records.append(
                    AuditRecord(
                        after: records.last ?? trail.records.last, time: now, kind: kind, provider: options.provider,
                        offer: advice.replayed.offer.id, inputs: inputs.hash, model: advice.model, output: hash))
            }
            return (records, text)
        }
    }

    /// The value of `body`, or the end of the command with its error's status.
    private static func ended<Value>(_ body: () throws(PricingError) -> Value) throws(CommandEnd) -> Value {
        do throws(PricingError) {
            let value = try body()
            Terminal.progress("", done: true)
            return value
        } catch {
            Terminal.progress("", done: true)
            throw CommandEnd(error.status, "error: \(error)")
        }
    }
}

extension PricingError {
    /// How a command ends on this error.
    var status: ExitStatus {
        switch self {
        case .noRequests, .badRange, .input, .badValue, .badSetting, .unknownVariable: .usage
        case .allocation, .notConverged, .noEquilibrium: .failure
        default: .refused
        }
    }
}
