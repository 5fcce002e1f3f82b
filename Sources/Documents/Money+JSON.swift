import Money

extension Amount {
    /// The amount as `{"amount": "12.50", "asset": "USD"}`; a token with an issuer names network and issuer as well.
    public var json: JSONValue {
        JSONValue(members: [
            ("amount", .string(decimalText)), ("asset", .string(asset.code)),
            ("network", asset.issuer == nil ? nil : asset.network.map { .string($0) }),
            ("issuer", asset.issuer.map { .string($0) })
        ])
    }
}

extension ObjectReader {
    /// A required amount as `Amount.json` writes it: no more decimals than the asset has; network and issuer, where
    /// given, must be the registered asset's.
    public func money(_ key: String) -> Amount? {
        guard let reader = requiredObject(key) else { return nil }
        let found = reader.money()
        reader.finish()
        return found
    }

    fileprivate func money() -> Amount? {
        let text = string("amount")
        guard let asset = asset("asset") else { return nil }
        for (name, registered) in [("network", asset.network), ("issuer", asset.issuer)] where has(name) {
            guard let given = string(name), given != registered else { continue }
            log.report(
                location(name), "'\(given)' is not the \(name) of \(asset.code)",
                remedy: "use \(registered ?? "none"), or another asset")
            return nil
        }
        guard let text else { return nil }
        do throws(MoneyError) {
            return try Amount(text, asset)
        } catch {
            log.report(
                location("amount"), "'\(text)' is not an amount of \(asset.code)",
                remedy: "write a decimal with at most \(asset.decimals) digits after the point")
            return nil
        }
    }
}

extension Statement {
    /// The statement: its lines, and the total for whoever adds them up.
    public var json: JSONValue {
        [
            "lines": .array(
                lines.map {
                    [
                        "kind": .string($0.kind.rawValue), "label": .string($0.label),
                        "amount": .string($0.amount.decimalText)
                    ]
                }),
            "total": total.json
        ]
    }

    /// Reads a statement and refuses one whose lines do not add up to its total.
    /// - Throws: ``InputError`` with every fault.
    public init(_ json: JSONValue, document: String = "") throws(InputError) {
        let log = IssueLog()
        let reader = ObjectReader(json, log: log)
        let total = reader.money("total")
        var lines: [Line] = []
        for line in reader.objects("lines") {
            let kind = line.choice("kind", Kind.allCases.map(\.rawValue)).flatMap(Kind.init(rawValue:))
            let label = line.string("label")
            if let text = line.string("amount"), let asset = total?.asset, let kind, let label {
                do throws(MoneyError) {
                    lines.append(Line(kind, label, try Amount(text, asset)))
                } catch {
                    log.report(line.location("amount"), error.description)
                }
            }
            line.finish()
        }
        reader.finish()
        try log.check(document)
        guard let total else { throw InputError(document, [InputIssue("/total", "is missing")]) }
        let statement: Statement
        do throws(MoneyError) {
            statement = try Statement(lines, total.asset)
        } catch {
            throw InputError(document, [InputIssue("/lines", error.description)])
        }
        guard statement.total == total else {
            let issue = InputIssue(
                "/total", "is \(total), the lines add up to \(statement.total)",
                remedy: "the statement was changed; get it anew")
            throw InputError(document, [issue])
        }
        self = statement
    }
}
