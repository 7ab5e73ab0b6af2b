// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields

/// The vectors that the scalars of a Groth16 key's H points are made of; see `Groth16Backend.quotient`.
///
/// They are held as limbs, so that they are zeroed after use; the values in them are Montgomery forms until
/// the end. What loops over them is compiled for each curve (see below).
struct Quotient<Suite: ComputeSuite> {
    typealias Fr = Suite.Fr
    typealias Values = UnsafeMutableBufferPointer<Fr>

    let matrices: CoefficientMatrices<Fr>
    let witness: UnsafeBufferPointer<Fr.Limbs>
    let parallel: Parallel
    private let a: SecretScalars<Fr>
    private let b: SecretScalars<Fr>
    private let c: SecretScalars<Fr>

    /// - Precondition: there are as many values as columns.
    init(
        _ matrices: CoefficientMatrices<Fr>, witness: UnsafeBufferPointer<Fr.Limbs>, parallel: Parallel
    ) {
        self.matrices = matrices
        self.witness = witness
        self.parallel = parallel
        let size = matrices.rowCount
        a = SecretScalars(count: size)
        b = SecretScalars(count: size)
        c = SecretScalars(count: size)
    }

    /// The scalars, by the CPU's own transforms, which fold factors into each other.
    ///
    /// - Precondition: the domain has as many elements as there are rows.
    func scalars(on domain: EvaluationDomain<Fr>) -> SecretScalars<Fr> {
        Suite.cpuPrepare(domain, forwardAt: .oddCoset)
        let transforms = Transforms<Fr>(
            inverse: { Suite.cpuUnscaledInverseNTT(domain, $0) },
            forward: { Suite.cpuForwardNTT(domain, $0, at: .oddCoset) })
        return Groth16.scalars(Suite.id, self, domain, transforms) as? SecretScalars<Fr>
            ?? compute(on: domain, by: transforms)
    }

    /// The scalars, by somebody else's transforms: `transform` is called with each of three vectors of values
    /// on the domain and leaves the values on its odd coset, true ones and in Montgomery form.
    func scalars(
        transform: (Values) throws(ComputeError) -> Void
    ) throws(ComputeError) -> SecretScalars<Fr> {
        if Groth16.multiply(Suite.id, self) == nil { multiply(lanes: nil) }
        try withValues { a, b, c throws(ComputeError) in
            try transform(a)
            try transform(b)
            try transform(c)
        }
        if Groth16.combine(Suite.id, self) == nil { combine(scale: .one) }
        return a
    }

    fileprivate func compute(
        on domain: EvaluationDomain<Fr>, by transforms: Transforms<Fr>
    ) -> SecretScalars<Fr> {
        let lanes = LaneKernels<Fr>.current
        if let transform = LaneTransform(domain: domain, lanes: lanes) {
            multiply(lanes: lanes)
            withValues { a, b, c in transform.combineOnOddCoset(a, b, c, factor: Self.factor) }
        } else {
            multiply(lanes: nil)
            withValues { a, b, c in
                for values in [a, b, c] {
                    transforms.inverse(values)
                    transforms.forward(values)
                }
            }
            combine(scale: Fr(UInt64(domain.size)))
        }
        return a
    }

    /// a ← R·A·w, b ← R·B·w and c ← a·b, or a sixteenth of it by kernels in lanes.
    fileprivate func multiply(lanes: LaneKernels<Fr>?) {
        withValues { a, b, c in
            parallel.forEachRange(a.count, minimum: 512) { range in
                for row in range {
                    a[row] = matrices.scaledProduct(matrix: 0, row: row, witness: witness)
                    b[row] = matrices.scaledProduct(matrix: 1, row: row, witness: witness)
                }
                if let lanes {
                    lanes.multiplySmall(
                        UnsafeBufferPointer(rebasing: a[range]), UnsafeBufferPointer(rebasing: b[range]),
                        into: UnsafeMutableBufferPointer(rebasing: c[range]))
                } else {
                    for row in range { c[row] = a[row] * b[row] }
                }
            }
        }
    }

    /// a ← a·b − c of the true values, canonical, given `scale` times each of what `multiply` makes of them.
    fileprivate func combine(scale: Fr) {
        guard let inverse = scale.inverse() else { return }
        // (n·a)(n·b) − n·(n·c) = n²(ab − c)
        let unscale = inverse.squared() * Self.factor
        withValues { a, b, c in
            parallel.forEachRange(a.count, minimum: 4096) { range in
                for i in range { a[i] = (a[i] * b[i] - c[i] * scale) * unscale }
            }
        }
    }

    /// R^−3: a and b come multiplied by R, and a·b − c is wanted canonical.
    private static var factor: Fr {
        var factor = Fr.one
        for _ in 0..<3 { factor = Fr(montgomery: factor.canonical) }
        return factor
    }

    private func withValues<Failure: Error>(
        _ body: (Values, Values, Values) throws(Failure) -> Void
    ) throws(Failure) {
        try Self.withValues(of: a) { a throws(Failure) in
            try Self.withValues(of: b) { b throws(Failure) in
                try Self.withValues(of: c) { c throws(Failure) in try body(a, b, c) }
            }
        }
    }

    private static func withValues<Failure: Error>(
        of scalars: SecretScalars<Fr>, _ body: (Values) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(MemoryLayout<Fr>.stride == MemoryLayout<Fr.Limbs>.stride)
        try scalars.withUnsafeMutableElements { limbs throws(Failure) in
            try limbs.withMemoryRebound(to: Fr.self) { values throws(Failure) in try body(values) }
        }
    }
}

/// The transforms of a domain, as the conformances of the list of suites have them. They are taken where the
/// suite is a parameter: where the compiler knows the suite, it calls the bodies themselves, which are
/// specialised in their own module only.
private struct Transforms<F: PrimeField> {
    let inverse: (UnsafeMutableBufferPointer<F>) -> Void
    let forward: (UnsafeMutableBufferPointer<F>) -> Void
}

// The steps, compiled for each curve of the list: functions without generic parameters that hand operands of
// any curve to functions that are generic over the suite alone.

private func scalars(
    _ curve: CurveID, _ quotient: Any, _ domain: AnyObject, _ transforms: Any
) -> AnyObject? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { scalars(on: $0, quotient, domain, transforms) }
}

private func multiply(_ curve: CurveID, _ quotient: Any) -> Void? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { multiply(on: $0, quotient) }
}

private func combine(_ curve: CurveID, _ quotient: Any) -> Void? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { combine(on: $0, quotient) }
}

private func scalars<Suite: ComputeSuite>(
    on _: Suite.Type, _ quotient: Any, _ domain: AnyObject, _ transforms: Any
) -> AnyObject? {
    guard let quotient = quotient as? Quotient<Suite>,
        let domain = domain as? EvaluationDomain<Suite.Fr>,
        let transforms = transforms as? Transforms<Suite.Fr>
    else { return nil }
    return quotient.compute(on: domain, by: transforms)
}

private func multiply<Suite: ComputeSuite>(on _: Suite.Type, _ quotient: Any) -> Void? {
    (quotient as? Quotient<Suite>)?.multiply(lanes: nil)
}

private func combine<Suite: ComputeSuite>(on _: Suite.Type, _ quotient: Any) -> Void? {
    (quotient as? Quotient<Suite>)?.combine(scale: .one)
}
