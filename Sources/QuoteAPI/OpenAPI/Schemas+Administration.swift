extension Schemas {
    /// What the operator sends and reads.
    static let administration = #"""
        {
        }
        """#
}
