import Foundation
import LinearAlgebra

extension QoSModel {
    /// The text beside the tensors.
    private struct Description: Codable {
        var format = 1
        var scale: QoSScale
        var hyperparameters: QoSHyperparameters
        var users: [String]
        var userPaths: [[String]]
        var offers: [String]
        var offerPaths: [[String]]
        /// Of each factorization: offset, degrees of freedom, center, variance.
        var views: [[Double]]
        var support: [Double]
    }

    /// The bytes of a safetensors file that holds all of the model: factors, calibration, measurements, IDs.
    ///
    /// The same model gives the same bytes.
    /// - Throws: `malformedTensors` when a number of the description is not finite.
    public func encoded() throws(RecommendationError) -> Data { try encoded(metadata: [:]) }

    /// The same with further text beside the tensors.
    func encoded(metadata: [String: String]) throws(RecommendationError) -> Data {
        let description = Description(
            scale: scale, hyperparameters: hyperparameters, users: users.ids, userPaths: users.paths,
            offers: offers.ids, offerPaths: offers.paths,
            views: factorizations.map { [$0.offset, $0.freedom, $0.center, $0.variance] },
            support: [support.lowerBound, support.upperBound])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(description) else {
            throw .malformedTensors(file: "the QoS model to write", reason: "a number is not finite")
        }
        var tensors: [NamedTensor] = []
        for (k, fit) in factorizations.enumerated() {
            tensors.append(NamedTensor("\(k).users", fit.users.means))
            tensors.append(NamedTensor("\(k).offers", fit.offers.means))
            tensors.append(NamedTensor("\(k).offer_seconds", fit.offers.seconds))
            tensors.append(NamedTensor("\(k).noise", fit.noise))
            guard anchors.indices.contains(k) else { continue }
            tensors.append(NamedTensor("\(k).anchor_users", anchors[k].users))
            tensors.append(NamedTensor("\(k).anchor_offers", anchors[k].offers))
        }
        for (level, calibration) in calibrations.enumerated() {
            tensors.append(NamedTensor("calibration.\(level).row_edges", calibration.rowEdges))
            tensors.append(NamedTensor("calibration.\(level).column_edges", calibration.columnEdges))
            let cells = calibration.cells
            let width = cells.map(\.count).max() ?? 1
            // A cell without entries has one atom, the others all alike.
            tensors.append(
                NamedTensor(
                    "calibration.\(level).ratios",
                    Matrix(rows: cells.count, columns: width) {
                        cells[$0][min($1, cells[$0].count - 1)]
                    }))
        }
        let links = userEntries.enumerated().flatMap { user, links in links.map { (user, $0) } }
        tensors.append(NamedTensor("measurement_users", links.map { Int32($0.0) }))
        tensors.append(NamedTensor("measurement_offers", links.map { Int32($0.1.other) }))
        tensors.append(NamedTensor("measurement_values", links.map { Float($0.1.skewed) }))
        tensors.append(NamedTensor("user_is_known", userIsKnown.map { $0 ? Int32(1) : 0 }))
        tensors.append(NamedTensor("offer_is_known", offerIsKnown.map { $0 ? Int32(1) : 0 }))
        let keys = pairs.keys.sorted()
        if !keys.isEmpty {
            tensors.append(NamedTensor("pair_users", keys.map { Int32($0.user) }))
            tensors.append(NamedTensor("pair_offers", keys.map { Int32($0.offer) }))
            let states = keys.flatMap { pairs[$0]?.stored ?? [] }
            tensors.append(
                NamedTensor(
                    "pair_states",
                    Matrix(rows: keys.count, columns: states.count / keys.count) {
                        states[$0 * (states.count / keys.count) + $1]
                    }))
        }
        return try TensorFile.encode(
            tensors,
            metadata: metadata.merging(["kind": "qos", "description": String(decoding: text, as: UTF8.self)]) { $1 })
    }

    /// Writes `encoded` to a file, which is whole or not there at all.
    /// - Throws: `malformedTensors`, `fileFailure`.
    public func write(to file: URL) throws(RecommendationError) { try AtomicFile.write(try encoded(), to: file) }

    /// Reads the model of a file that `write` wrote.
    /// - Throws: `fileFailure`, and as `init(_:)`.
    public init(contentsOf file: URL) throws(RecommendationError) { try self.init(TensorFile(contentsOf: file)) }

