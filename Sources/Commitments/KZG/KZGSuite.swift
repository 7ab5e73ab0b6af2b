// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
public import EllipticCurves
import FiniteFields
public import Polynomials

/// What KZG computes of field elements and single points, compiled for one curve each: the conformances below
/// are what makes the compiler specialise the bodies. Multi-scalar multiplications are a backend's.
public protocol KZGSuite: ComputeSuite {
    /// (f − f(z))/(X − z) and f(z).
    static func kzgQuotient(_ polynomial: Polynomial<Fr>, at z: Fr) -> (quotient: Polynomial<Fr>, value: Fr)
    /// The coefficients as integers below the group order, in memory that is zeroed when it is freed.
    static func kzgScalars(_ polynomial: Polynomial<Fr>, _ parallel: Parallel) -> SecretScalars<Fr>
    /// C − y·G1 + z·π.
    static func kzgClaim(
        _ commitment: Affine<G1>, point z: Fr, value y: Fr, proof: Affine<G1>
    ) -> Affine<G1>
    /// The first point that is not on the curve or not in the subgroup of order r.
    static func kzgFirstInvalid(_ points: PointTable<G1>, _ parallel: Parallel) -> Int?
}

extension BN254: KZGSuite {}
extension BLS12381: KZGSuite {}
extension BLS12377: KZGSuite {}

extension KZGSuite {
    public static func kzgQuotient(
        _ polynomial: Polynomial<Fr>, at z: Fr
    ) -> (quotient: Polynomial<Fr>, value: Fr) {
        polynomial.divided(byRoot: z)
    }

    public static func kzgScalars(_ polynomial: Polynomial<Fr>, _ parallel: Parallel) -> SecretScalars<Fr> {
        let coefficients = polynomial.coefficients
        let scalars = SecretScalars<Fr>(count: coefficients.count)
        scalars.withUnsafeMutableElements { target in
            // Each range is written by one thread.
            let target = UncheckedSendable(target)
            parallel.forEachRange(coefficients.count, minimum: 4096) { range in
                for i in range { target.value[i] = coefficients[i].canonical }
            }
        }
        return scalars
    }

    public static func kzgClaim(
        _ commitment: Affine<G1>, point z: Fr, value y: Fr, proof: Affine<G1>
    ) -> Affine<G1> {
        (proof.multiplied(by: z) + G1.generator.multiplied(by: -y) + commitment).affine
    }

    public static func kzgFirstInvalid(_ points: PointTable<G1>, _ parallel: Parallel) -> Int? {
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
        return found.lazy.compactMap { $0 }.first
    }
}
