// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import ConstraintSystems
import Curves
import FiniteFields
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Measures the builder of circuits: how long it takes to record constraints or to make a witness, and in how
/// much memory.
///
///     martlet-circuit-bench products|mixed constraints|witness COUNT THREADS
///
/// `products` makes COUNT constraints or a few more, of nine terms, as products of limbs are: two sums of
/// four wires with powers of two, and a wire. Of 14 wires of `mixed` 8 are such products, 4 bits, and 2
/// belong to a comparison with zero, which takes an inverse; it makes COUNT or a few more. Prints one line of
/// JSON.
@main
struct CircuitBenchmark {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let workload = Workload(rawValue: arguments[1]),
            let run = Run(rawValue: arguments[2]), let count = Int(arguments[3]), count > 0,
            let threads = Int(arguments[4]), threads > 0
        else {
            print("martlet-circuit-bench products|mixed constraints|witness COUNT THREADS")
            exit(2)
        }
        let begin = ContinuousClock.now
        let builder = CircuitBuilder(run == .witness ? .witness : .constraints, publicCount: 0)
        let parallel = Parallel(threads: threads)
        workload.describe(builder, count: count, parallel)
        let described = ContinuousClock.now - begin
        let size =
            run == .witness ? builder.witness(parallel).count : builder.constraintSystem(parallel).termCount
        let seconds = ContinuousClock.now - begin
        let peak = peakKilobytes()
        print(
            """
            {"workload": "\(workload)", "run": "\(run)", "threads": \(threads), "constraints": \
            \(builder.constraintCount), "wires": \(builder.wireCount), "\(run == .witness ? "values" : "terms")": \
            \(size), "described": \(described / .seconds(1)), "seconds": \(seconds / .seconds(1)), "peakMB": \
            \(peak / 1000)}
            """)
    }

    private static func peakKilobytes() -> Int {
        var usage = rusage()
        #if os(Linux)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss
        #else
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss / 1024
        #endif
    }
}

private enum Run: String {
    case constraints, witness
}

private enum Workload: String {
    case products, mixed

    /// The cycles of eight products in one part of a circuit.
    private static let cycles = 4096
    /// The wires of a cycle.
    private var cycleSize: Int { self == .products ? 8 : 14 }

    func describe(_ builder: CircuitBuilder, count: Int, _ parallel: Parallel) {
        let inputs = (0..<8).map { builder.wire(Scalar(UInt64(3 * $0 + 5))) }
        let size = Self.cycles * cycleSize
        let parts = (count + size - 1) / size
        _ = builder.inParallel(wires: [Int](repeating: size, count: parts), parallel) { part, _ in
            self.part(part, inputs)
        }
    }

    /// Cycles of products, each of which is of the eight latest.
    private func part(_ builder: CircuitBuilder, _ inputs: [Linear]) {
        var latest = inputs
        for step in 0..<8 * Self.cycles {
            let at = step & 7
            let product = builder.multiply(sum(latest, at), sum(latest, at ^ 4))
            latest[at] = product
            guard self == .mixed, at == 0 || at == 3 || at == 5 else { continue }
            for bit in 0..<UInt64(at == 0 ? 2 : 1) {
                _ = builder.boolean(product.value.montgomery[0] >> bit & 1 == 1)
            }
            if at == 3 { _ = builder.isZero(product - latest[4]) }
        }
    }

    /// Four wires times powers of two.
    private func sum(_ wires: [Linear], _ start: Int) -> Linear {
        var sum = wires[start]
        for index in 1..<4 { sum.add(wires[(start + index) & 7], times: Self.powers[index]) }
        return sum
    }

    private static let powers = (0..<4).map { Scalar.powerOfTwo(17 * $0) }
}
