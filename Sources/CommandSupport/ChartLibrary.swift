import Foundation

/// Chart.js, as Debian's package installs it, for pages that carry it and need nothing else.
public enum ChartLibrary {
    /// Where Debian's package has the library, by its releases.
    private static let paths = ["chart.min.js", "Chart.min.js", "chart.umd.js", "chart.js"].flatMap {
        ["/usr/share/javascript/chart.js/" + $0, "/usr/share/nodejs/chart.js/dist/" + $0]
    }

    /// The library, fit for standing in a page.
    ///
    /// - Parameter option: the option to leave out where the library is absent.
    /// - Throws: `CommandEnd` that names the package to install.
    public static func load(for option: String) throws -> String {
        for path in paths {
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            return String(decoding: data, as: UTF8.self).replacingOccurrences(of: "</script", with: "<\\/script")
        }
        throw CommandEnd(
            .failure,
            "error: Chart.js is not installed; install Debian's package libjs-chart.js, or leave out \(option)")
    }
}
