// SPDX-License-Identifier: Apache-2.0

package import ProofFixtures

/// The parts of a benchmark.
package enum BenchmarkKind: String, CaseIterable, Codable, Sendable {
    case field, group, msm, ntt, pairing, groth16, prove
}

/// The group of a sum of points.
package enum GroupChoice: String, CaseIterable, Codable, Sendable {
    case g1, g2
}

/// What a benchmark measures.
package struct BenchmarkPlan: Sendable {
    /// A proof to be made: a key, a witness, and what the circuit is called.
    package struct ProofFiles: Sendable {
        package var zkey: String
        package var witness: String
        package var circuit: String

        package init(zkey: String, witness: String, circuit: String) {
            self.zkey = zkey
            self.witness = witness
            self.circuit = circuit
        }
    }

    package var kinds: [BenchmarkKind] = [.field, .group, .msm, .ntt, .pairing]
    package var curves = BenchmarkCurve.allCases
    package var groups = GroupChoice.allCases
    /// Logarithms to base 2 of the sizes of sums, transforms and synthetic circuits; nil for `defaultSizes`.
    package var logSizes: [Int]?
    package var scalars = ScalarShape.uniform
    /// Threads of one computation; 0 for all processors.
    package var threads = 0
    /// Measured runs of each case, after one to warm up.
    package var runs = 5
    /// What all random inputs come from.
    package var seed: UInt64 = 0
    package var files: ProofFiles?
    /// How many bytes precomputed multiples of the loaded key's points may take.
    package var keyMultiples = 0

    package init() {}

    /// Sums, transforms and circuits may have 2^1 … 2^26 elements: as many as BN254's transforms,
    /// with their doubled domain, can take.
    package static let possibleLogSizes = 1...26

    func sizes(for kind: BenchmarkKind) -> [Int] { logSizes ?? Self.defaultSizes(for: kind) }

    /// The sizes measured unless others are wanted.
    package static func defaultSizes(for kind: BenchmarkKind) -> [Int] {
        switch kind {
        case .ntt: [10, 12, 14, 16, 18]
        case .groth16: [12, 16]
        default: [10, 12, 14, 16]
        }
    }

    /// Measured runs of a case.
    package static let possibleRuns = 1...10_000

    /// Reads a list of sizes, such as "10,12,14" or "10-16" or "8,10-12".
    ///
    /// - Throws: `.option` for anything else, and for sizes that cannot be measured.
    package static func logSizes(parsing text: String) throws(BenchmarkError) -> [Int] {
        var sizes: [Int] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
                throw .option("'\(item)' is neither a number nor a range such as 10-16")
            }
            for end in [first, last] where !possibleLogSizes.contains(end) {
                throw .option(
                    "2^\(end) is not in 2^\(possibleLogSizes.lowerBound)…2^\(possibleLogSizes.upperBound)"
                )
            }
            guard first <= last else { throw .option("'\(item)' ends before it begins") }
            sizes += (first...last).filter { !sizes.contains($0) }
        }
        return sizes
    }
}
