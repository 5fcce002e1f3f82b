/// Entity tags in conditions (RFC 9110, section 8.8.3).
enum EntityTag {
    /// Whether a list of tags, or `*`, names `tag`; weak tags are compared by their text.
    static func list(_ field: String, contains tag: String) -> Bool {
        field.split(separator: ",").contains { part in
            let text = part.trimmingPrefix { $0 == " " || $0 == "\t" }.reversed()
                .drop { $0 == " " || $0 == "\t" }.reversed()
            let one = String(text)
            return one == "*" || one == tag || one == "W/" + tag
        }
    }
}
