import Foundation

extension QoSMeasurements {
    /// Reads a matrix of positive values as tab-separated text: a header with offers, then a line for each user, whose
    /// first column is the user. An empty field, a value ≤ 0 or one of at least `missingFrom` is missing.
    /// - Throws: `fileFailure`; `invalidMeasurements` naming the line at fault.
    public static func readMatrix(
        _ file: URL, missingFrom: Double = .infinity
    ) throws(RecommendationError) -> QoSMeasurements {
        let bytes: Data
        do { bytes = try Data(contentsOf: file) } catch {
            throw .fileFailure(operation: "read", file: file.lastPathComponent, reason: error.localizedDescription)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        // A carriage return and a line feed are one character.
        let lines = text.split(whereSeparator: \.isNewline)
        guard let header = lines.first else { throw .invalidMeasurements(reason: "the file is empty") }
        let offers = header.split(separator: "\t", omittingEmptySubsequences: false).dropFirst().map(String.init)
        var users: [String] = []
        var entries: [Entry] = []
        for (number, line) in lines.enumerated().dropFirst() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == offers.count + 1 else {
                throw .invalidMeasurements(
                    reason: "line \(number + 1) has \(fields.count) fields, the header \(offers.count + 1)")
            }
            for (offer, field) in fields.dropFirst().enumerated() where !field.isEmpty {
                guard let value = Double(field), value.isFinite else {
                    throw .invalidMeasurements(reason: "line \(number + 1), column \(offer + 2): not a number")
                }
                if value > 0 && value < missingFrom {
                    entries.append(Entry(user: users.count, offer: offer, value: value))
                }
            }
            users.append(String(fields[0]))
        }
        return try QoSMeasurements(
            scale: .positive, users: QoSParties(ids: users), offers: QoSParties(ids: offers), entries: entries)
    }
}
