import Logging
import MarketplaceStore
import ServiceLifecycle

/// What time alone changes in the store, written down now and then: quotes that nobody took, and answers that nobody will
/// ask for again. Nothing depends on when: expiry is judged wherever a quote is read.
package struct Housekeeping: Service {
    /// For how long the answer to a call with an `Idempotency-Key` is kept, in seconds.
    package static let answersKept = 7 * 86_400
    /// Seconds between two rounds.
    static let pause = 60

    let state: MarketState
    let logger: Logger
    let clock: @Sendable () -> Int

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await round()
                try? await Task.sleep(for: .seconds(Self.pause))
            }
        }
    }

    private func round() async {
        let now = clock()
        do {
            let done = try await state.compute { try Self.tidy(state.store, now: now) }
            guard done.expired + done.forgotten > 0 else { return }
            logger.info("tidied", metadata: ["expired": "\(done.expired)", "forgotten": "\(done.forgotten)"])
        } catch {
            // The next round tries again.
            logger.warning("could not tidy the store", metadata: ["reason": "\(error)"])
        }
    }

    /// One round at `now`, seconds since 1970: how many quotes had expired, and how many answers were forgotten.
    package static func tidy(
        _ store: MarketplaceDatabase, now: Int
    ) throws(StoreError) -> (expired: Int, forgotten: Int) {
        (try store.expireQuotes(now: now), try store.forgetCalls(before: now - answersKept))
    }
}
