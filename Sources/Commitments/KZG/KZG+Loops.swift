// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Polynomials

// What KZG computes of field elements and single points, compiled for each curve (see `withSuite`).
// Multi-scalar multiplications are a backend's.
extension KZG {
    /// (f − f(z))/(X − z) and f(z).
    static func quotient(
        _ polynomial: Polynomial<Suite.Fr>, at z: Suite.Fr
    ) -> (quotient: Polynomial<Suite.Fr>, value: Suite.Fr) {
        let operands = Division(dividend: polynomial, root: z)
        let division = divided(Suite.id, operands) as? Division<Suite.Fr>
        guard let division, let value = division.value else { return polynomial.divided(byRoot: z) }
        return (division.dividend, value)
    }

    /// The coefficients as integers below the group order, in memory that is zeroed when it is freed.
    static func scalars(_ polynomial: Polynomial<Suite.Fr>, _ parallel: Parallel) -> SecretScalars<Suite.Fr> {
        integers(Suite.id, polynomial, parallel) as? SecretScalars<Suite.Fr>
            ?? integers(polynomial.coefficients, parallel)
    }

    /// C − y·G1 + z·π.
    static func claim(_ commitment: Commitment, _ opening: Opening<KZG>) -> Commitment {
        let operands = Claim<Suite.G1>(
            commitment: commitment, proof: opening.proof, point: opening.point, value: opening.value)
        return sum(Suite.id, operands) as? Commitment ?? operands.sum()
    }

    /// The first point that is not on the curve or not in the subgroup of order r.
    static func firstInvalid(_ points: PointTable<Suite.G1>, _ parallel: Parallel) -> Int? {
        (invalid(Suite.id, points, parallel) ?? invalid(points, parallel)).first
    }
}

/// A polynomial and a root; then the quotient and the rest.
private struct Division<F: PrimeField> {
    var dividend: Polynomial<F>
    let root: F
    var value: F?

    func divided() -> Division {
        let (quotient, value) = dividend.divided(byRoot: root)
        return Division(dividend: quotient, root: root, value: value)
    }
}

/// What an opening says of a commitment.
private struct Claim<Group: CurveGroup> {
    let commitment: Affine<Group>
    let proof: Affine<Group>
    let point: Group.Scalar
    let value: Group.Scalar

    func sum() -> Affine<Group> {
        (proof.multiplied(by: point) + Group.generator.multiplied(by: -value) + commitment).affine
    }
}

private func integers<F: PrimeField>(_ elements: [F], _ parallel: Parallel) -> SecretScalars<F> {
    let scalars = SecretScalars<F>(count: elements.count)
    scalars.withUnsafeMutableElements { target in
        // Each range is written by one thread.
        let target = UncheckedSendable(target)
        parallel.forEachRange(elements.count, minimum: 4096) { range in
            for i in range { target.value[i] = elements[i].canonical }
        }
    }
    return scalars
}

/// The first invalid point of each chunk that has one, in order.
private func invalid<Group: CurveGroup>(_ points: PointTable<Group>, _ parallel: Parallel) -> [Int] {
    let chunk = 256
    let chunks = (points.count + chunk - 1) / chunk
    var found = [Int?](repeating: nil, count: chunks)
    found.withUnsafeMutableBufferPointer { found in
        let found = UncheckedSendable(found)
        parallel.forEach(chunks) { index in
            let range = index * chunk..<min((index + 1) * chunk, points.count)
            found.value[index] = range.first { !points[$0].isValid }
        }
    }
    return found.compactMap { $0 }
}

// The same for each curve of the list: functions without generic parameters that hand operands of any curve
// to functions that are generic over the suite alone.

private func divided(_ curve: CurveID, _ operands: Any) -> Any? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { divided(on: $0, operands) }
}

private func integers(_ curve: CurveID, _ polynomial: Any, _ parallel: Parallel) -> AnyObject? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { integers(on: $0, polynomial, parallel) }
}

private func sum(_ curve: CurveID, _ operands: Any) -> Any? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { sum(on: $0, operands) }
}

private func invalid(_ curve: CurveID, _ points: Any, _ parallel: Parallel) -> [Int]? {
    guard CurveID.allCases.contains(curve) else { return nil }
    return withSuite(curve) { invalid(on: $0, points, parallel) }
}

private func divided<Suite: ComputeSuite>(on _: Suite.Type, _ operands: Any) -> Any? {
    (operands as? Division<Suite.Fr>)?.divided()
}

private func integers<Suite: ComputeSuite>(
    on _: Suite.Type, _ polynomial: Any, _ parallel: Parallel
) -> AnyObject? {
    (polynomial as? Polynomial<Suite.Fr>).map { integers($0.coefficients, parallel) }
}

private func sum<Suite: ComputeSuite>(on _: Suite.Type, _ operands: Any) -> Any? {
    (operands as? Claim<Suite.G1>)?.sum()
}

private func invalid<Suite: ComputeSuite>(
    on _: Suite.Type, _ points: Any, _ parallel: Parallel
) -> [Int]? {
    (points as? PointTable<Suite.G1>).map { invalid($0, parallel) }
}
