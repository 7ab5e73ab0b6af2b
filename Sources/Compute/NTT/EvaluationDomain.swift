// SPDX-License-Identifier: Apache-2.0

public import FiniteFields
import Synchronization

/// The n-th roots of unity for n = 2^logSize, with the twiddle factors of their transforms.
///
/// The generator is ω = F.twoAdicRoot^(2^(s − logSize)), as in the snarkjs formats. Tables are made on first
/// use and kept: 1.5·n elements once both an inverse and a coset transform have run.
public final class EvaluationDomain<F: PrimeField>: Sendable {
    /// Where a forward transform evaluates.
    public enum Points: Sendable {
        /// At ω^i.
        case subgroup
        /// At ω₂ₙ^(2i + 1), the odd powers of the doubled domain's generator: the coset that snarkjs' Groth16
        /// uses.
        case oddCoset
    }

    /// The binary logarithm of n.
    public let logSize: Int
    /// n, the number of points.
    public var size: Int { 1 << logSize }
    package let parallel: Parallel

    /// Which table: of the forward transform at `points` or, where that is nil, of the inverse.
    private struct TableKey: Hashable {
        var points: Points?
        /// In lane form.
        var inLanes: Bool
    }

    private let tables = Mutex<[TableKey: [F]]>([:])

    /// The domain of 2^logSize points; no table is made yet.
    ///
    /// - Precondition: `logSize` is in 0 ..< F.twoAdicity, so that the doubled domain exists too.
    public init(logSize: Int, parallel: Parallel) {
        precondition(logSize >= 0 && logSize < F.twoAdicity)
        self.logSize = logSize
        self.parallel = parallel
    }

    /// A primitive 2^log-th root of unity.
    public static func root(log: Int) -> F {
        (log..<F.twoAdicity).reduce(F.twoAdicRoot) { root, _ in root.squared() }
    }

    /// Entry i is ω^(−rev(i)) for i < n/2, rev reversing logSize − 1 bits: the one factor of block i in every
    /// layer of the decimation from natural to bit-reversed order. In lane form for lanes.
    package func inverseTwiddles(_ lanes: LaneKernels<F>?) -> [F] {
        table(TableKey(points: nil, inLanes: lanes != nil)) {
            let one = lanes?.form(.one) ?? .one
            var table = [F](repeating: one, count: max(1, size / 2))
            table.withUnsafeMutableBufferPointer {
                // rev(2^k + j) = rev(j) + n/2^(k + 2) for j < 2^k.
                double($0, lanes) { k in Self.root(log: k + 2).inverse() ?? .one }
            }
            return table
        }
    }

    /// Entry h + j, j < h, is the factor at position j of a block of 2h elements in the transform from
    /// bit-reversed to natural order: ω₂ₕ^j on the subgroup, ω₄ₕ^(2j + 1) on the odd coset. In lane form for
    /// lanes.
    package func forwardTwiddles(_ points: Points, _ lanes: LaneKernels<F>?) -> [F] {
        table(TableKey(points: points, inLanes: lanes != nil)) {
            var table = [F](repeating: .one, count: size)
            table.withUnsafeMutableBufferPointer { table in
                for level in 0..<logSize {
                    let half = 1 << level
                    let first = points == .subgroup ? F.one : Self.root(log: level + 2)
                    table[half] = lanes?.form(first) ?? first
                    // ω₂ₕ^(2^k) = ω₄ₕ^(2·2^k) takes position j to j + 2^k.
                    double(UnsafeMutableBufferPointer(rebasing: table[half..<2 * half]), lanes) { k in
                        Self.root(log: level + 1 - k)
                    }
                }
            }
            return table
        }
    }

    private func table(_ key: TableKey, _ make: () -> [F]) -> [F] {
        tables.withLock { tables in
            if let table = tables[key] { return table }
            let table = make()
            tables[key] = table
            return table
        }
    }

    /// Entry 2^k + j ← entry j times factor(k) for all j < 2^k, for k = 0, 1… until the table is full.
    private func double(
        _ table: UnsafeMutableBufferPointer<F>, _ lanes: LaneKernels<F>?, factor: (Int) -> F
    ) {
        let table = UncheckedSendable(table)
        for k in 0..<max(0, table.value.count.trailingZeroBitCount) {
            let factor = factor(k)
            parallel.forEachRange(1 << k, minimum: 1024) { range in
                let source = UnsafeBufferPointer(rebasing: table.value[range])
                let target = UnsafeMutableBufferPointer(
                    rebasing: table.value[(1 << k) + range.lowerBound..<(1 << k) + range.upperBound])
                // A scalar product with the plain factor keeps the entries in lane form too.
                if let lanes, range.count >= 64 {
                    lanes.multiply(source, by: factor, into: target)
                } else {
                    for j in source.indices { target[j] = source[j] * factor }
                }
            }
        }
    }
}
