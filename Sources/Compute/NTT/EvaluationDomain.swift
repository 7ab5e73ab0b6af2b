public import FiniteFields
import Synchronization

/// The n-th roots of unity for n = 2^logSize, with the twiddle factors of their transforms.
///
/// The generator is ω = F.twoAdicRoot^(2^(s − logSize)), as in the snarkjs formats. Tables are made on first use
/// and kept: 1.5·n elements once both an inverse and a coset transform have run.
public final class EvaluationDomain<F: PrimeField>: Sendable {
    /// Where a forward transform evaluates.
    public enum Points: Sendable {
        /// At ω^i.
        case subgroup
        /// At ω₂ₙ^(2i + 1), the odd powers of the doubled domain's generator: the coset that snarkjs' Groth16 uses.
        case oddCoset
    }

    public let logSize: Int
    public var size: Int { 1 << logSize }
    let parallel: Parallel

    private struct Tables {
        var inverse: [F]?
        var subgroup: [F]?
        var oddCoset: [F]?
    }

    private let tables = Mutex(Tables())

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

    /// Entry i is ω^(−rev(i)) for i < n/2, rev reversing logSize − 1 bits: the one factor of block i in every layer
    /// of the decimation from natural to bit-reversed order.
    var inverseTwiddles: [F] {
        tables.withLock { tables in
            if let table = tables.inverse { return table }
            var table = [F](repeating: .one, count: max(1, size / 2))
            // rev(2^k + j) = rev(j) + n/2^(k + 2) for j < 2^k.
            for k in 0..<max(0, logSize - 1) {
                guard let factor = Self.root(log: k + 2).inverse() else { break }
                table.withUnsafeMutableBufferPointer { table in
                    let table = UncheckedSendable(table)
                    parallel.forEachRange(1 << k, minimum: 1024) { range in
                        for j in range { table.value[1 << k + j] = table.value[j] * factor }
                    }
                }
            }
            tables.inverse = table
            return table
        }
    }

    /// Entry h + j, j < h, is the factor at position j of a block of 2h elements in the transform from bit-reversed
    /// to natural order: ω₂ₕ^j on the subgroup, ω₄ₕ^(2j + 1) on the odd coset.
    func forwardTwiddles(_ points: Points) -> [F] {
        tables.withLock { tables in
            if let table = points == .subgroup ? tables.subgroup : tables.oddCoset { return table }
            let table = makeForwardTwiddles(points)
            if points == .subgroup { tables.subgroup = table } else { tables.oddCoset = table }
            return table
        }
    }

    private func makeForwardTwiddles(_ points: Points) -> [F] {
        let powers = powersOfDoubledRoot()
        var table = [F](repeating: .one, count: size)
        table.withUnsafeMutableBufferPointer { table in
            let table = UncheckedSendable(table)
            for level in 0..<logSize {
                let half = 1 << level
                // ω₂ₕ = ω₂ₙ^(n/h); ω₄ₕ = ω₂ₙ^(n/2h).
                let step = size / half
                parallel.forEachRange(half, minimum: 1024) { range in
                    for j in range {
                        table.value[half + j] =
                            points == .subgroup ? powers[j * step] : powers[(2 * j + 1) * (step / 2)]
                    }
                }
            }
        }
        return table
    }

    /// ω₂ₙ^k for k < n.
    private func powersOfDoubledRoot() -> [F] {
        let root = Self.root(log: logSize + 1)
        return [F](unsafeUninitializedCapacity: size) { powers, count in
            let shared = UncheckedSendable(powers)
            parallel.forEachRange(size, minimum: 1024) { range in
                var power = root.power(UInt64(range.lowerBound))
                for k in range {
                    shared.value.initializeElement(at: k, to: power)
                    power *= root
                }
            }
            count = size
        }
    }
}
