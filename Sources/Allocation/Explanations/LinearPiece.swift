/// A straight piece of a function about a point.
struct LinearPiece {
    /// What one unit more changes.
    var slope: Double
    /// Where the piece begins and ends.
    var lower: Double
    var upper: Double
    /// Whether no end was found as far as was looked.
    var isOpenBelow: Bool
    var isOpenAbove: Bool
}

/// Finds the straight piece of a piecewise linear function from its values alone: the optimum as a function of one
/// number of the problem. Where two pieces meet in the point itself, it is the one above.
///
/// Where a number multiplies shares (traffic under free volumes, a largest share under several schemes) the function
/// may be slightly curved; then the piece is as far as its tangent is the function but for the noise.
struct PieceSearch {
    /// The point, and the function's value there.
    let origin: Double
    let optimum: Double
    /// How far to look.
    let range: ClosedRange<Double>
    /// A change that is small, but whose effect is well above `noise`.
    let step: Double
    /// How far from the line a value may lie and still be on it.
    let noise: Double
    /// Changes are whole multiples of this, where it is not 0.
    var grain = 0.0
    /// The function; nil where nothing is feasible.
    let value: (Double) throws(Interruption) -> Double?

    /// How close the ends of a piece are known, relative to its length on that side; where two lines cross, far closer.
    static let tolerance = 0.01

    /// Where on the way to its end a piece is held against the line.
    static let inner = [0.98, 0.9, 0.75, 0.5]

    /// The piece; nil when the function jumps or bends within a five-hundredth of a step of the point.
    func piece() throws(Interruption) -> LinearPiece? {
        var first = 1.0
        var found = try start(first)
        if found == nil {
            first = -1
            found = try start(first)
        }
        guard let start = found else { return nil }
        let one = try reach(first, from: start.length, start.slope)
        let other = try reach(-first, from: 0, start.slope)
        let (up, down) = first > 0 ? (one, other) : (other, one)
        return LinearPiece(
            slope: start.slope, lower: origin - down.length, upper: origin + up.length, isOpenBelow: down.isOpen,
            isOpenAbove: up.isOpen)
    }

    private func snapped(_ length: Double) -> Double {
        grain > 0 ? max(1, (length / grain).rounded()) * grain : length
    }

    private func room(_ side: Double) -> Double { side > 0 ? range.upperBound - origin : origin - range.lowerBound }

    /// The slope on one side of the point, from two points on one line with it.
    private func start(_ side: Double) throws(Interruption) -> (slope: Double, length: Double)? {
        var length = min(step, room(side))
        for _ in 0..<4 {
            let half = snapped(length / 2)
            guard half > 0, 2 * half <= room(side) else { return nil }
            if let far = try value(origin + 2 * side * half), let near = try value(origin + side * half) {
                let slope = side * (far - optimum) / (2 * half)
                if abs(near - (far + optimum) / 2) <= noise { return (slope, 2 * half) }
            }
            length /= 8
        }
        return nil
    }

    /// How far the line goes on one side.
    private func reach(
        _ side: Double, from start: Double, _ slope: Double
    ) throws(Interruption) -> (length: Double, isOpen: Bool) {
        let room = room(side)
        guard room > start + grain else { return (start, true) }
        var straight = start
        /// The two nearest points beyond the line.
        var beyond: [(length: Double, value: Double)] = []
        func holds(_ asked: Double) throws(Interruption) -> Bool {
            let length = snapped(asked)
            guard length <= room, let found = try value(origin + side * length) else {
                beyond = []
                return false
            }
            guard abs(found - optimum - side * slope * length) <= noise else {
                beyond = Array(([(length, found)] + beyond).prefix(2))
                return false
            }
            return true
        }
        var outside: Double?
        while outside == nil, straight < room - grain {
            let next = min(room - grain, straight > 0 ? 4 * straight : step)
            do {
                if try holds(next) {
                    straight = next
                } else {
                    outside = next
                }
            } catch {
                // A question too hard far away does not take away what is known here.
                if case .outOfTime = error { return (straight, true) }
                throw error
            }
        }
        func narrowed(_ inside: Double, _ outside: Double) throws(Interruption) -> Double {
            try Narrowing.run(
                inside: inside, outside: outside,
                isNarrow: { $1 - $0 <= Self.tolerance * max($1, step) },
                guess: { _, _ in
                    // Where the next line, through two points beyond this one, crosses it.
                    guard beyond.count == 2, beyond[0].length != beyond[1].length else { return nil }
                    let (a, b) = (beyond[0], beyond[1])
                    let next = (b.value - a.value) / (b.length - a.length)
                    guard abs(side * slope - next) > 1e-12 else { return nil }
                    let crossing = (a.value - next * a.length - optimum) / (side * slope - next)
                    let margin = 2e-4 * crossing
                    return (crossing - margin, crossing + margin)
                }, holds
            ).inside
        }
        var end = (length: straight, isOpen: outside == nil)
        if let outside { end.length = try narrowed(straight, outside) }
        // Optima over whole numbers may leave the line and meet it again: then the piece ends where they leave it.
        var isChecked = false
        for _ in 0..<8 where !isChecked {
            isChecked = true
            for part in Self.inner where isChecked {
                let between = start + part * (end.length - start)
                guard between > start + grain, try !holds(between) else { continue }
                end = (try narrowed(start, between), false)
                isChecked = false
            }
        }
        return end
    }
}
