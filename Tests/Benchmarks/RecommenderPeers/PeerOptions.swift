import Foundation
import Recommendation

/// What the benchmark is asked to run.
struct PeerOptions {
    /// Widths of the factors.
    var factors = [64, 128, 256, 512]
    /// Epochs of every run, ours and the peers'.
    var epochs = 10
    /// How often each run is repeated; the fastest counts.
    var runs = 1
    /// The folder of `train.txt` and `test.txt`.
    var split: URL
    /// Our solvers.
    var ours: [ImplicitALS.Solver] = [.automatic]
    /// The Python that has the peers, and the folder of `recommend.py`; nil for ours alone.
    var python: String?
    var peers: String?
    /// The peers' solvers.
    var solvers = ["irspack-CG", "implicit-cg"]
    /// Whether to look for the fewest epochs in which ours comes to the fastest peer's Recall: more runs.
    var equal = true
    /// Generated interactions, trained on from a file, instead of the split.
    var generated: Int?

    static let help = """
        Trains iALS at several widths beside the solvers of implicit and irspack, alternately, in one run.
          --factors 64,128,256,512     widths of the factors
          --epochs 10                  epochs of every run
          --runs 1                     repetitions; the fastest counts
          --split FOLDER               train.txt and test.txt (../shared/datasets/gowalla)
          --ours automatic             also exact, conjugateGradient, blocks
          --python PATH --peers FOLDER the Python that has the peers, and the folder of recommend.py
          --solvers irspack-CG,implicit-cg   also irspack-CHOLESKY, irspack-IALSPP, implicit-cholesky
          --equal yes                  whether to look for our fewest epochs to the fastest peer's Recall: more runs
          --generated 50000000         instead: writes so many interactions to a file and trains on that
        """

    /// Reads `--name value` pairs; nil when they are not understood.
    init?(_ arguments: [String], split: URL) {
        self.split = split
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            let list = value.split(separator: ",").map(String.init)
            switch (name, Int(value)) {
            case ("--factors", _):
                factors = list.compactMap { Int($0) }
                guard factors.count == list.count, factors.allSatisfy({ (1...4096).contains($0) }) else { return nil }
            case ("--epochs", let count?) where count > 0: epochs = count
            case ("--runs", let count?) where count > 0: runs = count
            case ("--split", _): self.split = URL(fileURLWithPath: value, isDirectory: true)
            case ("--ours", _):
                ours = list.compactMap { ImplicitALS.Solver(rawValue: $0) }
                guard ours.count == list.count else { return nil }
            case ("--python", _): python = value
            case ("--peers", _): peers = value
            case ("--solvers", _): solvers = list
            case ("--equal", _) where ["yes", "no"].contains(value): equal = value == "yes"
            case ("--generated", let count?) where count > 0: generated = count
            default: return nil
            }
        }
        guard (python == nil) == (peers == nil) else { return nil }
    }
}
