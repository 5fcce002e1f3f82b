/// What one offer carries in one month.
public struct Usage: Sendable, Hashable {
    /// Bytes stored.
    public var storedBytes: Int
    /// How many objects (shards) the bytes are in.
    public var objects: Int
    /// Bytes read out.
    public var egressBytes: Int
    /// Read operations.
    public var reads: Int
    /// Write operations.
    public var writes: Int

    /// A month's usage.
    public init(storedBytes: Int, objects: Int = 0, egressBytes: Int = 0, reads: Int = 0, writes: Int = 0) {
        self.storedBytes = storedBytes
        self.objects = objects
        self.egressBytes = egressBytes
        self.reads = reads
        self.writes = writes
    }
}

extension Tariff {
    /// Bytes that are billed for `usage`: objects below the minimum size count as that size, and each carries its
    /// overhead. Objects are taken to be of equal size, as only their mean is known.
    public func billedBytes(_ usage: Usage) -> Int128 {
        let atMinimum = Int128(usage.objects) * Int128(minimumObjectBytes)
        return max(Int128(usage.storedBytes), atMinimum) + Int128(usage.objects) * Int128(objectOverheadBytes)
    }
}
