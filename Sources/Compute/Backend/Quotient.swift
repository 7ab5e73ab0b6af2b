// SPDX-License-Identifier: Apache-2.0

import FiniteFields

/// The scalars of a Groth16 key's H points; see `ComputeBackend.quotient`.
struct Quotient<F: PrimeField> {
    let domain: EvaluationDomain<F>
    let matrices: CoefficientMatrices<F>
    let witness: UnsafeBufferPointer<F.Limbs>

    func scalars() -> SecretScalars<F> {
        let size = domain.size
        // Held as limbs so that they are zeroed after use; the values in them are Montgomery forms until the
        // end.
        let (a, b, c) = (
            SecretScalars<F>(count: size), SecretScalars<F>(count: size), SecretScalars<F>(count: size)
        )
        withValues(a, b, c) { a, b, c in
            let lanes = LaneKernels<F>.current
            let transform = LaneTransform(domain: domain, lanes: lanes)
            domain.parallel.forEachRange(size, minimum: 512) { range in
                for row in range {
                    a[row] = matrices.scaledProduct(matrix: 0, row: row, witness: witness)
                    b[row] = matrices.scaledProduct(matrix: 1, row: row, witness: witness)
                }
                if let lanes, transform != nil {
                    lanes.multiplySmall(
                        UnsafeBufferPointer(rebasing: a[range]), UnsafeBufferPointer(rebasing: b[range]),
                        into: UnsafeMutableBufferPointer(rebasing: c[range]))
                } else {
                    for row in range { c[row] = a[row] * b[row] }
                }
            }
            // a and b came multiplied by R, and a·b − c is wanted canonical: R^−3 in all.
            var factor = F.one
            for _ in 0..<3 { factor = F(montgomery: factor.canonical) }
            if let transform {
                return transform.combineOnOddCoset(a, b, c, factor: factor)
            }
            for values in [a, b, c] {
                domain.inverseUnscaled(values)
                domain.forward(values, at: .oddCoset)
            }
            combine(a, b, c, factor: factor)
        }
        return a
    }

    /// a ← (a·b − c)·factor of the true values, given n times each of them.
    private func combine(
        _ a: UnsafeMutableBufferPointer<F>, _ b: UnsafeMutableBufferPointer<F>,
        _ c: UnsafeMutableBufferPointer<F>, factor: F
    ) {
        let n = F(UInt64(domain.size))
        guard let inverse = n.inverse() else { return }
        // (n·a)(n·b) − n·(n·c) = n²(ab − c)
        let unscale = inverse.squared() * factor
        domain.parallel.forEachRange(a.count, minimum: 4096) { range in
            for i in range { a[i] = (a[i] * b[i] - c[i] * n) * unscale }
        }
    }

    private func withValues(
        _ a: SecretScalars<F>, _ b: SecretScalars<F>, _ c: SecretScalars<F>,
        _ body: (UnsafeMutableBufferPointer<F>, UnsafeMutableBufferPointer<F>, UnsafeMutableBufferPointer<F>)
            -> Void
    ) {
        precondition(MemoryLayout<F>.stride == MemoryLayout<F.Limbs>.stride)
        a.withUnsafeMutableElements { a in
            b.withUnsafeMutableElements { b in
                c.withUnsafeMutableElements { c in
                    a.withMemoryRebound(to: F.self) { a in
                        b.withMemoryRebound(to: F.self) { b in
                            c.withMemoryRebound(to: F.self) { c in body(a, b, c) }
                        }
                    }
                }
            }
        }
    }
}
