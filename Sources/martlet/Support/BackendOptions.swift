import ArgumentParser
import ProvingService

extension BackendChoice: ExpressibleByArgument {}

/// The options of all commands that compute.
struct BackendOptions: ParsableArguments {
    @Option(help: "What computes.")
    var backend = BackendChoice.auto

    @Option(help: ArgumentHelp("Threads of one proof; 0 uses all processors.", valueName: "n"))
    var threads = 0

    /// - Throws: `JobFailure` for values that cannot be used.
    func makeEngine() throws -> ProvingEngine { try ProvingEngine(backend: backend, threads: threads) }
}
