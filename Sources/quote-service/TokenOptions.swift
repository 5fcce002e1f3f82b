import ArgumentParser
import CommandSupport
import Logging
import QuoteAPI
import Signing

/// Whose tokens the service takes beside API keys.
struct TokenOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Take tokens whose 'iss' is this, signed by EdDSA, beside API keys.", valueName: "name"))
    var issuer: String?

    @Option(name: .long, help: ArgumentHelp("What the tokens' 'aud' must name.", valueName: "name"))
    var audience: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The issuer's JSON Web Key Set; read again when it changes.", valueName: "file"))
    var issuerKeys: String?

    @Option(name: .long, help: ArgumentHelp("The claim that names the tenant.", valueName: "claim"))
    var tenantClaim = "tenant"

    func validate() throws {
        let given = [issuer, audience, issuerKeys]
        guard given.allSatisfy({ $0 == nil }) || given.allSatisfy({ $0?.isEmpty == false }) else {
            throw ValidationError("--issuer, --audience and --issuer-keys go together; give all three or none")
        }
        guard !tenantClaim.isEmpty else { throw ValidationError("--tenant-claim must not be empty") }
    }

    /// How callers prove who they are.
    func authentication(_ logger: Logger) async throws -> Authentication {
        guard let issuer, let audience, let issuerKeys else { return .keys }
        let trusted = TokenIssuer(issuer: issuer, audience: audience, keySet: issuerKeys, tenantClaim: tenantClaim)
        do throws(SigningError) { return .keysAndTokens(try await TokenVerifier([trusted], logger: logger)) } catch {
            throw CommandEnd(.failure, "error: \(error)")
        }
    }
}
