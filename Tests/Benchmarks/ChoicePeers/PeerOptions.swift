/// What the benchmark is asked to run.
struct PeerOptions {
    /// The Python that has xlogit, and the folder of `choice.py`; nil for ours alone.
    var python: String?
    var peers: String?
    /// Choices of the comparison, of 20 alternatives and 8 variables as the peer's.
    var choices = 100_000
    /// Choices of the large run; 0 leaves it out.
    var large = 1_000_000
    /// How often our fits are repeated; the fastest counts.
    var runs = 3
    /// Whether only the known answers are listed.
    var listsKnownAnswers = false
    /// Replications of the control function's Monte Carlo, instead of the rest; and draws of each.
    var replications: Int?
    var draws = 200

    static let help = """
        Fits conditional logits beside xlogit on the same data, and a million choices.
          --python PATH --peers FOLDER   the Python that has xlogit, and the folder of choice.py
          --choices 100000               choices of the comparison
          --large 1000000                choices of the large run; 0 leaves it out
          --runs 3                       repetitions of ours; the fastest counts
          --known-answers                instead: every known answer of ../shared/datasets/choice, ours beside it
          --monte-carlo 60 [--draws 200] instead: bias and coverage of the control function on drawn markets
        """

    /// Reads the arguments; nil when they are not understood.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--known-answers" {
                listsKnownAnswers = true
                continue
            }
            guard let value = rest.popFirst() else { return nil }
            switch (name, Int(value)) {
            case ("--python", _): python = value
            case ("--peers", _): peers = value
            case ("--choices", let count?) where (1...10_000_000).contains(count): choices = count
            case ("--large", let count?) where (0...10_000_000).contains(count): large = count
            case ("--runs", let count?) where count > 0: runs = count
            case ("--monte-carlo", let count?) where count > 0: replications = count
            case ("--draws", let count?) where count > 1: draws = count
            default: return nil
            }
        }
        guard (python == nil) == (peers == nil) else { return nil }
    }
}
