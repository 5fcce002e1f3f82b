/// Narrows down where a condition ceases to hold.
enum Narrowing {
    /// Moves `inside`, where the condition holds, and `outside`, where it does not, towards each other.
    ///
    /// - Parameters:
    ///   - guess: two values about where the change is expected, the first on the side of `inside`; nil for no idea.
    ///   - isNarrow: whether the two lie close enough.
    ///   - holds: whether the condition holds; solves a problem.
    static func run(
        inside: Double, outside: Double, isNarrow: (Double, Double) -> Bool,
        guess: (Double, Double) -> (Double, Double)? = { _, _ in nil },
        _ holds: (Double) throws(Interruption) -> Bool
    ) throws(Interruption) -> (inside: Double, outside: Double) {
        var (inside, outside) = (inside, outside)
        var mayGuess = true
        for _ in 0..<120 where !isNarrow(inside, outside) {
            func within(_ value: Double) -> Bool { min(inside, outside) < value && value < max(inside, outside) }
            // A guess that proves wrong says where the next one is; but halving is what ends for certain, and a guess that
            // gains less is followed by it.
            if mayGuess, let (near, far) = guess(inside, outside), within(near) || within(far) {
                let width = abs(outside - inside)
                defer { mayGuess = abs(outside - inside) <= width / 2 }
                if within(near) {
                    guard try holds(near) else {
                        outside = near
                        continue
                    }
                    inside = near
                }
                if within(far) {
                    if try holds(far) { inside = far } else { outside = far }
                }
            } else {
                mayGuess = true
                let middle = (inside + outside) / 2
                guard within(middle) else { break }
                if try holds(middle) { inside = middle } else { outside = middle }
            }
        }
        return (inside, outside)
    }
}
