import Foundation
import Logging
import NIOCertificateReloading
import X509

/// A certificate that cannot be served under.
public struct CertificateError: Error, Sendable, CustomStringConvertible {
    /// What is wrong and what helps.
    public let description: String
}

/// The files with the certificate that the service shows and its private key, both PEM.
public struct CertificateFiles: Sendable, Hashable {
    /// The certificate, followed by those between it and a root.
    public let certificate: String
    /// The private key of the first certificate.
    public let key: String
    /// How often the files are read again, in seconds: a renewed certificate is shown from the next reading on.
    public let reloadSeconds: Int

    /// Files at given paths.
    public init(certificate: String, key: String, reloadSeconds: Int = 60) {
        (self.certificate, self.key, self.reloadSeconds) = (certificate, key, reloadSeconds)
    }

    /// When the certificate begins and ends to be valid, seconds since 1970.
    /// - Throws: ``CertificateError`` for files that cannot be served under.
    public func validity() throws(CertificateError) -> Range<Int> {
        let reloader = self.reloader { _, _ in }
        do { try reloader.reload() } catch { throw Self.error(error) }
        guard let data = FileManager.default.contents(atPath: certificate),
            let first = try? CertificateChain(data).first
        else { throw CertificateError(description: "the certificate '\(certificate)' cannot be read") }
        let (start, end) = (
            Int(first.notValidBefore.timeIntervalSince1970), Int(first.notValidAfter.timeIntervalSince1970)
        )
        guard start < end else {
            throw CertificateError(description: "the certificate '\(certificate)' ends before it begins")
        }
        return start..<end
    }

    /// What reads the files now and then. Files that do not fit together later are logged; the old ones stay in force.
    func reloader(_ logger: Logger) throws(CertificateError) -> TimedCertificateReloader {
        _ = try validity()
        let reloader = self.reloader { level, text in logger.log(level: level, "\(text)") }
        do { try reloader.reload() } catch { throw Self.error(error) }
        return reloader
    }

    private func reloader(_ report: @escaping @Sendable (Logger.Level, String) -> Void) -> TimedCertificateReloader {
        TimedCertificateReloader(
            configuration: .init(
                refreshInterval: .seconds(reloadSeconds),
                certificateSource: .init(location: .file(path: certificate), format: .pem),
                privateKeySource: .init(location: .file(path: key), format: .pem)
            ) {
                $0.onCertificateLoaded = { change in
                    let ends = change.currentX509CertificateChain.first?.notValidAfter.description ?? "?"
                    guard change.previousX509CertificateChain != change.currentX509CertificateChain else { return }
                    report(.notice, "serving under a certificate that is valid until \(ends)")
                }
                $0.onCertificateLoadFailed = { failure in
                    report(
                        .error,
                        "the certificate was not taken up, the one before stays: \(Self.error(failure.error))")
                }
            })
    }

    private static func error(_ error: any Error) -> CertificateError {
        guard let known = error as? TimedCertificateReloader.Error else {
            return CertificateError(description: "the certificate or its key cannot be read: \(error)")
        }
        return CertificateError(
            description: known == .publicKeyMismatch
                ? "the private key is not the certificate's" : "\(known)".trimmingCharacters(in: .whitespaces))
    }
}

/// The certificates of a PEM file, the first of which is the service's own.
private struct CertificateChain {
    let first: Certificate?

    init(_ data: Data) throws {
        let text = String(decoding: data, as: UTF8.self)
        let end = "-----END CERTIFICATE-----"
        guard let start = text.range(of: "-----BEGIN CERTIFICATE-----"), let stop = text.range(of: end) else {
            first = nil
            return
        }
        first = try Certificate(pemEncoded: String(text[start.lowerBound..<stop.upperBound]))
    }
}
