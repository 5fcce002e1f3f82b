import Documents

extension AdvicePage {
    /// What the charts show; prices in USD per volume unit and month.
    var charts: JSONValue {
        let gigabytes = advice.replayed.offer.tariff.gigabytesPerUnit
        func point(_ x: Double, _ y: Double) -> JSONValue { ["x": JSONValue(x), "y": JSONValue(y)] }
        let curve = advice.decision.curve
        func band(
            _ curve: [PriceCurvePoint], _ value: (PriceCurvePoint) -> Double,
            _ band: (PriceCurvePoint) -> ClosedRange<Double>
        ) -> JSONValue {
            [
                "mean": .array(curve.map { point($0.price, value($0)) }),
                "low": .array(curve.map { point($0.price, band($0).lowerBound) }),
                "high": .array(curve.map { point($0.price, band($0).upperBound) })
            ]
        }
        let won = advice.decision.breakpoints
        let steps =
            ([point(advice.range.lowerBound, won.first.map { $0.volume * gigabytes / 1000 } ?? 0)])
            + won.map { point($0.price, $0.volume * gigabytes / 1000) }
        return JSONValue(members: [
            ("unit", .string(unitText)),
            (
                "profit", band(curve, { $0.profit }, { $0.profitBand })
            ),
            (
                "acceptance",
                // Where nobody is quoted, nothing is accepted or refused.
                band(
                    curve.filter { $0.winRate > 0 }, { 100 * $0.acceptance },
                    { 100 * $0.acceptanceBand.lowerBound...100 * $0.acceptanceBand.upperBound }
                )
            ),
            (
                "stored",
                band(
                    curve, { $0.volume * gigabytes / 1000 },
                    { $0.volumeBand.lowerBound * gigabytes / 1000...$0.volumeBand.upperBound * gigabytes / 1000 })
            ),
            (
                "utilisation",
                curve.contains { $0.utilisation != nil }
                    ? .array(curve.map { point($0.price, 100 * ($0.utilisation ?? 0)) }) : nil
            ),
            ("won", .array(advice.listing == nil ? steps : [])),
            (
                "acceptanceTitle",
                .string(
                    advice.listing == nil ? "Share of quotes that are accepted" : "Share of choices that take the offer"
                )
            ),
            ("listed", JSONValue(advice.replayed.price * gigabytes)),
            ("advised", advice.recommendation.map { JSONValue($0.price) }),
            (
                "interval",
                advice.recommendation.map {
                    .array([JSONValue($0.interval.lowerBound), JSONValue($0.interval.upperBound)])
                }
            ),
            (
                "nearlyBest",
                advice.recommendation.map {
                    .array([JSONValue($0.nearlyBest.lowerBound), JSONValue($0.nearlyBest.upperBound)])
                }
            ),
            (
                "position",
                .array(
                    neighbours.map {
                        ["offer": .string($0.offer), "price": JSONValue($0.price), "own": .bool($0.isOwn)]
                    })
            ),
            (
                "drivers",
                advice.own.previous == nil
                    ? nil
                    : advice.decision.drivers.map {
                        [
                            "costs and fee": JSONValue($0.cost), "rivals and requests": JSONValue($0.rivals),
                            "quality and promise": JSONValue($0.quality), "capacity": JSONValue($0.capacity)
                        ]
                    }
            )
        ])
    }

    private var unitText: String { "USD per \(advice.unit) and month" }

