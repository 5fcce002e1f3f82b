import Foundation
import Marketplace
import MarketplaceStore
import Money
import QuoteAPI
import Recommendation
import Signing

/// What a service stands on, looked at piece by piece.
struct Examination {
    /// What was found of one subject.
    struct Finding {
        enum Verdict: String {
            case sound = "ok"
            case warned = "warning"
            case failed = "FAILED"
        }

        let subject: String
        let verdict: Verdict
        let detail: String
        var remedy: String?
    }

    let database: String
    let models: String
    let keys: String
    let certificate: CertificateFiles?
    let maximumRateAgeDays: Int
    let isQuick: Bool
    /// Seconds since 1970.
    let now: Int

    /// Everything, in the order in which it is to be mended.
    func findings() -> [Finding] {
        var findings = [disk()]
        let store: MarketplaceDatabase
        do throws(StoreError) { store = try MarketplaceDatabase(path: database) } catch {
            // What lies in the database cannot be examined.
            return findings + [Finding(subject: "database", verdict: .failed, detail: "\(error)")] + files()
        }
        findings.append(pages(store))
        if !isQuick { findings.append(audit(store)) }
        findings.append(catalogue(store))
        findings.append(rates(store))
        return findings + files()
    }

    private func files() -> [Finding] {
        [preferences(), performance(), signing()] + (certificate.map { [tls($0)] } ?? [])
    }

    private func disk() -> Finding {
        let folder = URL(fileURLWithPath: database).deletingLastPathComponent().path
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue else {
            return Finding(
                subject: "disk", verdict: .failed, detail: "the folder '\(folder)' cannot be examined",
                remedy: "make the folder, or name another database")
        }
        let size = ["", "-wal"].reduce(0) {
            let file = try? FileManager.default.attributesOfItem(atPath: database + $1)
            return $0 + ((file?[.size] as? NSNumber)?.intValue ?? 0)
        }
        let detail = "\(free / 1_000_000) MB free beside a database of \(size / 1_000_000) MB"
        if free < 100_000_000 {
            return Finding(
                subject: "disk", verdict: .failed, detail: detail, remedy: "free space: writes will soon be refused")
        }
        return free < max(1_000_000_000, 2 * size)
            ? Finding(
                subject: "disk", verdict: .warned, detail: detail, remedy: "a backup beside it may not fit; free space")
            : Finding(subject: "disk", verdict: .sound, detail: detail)
    }

    private func pages(_ store: MarketplaceDatabase) -> Finding {
        do throws(StoreError) {
            if !isQuick { try store.check() }
            let quotes = try store.counts().quotes.values.reduce(0, +)
            return Finding(
                subject: "database", verdict: .sound,
                detail: isQuick ? "\(quotes) quotes" : "pages and references hold; \(quotes) quotes")
        } catch {
            return Finding(subject: "database", verdict: .failed, detail: "\(error)")
        }
    }

    private func audit(_ store: MarketplaceDatabase) -> Finding {
        do throws(StoreError) {
            let tip = try store.verifyAudit()
            return Finding(
                subject: "audit log", verdict: .sound, detail: "\(tip.count) lines, each follows the one before")
        } catch {
            return Finding(subject: "audit log", verdict: .failed, detail: "\(error)")
        }
    }

    private func catalogue(_ store: MarketplaceDatabase) -> Finding {
        do throws(StoreError) {
            let catalog = try store.catalog()
            let certified = catalog.certifiedProviders(on: UTCTime.day(now))
            let listed = catalog.offers.count { certified.contains($0.provider) }
            let detail = "\(catalog.offers.count) offers, \(listed) of them from \(certified.count) certified providers"
            return listed > 0
                ? Finding(subject: "catalogue", verdict: .sound, detail: detail)
                : Finding(
                    subject: "catalogue", verdict: .failed, detail: detail,
                    remedy: "certify providers: nobody can be quoted; see 'quote-service import registers'")
        } catch {
            return Finding(subject: "catalogue", verdict: .failed, detail: "\(error)")
        }
    }

    private func rates(_ store: MarketplaceDatabase) -> Finding {
        let remedy =
            "import newer ones: 'quote-service import rates F'; until then quotes in other currencies are refused"
        do throws(StoreError) {
            guard let newest = try store.exchangeRates().map(\.date).max() else {
                return Finding(subject: "rates", verdict: .warned, detail: "there are none", remedy: remedy)
            }
            let age = UTCTime.day(now).ordinal - newest.ordinal
            return Finding(
                subject: "rates", verdict: age > maximumRateAgeDays ? .warned : .sound,
                detail: "the newest are of \(newest), \(age) days ago",
                remedy: age > maximumRateAgeDays ? remedy : nil)
        } catch {
            return Finding(subject: "rates", verdict: .failed, detail: "\(error)")
        }
    }

    private func preferences() -> Finding {
        let registry = ModelRegistry(folder: URL(fileURLWithPath: models, isDirectory: true))
        return model("preferences") { () throws(RecommendationError) in
            guard try registry.championVersion() != nil else { return nil }
            let opened = try registry.openChampion()
            if !isQuick { try opened.verify() }
            return opened.manifest.version
        }
    }

    private func performance() -> Finding {
        model("performance") { () throws(RecommendationError) in
            do throws(RecommendationError) {
                return try QoSRegistry(models: URL(fileURLWithPath: models, isDirectory: true)).champion().manifest
                    .version
            } catch .noChampion {
                return nil
            }
        }
    }

    private func model(_ subject: String, _ version: () throws(RecommendationError) -> String?) -> Finding {
        do throws(RecommendationError) {
            guard let version = try version() else {
                return Finding(
                    subject: subject, verdict: .warned, detail: "no model is in service: rankings go by what is left",
                    remedy: "train one: 'retrain run'")
            }
            return Finding(subject: subject, verdict: .sound, detail: "model \(version) is in service")
        } catch {
            return Finding(
                subject: subject, verdict: .failed, detail: "\(error)", remedy: "go back: 'retrain rollback'")
        }
    }

    private func signing() -> Finding {
        guard FileManager.default.fileExists(atPath: keys) else {
            return Finding(
                subject: "signing", verdict: .warned, detail: "there is no '\(keys)'",
                remedy: "the service makes one as it starts; or name the file by --keys")
        }
        do throws(SigningError) {
            let ring = try KeyRing(file: keys)
            return Finding(
                subject: "signing", verdict: .sound,
                detail: "key \(ring.currentKey) signs, \(ring.verification.keys.count - 1) retired are published")
        } catch {
            return Finding(subject: "signing", verdict: .failed, detail: "\(error)")
        }
    }

    private func tls(_ files: CertificateFiles) -> Finding {
        do throws(CertificateError) {
            let validity = try files.validity()
            let days = (validity.upperBound - now) / 86_400
            let detail = "valid from \(UTCTime.text(validity.lowerBound)) until \(UTCTime.text(validity.upperBound))"
            guard validity.contains(now) else {
                return Finding(
                    subject: "certificate", verdict: .failed, detail: detail + ", which is not now", remedy: "renew it")
            }
            return days < 14
                ? Finding(
                    subject: "certificate", verdict: .warned, detail: detail, remedy: "renew it: \(days) days left")
                : Finding(subject: "certificate", verdict: .sound, detail: detail)
        } catch {
            return Finding(subject: "certificate", verdict: .failed, detail: "\(error)")
        }
    }
}
