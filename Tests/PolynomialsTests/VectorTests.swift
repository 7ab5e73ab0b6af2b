// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Compute
import Curves
import FiniteFields
import Polynomials
import Testing

/// What FLINT computes of the same polynomials (Tests/Vectors/commitments).
@Suite struct VectorTests {
    private struct File: Decodable {
        var bn254Fr: Section<BN254.Fr>
        var bls12381Fr: Section<BLS12381.Fr>
        var bn254Fp: Section<BN254.Fp>
    }

    private struct Section<F: PrimeField>: Decodable {
        var operations: [Operation]
        var domains: [Domain]

        struct Operation: Decodable {
            var a, b, sum, difference, product: [Known<F>]
            var x, value: Known<F>
            var linear: Linear
            var logSize: Int
            var vanishing: Vanishing
        }
        struct Linear: Decodable { var quotient, remainder: [Known<F>] }
        struct Vanishing: Decodable { var quotient, remainder: [Known<F>] }
        struct Domain: Decodable {
            var logSize: Int
            var points: String
            var elements, coefficients, values, lagrange: [Known<F>]
            var x, value, vanishing: Known<F>
        }
    }

    private static func file() throws -> File {
        try VectorFile.object("commitments/polynomials.json", as: File.self)
    }

    private func polynomial<F>(_ coefficients: [Known<F>]) -> Polynomial<F> {
        Polynomial(coefficients.map(\.value))
    }

    /// - Parameter ntts: none for a field without roots of unity.
    private func check<F>(_ section: Section<F>, _ ntts: [NTT<F>]) throws {
        #expect(section.operations.count == 10)
        for (number, entry) in section.operations.enumerated() {
            let (a, b) = (polynomial(entry.a), polynomial(entry.b))
            #expect(a + b == polynomial(entry.sum), "\(F.name), entry \(number)")
            #expect(b + a == polynomial(entry.sum), "\(F.name), entry \(number)")
            #expect(a - b == polynomial(entry.difference), "\(F.name), entry \(number)")
            #expect(b - a == -polynomial(entry.difference), "\(F.name), entry \(number)")
            #expect(a * b == polynomial(entry.product), "\(F.name), entry \(number)")
            for ntt in ntts {
                #expect(
                    try a.multiplied(by: b, with: ntt) == polynomial(entry.product),
                    "\(F.name), entry \(number)")
            }
            #expect(a.evaluated(at: entry.x.value) == entry.value.value, "\(F.name), entry \(number)")
            let linear = a.divided(byRoot: entry.x.value)
            #expect(linear.quotient == polynomial(entry.linear.quotient), "\(F.name), entry \(number)")
            #expect(
                Polynomial([linear.value]) == polynomial(entry.linear.remainder),
                "\(F.name), entry \(number)")
            guard entry.logSize <= EvaluationPoints<F>.logLimit else { continue }
            let vanishing = a.divided(byVanishingOf: try EvaluationPoints(logSize: entry.logSize))
            #expect(vanishing.quotient == polynomial(entry.vanishing.quotient), "\(F.name), entry \(number)")
            #expect(
                vanishing.remainder == polynomial(entry.vanishing.remainder), "\(F.name), entry \(number)")
        }
        #expect(section.domains.count == (ntts.isEmpty ? 0 : 8))
        for entry in section.domains {
            let what = "\(F.name), 2^\(entry.logSize), \(entry.points)"
            let points = try EvaluationPoints<F>(
                logSize: entry.logSize, entry.points == "subgroup" ? .subgroup : .oddCoset)
            #expect(points.all == entry.elements.map(\.value), "\(what)")
            #expect(points.vanishing(at: entry.x.value) == entry.vanishing.value, "\(what)")
            #expect(
                points.lagrangeCoefficients(at: entry.x.value) == entry.lagrange.map(\.value), "\(what)")
            let values = try Evaluations(entry.values.map(\.value), at: points)
            #expect(values.evaluated(at: entry.x.value) == entry.value.value, "\(what)")
            for ntt in ntts {
                #expect(try values.interpolated(with: ntt) == polynomial(entry.coefficients), "\(what)")
                #expect(
                    try polynomial(entry.coefficients).evaluated(at: points, with: ntt) == values, "\(what)")
            }
        }
    }

    @Test func bn254Scalars() throws {
        let parallel = Parallel(threads: 2)
        try check(
            Self.file().bn254Fr,
            [NTT(CPUBackend<BN254>(parallel: parallel)), NTT(parallel: parallel)])
    }

    @Test func bls12381Scalars() throws {
        let parallel = Parallel(threads: 2)
        try check(
            Self.file().bls12381Fr,
            [NTT(CPUBackend<BLS12381>(parallel: parallel)), NTT(parallel: parallel)])
    }

    /// A field with no roots of unity to speak of.
    @Test func bn254Coordinates() throws {
        try check(Self.file().bn254Fp, [])
    }
}
