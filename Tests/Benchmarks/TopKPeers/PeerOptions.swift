/// What the benchmark is asked to run.
struct PeerOptions {
    /// Numbers of items.
    var items = [100_000, 1_000_000]
    /// The width of the factors.
    var factors = 64
    /// How many items are found.
    var count = 20
    /// Single queries that are timed.
    var queries = 200
    /// The Python that has faiss; nil leaves the peer out.
    var python: String?
    /// The folder of `topk.py`.
    var peers: String?
    /// Users of the model that is opened; 0 leaves that part out.
    var users = 1_000_000
    /// Where the model is written for that, and removed again.
    var scratch = "."

    static let help = """
        Times exact top-k beside faiss and the machine's limits, opening a large model, and an event's way to a ranking.
          --items 100000,1000000   numbers of items
          --factors 64             width of the factors
          --count 20               how many items are found
          --queries 200            single queries that are timed
          --python PATH            a Python that has faiss
          --peers FOLDER           the folder of topk.py
          --users 1000000          users of the model that is opened; 0 leaves that part out
          --scratch FOLDER         where that model is written, and removed again
        """

    /// Reads `--name value` pairs; nil when they are not understood.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch (name, Int(value)) {
            case ("--items", _):
                items = value.split(separator: ",").compactMap { Int($0) }.filter { $0 > 0 }
            case ("--factors", let width?) where width > 0: factors = width
            case ("--count", let number?) where number > 0: count = number
            case ("--queries", let number?) where number > 0: queries = number
            case ("--users", let number?) where number >= 0: users = number
            case ("--python", _): python = value
            case ("--peers", _): peers = value
            case ("--scratch", _): scratch = value
            default: return nil
            }
        }
    }
}
