// SPDX-License-Identifier: Apache-2.0

public import Compute
public import FiniteFields
import Synchronization

/// What transforms between coefficients and values over one field: a backend, or the CPU for fields that no
/// backend has.
///
/// Transforms are in place, of arrays of 2^k elements in Montgomery form. Coefficients are in bit-reversed
/// order, values in natural order: callers mostly want `Polynomial.evaluated(at:with:)` and
/// `Evaluations.interpolated(with:)`.
public struct NTT<F: PrimeField>: Sendable {
    private let transformForward:
        @Sendable (UnsafeMutableBufferPointer<F>, EvaluationDomain<F>.Points) throws(ComputeError) -> Void
    private let transformInverse: @Sendable (UnsafeMutableBufferPointer<F>) throws(ComputeError) -> Void

    /// Transforms of a curve's scalars on a backend.
    public init<Backend: ComputeBackend>(_ backend: Backend) where Backend.Suite.Fr == F {
        transformForward = { values, points throws(ComputeError) in
            try backend.forwardNTT(values, at: points)
        }
        transformInverse = { values throws(ComputeError) in try backend.inverseNTT(values) }
    }

    /// Transforms over any field on the CPU; a backend is faster where there is one for the field.
    public init(parallel: Parallel) {
        let domains = Domains<F>(parallel: parallel)
        transformForward = { values, points throws(ComputeError) in
            try domains.domain("forward NTT", size: values.count).forward(values, at: points)
        }
        transformInverse = { values throws(ComputeError) in
            try domains.domain("inverse NTT", size: values.count).inverseUnscaled(values)
            guard let factor = F(UInt64(values.count)).inverse() else { return }
            for i in values.indices { values[i] *= factor }
        }
    }

    /// Coefficients in bit-reversed order to values at the subgroup or the odd coset in natural order.
    ///
    /// - Throws: `.transform` where the number of elements is none of the field's, or a device fails.
    public func forward(
        _ values: inout [F], at points: EvaluationDomain<F>.Points
    ) throws(PolynomialError) {
        do throws(ComputeError) {
            try values.withUnsafeMutableBufferPointer { buffer throws(ComputeError) in
                try transformForward(buffer, points)
            }
        } catch {
            throw .transform(error)
        }
    }

    /// Values at the subgroup in natural order to coefficients in bit-reversed order.
    ///
    /// - Throws: as `forward`.
    public func inverse(_ values: inout [F]) throws(PolynomialError) {
        do throws(ComputeError) {
            try values.withUnsafeMutableBufferPointer { buffer throws(ComputeError) in
                try transformInverse(buffer)
            }
        } catch {
            throw .transform(error)
        }
    }
}

/// The domains of one field in use, with their tables.
private final class Domains<F: PrimeField>: Sendable {
    private let parallel: Parallel
    private let domains = Mutex<[Int: EvaluationDomain<F>]>([:])

    init(parallel: Parallel) { self.parallel = parallel }

    func domain(_ operation: String, size: Int) throws(ComputeError) -> EvaluationDomain<F> {
        guard size > 0, size & (size - 1) == 0, size.trailingZeroBitCount < F.twoAdicity else {
            throw .unsupportedSize(operation: operation, size: size)
        }
        let log = size.trailingZeroBitCount
        return domains.withLock { domains in
            if let domain = domains[log] { return domain }
            let domain = EvaluationDomain<F>(logSize: log, parallel: parallel)
            domains[log] = domain
            return domain
        }
    }
}

/// The permutation of 2^bits indices that reverses their bits.
@usableFromInline
struct BitReversal: Sendable {
    @usableFromInline let bits: Int

    @inlinable init(bits: Int) { self.bits = bits }

    @inlinable
    subscript(index: Int) -> Int {
        guard bits > 0 else { return 0 }
        var x = UInt64(index).byteSwapped
        x = (x >> 4) & 0x0f0f_0f0f_0f0f_0f0f | (x & 0x0f0f_0f0f_0f0f_0f0f) << 4
        x = (x >> 2) & 0x3333_3333_3333_3333 | (x & 0x3333_3333_3333_3333) << 2
        x = (x >> 1) & 0x5555_5555_5555_5555 | (x & 0x5555_5555_5555_5555) << 1
        return Int(x >> UInt64(64 - bits))
    }

    /// Puts each element at the place of its reversed index.
    @inlinable
    func permute<Element>(_ elements: inout [Element]) {
        for i in elements.indices {
            let j = self[i]
            if i < j { elements.swapAt(i, j) }
        }
    }
}
