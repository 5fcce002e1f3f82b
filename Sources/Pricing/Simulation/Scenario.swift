/// A market with known truth: how users choose, what providers cost, and how prices came about.
///
/// A scenario is a JSON document; samples lie in `datasets/scenarios`. It is a distribution: each replication draws its
/// providers, their weeks and their users from it, by the seed and its own number.
public struct Scenario: Sendable, Hashable {
    /// How the truth decides who serves a request.
    public enum Market: String, Sendable, Hashable, CaseIterable {
        /// The user picks among the providers shown by a conditional logit, or picks none.
        case logit
        /// The same by a nested logit over groups of providers; to pick none is a group of its own.
        case nested
        /// The same by a logit whose price sensitivity differs from user to user, log-normally.
        case mixed
        /// The allocation optimizer picks; the user accepts or refuses the total by a logit.
        case program
    }

    /// What users like. Utilities are in units of the logit's error, of which to pick none has 0.
    public struct Demand: Sendable, Hashable {
        /// Utility of any provider against none.
        public var constant = 2.2
        /// Utility lost with each USD of the price per terabyte and month, the mean user's.
        public var priceSensitivity = 0.75
        /// Utility of an egress price of one cent more per gigabyte.
        public var egress = -0.12
        /// Utility of one more nine of availability.
        public var nines = 0.45
        /// Utility of 100 ms more to the user.
        public var latency = -0.8
        /// Utility of a certification.
        public var certification = 0.6
        /// Standard deviation of a provider's lasting quality that nobody recorded, in utility.
        public var lastingQuality = 0.3
        /// Standard deviation of its change from week to week, in utility.
        public var weeklyQuality = 0.4
        /// Dissimilarity ρ within a group of providers, above 0 and at most 1; nested markets only. 1 is the plain logit.
        public var dissimilarity = 1.0
        /// Groups of providers; nested markets only.
        public var groups = 1
        /// Standard deviation of the logarithm of a user's price sensitivity; mixed markets only.
        public var sensitivitySpread = 0.0

        /// The defaults.
        public init() {}
    }

    /// What providers cost, and how they set prices before anybody advised them: cost times one and a markup, plus a part
    /// of the unrecorded quality, plus noise. In USD per terabyte and month.
    public struct Supply: Sendable, Hashable {
        /// The lowest and the highest mean cost of a provider.
        public var cost = 2.0...4.0
        /// Standard deviation of the weekly cost shifter, which is on record.
        public var shifter = 0.4
        /// The lowest and the highest markup over cost, as a share of it.
        public var markup = 0.15...0.6
        /// USD by which the price follows one unit of the week's unrecorded quality: what makes prices endogenous.
        public var qualityPassThrough = 0.6
        /// Standard deviation of the rest, in USD.
        public var noise = 0.15

        /// The defaults.
        public init() {}
    }

    /// Who accepts what the optimizer offers; program markets only. A(T) = 1/(1 + exp(−(intercept − slope·T/R))), where R
    /// is what the request would cost at ``referencePrice`` without egress.
    public struct Acceptance: Sendable, Hashable {
        /// g₀.
        public var intercept = 5.0
        /// g₁.
        public var slope = 4.0
        /// USD per gigabyte and month of the reference total.
        public var referencePrice = 0.004

        /// The defaults.
        public init() {}
    }

    /// The name that reports carry.
    public var name: String
    /// Who decides.
    public var market: Market
    /// The seed of everything.
    public var seed: UInt64 = 20_261_126
    /// Quotes of the history that advice is given from.
    public var quotes = 2000
    /// Weeks of the history.
    public var weeks = 40
    /// How many providers there are.
    public var providers = 12
    /// The least and the most providers that a user is shown; of no concern to the optimizer.
    public var shown = 3...6
    /// Replications unless the command says otherwise.
    public var replications = 40
    /// Rounds in which all follow the advice, unless the command says otherwise.
    public var rounds = 40
    /// What users like.
    public var demand = Demand()
    /// What providers cost and charge.
    public var supply = Supply()
    /// Who accepts; program markets only.
    public var acceptance = Acceptance()

    /// A scenario of that market with the defaults.
    public init(name: String, market: Market) {
        self.name = name
        self.market = market
    }
}
