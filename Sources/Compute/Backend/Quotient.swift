import FiniteFields

/// The scalars of a Groth16 key's H points; see `ComputeBackend.quotient`.
struct Quotient<F: PrimeField> {
    let domain: EvaluationDomain<F>
    let matrices: CoefficientMatrices<F>
    let witness: UnsafeBufferPointer<F.Limbs>

    func scalars() -> SecretScalars<F> {
        let size = domain.size
        // Held as limbs so that they are zeroed after use; the values in them are Montgomery forms until the end.
        let (a, b, c) = (
            SecretScalars<F>(count: size), SecretScalars<F>(count: size), SecretScalars<F>(count: size)
        )
        withValues(a, b, c) { a, b, c in
            domain.parallel.forEachRange(size, minimum: 512) { range in
                for row in range {
                    let left = matrices.product(matrix: 0, row: row, witness: witness)
                    let right = matrices.product(matrix: 1, row: row, witness: witness)
                    a[row] = left
                    b[row] = right
                    c[row] = left * right
                }
            }
            if let transform = LaneTransform(domain: domain, lanes: .current) {
                return transform.combineOnOddCoset(a, b, c)
            }
            for values in [a, b, c] {
                domain.inverseUnscaled(values)
                domain.forward(values, at: .oddCoset)
            }
            combine(a, b, c)
        }
        return a
    }

    /// a ← canonical a·b − c of the true values, given n times each of them.
    private func combine(
        _ a: UnsafeMutableBufferPointer<F>, _ b: UnsafeMutableBufferPointer<F>,
        _ c: UnsafeMutableBufferPointer<F>
    ) {
        let n = F(UInt64(domain.size))
        guard let inverse = n.inverse() else { return }
        // (n·a)(n·b) − n·(n·c) = n²(ab − c); a product with the canonical n⁻² leaves the Montgomery form as well.
        let unscale = F(montgomery: inverse.squared().canonical)
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
