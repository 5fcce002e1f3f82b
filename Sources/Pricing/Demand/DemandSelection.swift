import LinearAlgebra

/// The conditional or the nested logit, whichever foretold later choices better, fitted to all of them.
public struct DemandSelection: Sendable {
    /// The model to use.
    public var model: any ChoiceModel { nestedFit ?? conditionalFit }
    /// Whether it is the nested logit.
    public var isNested: Bool { nestedFit != nil }
    /// The conditional logit of all choices.
    public let conditionalFit: LogitFit
    /// The nested logit of all choices, if it foretold better.
    public let nestedFit: NestedFit?
    /// How the conditional logit of the earlier choices foretold the later ones.
    public let conditional: ChoiceScores
    /// How the nested logit did; nil where it has no estimate.
    public let nested: ChoiceScores?

    /// Fits both to the choices before `boundary`, scores both on the others, and fits the better to all.
    ///
    /// - Parameters:
    ///   - data: the choices.
    ///   - variables: those of utility.
    ///   - nests: what alternatives of a nest have in common.
    ///   - outside: whether the outside option is an alternative of every situation.
    ///   - grouping: the grouping that tells time, e.g. `week`.
    ///   - boundary: the first value of it that is foretold.
    ///   - price: the variable of the price, for the scores beside.
    ///   - threads: the number of threads; results do not depend on it.
    /// - Throws: what ``ConditionalLogit/fit(_:variables:outside:ridge:cluster:threads:)`` throws. A nested logit
    ///   without an estimate is left out.
    public init(
        _ data: ChoiceData, variables: [String], nests: NestedFit.Nests, outside: Bool, split grouping: String,
        at boundary: Int, price: String = "price", threads: Int = ParallelBlocks.defaultThreads
    ) throws(PricingError) {
        let (earlier, later) = try data.split(by: grouping, at: boundary)
        let plain = try ConditionalLogit.fit(earlier, variables: variables, outside: outside, threads: threads)
        let conditional = try ChoiceScores(of: plain, on: later, fittedTo: earlier, price: price, outside: outside)
        self.conditional = conditional
        conditionalFit = try ConditionalLogit.fit(data, variables: variables, outside: outside, threads: threads)
        func fitted(_ data: ChoiceData) -> NestedFit? {
            try? NestedLogit.fit(data, variables: variables, nests: nests, outside: outside, threads: threads)
        }
        nested = fitted(earlier).flatMap {
            try? ChoiceScores(of: $0, on: later, fittedTo: earlier, price: price, outside: outside)
        }
        nestedFit = nested.map { $0.logLoss < conditional.logLoss } == true ? fitted(data) : nil
    }
}
