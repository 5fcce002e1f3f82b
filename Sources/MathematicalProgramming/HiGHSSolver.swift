import Foundation

/// Solves linear and mixed-integer linear programs with HiGHS (Huangfu and Hall, 2018).
///
/// Every call has a solver object of its own, so a solver may be used from any number of threads at once. The answer
/// is a function of the model and the parameters, unless time runs out or several threads are allowed.
public struct HiGHSSolver: Sendable {
    /// Makes a solver.
    public init() {}

    /// The version of the solver library, such as 1.15.1.
    public static var version: String { HiGHSInstance.version }

    /// Solves `model`.
    ///
    /// The call blocks until the solve ends.
    /// - Throws: What `MathematicalProgram.validate()` and `SolverParameters.validate()` throw; `solverRefused`.
    public func solve(
        _ model: MathematicalProgram, _ parameters: SolverParameters = SolverParameters()
    ) throws(ProgrammingError) -> Solution {
        try model.validate()
        try parameters.validate()
        let instance = try HiGHSInstance()
        try instance.pass(model)
        return try SolverThread.run(threads: parameters.threads) { () throws(ProgrammingError) -> Solution in
            try instance.solve(model, parameters)
        }
    }
}

/// Chooses the thread on which a solve runs.
///
/// HiGHS ties its scheduler to the thread that first solved, with the number of workers asked for then, and refuses
/// another number on that thread later. Solves with one worker run on the caller's thread; others get a fresh one.
enum SolverThread {
    /// Runs `body`, on a thread of its own unless `threads` is 1, and waits for it.
    static func run<Value>(
        threads: Int, _ body: () throws(ProgrammingError) -> Value
    ) throws(ProgrammingError) -> Value {
        guard threads != 1 else { return try body() }
        return try withoutActuallyEscaping(body) { body throws(ProgrammingError) in
            let exchange = Exchange(body)
            let thread = Thread {
                exchange.perform()
                exchange.done.signal()
            }
            thread.stackSize = 8 << 20
            thread.start()
            exchange.done.wait()
            return try exchange.take()
        }
    }

    /// What the two threads share. The semaphore orders every access: the caller touches nothing between the start of
    /// the thread and its signal.
    private final class Exchange<Value>: @unchecked Sendable {
        let done = DispatchSemaphore(value: 0)
        private var body: (() throws(ProgrammingError) -> Value)?
        private var result: Result<Value, ProgrammingError> = .failure(.solverRefused(operation: "run"))

        init(_ body: @escaping () throws(ProgrammingError) -> Value) { self.body = body }

        func perform() {
            guard let body else { return }
            do throws(ProgrammingError) { result = .success(try body()) } catch { result = .failure(error) }
            self.body = nil
        }

        func take() throws(ProgrammingError) -> Value { try result.get() }
    }
}
