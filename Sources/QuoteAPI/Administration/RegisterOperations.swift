extension Operation {
    private static let register = Parameter(
        "register", in: .path, .choice(["storage-provider", "service-provider"]), "The register.")

    static let readRegister = Operation(
        "readRegister", .get, "/v1/registers/{register}",
        "All participants of a register: evidence, validity, suspensions, standings.", tag: .administration,
        scope: .quotesRead, parameters: [register], answers: [.json("Register", "The register.")])

    static let readParticipant = Operation(
        "readParticipant", .get, "/v1/registers/{register}/{participant}", "One participant of a register.",
        tag: .administration, scope: .quotesRead, parameters: [register],
        answers: [.json("Participant", "The participant.")])

    static let certify = step(
        "certifyParticipant", "certify", "Certification",
        "Certifies a participant. An entry from the same day on is replaced; the audit log keeps it.")
    static let suspend = step(
        "suspendParticipant", "suspend", "Reason", "Suspends a participant: from now on none of its offers is listed.")
    static let reinstate = step(
        "reinstateParticipant", "reinstate", "Reason", "Lifts the suspension: the certificates count again.")
    static let judge = step(
        "judgeParticipant", "standing", "Standing",
        "Writes down how a participant pays for being listed: by subscription, or by a stake of at least the minimum.")

    private static func step(_ id: String, _ name: String, _ body: String, _ summary: String) -> Operation {
        Operation(
            id, .post, "/v1/registers/{register}/{participant}/" + name, summary, tag: .administration,
            scope: .registersWrite, parameters: [register, .idempotencyKey],
            body: .json(body, limit: RegisterRoutes.bodyLimit),
            answers: [.json("Participant", "The participant as it stands now.")], problems: [.conflict])
    }
}
