// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import FiniteFields
import Polynomials
import TestSupport
import Testing

/// Operations against their slow definitions, on random polynomials of both curves' scalars.
@Suite struct LawTests {
    /// Runs the checks of one field by both kinds of transforms.
    private func forBothCurves(_ checks: (any Laws) throws -> Void) throws {
        let generator = SeededGenerator.fresh()
        let parallel = Parallel(threads: 2)
        try checks(FieldLaws<BN254.Fr>(NTT(CPUBackend<BN254>(parallel: parallel)), generator))
        try checks(FieldLaws<BN254.Fr>(NTT(parallel: parallel), generator))
        try checks(FieldLaws<BLS12381.Fr>(NTT(CPUBackend<BLS12381>(parallel: parallel)), generator))
        try checks(FieldLaws<BLS12381.Fr>(NTT(parallel: Parallel(threads: 1)), generator))
    }

    @Test func valuesAreSumsOfPowers() throws { try forBothCurves { try $0.values() } }
    @Test func productsByTransforms() throws { try forBothCurves { try $0.products() } }
    @Test func quotientsAndRemainders() throws { try forBothCurves { try $0.divisions() } }
    @Test func valuesAtPointsDetermineThePolynomial() throws { try forBothCurves { try $0.interpolation() } }
    @Test func barycentricValues() throws { try forBothCurves { try $0.barycentric() } }
    @Test func quotientsInEvaluationForm() throws { try forBothCurves { try $0.evaluationDivisions() } }
    @Test func errors() throws { try forBothCurves { try $0.errors() } }

    /// Large enough for the transforms in lanes, and for more than one pass of theirs.
    @Test func longPolynomials() throws { try forBothCurves { try $0.long() } }
}

private protocol Laws {
    func values() throws
    func products() throws
    func divisions() throws
    func interpolation() throws
    func barycentric() throws
    func evaluationDivisions() throws
    func errors() throws
    func long() throws
}

private struct FieldLaws<F: PrimeField & ExpressibleByIntegerLiteral>: Laws {
    let ntt: NTT<F>
    let start: SeededGenerator

    init(_ ntt: NTT<F>, _ generator: SeededGenerator) {
        self.ntt = ntt
        start = generator
    }

    private static func random(_ count: Int, _ generator: inout SeededGenerator) -> [F] {
        (0..<count).map { _ in F.random(using: &generator) }
    }

    /// Σ cᵢ·x^i, each power by itself.
    private static func slowValue(_ coefficients: [F], _ x: F) -> F {
        coefficients.enumerated().reduce(.zero) { $0 + $1.element * x.power(UInt64($1.offset)) }
    }

    private static var kinds: [EvaluationDomain<F>.Points] { [.subgroup, .oddCoset] }

    func values() throws {
        var generator = start
        for length in [0, 1, 2, 7, 32, 100] {
            let (f, g) = (Self.random(length, &generator), Self.random(length / 2, &generator))
            let x = F.random(using: &generator)
            let (a, b) = (Polynomial(f), Polynomial(g))
            #expect(a.evaluated(at: x) == Self.slowValue(f, x))
            #expect((a + b).evaluated(at: x) == a.evaluated(at: x) + b.evaluated(at: x))
            #expect((a - b).evaluated(at: x) == a.evaluated(at: x) - b.evaluated(at: x))
            #expect((b - a).evaluated(at: x) == b.evaluated(at: x) - a.evaluated(at: x))
            #expect((a * x).evaluated(at: x) == a.evaluated(at: x) * x)
            #expect((a * b).evaluated(at: x) == a.evaluated(at: x) * b.evaluated(at: x))
            #expect((-a).evaluated(at: x) == -a.evaluated(at: x))
            #expect((a - a).isZero && (a + -a).degree == nil && (a * F.zero).isZero)
        }
        // What is equal has one form.
        #expect(Polynomial<F>([1, 2, 0, 0]) == Polynomial<F>([1, 2]))
        #expect(Polynomial<F>([0, 0]) == .zero && Polynomial<F>([0]).degree == nil)
        #expect(Polynomial<F>([1, 2, 0]).degree == 1 && Polynomial<F>([5]).degree == 0)
    }

    func products() throws {
        var generator = start
        for (m, n) in [(0, 0), (0, 4), (1, 1), (1, 9), (2, 3), (8, 8), (8, 9), (31, 33), (64, 64)] {
            let a = Polynomial(Self.random(m, &generator))
            let b = Polynomial(Self.random(n, &generator))
            #expect(try a.multiplied(by: b, with: ntt) == a * b, "\(m), \(n)")
        }
    }

