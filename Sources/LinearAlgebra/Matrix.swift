/// A dense row-major matrix.
///
/// A value: copies share storage until one of them is written. Element (i, j) lies at `i * columns + j` of `elements`.
/// The elements may lie in a mapped file, see `init(rows:columns:mapped:owner:)`; writing copies them first.
public struct Matrix<Scalar: BLASScalar>: Sendable, Equatable {
    /// The number of rows, ≥ 0.
    public let rows: Int
    /// The number of columns, ≥ 0.
    public let columns: Int
    /// The elements that this matrix holds itself; empty when they are mapped.
    private var storage: [Scalar]
    private var mapping: MappedElements<Scalar>?

    /// The elements, row after row; `rows * columns` of them. O(1), but copies all of a mapped matrix.
    public var elements: [Scalar] { mapping.map { Array($0.elements) } ?? storage }

    /// Whether the elements lie in memory that this matrix does not hold itself.
    public var isMapped: Bool { mapping != nil }

    /// A matrix with every element the same, zero unless told. Negative sizes count as zero.
    public init(rows: Int, columns: Int, repeating value: Scalar = 0) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        storage = [Scalar](repeating: value, count: self.rows * self.columns)
    }

    /// A matrix over `elements` in row-major order.
    /// - Throws: `dimensionMismatch` unless there are exactly `rows * columns` of them.
    public init(rows: Int, columns: Int, elements: [Scalar]) throws(LinearAlgebraError) {
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard rows >= 0, columns >= 0, !overflow, elements.count == count else {
            throw .dimensionMismatch(
                operation: "Matrix", expected: "\(rows) × \(columns) elements", found: "\(elements.count) elements")
        }
        self.rows = rows
        self.columns = columns
        storage = elements
    }

    /// A matrix over elements in memory that `owner` keeps readable and unchanged, without copying or reading them.
    /// - Throws: `dimensionMismatch` unless there are exactly `rows * columns` of them.
    public init(
        rows: Int, columns: Int, mapped elements: UnsafeBufferPointer<Scalar>, owner: any AnyObject & Sendable
    ) throws(LinearAlgebraError) {
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard rows >= 0, columns >= 0, !overflow, elements.count == count else {
            throw .dimensionMismatch(
                operation: "Matrix", expected: "\(rows) × \(columns) elements", found: "\(elements.count) elements")
        }
        self.rows = rows
        self.columns = columns
        storage = []
        mapping = MappedElements(elements: elements, owner: owner)
    }

    /// A matrix of the given rows, which must be equally long.
    public init(_ rows: [[Scalar]]) throws(LinearAlgebraError) {
        let columns = rows.first?.count ?? 0
        if let ragged = rows.first(where: { $0.count != columns }) {
            throw .dimensionMismatch(
                operation: "Matrix", expected: "rows of \(columns)", found: "a row of \(ragged.count)")
        }
        self.rows = rows.count
        self.columns = columns
        storage = rows.flatMap(\.self)
    }

    /// A matrix whose element (i, j) is `value(i, j)`.
    public init(rows: Int, columns: Int, _ value: (_ row: Int, _ column: Int) -> Scalar) {
        self.init(rows: rows, columns: columns)
        for i in 0..<self.rows {
            for j in 0..<self.columns { storage[i * self.columns + j] = value(i, j) }
        }
    }

    /// The n × n identity.
    public static func identity(_ n: Int) -> Matrix {
        Matrix(rows: n, columns: n) { $0 == $1 ? 1 : 0 }
    }

    /// A square matrix with `values` on its diagonal.
    public static func diagonal(_ values: [Scalar]) -> Matrix {
        Matrix(rows: values.count, columns: values.count) { $0 == $1 ? values[$0] : 0 }
    }

    /// Element (`row`, `column`). As with arrays, an index outside the matrix is a programmer's error and traps.
    @inlinable
    public subscript(row: Int, column: Int) -> Scalar {
        get {
            precondition(column >= 0 && column < columns, "column index out of range")
            return element(row * columns + column)
        }
        set {
            precondition(column >= 0 && column < columns, "column index out of range")
            setElement(row * columns + column, newValue)
        }
    }

    @usableFromInline
    func element(_ index: Int) -> Scalar { mapping?.elements[index] ?? storage[index] }

    @usableFromInline
    mutating func setElement(_ index: Int, _ value: Scalar) {
        detach()
        storage[index] = value
    }

    /// Copies mapped elements before they are written.
    private mutating func detach() {
        guard let mapping else { return }
        storage = Array(mapping.elements)
        self.mapping = nil
    }

    /// The elements of one row; not copied unless mapped. The slice's own indices have no meaning.
    public func row(_ index: Int) -> ArraySlice<Scalar> {
        let range = index * columns..<(index + 1) * columns
        return mapping.map { ArraySlice($0.elements[range]) } ?? storage[range]
    }

    /// Equal shapes and elements, wherever they lie.
    public static func == (left: Matrix, right: Matrix) -> Bool {
        left.rows == right.rows && left.columns == right.columns
            && left.withUnsafeElements { left in right.withUnsafeElements { left.elementsEqual($0) } }
    }

    /// The shape as text, for messages.
    public var shape: String { "\(rows) × \(columns)" }

    /// The transpose, as a new matrix.
    public func transposed() -> Matrix {
        var result = Matrix(rows: columns, columns: rows)
        withUnsafeElements { source in
            result.withUnsafeMutableElements { target in
                // Square tiles keep both sides in cache.
                let tile = 32
                for rowStart in stride(from: 0, to: rows, by: tile) {
                    for columnStart in stride(from: 0, to: columns, by: tile) {
                        for i in rowStart..<min(rowStart + tile, rows) {
                            for j in columnStart..<min(columnStart + tile, columns) {
                                target[j * rows + i] = source[i * columns + j]
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    /// The matrix whose rows are the rows of this one at `indices`, in that order.
    /// - Throws: `dimensionMismatch` for an index outside `0..<rows`.
    public func gatheringRows(_ indices: [Int]) throws(LinearAlgebraError) -> Matrix {
        if let bad = indices.first(where: { $0 < 0 || $0 >= rows }) {
            throw .dimensionMismatch(operation: "gatheringRows", expected: "indices in 0..<\(rows)", found: "\(bad)")
        }
        var result: [Scalar] = []
        result.reserveCapacity(indices.count * columns)
        for index in indices { result.append(contentsOf: row(index)) }
        return try Matrix(rows: indices.count, columns: columns, elements: result)
    }

    /// Refuses NaN and infinities. O(rows · columns).
    /// - Throws: `nonFinite`, naming `argument`.
    @inlinable
    public func requireFinite(_ argument: String) throws(LinearAlgebraError) {
        let index = withUnsafeElements { elements -> Int? in
            guard let start = elements.baseAddress else { return nil }
            // x · 0 is 0 for a finite x and no number for others, so that products of vectors find them at the library's speed.
            let zeros = [Scalar](repeating: 0, count: min(elements.count, 1024))
            let block = stride(from: 0, to: elements.count, by: 1024).first { first in
                Scalar.dot(min(1024, elements.count - first), start + first, zeros) != 0
            }
            return block.flatMap { elements[$0...].firstIndex { !$0.isFinite } }
        }
        if let index { throw .nonFinite(argument: argument, index: index) }
    }

    /// √Σ a_ij², accumulated in Double.
    public var frobeniusNorm: Double {
        withUnsafeElements { $0.reduce(0) { $0 + Double($1) * Double($1) } }.squareRoot()
    }
}

extension Matrix {
    /// Calls `body` with the row-major storage.
    public func withUnsafeElements<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if let mapping {
            defer { withExtendedLifetime(mapping.owner) {} }
            return try body(mapping.elements)
        }
        return try storage.withUnsafeBufferPointer(body)
    }

    /// Calls `body` with the row-major storage, uniquely owned.
    public mutating func withUnsafeMutableElements<Result, Failure: Error>(
        _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        detach()
        return try storage.withUnsafeMutableBufferPointer { buffer throws(Failure) in try body(buffer) }
    }

    /// Calls `body` with row `index` as a contiguous buffer of `columns` elements.
    public func withUnsafeRow<Result, Failure: Error>(
        _ index: Int, _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeElements { buffer throws(Failure) in
            try body(UnsafeBufferPointer(rebasing: buffer[index * columns..<(index + 1) * columns]))
        }
    }

    /// Calls `body` with row `index` as a contiguous mutable buffer of `columns` elements.
    public mutating func withUnsafeMutableRow<Result, Failure: Error>(
        _ index: Int, _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let range = index * columns..<(index + 1) * columns
        return try withUnsafeMutableElements { buffer throws(Failure) in
            try body(UnsafeMutableBufferPointer(rebasing: buffer[range]))
        }
    }
}

extension Matrix {
    /// Replaces row `index` by `values`.
    /// - Throws: `dimensionMismatch` unless the row exists and `values` has `columns` elements.
    public mutating func replaceRow(_ index: Int, with values: ArraySlice<Scalar>) throws(LinearAlgebraError) {
        guard index >= 0, index < rows, values.count == columns else {
            throw .dimensionMismatch(
                operation: "replaceRow", expected: "a row in 0..<\(rows) of \(columns)",
                found: "row \(index) of \(values.count)")
        }
        detach()
        storage.replaceSubrange(index * columns..<(index + 1) * columns, with: values)
    }
}

/// Elements in memory that `owner` keeps readable and unchanged.
struct MappedElements<Scalar>: @unchecked Sendable {
    let elements: UnsafeBufferPointer<Scalar>
    let owner: any AnyObject & Sendable
}
