/// The version of this package, kept in manifests.
public enum CodeVersion {
    /// Semantic version.
    public static let current = "0.1.0"
}
