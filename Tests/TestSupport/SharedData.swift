import Foundation

/// Where the tests find data that is too large to ship with the package.
///
/// It is looked for in the folder that the environment variable `FLASHBACK_SHARED_DATASETS` names, else in
/// `../shared/datasets` beside the package. A test that needs it is written
/// `@Test(.enabled(if: SharedData.isPresent("lp"), Comment(rawValue: SharedData.absence)))`.
public enum SharedData {
    /// The message of a test that is skipped because the data is absent.
    public static let absence = "needs shared test data: set FLASHBACK_SHARED_DATASETS, or put it in ../shared/datasets"

    /// The package's own folder.
    public static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folder of shared data, whether or not it exists.
    public static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["FLASHBACK_SHARED_DATASETS"] {
            return URL(fileURLWithPath: path, isDirectory: true)
        }
        return packageRoot.deletingLastPathComponent().appendingPathComponent("shared/datasets", isDirectory: true)
    }()

    /// Whether `path`, relative to the shared data, exists.
    public static func isPresent(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: url(path).path)
    }

    /// The place of `path`, relative to the shared data.
    public static func url(_ path: String) -> URL { root.appendingPathComponent(path) }
}