    /// The model of a file that `encoded` wrote, checked throughout.
    /// - Throws: `malformedTensors`, `nonFinite`, `numerical`, `invalidHyperparameter`, `invalidMeasurements`.
    public init(_ file: TensorFile) throws(RecommendationError) {
        func malformed(_ reason: String) -> RecommendationError { .malformedTensors(file: file.name, reason: reason) }
        guard file.metadata["kind"] == "qos", let text = file.metadata["description"],
            let description = try? JSONDecoder().decode(Description.self, from: Data(text.utf8)),
            description.format == 1
        else { throw malformed("it holds no QoS model of format 1") }
        try description.hyperparameters.check()
        let support = description.support
        guard description.views.count == 2, description.views.allSatisfy({ $0.count == 4 && $0[0] > 0 && $0[3] > 0 }),
            support.count == 2, support[0] <= support[1], description.users.count == description.userPaths.count,
            description.offers.count == description.offerPaths.count
        else { throw malformed("its description contradicts itself") }
        hyperparameters = description.hyperparameters
        scale = description.scale
        self.support = support[0]...support[1]
        users = try Self.parties(description.users, description.userPaths)
        offers = try Self.parties(description.offers, description.offerPaths)
        let width = description.hyperparameters.factors + 1
        var (factorizations, anchors): ([QoSFactorization], [QoSAnchor]) = ([], [])
        for (k, view) in description.views.enumerated() {
            let (means, noise) = (try file.matrix("\(k).users"), try file.vector("\(k).noise"))
            let (offerMeans, seconds) = (try file.matrix("\(k).offers"), try file.matrix("\(k).offer_seconds"))
            guard means.rows == users.count, means.columns == width, noise.count == users.count,
                offerMeans.rows == offers.count, offerMeans.columns == width, noise.allSatisfy({ $0 > 0 })
            else { throw malformed("its factors do not fit its description") }
            let moments = try numerical { () throws(LinearAlgebraError) in
                try RowMoments(means: offerMeans, seconds: seconds)
            }
            factorizations.append(
                QoSFactorization(
                    offset: view[0], freedom: view[1], center: view[2], users: RowMoments(exactly: means),
                    offers: moments, noise: noise, variance: view[3]))
            guard file.entries["\(k).anchor_users"] != nil else { continue }
            let anchor = QoSAnchor(
                users: try file.matrix("\(k).anchor_users"), offers: try file.matrix("\(k).anchor_offers"))
            guard anchor.users.columns == width, anchor.offers.columns == width, anchors.count == k else {
                throw malformed("its anchors do not fit its description")
            }
            anchors.append(anchor)
        }
        self.factorizations = factorizations
        self.anchors = anchors
        calibrations = try Self.calibrations(file)
        (userEntries, offerEntries) = try Self.links(file, users: users.count, offers: offers.count)
        let userIsKnown = try file.integers("user_is_known", as: Int32.self).map { $0 != 0 }
        let offerIsKnown = try file.integers("offer_is_known", as: Int32.self).map { $0 != 0 }
        guard userIsKnown.count == users.count, offerIsKnown.count == offers.count else {
            throw malformed("who is known does not fit its description")
        }
        self.userIsKnown = userIsKnown
        self.offerIsKnown = offerIsKnown
        let prior = description.hyperparameters.groupPrior
        let (userPaths, offerPaths) = (users.paths, offers.paths)
        userGroups = factorizations.map {
            QoSGroups($0.users.means, paths: userPaths, isKnown: userIsKnown, prior: prior)
        }
        offerGroups = factorizations.map {
            QoSGroups($0.offers.means, paths: offerPaths, isKnown: offerIsKnown, prior: prior)
        }
        pairs = try Self.pairs(file, users: users.count, offers: offers.count, views: factorizations.count)
    }

    private static func pairs(
        _ file: TensorFile, users: Int, offers: Int, views: Int
    ) throws(RecommendationError) -> [QoSPairKey: QoSPair] {
        guard file.entries["pair_states"] != nil else { return [:] }
        let rows = try file.integers("pair_users", as: Int32.self).map { Int($0) }
        let columns = try file.integers("pair_offers", as: Int32.self).map { Int($0) }
        let states = try file.matrix("pair_states")
        var pairs: [QoSPairKey: QoSPair] = [:]
        guard rows.count == states.rows, columns.count == states.rows, rows.allSatisfy({ (0..<users).contains($0) }),
            columns.allSatisfy({ (0..<offers).contains($0) }), states.columns == views + QoSPair.storedCount
        else { throw .malformedTensors(file: file.name, reason: "its pairs do not fit its description") }
        for index in 0..<states.rows {
            guard let pair = QoSPair(stored: states.row(index)) else {
                throw .malformedTensors(file: file.name, reason: "the state of a pair contradicts itself")
            }
            pairs[QoSPairKey(user: rows[index], offer: columns[index])] = pair
        }
        return pairs
    }

    private static func parties(_ ids: [String], _ paths: [[String]]) throws(RecommendationError) -> QoSParties {
        try QoSParties(ids: ids, paths: Dictionary(zip(ids, paths)) { first, _ in first })
    }

    private static func calibrations(_ file: TensorFile) throws(RecommendationError) -> [QoSCalibration] {
        var calibrations: [QoSCalibration] = []
        for level in 0..<4 {
            let ratios = try file.matrix("calibration.\(level).ratios")
            guard
                let calibration = QoSCalibration(
                    rowEdges: try file.vector("calibration.\(level).row_edges"),
                    columnEdges: try file.vector("calibration.\(level).column_edges"),
                    cells: (0..<ratios.rows).map { Array(ratios.row($0)) })
            else {
                throw .malformedTensors(file: file.name, reason: "calibration \(level) contradicts itself")
            }
            calibrations.append(calibration)
        }
        return calibrations
    }

    private static func links(
        _ file: TensorFile, users: Int, offers: Int
    ) throws(RecommendationError) -> (byUser: [[QoSLink]], byOffer: [[QoSLink]]) {
        let rows = try file.integers("measurement_users", as: Int32.self).map { Int($0) }
        let columns = try file.integers("measurement_offers", as: Int32.self).map { Int($0) }
        let values = try file.vector("measurement_values")
        guard rows.count == columns.count, rows.count == values.count, rows.allSatisfy({ (0..<users).contains($0) }),
            columns.allSatisfy({ (0..<offers).contains($0) }), values.allSatisfy({ $0 >= 0 })
        else { throw .malformedTensors(file: file.name, reason: "its measurements do not fit its description") }
        var byUser = [[QoSLink]](repeating: [], count: users)
        var byOffer = [[QoSLink]](repeating: [], count: offers)
        for (index, value) in values.enumerated() {
            byUser[rows[index]].append(QoSLink(other: columns[index], skewed: Double(value)))
            byOffer[columns[index]].append(QoSLink(other: rows[index], skewed: Double(value)))
        }
        return (byUser, byOffer)
    }
}
