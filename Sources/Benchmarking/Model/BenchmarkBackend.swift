public import Compute
import Curves
public import ProvingService

/// A way to compute that can be measured.
///
/// One more is a conformance and an entry in `all`. Its results are checked against known answers on the portable path.
public protocol BenchmarkBackend: Sendable {
    /// The name in options and reports, such as "cpu-adx".
    var name: String { get }
    /// True when this machine has what it takes.
    var isSupported: Bool { get }
    /// True when products in fields and pairings run on it too; a device has them not.
    var computesFields: Bool { get }
    /// The scalar products in which the cost of a sum is counted.
    var scalarPath: CPUPath { get }
    /// What makes proofs on it.
    var provingChoice: BackendChoice { get }

    /// Makes the whole process use it.
    func select() throws(BenchmarkError)
    /// Makes an instance for one curve.
    func make<Suite: CPUKernels>(
        for suite: Suite.Type, parallel: Parallel
    ) throws(BenchmarkError) -> any ComputeBackend<Suite>
}

/// The CPU with one of its paths.
public struct CPUBenchmarkBackend: BenchmarkBackend {
    public let path: CPUPath

    public init(_ path: CPUPath) { self.path = path }

    public var name: String { "cpu-\(path.rawValue)" }
    public var isSupported: Bool { path.isSupported }
    public var computesFields: Bool { true }
    public var provingChoice: BackendChoice { .cpu }

    /// The portable path is counted in its own products, every other in the fastest scalar ones.
    public var scalarPath: CPUPath {
        [.adx, .avx2, .ifma].contains(path) && CPUPath.adx.isSupported ? .adx : .portable
    }

    public func select() throws(BenchmarkError) {
        guard path.select() else { throw .option("--backend: this processor cannot run '\(name)'") }
    }

    public func make<Suite: CPUKernels>(
        for suite: Suite.Type, parallel: Parallel
    ) throws(BenchmarkError) -> any ComputeBackend<Suite> { CPUBackend<Suite>(parallel: parallel) }
}

/// The backends there are.
public enum BenchmarkBackends {
    /// All that this program knows, the fastest CPU path first.
    public static var all: [any BenchmarkBackend] {
        CPUPath.allCases.reversed().map { CPUBenchmarkBackend($0) }
    }

    /// Those that this machine can run, without the emulation, which is for tests.
    public static var supported: [any BenchmarkBackend] {
        all.filter { $0.isSupported && $0.name != CPUBenchmarkBackend(.ifmaEmulated).name }
    }

    /// The backends with the given names, in that order, each once.
    ///
    /// - Throws: `.option` for a name that is unknown or that this machine cannot run.
    public static func named(_ names: [String]) throws(BenchmarkError) -> [any BenchmarkBackend] {
        var chosen: [any BenchmarkBackend] = []
        for name in names where !chosen.contains(where: { $0.name == name }) {
            guard let backend = all.first(where: { $0.name == name }) else {
                throw .option(
                    "--backend: '\(name)' is none of \(all.map(\.name).joined(separator: ", "))")
            }
            guard backend.isSupported else {
                throw .option("--backend: this machine cannot run '\(name)'")
            }
            chosen.append(backend)
        }
        return chosen
    }
}
