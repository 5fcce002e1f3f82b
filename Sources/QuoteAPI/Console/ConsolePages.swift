import Mustache

/// Renders the console's pages.
struct ConsolePages: Sendable {
    private let library: MustacheLibrary

    /// - Throws: what Mustache throws of a template that is none.
    init() throws {
        library = MustacheLibrary(
            templates: try ConsoleTemplates.all.mapValues { try MustacheTemplate(string: EscapedText.pragma + $0) })
    }

    /// The page `name` over `values`, within the layout.
    ///
    /// - Parameters:
    ///   - hasCharts: whether the page needs the script that draws.
    ///   - refresh: seconds after which the page is to be asked for again; nil for never.
    func html(
        _ name: String, title: String, catalog: String, hasCharts: Bool = false, refresh: Int? = nil,
        _ values: [String: Any]
    ) -> String {
        let content = library.render(values, withTemplate: name) ?? ""
        var layout: [String: Any] = ["title": title, "catalog": catalog, "hasCharts": hasCharts, "content": content]
        layout["refresh"] = refresh
        return library.render(layout, withTemplate: "layout") ?? ""
    }
}
