import Foundation
import MarketplaceStore
import TestSupport
import Testing

@Suite("API keys")
struct APIKeyTests {
    let store: MarketplaceDatabase
    let key: APIKey
    let text: String

    init() throws {
        store = try .inMemory()
        var generator = SeededGenerator(seed: 7)
        (key, text) = try store.transact(by: .machine, at: 100) {
            try $0.createKey(
                for: "acme", name: "backend", scopes: ["quotes:read", "quotes:write"], expiresAt: 500, using: &generator
            )
        }
    }

    @Test func aKeyOpensUntilItExpiresOrIsRevoked() throws {
        let found = try #require(try store.key(text))
        #expect(found == key && found.isValid(at: 499) && !found.isValid(at: 500))
        try store.transact(by: .machine, at: 200) { try $0.revokeKey(key.id) }
        try store.transact(by: .machine, at: 300) { try $0.revokeKey(key.id) }
        #expect(try store.key(text)?.revokedAt == 200)
        #expect(try store.key(text)?.isValid(at: 201) == false)
        #expect(try store.keys().map(\.id) == [key.id])
        var actions: [String] = []
        try store.forEachAuditEntry { actions.append($0.action) }
        #expect(actions == ["key.created", "key.revoked"])
    }

    @Test func theSecretIsKeptNowhere() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("market.sqlite")
        let file = try MarketplaceDatabase(path: path, .creating)
        var generator = SystemRandomNumberGenerator()
        let text = try file.transact(by: .machine, at: 1) {
            try $0.createKey(for: "a", name: "n", scopes: [], using: &generator).text
        }
        try file.close()
        let secret = try #require(text.split(separator: "_").last)
        let bytes = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        #expect(secret.utf8.count == 64 && !bytes.contains(String(secret)))
    }

    @Test(arguments: ["", "fbk", "fbk__", "fbk_x_y", "fbk_x", "_", "fbk_x_y_z"])
    func textsThatAreNoKeys(text: String) throws {
        #expect(try store.key(text) == nil)
    }

    @Test func everyWrongDigitIsNoticed() throws {
        for index in text.indices where index >= text.index(text.startIndex, offsetBy: 4) {
            var wrong = text
            wrong.replaceSubrange(index...index, with: text[index] == "0" ? "1" : "0")
            #expect(try store.key(wrong) == nil)
        }
        let error = try #require(throws: StoreError.self) {
            try store.transact(by: .machine, at: 1) { try $0.revokeKey("none") }
        }
        guard case .unknownKey("none") = error else { throw error }
    }
}
