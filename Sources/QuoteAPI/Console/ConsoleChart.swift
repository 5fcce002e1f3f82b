import Documents

/// Charts as Chart.js takes them.
enum ConsoleChart {
    private static let colours = ["#1f5fa8", "#c77d1a", "#3c8d5a", "#8a4fa3", "#a3261c", "#5c6b7a"]

    /// A chart of one value for each label, or of a few.
    static func series(
        _ type: String, title: String, unit: String, labels: [String], _ series: [(name: String, values: [Double?])],
        isHorizontal: Bool = false, aspectRatio: Double? = nil
    ) -> String {
        let sets = series.enumerated().map { index, one -> JSONValue in
            [
                "label": .string(one.name), "data": .array(one.values.map { $0.map { JSONValue($0) } ?? .null }),
                "backgroundColor": .string(colours[index % colours.count]),
                "borderColor": .string(colours[index % colours.count])
            ]
        }
        let axis = isHorizontal ? "x" : "y"
        var options: [String: JSONValue] = [
            "indexAxis": isHorizontal ? "y" : "x",
            "plugins": [
                "title": ["display": true, "text": .string(title)], "legend": ["display": .bool(series.count > 1)]
            ],
            "scales": .object([
                axis: ["beginAtZero": .bool(type == "bar"), "title": ["display": true, "text": .string(unit)]]
            ])
        ]
        options["aspectRatio"] = aspectRatio.map { JSONValue($0) }
        let chart: JSONValue = [
            "type": .string(type), "data": ["labels": .array(labels.map { .string($0) }), "datasets": .array(sets)],
            "options": .object(options)
        ]
        return chart.text()
    }

    /// One point of a scatter.
    struct Point {
        let x: Double
        let y: Double
        /// The row of the table that tells of it.
        let row: Int
        let text: String
        let isPale: Bool
    }

    /// Points that can be selected.
    static func scatter(
        title: String, x: String, y: String, isLogarithmic: Bool, _ points: [Point]
    ) -> String {
        func set(_ name: String, _ colour: String, _ points: [Point]) -> JSONValue {
            [
                "label": .string(name), "backgroundColor": .string(colour), "pointRadius": 6, "pointHoverRadius": 9,
                "data": .array(
                    points.map {
                        ["x": JSONValue($0.x), "y": JSONValue($0.y), "row": JSONValue($0.row), "text": .string($0.text)]
                    })
            ]
        }
        let chart: JSONValue = [
            "type": "scatter",
            "data": [
                "datasets": [
                    set("meets the request", "#1f5fa8", points.filter { !$0.isPale }),
                    set("misses a bound", "#c77d1a66", points.filter(\.isPale))
                ]
            ],
            "options": [
                "plugins": ["title": ["display": true, "text": .string(title)]],
                "scales": [
                    "x": [
                        "type": isLogarithmic ? "logarithmic" : "linear", "reverse": .bool(isLogarithmic),
                        "title": ["display": true, "text": .string(x)]
                    ], "y": ["title": ["display": true, "text": .string(y)]]
                ]
            ]
        ]
        return chart.text()
    }

    /// A point of a curve with its 90% band.
    struct Banded {
        let x: Double
        let y: Double
        let band: ClosedRange<Double>
    }

    /// A curve in its band, with marked places of the x axis. Deep losses are cut off.
    static func curve(title: String, x: String, y: String, marks: [(name: String, x: Double)], _ points: [Banded])
        -> String
    {
        let most = points.reduce(0) { max($0, $1.band.upperBound) }
        let least = max(points.reduce(0) { min($0, $1.band.lowerBound) }, -most / 3)
        func set(
            _ name: String, _ points: [(x: Double, y: Double)], _ colour: String, width: Int,
            _ more: [String: JSONValue]
        ) -> JSONValue {
            let members: [String: JSONValue] = [
                "label": .string(name), "pointRadius": 0, "borderWidth": JSONValue(width),
                "borderColor": .string(colour),
                "data": .array(points.map { ["x": JSONValue($0.x), "y": JSONValue(min(most, max(least, $0.y)))] })
            ]
            return .object(members.merging(more) { $1 })
        }
        let sets =
            [
                set(
                    "lower end of the 90% band", points.map { ($0.x, $0.band.lowerBound) }, colours[0] + "40", width: 1,
                    [:]),
                set(
                    "90% band", points.map { ($0.x, $0.band.upperBound) }, colours[0] + "40", width: 1,
                    ["fill": "-1", "backgroundColor": .string(colours[0] + "26")]),
                set("expected", points.map { ($0.x, $0.y) }, colours[0], width: 2, [:])
            ]
            + marks.enumerated().map { index, mark in
                set(
                    mark.name, [(mark.x, least), (mark.x, most)], colours[index == 0 ? 5 : 1], width: 2,
                    index == 0 ? ["borderDash": [4, 4]] : [:])
            }
        let chart: JSONValue = [
            "type": "line", "data": ["datasets": .array(sets)],
            "options": [
                "plugins": ["title": ["display": true, "text": .string(title)]],
                "scales": [
                    "x": ["type": "linear", "min": 0, "title": ["display": true, "text": .string(x)]],
                    "y": ["title": ["display": true, "text": .string(y)]]
                ]
            ]
        ]
        return chart.text()
    }
}