    func divisions() throws {
        var generator = start
        for length in [0, 1, 2, 5, 16, 33, 64] {
            let f = Polynomial(Self.random(length, &generator))
            for root in [F.zero, .one, -.one, .random(using: &generator)] {
                let (quotient, value) = f.divided(byRoot: root)
                #expect(value == f.evaluated(at: root))
                #expect(quotient * Polynomial([-root, .one]) + Polynomial([value]) == f)
            }
            for logSize in 0...5 {
                for kind in Self.kinds {
                    let points = try EvaluationPoints<F>(logSize: logSize, kind)
                    // Π (X − e) over all points.
                    let divisor = points.all.reduce(Polynomial<F>([1])) { $0 * Polynomial([-$1, .one]) }
                    #expect(divisor.evaluated(at: 7) == points.vanishing(at: 7))
                    let (quotient, remainder) = f.divided(byVanishingOf: points)
                    #expect((remainder.degree ?? -1) < points.size)
                    #expect(quotient * divisor + remainder == f)
                    let exact = (f * divisor).divided(byVanishingOf: points)
                    #expect(exact.quotient == f && exact.remainder.isZero)
                }
            }
        }
    }

    func interpolation() throws {
        var generator = start
        for logSize in 0...6 {
            for kind in Self.kinds {
                let points = try EvaluationPoints<F>(logSize: logSize, kind)
                #expect(points.all.count == points.size && Set(points.all).count == points.size)
                #expect(points.all.allSatisfy { points.vanishing(at: $0).isZero })
                let coefficients = Self.random(points.size, &generator)
                let values = try Polynomial(coefficients).evaluated(at: points, with: ntt)
                #expect(values.values == points.all.map { Self.slowValue(coefficients, $0) })
                #expect(try values.interpolated(with: ntt) == Polynomial(coefficients))
                // Longer polynomials have their values there too.
                let long = Self.random(3 * points.size + 1, &generator)
                #expect(
                    try Polynomial(long).evaluated(at: points, with: ntt).values
                        == points.all.map { Self.slowValue(long, $0) })
                let other = Polynomial(Self.random(points.size, &generator))
                let others = try other.evaluated(at: points, with: ntt)
                let f = Polynomial(coefficients)
                #expect(try (values + others).interpolated(with: ntt) == f + other)
                #expect(try (values - others).interpolated(with: ntt) == f - other)
                #expect(
                    try (values * others).interpolated(with: ntt)
                        == (f * other).divided(byVanishingOf: points).remainder)
                #expect(try (values * F(3)).interpolated(with: ntt) == f * F(3))
            }
        }
    }

    func barycentric() throws {
        var generator = start
        for logSize in 0...5 {
            for kind in Self.kinds {
                let points = try EvaluationPoints<F>(logSize: logSize, kind)
                let f = Polynomial(Self.random(points.size, &generator))
                let values = try f.evaluated(at: points, with: ntt)
                for x in [F.zero, .random(using: &generator)] + points.all {
                    #expect(values.evaluated(at: x) == f.evaluated(at: x))
                    // Lᵢ(x) = Π (x − e)/(eᵢ − e) over the other points e.
                    let all = points.all
                    let slow = all.indices.map { i in
                        all.indices.filter { $0 != i }.reduce(F.one) {
                            $0 * (x - all[$1]) * ((all[i] - all[$1]).inverse() ?? .zero)
                        }
                    }
                    #expect(points.lagrangeCoefficients(at: x) == slow)
                }
            }
        }
    }

    func evaluationDivisions() throws {
        var generator = start
        for logSize in 0...5 {
            for kind in Self.kinds {
                let points = try EvaluationPoints<F>(logSize: logSize, kind)
                let f = Polynomial(Self.random(points.size, &generator))
                let values = try f.evaluated(at: points, with: ntt)
                for root in [F.zero, .random(using: &generator)] + points.all {
                    let (quotient, value) = values.divided(byRoot: root)
                    let expected = f.divided(byRoot: root)
                    #expect(value == expected.value)
                    #expect(try quotient.interpolated(with: ntt) == expected.quotient)
                }
                for smaller in 0...logSize {
                    let divisor = try EvaluationPoints<F>(
                        logSize: smaller, kind == .subgroup ? .oddCoset : .subgroup)
                    if kind == .subgroup && smaller < logSize {
                        // The odd powers of a smaller domain's double are among the points.
                        #expect(throws: PolynomialError.divisorIsZero(index: 1 << (logSize - smaller - 1))) {
                            try values.divided(byVanishingOf: divisor)
                        }
                        continue
                    }
                    let vanishing = divisor.all.reduce(Polynomial<F>([1])) { $0 * Polynomial([-$1, .one]) }
                    let quotient = Polynomial(Self.random(points.size - divisor.size, &generator))
                    let product = try (quotient * vanishing).evaluated(at: points, with: ntt)
                    #expect(
                        try product.divided(byVanishingOf: divisor).interpolated(with: ntt) == quotient)
                }
                #expect(throws: PolynomialError.divisorIsZero(index: 0)) {
                    try values.divided(byVanishingOf: points)
                }
            }
        }
    }

    func errors() throws {
        let limit = F.twoAdicity - 1
        for logSize in [-1, limit + 1, 1000] {
            #expect(
                throws: PolynomialError.unsupportedSize(logSize: logSize, limit: limit, field: F.name)
            ) { try EvaluationPoints<F>(logSize: logSize) }
        }
        #expect(try EvaluationPoints<F>(logSize: limit).size == 1 << limit)
        for (count, logSize) in [(-3, 0), (0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (1025, 11)] {
            #expect(try EvaluationPoints<F>(atLeast: count).logSize == logSize)
        }
        #expect(
            throws: PolynomialError.unsupportedSize(logSize: limit + 1, limit: limit, field: F.name)
        ) { try EvaluationPoints<F>(atLeast: 1 << limit + 1) }
        let points = try EvaluationPoints<F>(logSize: 2)
        for count in [0, 3, 5] {
            #expect(throws: PolynomialError.valueCount(expected: 4, found: count)) {
                try Evaluations([F](repeating: .one, count: count), at: points)
            }
        }
        let values = try Evaluations<F>([1, 2, 3, 4], at: points)
        let others = [
            try Evaluations<F>([1, 2, 3, 4], at: EvaluationPoints(logSize: 2, .oddCoset)),
            try Evaluations<F>([1, 2], at: EvaluationPoints(logSize: 1)),
        ]
        for other in others {
            #expect(throws: PolynomialError.differentPoints) { try values + other }
            #expect(throws: PolynomialError.differentPoints) { try values - other }
            #expect(throws: PolynomialError.differentPoints) { try values * other }
        }
        for count in [0, 3, 6] {
            var elements = [F](repeating: .one, count: count)
            #expect(
                throws: PolynomialError.transform(.unsupportedSize(operation: "forward NTT", size: count))
            ) { try ntt.forward(&elements, at: .subgroup) }
            #expect(
                throws: PolynomialError.transform(.unsupportedSize(operation: "inverse NTT", size: count))
            ) { try ntt.inverse(&elements) }
        }
    }

    func long() throws {
        var generator = start
        let f = Polynomial(Self.random(3000, &generator))
        let g = Polynomial(Self.random(5000, &generator))
        let product = try f.multiplied(by: g, with: ntt)
        #expect(product.degree == 7998)
        let x = F.random(using: &generator)
        #expect(product.evaluated(at: x) == f.evaluated(at: x) * g.evaluated(at: x))
        for kind in Self.kinds {
            let points = try EvaluationPoints<F>(logSize: 13, kind)
            let values = try product.evaluated(at: points, with: ntt)
            #expect(values.values[1234] == product.evaluated(at: points.all[1234]))
            #expect(values.evaluated(at: x) == product.evaluated(at: x))
            #expect(try values.interpolated(with: ntt) == product)
        }
    }
}

/// Fields with next to no roots of unity have polynomials as well.
@Suite struct SmallDomainTests {
    @Test func coordinatesHaveOnePoint() throws {
        typealias F = BN254.Fp
        let limit = F.twoAdicity - 1
        let ntt = NTT<F>(parallel: Parallel(threads: 1))
        #expect(try Polynomial<F>([6]).multiplied(by: Polynomial([7]), with: ntt) == Polynomial([42]))
        #expect(
            throws: PolynomialError.unsupportedSize(logSize: 2, limit: limit, field: F.name)
        ) { try Polynomial<F>([1, 2]).multiplied(by: Polynomial([1, 2]), with: ntt) }
        #expect(Polynomial<F>([1, 2]) * Polynomial([1, 2]) == Polynomial([1, 4, 4]))
    }
}
