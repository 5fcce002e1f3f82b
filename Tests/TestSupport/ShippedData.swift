import Foundation

/// The data that ships with the package.
public enum ShippedData {
    /// The folder `datasets/`.
    public static let folder = SharedData.packageRoot.appendingPathComponent("datasets", isDirectory: true)

    /// The bytes of a sample request, by its name without `.json`.
    public static func request(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent("requests/\(name).json")))
    }

    /// The names of all sample requests.
    public static func requestNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("requests").path)
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }
}
