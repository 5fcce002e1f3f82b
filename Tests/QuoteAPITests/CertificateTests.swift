import Crypto
import Foundation
import QuoteAPI
import TestSupport
import Testing
import X509

@Suite("The certificate of the service")
struct CertificateTests {
    /// A certificate for its own key, PEM, valid for a day from `start` (seconds since 1970).
    private func selfSigned(from start: Int) throws -> (certificate: String, key: String) {
        let secret = P256.Signing.PrivateKey()
        let key = Certificate.PrivateKey(secret)
        let name = try DistinguishedName { CommonName("localhost") }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: Date(timeIntervalSince1970: Double(start)),
            notValidAfter: Date(timeIntervalSince1970: Double(start + 86_400)), issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions { SubjectAlternativeNames([.dnsName("localhost")]) },
            issuerPrivateKey: key)
        return (try certificate.serializeAsPEM().pemString, secret.pemRepresentation)
    }

    private func write(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

    @Test func itsValidityIsThatOfTheFirstCertificateOfTheFile() throws {
        let folder = try TemporaryFolder()
        let (own, above) = (try selfSigned(from: 1_795_348_800), try selfSigned(from: 1_700_000_000))
        let files = CertificateFiles(certificate: folder.path("c.pem"), key: folder.path("k.pem"))
        try write(own.certificate + "\n" + above.certificate, files.certificate)
        try write(own.key, files.key)
        #expect(try files.validity() == 1_795_348_800..<1_795_435_200)
    }

    @Test func filesThatCannotBeServedUnderAreRefusedWithTheReason() throws {
        let folder = try TemporaryFolder()
        let (one, other) = (try selfSigned(from: 0), try selfSigned(from: 0))
        let files = CertificateFiles(certificate: folder.path("c.pem"), key: folder.path("k.pem"))
        func reason() -> String? {
            do {
                _ = try files.validity()
                return nil
            } catch { return error.description }
        }
        #expect(reason()?.contains(files.certificate) == true)
        try write(one.certificate, files.certificate)
        #expect(reason()?.contains(files.key) == true)
        try write(other.key, files.key)
        #expect(reason() == "the private key is not the certificate's")
        try write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", files.certificate)
        #expect(reason() != nil)
        try write("", files.certificate)
        #expect(reason() != nil)
        try write(one.certificate, files.certificate)
        try write(one.key, files.key)
        #expect(reason() == nil)
    }
}