    static let style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #1c2430 }
        h1 { font-size: 1.5rem; overflow-wrap: anywhere } h2 { font-size: 1.15rem; margin-top: 2rem }
        .verdict { border-left: .4rem solid #1f5fa8; background: #f2f6fb; padding: .2rem 1rem; margin: 1rem 0 }
        .verdict strong { font-size: 1.3rem }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.5rem }
        .charts div { position: relative; min-width: 0; break-inside: avoid }
        .wide { overflow-x: auto } table { border-collapse: collapse; margin: .8rem 0 }
        td, th { padding: .2rem .8rem; text-align: right; font-variant-numeric: tabular-nums; vertical-align: top }
        td:first-child, th:first-child, .remarks td:last-child { text-align: left }
        tr:nth-child(even) td { background: #f4f4f4 }
        @media (max-width: 40rem) {
          body { margin: 1rem auto } td, th { padding: .2rem .4rem } .remarks td:last-child { min-width: 9rem }
        }
        @media print {
          body { font-size: 10pt; margin: 0; max-width: none } h2 { break-after: avoid } tr { break-inside: avoid }
          .charts { grid-template-columns: 1fr 1fr; gap: 1rem } .wide { overflow: visible }
          .verdict, tr:nth-child(even) td { print-color-adjust: exact; -webkit-print-color-adjust: exact }
        }
        """

    static let script = """
        const blue = "#1f5fa8", pale = "rgba(31, 95, 168, .15)", amber = "#c77d1a", grey = "#8a8a8a";
        // The listed and the advised price, and the prices that are nearly best, behind the curves.
        const marks = {
          id: "marks",
          beforeDatasetsDraw(chart) {
            if (!chart.options.marks) return;
            const { ctx, chartArea: area, scales: { x } } = chart;
            const at = (price) => Math.min(area.right, Math.max(area.left, x.getPixelForValue(price)));
            ctx.save();
            if (data.nearlyBest) {
              ctx.fillStyle = "rgba(199, 125, 26, .15)";
              ctx.fillRect(at(data.nearlyBest[0]), area.top, Math.max(1, at(data.nearlyBest[1]) - at(data.nearlyBest[0])),
                area.bottom - area.top);
            }
            for (const [price, colour, dash] of [[data.listed, grey, [4, 4]], [data.advised, amber, []]]) {
              if (price == null || price < x.min || price > x.max) continue;
              ctx.strokeStyle = colour; ctx.lineWidth = 2; ctx.setLineDash(dash); ctx.beginPath();
              ctx.moveTo(at(price), area.top); ctx.lineTo(at(price), area.bottom); ctx.stroke();
            }
            ctx.restore();
          }
        };
        const draw = (id, type, title, chart, options = {}) => {
          const canvas = document.getElementById(id);
          if (canvas) new Chart(canvas, {
            type, data: chart, plugins: [marks],
            options: {
              // Drawn at once, so that a print shows what the screen does.
              animation: false, aspectRatio: 1.4, ...options,
              plugins: { title: { display: true, text: title }, ...options.plugins }
            }
          });
        };
        const axis = (text, more = {}) => ({ type: "linear", title: { display: true, text }, ...more });
        // The curves say something where anything is won, and a little beyond.
        const won = data.won.filter((p) => p.y > 0).map((p) => p.x);
        const last = Math.max(data.listed, data.advised ?? 0, ...won) * (won.length ? 1.15 : 2);
        const shown = (points) => points.filter((p) => p.x <= last);
        const prices = axis(data.unit, { min: 0, max: last });
        const legend = { legend: { labels: { filter: (item) => item.text !== "low" } } };
        const band = (id, title, y, more = {}) => draw(id, "line", title, { datasets: [
          { label: "low", data: shown(data[id].low), borderWidth: 0, pointRadius: 0, fill: false },
          { label: "90% band", data: shown(data[id].high), borderWidth: 0, pointRadius: 0, fill: "-1",
            backgroundColor: pale },
          { label: "expected", data: shown(data[id].mean), borderColor: blue, borderWidth: 2, pointRadius: 0 }
        ] }, { marks: true, scales: { x: prices, y: axis(y, more) }, plugins: legend });
        // Losses at prices that nobody would ask are cut off.
        const most = Math.max(0, ...data.profit.mean.map((p) => p.y));
        band("profit", "Profit a month by price", "USD", most > 0 ? { min: -Number((most / 3).toPrecision(1)) } : {});
        band("acceptance", data.acceptanceTitle, "%", { min: 0, max: 100 });
        if (data.utilisation) {
          draw("stored", "line", "Utilisation of the free capacity", { datasets: [
            { label: "utilisation", data: shown(data.utilisation), borderColor: blue, borderWidth: 2, pointRadius: 0 }
          ] }, { marks: true, scales: { x: prices, y: axis("%", { min: 0, max: 100 }) } });
        } else band("stored", "Stored on average", "TB", { min: 0 });
        const narrow = window.innerWidth < 640;
        draw("won", "line", "Won up to a price, if all accept", {
          datasets: [{ label: "TB stored", data: shown(data.won), borderColor: blue, backgroundColor: pale, fill: true,
            stepped: "after", pointRadius: 2 }]
        }, { marks: true, aspectRatio: narrow ? 1.2 : 2.4, scales: { x: prices, y: axis("TB", { min: 0 }) } });
        draw("position", "bar", "This offer among comparable offers", {
          labels: data.position.map((p) => p.offer),
          datasets: [{ label: "USD per GB and month", data: data.position.map((p) => p.price),
            backgroundColor: data.position.map((p) => (p.own ? amber : blue)) }]
        }, { indexAxis: "y", aspectRatio: narrow ? 0.75 : 1.6,
          scales: { y: { ticks: { autoSkip: false, font: { size: narrow ? 7 : 10 } } } },
          plugins: { legend: { display: false } } });
        if (data.drivers) draw("drivers", "bar", "Change of the price by cause", {
          labels: Object.keys(data.drivers),
          datasets: [{ label: data.unit, data: Object.values(data.drivers), backgroundColor: blue }]
        }, { indexAxis: "y", aspectRatio: 3, plugins: { legend: { display: false } } });
        """
}
