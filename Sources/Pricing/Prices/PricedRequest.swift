/// What one request gives the offer at every price, and what its quote then costs as a whole.
///
/// A past request stands for those like it that are still to come: ``monthlyRate`` of them a month. By Little's law the
/// offer then stores `monthlyRate · gigabyteMonths` of their data on average, so that one number is volume stored and
/// volume billed in a month.
public struct PricedRequest: Sendable, Hashable {
    /// A stretch of prices with one volume.
    public struct Piece: Sendable, Hashable {
        /// The stretch's upper end, in USD per volume unit and month; the lower end is the piece's before.
        public var upTo: Double
        /// What the offer stores over the term, in volume units times months, in the price's volume unit.
        public var volume: Double
        /// The quote's total over the term is `costIntercept + costSlope · price`, in USD.
        public var costIntercept: Double
        /// How much the total rises with the price; at least 0.
        public var costSlope: Double
        /// What the provider earns over the term from its other offers that take part in the request, in USD.
        public var otherProfit: Double

        /// A piece of given figures.
        public init(
            upTo: Double, volume: Double, costIntercept: Double, costSlope: Double, otherProfit: Double = 0
        ) {
            self.upTo = upTo
            self.volume = volume
            self.costIntercept = costIntercept
            self.costSlope = costSlope
            self.otherProfit = otherProfit
        }
    }

    /// How many such requests arrive in a month.
    public var monthlyRate: Double
    /// The pieces by rising price, while rivals' prices stand. Beyond the last nothing is known.
    public var pieces: [Piece]
    /// The total at which acceptance was measured as 1, in USD; its user's budget or the median quote.
    public var referenceTotal: Double
    /// Which of the problem's acceptances the user follows.
    public var acceptance: Int

    /// A request of given pieces.
    public init(monthlyRate: Double = 1, pieces: [Piece], referenceTotal: Double, acceptance: Int = 0) {
        self.monthlyRate = monthlyRate
        self.pieces = pieces
        self.referenceTotal = referenceTotal
        self.acceptance = acceptance
    }

    /// The choice of one user among listed offers, as a request of one piece whose total is the price: with acceptance
    /// g₀ = a − ln E, g₁ = α this is the conditional logit.
    ///
    /// - Parameters:
    ///   - volume: what the user stores if it chooses the offer, in volume units times months.
    ///   - upTo: the highest price that may be asked about.
    public static func listing(monthlyRate: Double, volume: Double, upTo: Double, acceptance: Int) -> PricedRequest {
        PricedRequest(
            monthlyRate: monthlyRate,
            pieces: [Piece(upTo: upTo, volume: volume, costIntercept: 0, costSlope: 1)], referenceTotal: 1,
            acceptance: acceptance)
    }
}

/// Demand for the offer under one promise: the requests, and how rivals' prices may move before they are quoted.
public struct PricedDemand: Sendable, Hashable {
    /// The requests.
    public var requests: [PricedRequest]
    /// Acceptance by group of users.
    public var acceptances: [Acceptance]
    /// The spread of rivals' prices: factors on all prices but the offer's own, each as likely. Where money alone
    /// decides, a request at rivals' factor s chooses as at own price p/s and pays s times as much, so that steps are
    /// smoothed without another replay.
    public var rivalFactors: [Double]

    /// Demand of given parts.
    public init(requests: [PricedRequest], acceptances: [Acceptance], rivalFactors: [Double] = [1]) {
        self.requests = requests
        self.acceptances = acceptances
        self.rivalFactors = rivalFactors
    }
}
