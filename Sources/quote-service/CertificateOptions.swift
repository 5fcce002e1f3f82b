import ArgumentParser
import QuoteAPI

/// The certificate of the service.
struct CertificateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Serve HTTPS under this certificate and those between it and a root, PEM.", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(help: ArgumentHelp("How often the two files are read again.", valueName: "seconds"))
    var tlsReloadSeconds = 60

    func validate() throws {
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key go together; give both or none")
        }
        guard (1...86_400).contains(tlsReloadSeconds) else {
            throw ValidationError("--tls-reload-seconds must be within 1…86400")
        }
    }

    /// The files; nil for plain HTTP.
    var files: CertificateFiles? {
        guard let tlsCertificate, let tlsKey else { return nil }
        return CertificateFiles(certificate: tlsCertificate, key: tlsKey, reloadSeconds: tlsReloadSeconds)
    }
}
