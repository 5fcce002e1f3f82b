/// What one offer carries in one month.
public struct Usage: Sendable, Hashable {
    /// Objects of one mean size.
    public struct Volume: Sendable, Hashable {
        /// Bytes stored.
        public var bytes: Int
        /// How many objects (shards) the bytes are in.
        public var objects: Int

        /// `bytes` in `objects` objects.
        public init(bytes: Int, objects: Int) {
            self.bytes = bytes
            self.objects = objects
        }
    }

    /// What is stored, by the size of objects: shards of different schemes differ.
    public var volumes: [Volume]
    /// Bytes read out.
    public var egressBytes: Int
    /// Read operations.
    public var reads: Int
    /// Write operations.
    public var writes: Int

    /// A month's usage.
    public init(storedBytes: Int, objects: Int = 0, egressBytes: Int = 0, reads: Int = 0, writes: Int = 0) {
        volumes = storedBytes == 0 && objects == 0 ? [] : [Volume(bytes: storedBytes, objects: objects)]
        self.egressBytes = egressBytes
        self.reads = reads
        self.writes = writes
    }

    /// Bytes stored.
    public var storedBytes: Int { volumes.reduce(0) { $0 + $1.bytes } }

    /// How many objects (shards) the bytes are in.
    public var objects: Int { volumes.reduce(0) { $0 + $1.objects } }
}

extension Tariff {
    /// Bytes that are billed for `usage`: objects below the minimum size count as that size, and each carries its
    /// overhead. Objects are taken to be of equal size, as only their mean is known.
    public func billedBytes(_ usage: Usage) -> Int128 {
        usage.volumes.reduce(0) { sum, volume in
            let atMinimum = Int128(volume.objects) * Int128(minimumObjectBytes)
            return sum + max(Int128(volume.bytes), atMinimum) + Int128(volume.objects) * Int128(objectOverheadBytes)
        }
    }
}
