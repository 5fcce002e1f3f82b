import Marketplace

extension TermModel {
    /// The placements with shares that keep every capacity in the largest month to the byte.
    ///
    /// Shares are known to the solver's tolerance, and plans round volumes to bytes, so that a capacity that binds may be
    /// exceeded by a millionth of it at most. That much is moved to the placement that has the most room; where several
    /// bind, what one has too much another has too little. Where there is no room nothing is moved.
    /// O(placements · legs²) for each offer that is exceeded.
    func keepingCapacities(_ placements: [Placement]) -> [Placement] {
        let peak = problem.request.peakLogicalBytes
        let limited = Set(placements.flatMap(\.legs).map(\.offer).filter { $0.capacityBytes != nil })
        guard holds(.capacity), placements.count > 1, !limited.isEmpty,
            var bytes = try? AllocationPlan.apportion(Int128(peak), placements.map(\.share))
        else { return placements }
        func isHeld(_ offer: Offer, by placement: Placement) -> Bool {
            placement.legs.contains { $0.offer.id == offer.id }
        }
        /// What the offer has to spare; negative where it is exceeded.
        func room(_ offer: Offer) -> Int {
            placements.indices.reduce(offer.capacityBytes ?? .max) { room, i in
                guard bytes[i] > 0, isHeld(offer, by: placements[i]) else { return room }
                return room - ((bytes[i] - 1) / placements[i].scheme.data + 1)
            }
        }
        /// How many bytes of the request more may lie in a placement.
        func roomOfPlacement(_ i: Int) -> Int {
            let shard = placements[i].legs.filter { $0.offer.capacityBytes != nil }.map { room($0.offer) }.min() ?? .max
            let product = max(0, shard).multipliedReportingOverflow(by: placements[i].scheme.data)
            return product.overflow ? .max : product.partialValue
        }
        var isMoved = false
        for offer in limited.sorted(by: { $0.id < $1.id }) {
            let excess = -room(offer)
            let most = 1e-6 * Double(offer.capacityBytes ?? 0) + Double(placements.count)
            guard excess > 0, Double(excess) <= most else { continue }
            let holders = placements.indices.filter { isHeld(offer, by: placements[$0]) }
            let others = placements.indices.filter { bytes[$0] > 0 && !isHeld(offer, by: placements[$0]) }
            guard let from = holders.max(by: { bytes[$0] < bytes[$1] }),
                let to = others.max(by: { roomOfPlacement($0) < roomOfPlacement($1) })
            else { continue }
            let moved = excess * placements[from].scheme.data
            guard moved < bytes[from], roomOfPlacement(to) >= moved else { continue }
            bytes[from] -= moved
            bytes[to] += moved
            isMoved = true
        }
        guard isMoved else { return placements }
        return zip(placements, bytes).map {
            Placement(scheme: $0.scheme, share: Double($1) / Double(peak), legs: $0.legs)
        }
    }
}
