/// What the benchmark is asked to run.
struct PeerOptions {
    /// Sizes of generated catalogues.
    var offers = [60, 300, 1_000, 10_000]
    /// Requests for each catalogue.
    var requests = 100
    /// The largest catalogue that the plain program is solved on in process.
    var peerLimit = 1_000
    /// The largest catalogue that is given to command-line solvers.
    var commandLimit = 300
    /// Requests that are given to command-line solvers, for each catalogue.
    var commandRequests = 20
    /// Seconds that a peer may take for one program.
    var timeLimit = 20.0
    /// Whether the sample requests are run on the real catalogue.
    var real = true

    static let help = """
        Times the optimizer beside the plain one-placement program on other solvers, in one run on the same instances.
          --offers 60,300,1000,10000   sizes of generated catalogues
          --requests 100               requests for each catalogue
          --peer-limit 1000            the largest catalogue for the plain program on HiGHS, in process
          --command-limit 300          the largest catalogue for CBC and GLPK, where they are installed
          --command-requests 20        requests for CBC and GLPK, for each catalogue
          --time-limit 20              seconds that a peer may take for one program
          --real yes                   whether the sample requests are run on the real catalogue
        """

    /// Reads `--name value` pairs; nil when they are not understood.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch (name, Int(value)) {
            case ("--offers", _):
                offers = value.split(separator: ",").compactMap { Int($0) }
            case ("--requests", let count?) where count > 0: requests = count
            case ("--peer-limit", let count?): peerLimit = count
            case ("--command-limit", let count?): commandLimit = count
            case ("--command-requests", let count?): commandRequests = count
            case ("--time-limit", _):
                guard let seconds = Double(value), seconds > 0 else { return nil }
                timeLimit = seconds
            case ("--real", _) where ["yes", "no"].contains(value): real = value == "yes"
            default: return nil
            }
        }
    }
}
