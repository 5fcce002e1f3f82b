import COpenBLAS

extension Transpose {
    var cblas: CBLAS_TRANSPOSE { self == .none ? CblasNoTrans : CblasTrans }
}

/// LAPACK's character arguments.
let upperTriangle = CChar(UInt8(ascii: "U"))
let withVectors = CChar(UInt8(ascii: "V"))
let thinVectors = CChar(UInt8(ascii: "S"))
let notTransposed = CChar(UInt8(ascii: "N"))

/// `lapack_int`, a macro that Swift does not import: 32 bits in the LP64 interface that this package links.
typealias LAPACKInteger = Int32
