import COpenBLAS
import Synchronization

/// Control of OpenBLAS's own threads, a setting of the whole process.
///
/// A parallel loop of ours that calls BLAS from each of its threads must keep BLAS itself to one thread:
/// the two levels multiply, and oversubscription costs up to ten times.
public enum BLASThreads {
    private struct State {
        var depth = 0
        var outside = 1
    }
    private static let state = Mutex(State())

    /// The number of threads that a BLAS call may use now.
    public static var current: Int { Int(openblas_get_num_threads()) }

    /// Keeps BLAS to one thread for the rest of the process: for a process whose answers are worked out side by side.
    public static func keepSingle() {
        openblas_set_num_threads(1)
        state.withLock { state in
            if state.depth == 0 { state.outside = 1 }
            state.depth += 1
        }
    }

    /// Runs `body` with one BLAS thread and restores the number before.
    ///
    /// May be nested and entered from several threads: the number is restored when the last of them leaves.
    public static func single<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        state.withLock { state in
            if state.depth == 0 {
                state.outside = Int(openblas_get_num_threads())
                openblas_set_num_threads(1)
            }
            state.depth += 1
        }
        defer {
            state.withLock { state in
                state.depth -= 1
                if state.depth == 0 { openblas_set_num_threads(Int32(state.outside)) }
            }
        }
        return try body()
    }
}
