import CHiGHS
import Foundation

/// Models in files: written as free MPS, read as MPS (fixed or free) or CPLEX LP, by the ending `.mps` or `.lp`.
public enum ModelFile {
    /// The greatest number of bytes of a name in a file; longer names are cut.
    static let longestName = 200

    /// Writes `model` as free MPS; reading it gives the same model, but for the last digit of a range's upper bound.
    ///
    /// Names are kept where the format allows it. White space and control characters become underscores, missing
    /// names become `x` or `r` and the index, and a name that occurs twice gets a suffix; see `names(of:)`.
    /// - Throws: What `MathematicalProgram.validate()` throws; `unknownFormat`, `unwritableFile`.
    public static func write(_ model: MathematicalProgram, to url: URL) throws(ProgrammingError) {
        try requireFormat(url, ["mps"])
        let text = try text(of: model)
        do {
            try Data(text.utf8).write(to: url, options: .atomic)
        } catch {
            throw .unwritableFile(name: url.lastPathComponent)
        }
    }

    /// The model as free MPS.
    /// - Throws: What `MathematicalProgram.validate()` throws.
    /// - Complexity: O(variables + nonzeros).
    public static func text(of model: MathematicalProgram) throws(ProgrammingError) -> String {
        try model.validate()
        var writer = MPSWriter(model, names: names(of: model), title: legal(model.name))
        return writer.text()
    }

    /// Reads a model.
    ///
    /// The name of the model itself is the file's name without its ending.
    /// - Throws: `unknownFormat`, `unreadableFile`; what `MathematicalProgram.validate()` throws.
    public static func read(_ url: URL) throws(ProgrammingError) -> MathematicalProgram {
        try requireFormat(url, ["mps", "lp"])
        let instance = try HiGHSInstance()
        if Highs_readModel(instance.pointer, url.path) == kHighsStatusError {
            throw .unreadableFile(name: url.lastPathComponent)
        }
        var model = try instance.readBack(file: url.lastPathComponent)
        model.name = url.deletingPathExtension().lastPathComponent
        try model.validate()
        return model
    }

    /// The names that `write` gives to variables and constraints: unique, not empty, without white space.
    public static func names(of model: MathematicalProgram) -> (variables: [String], constraints: [String]) {
        (unique(model.variableNames, prefix: "x"), unique(model.constraintNames, prefix: "r"))
    }

    private static func requireFormat(_ url: URL, _ endings: [String]) throws(ProgrammingError) {
        guard endings.contains(url.pathExtension.lowercased()) else {
            throw .unknownFormat(name: url.lastPathComponent)
        }
    }

    /// Legal names; those that are missing or taken are generated. A later name never takes the one that an earlier
    /// element was given.
    private static func unique(_ names: [String], prefix: String) -> [String] {
        var taken: Set<String> = []
        return names.enumerated().map { index, name in
            let legal = legal(name)
            var candidate = legal.isEmpty ? "\(prefix)\(index)" : legal
            var suffix = index
            while !taken.insert(candidate).inserted {
                candidate = "\(legal.isEmpty ? prefix : legal)_\(suffix)"
                suffix += names.count
            }
            return candidate
        }
    }

    /// Words that open a section: some readers recognize them anywhere at the start of a line.
    private static let keywords: Set<String> = [
        "NAME", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "ENDATA", "OBJSENSE", "MAX", "MIN", "MAXIMIZE",
        "MINIMIZE",
        "OBJECT", "OBJNAME", "REFROW", "LAZYCONS", "USERCUTS", "INDICATORS", "SETS", "SOS", "SOS1", "SOS2", "GENCONS",
        "PWLOBJ", "PWLNAM", "PWLCON", "QUADOBJ", "QMATRIX", "QSECTION", "QCMATRIX", "CSECTION", "DELAYEDROWS",
        "MODELCUTS",
        "MARKER", "INTORG", "INTEND", "SECTION"
    ]

    /// The name without what ends a field or opens a comment.
    private static func legal(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let breaks = scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F
            result.unicodeScalars.append(breaks ? "_" : scalar)
            if result.utf8.count >= longestName { break }
        }
        if let first = result.first, "$*&!'".contains(first) { result = "_" + result }
        if keywords.contains(result.uppercased()) { result = "_" + result }
        return result
    }
}

extension HiGHSInstance {
    /// The model that the solver holds.
    fileprivate func readBack(file: String) throws(ProgrammingError) -> MathematicalProgram {
        let columns = Int(Highs_getNumCol(pointer))
        let rows = Int(Highs_getNumRow(pointer))
        let nonzeros = Int(Highs_getNumNz(pointer))
        var counts = (columns: Int32(0), rows: Int32(0), nonzeros: Int32(0))
        var sense: Int32 = 0
        var offset = 0.0
        var costs = [Double](repeating: 0, count: columns)
        var lower = costs
        var upper = costs
        var rowLower = [Double](repeating: 0, count: rows)
        var rowUpper = rowLower
        var starts = [Int32](repeating: 0, count: rows + 1)
        var indices = [Int32](repeating: 0, count: nonzeros)
        var coefficients = [Double](repeating: 0, count: nonzeros)
        var kinds = [Int32](repeating: 0, count: columns)
        let status = Highs_getLp(
            pointer, kHighsMatrixFormatRowwise, &counts.columns, &counts.rows, &counts.nonzeros, &sense, &offset,
            &costs, &lower, &upper, &rowLower, &rowUpper, &starts, &indices, &coefficients, &kinds)
        if status == kHighsStatusError || Highs_getHessianNumNz(pointer) > 0 { throw .unreadableFile(name: file) }
        var model = MathematicalProgram(
            sense: sense == kHighsObjSenseMaximize ? .maximize : .minimize, objectiveOffset: offset)
        for index in 0..<columns {
            model.addVariable(
                name(Int32(index), Highs_getColName), lower: lower[index], upper: upper[index],
                kind: VariableKind(highs: kinds[index]), cost: costs[index])
        }
        for index in 0..<rows {
            let end = index + 1 < rows ? Int(starts[index + 1]) : nonzeros
            let terms = (Int(starts[index])..<end).map { position in
                Term(Variable(index: Int(indices[position])), coefficients[position])
            }
            model.addConstraint(
                name(Int32(index), Highs_getRowName), lower: rowLower[index], upper: rowUpper[index], terms: terms)
        }
        return model
    }

    /// The name that `read` finds for an index; empty if it has none.
    private func name(
        _ index: Int32, _ read: (UnsafeRawPointer?, Int32, UnsafeMutablePointer<CChar>?) -> Int32
    ) -> String {
        var buffer = [CChar](repeating: 0, count: Int(kHighsMaximumStringLength) + 1)
        guard read(pointer, index, &buffer) != kHighsStatusError else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
