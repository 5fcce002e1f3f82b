import Marketplace
import Quoting

/// One request at every price of an offer.
public struct RequestReplay: Sendable {
    /// What another offer of the same provider takes part in a request with.
    public struct Sibling: Sendable, Hashable {
        /// The offer.
        public let offer: String
        /// What it stores over the term, in gigabyte-months.
        public let gigabyteMonths: Double
        /// What it bills over the term, in USD, the platform's fee not among it.
        public let billed: Double
    }

    /// A stretch of prices with one volume.
    public struct Piece: Sendable, Hashable {
        /// The stretch's upper end, in USD per volume unit and month; the lower end is the previous piece's.
        public let upTo: Double
        /// What the offer stores over the term, in gigabyte-months.
        public let gigabyteMonths: Double
        /// Whether the request is met at all at these prices.
        public let isMet: Bool
        /// The request's whole cost over the term, all its offers and the platform's fee, in USD, is
        /// `costIntercept + costSlope · price`; both are 0 where it is not met.
        public let costIntercept: Double
        /// How much it rises with the price: billed unit-months of the offer, the platform's fee included.
        public let costSlope: Double
        /// The provider's other offers that take part, by ID: what the offer wins may be taken from them.
        public let siblings: [Sibling]

        /// A piece of given figures.
        public init(
            upTo: Double, gigabyteMonths: Double, isMet: Bool = true, costIntercept: Double = 0, costSlope: Double = 0,
            siblings: [Sibling] = []
        ) {
            self.upTo = upTo
            self.gigabyteMonths = gigabyteMonths
            self.isMet = isMet
            self.costIntercept = costIntercept
            self.costSlope = costSlope
            self.siblings = siblings
        }

        /// The request's whole cost at a price within the piece, in USD over the term.
        public func cost(at price: Double) -> Double { costIntercept + costSlope * price }

        /// The same with another upper end.
        func ending(at price: Double) -> Piece {
            Piece(
                upTo: price, gigabyteMonths: gigabyteMonths, isMet: isMet, costIntercept: costIntercept,
                costSlope: costSlope, siblings: siblings)
        }
    }

    /// Whether the request could be replayed.
    public enum Standing: Sendable, Hashable {
        /// It was; the pieces tell the volumes.
        case replayed
        /// A hard filter excludes the offer; the reasons, in the order of the filters.
        case ineligible([Rejection.Cause])
        /// Nothing meets the request, whatever the price; the constraints in conflict, in words.
        case infeasible(String)
        /// The optimizer's time ran out.
        case undecided
    }

    /// The request's name.
    public let name: String
    /// Months of the request's term.
    public let months: Int
    /// Whether it could be replayed.
    public let standing: Standing
    /// The volumes by rising price, to the end of the range; empty unless replayed.
    public let pieces: [Piece]
    /// What the offer stores over the term as it is listed today, tiers, minimum and credits included, in
    /// gigabyte-months. Nil when that cannot be said.
    public let listedGBMonths: Double?
    /// Why nothing would meet the request without this offer; nil when it can do without.
    public let needsOffer: String?
    /// Whether credits of the user at the offer's provider were left out.
    public let leavesOutCredits: Bool
    /// Whether every optimum was proven and every piece is exact. It is not when time ran out, when reads must be moved to
    /// keep a budget to the cent, or when a monthly budget makes shares move with the price: then the pieces are those of
    /// the best allocations found, with volumes within 1% of the largest.
    public let isExact: Bool
    /// Whether every optimum that the pieces rest on was proven, be they exact or within the tolerance above.
    public let isProven: Bool

    /// The price below which the offer is given volume, in USD per volume unit and month; nil when there is none.
    public var entersBelow: Double? { pieces.last { $0.gigabyteMonths > 0 }?.upTo }

    /// The volume just below `price`, in gigabyte-months; 0 beyond the range.
    public func volume(below price: Double) -> Double {
        pieces.first { $0.upTo >= price }?.gigabyteMonths ?? 0
    }

    /// The pieces if the offer were not to be had: where the request does without it at the highest price it does so at all.
    var piecesWithoutOffer: [Piece] {
        guard let last = pieces.last else { return [] }
        guard last.isMet, last.gigabyteMonths == 0 else {
            return [Piece(upTo: last.upTo, gigabyteMonths: 0, isMet: false)]
        }
        return [last]
    }

    /// Replays one request.
    ///
    /// - Parameter isListed: whether its allocation as everything is listed is wanted as well.
    init(
        _ named: NamedRequest, of offer: Offer, in range: ClosedRange<Double>, settings: PriceReplay,
        isListed: Bool = true
    ) throws(PricingError) {
        name = named.name
        months = named.request.months
        leavesOutCredits = named.request.credits.contains { $0.provider == offer.provider }
        let eligibility = Eligibility(named.request, settings.catalog, on: settings.day)
        let oracle = ReplayOracle(named, offer: offer, eligible: eligibility.offers, settings: settings)
        var search = PriceSearch(oracle: oracle, range: range)
        var standing = Standing.replayed
        var (pieces, listed, needs): ([Piece], Double?, String?) = ([], nil, nil)
        if eligibility.offers.contains(where: { $0.id == offer.id }) {
            do throws(PriceSearch.Stop) {
                pieces = try search.pieces()
            } catch {
                switch error {
                case .infeasible(let words): standing = .infeasible(words)
                case .undecided: standing = .undecided
                case .failed(let error): throw error
                }
            }
            if let last = pieces.last {
                if last.gigabyteMonths > 0 || !last.isMet, case .infeasible(let words) = try oracle.withoutOffer() {
                    needs = words
                }
                if isListed { listed = try oracle.asListed(named.request)?.gigabyteMonths }
            }
        } else {
            let rejection = eligibility.rejections.first { $0.offer == offer.id }
            standing = .ineligible(rejection?.causes ?? [])
        }
        self.standing = standing
        self.pieces = pieces
        listedGBMonths = listed
        needsOffer = needs
        isExact = search.isExact && standing != .undecided
        isProven = search.isProven && standing != .undecided
    }
}
