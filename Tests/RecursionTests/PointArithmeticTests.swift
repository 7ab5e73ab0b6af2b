// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Recursion
import TestSupport
import Testing

/// Sums and products of points of G1 in a circuit, against BN254's own.
@Suite struct PointArithmeticTests {
    typealias Point = Affine<BN254.G1>
    typealias Field = EmulatedField<BN254.Fp>

    private func points(_ count: Int) -> [Point] {
        var generator = SeededGenerator.fresh()
        return (0..<count).map { _ in .random(using: &generator) }
    }

    private func scalars(_ count: Int) -> [Scalar] {
        var generator = SeededGenerator.fresh()
        return (0..<count).map { _ in .random(using: &generator) }
    }

    /// A scalar with given signs.
    private func scalar(_ field: Field, _ bit: (Int) -> Bool) -> ChallengeScalar {
        ChallengeScalar(field.builder, bits: (0..<128).map { field.emulation.boundBit(bit($0)) })
    }

    // MARK: The curve

    @Test(arguments: [ChallengeSource.commitment, .poseidon])
    func curveEquation(_ source: ChallengeSource) {
        let point = points(1)[0]
        func isAccepted(_ point: Point) -> Bool {
            PointCircuit(source) { field in
                let curve = CurveCircuit(field)
                curve.enforceOnCurve(curve.hinted { point })
            }.holds
        }
        #expect(isAccepted(point) && isAccepted(-point) && isAccepted(.generator))
        #expect(!isAccepted(.identity))
        #expect(!isAccepted(Point(x: point.x, y: point.y + .one)))
        #expect(!isAccepted(Point(x: point.x + .one, y: point.y)))
        #expect(!isAccepted(Point(x: point.y, y: point.x)))
        // On another curve: y² = x³ + 4.
        #expect(!isAccepted(Point(x: .zero, y: 2)))
    }

    /// The endomorphism is the multiplication by λ, and no small (a, b) has a + λ·b = 0.
    @Test func endomorphism() {
        let point = points(1)[0]
        let built = PointCircuit { field in
            let curve = CurveCircuit(field)
            let multiples = curve.multiples(curve.hinted { point })
            // D = P − φ(P), and −φ(D).
            let eigenvalue = Scalar(
                decimal: "4407920970296243842393367215006156084916469457145843978461")!
            #expect((eigenvalue.squared() + eigenvalue + .one).isZero)
            let difference = point.multiplied(by: .one - eigenvalue).affine
            #expect(multiples.difference.affine == difference)
            #expect(multiples.rotated.affine == difference.multiplied(by: -eigenvalue).affine)
        }
        #expect(built.holds, "\(built.violation)")
    }

    // MARK: Products

    @Test(arguments: [ChallengeSource.commitment, .poseidon])
    func product(_ source: ChallengeSource) {
        let point = points(1)[0]
        var generator = SeededGenerator.fresh()
        let random = (0..<128).map { _ in Bool.random(using: &generator) }
        // All signs the same, one after another, of one digit string and of none.
        let choices: [(Int) -> Bool] =
            source == .poseidon
            ? [{ random[$0] }]
            : [{ random[$0] }, { _ in true }, { _ in false }, { $0 < 64 }, { $0 >= 64 }, { $0 % 2 == 0 }]
        for choice in choices {
            var result = Point.identity
            var expected = Point.identity
            let built = PointCircuit(source) { field in
                let curve = CurveCircuit(field)
                let scalar = scalar(field, choice)
                let element = curve.hinted { point }
                curve.enforceOnCurve(element)
                result = curve.multiply(curve.multiples(element), by: scalar).affine
                expected = point.multiplied(by: scalar.value.value).affine
            }
            #expect(built.holds, "\(built.violation)")
            #expect(result == expected && result.isOnCurve)
        }
    }

    /// s = −λ·(a + λ·b), computed with integers that have sign.
    @Test func scalarsAreOfTheirDigits() {
        var generator = SeededGenerator.fresh()
        let bits = (0..<128).map { _ in Bool.random(using: &generator) }
        let eigenvalue = Scalar(decimal: "4407920970296243842393367215006156084916469457145843978461")!
        var (a, b) = (Scalar(2), Scalar.one)
        for index in (0..<64).reversed() {
            a = a.doubled() + (bits[index] ? .one : -.one)
            b = b.doubled() + (bits[64 + index] ? .one : -.one)
        }
        let built = PointCircuit { field in
            let own = scalar(field) { bits[$0] }
            #expect(own.value.value == -eigenvalue * (a + eigenvalue * b))
        }
        #expect(built.holds)
    }

    // MARK: Shared sums

    private func sum(
        _ products: [Point], plus summands: [Point] = [], source: ChallengeSource = .commitment,
        tampering: CurveTampering? = nil, offset: Point? = nil
    ) -> (built: PointCircuit, result: Point, expected: Point) {
        var generator = SeededGenerator.fresh()
        let bits = products.map { _ in (0..<128).map { _ in Bool.random(using: &generator) } }
        let offset = offset ?? OffsetPoint.derived(from: [Scalar(7)], domain: 1)
        var (result, expected) = (Point.identity, Jacobian<BN254.G1>.identity)
        let built = PointCircuit(source) { field in
            let curve = CurveCircuit(field, tampering: tampering)
            let all = products.indices.map { index in
                (
                    curve.multiples(curve.hinted { products[index] }),
                    scalar(field) { bits[index][$0] }
                )
            }
            result =
                curve.sum(all, plus: summands.map { point in curve.hinted { point } }, offset: offset).affine
            for (point, product) in zip(products, all) {
                expected += point.multiplied(by: product.1.value.value)
            }
            for point in summands { expected += point }
        }
        return (built, result, expected.affine)
    }

    @Test func sharedSums() {
        let points = points(3)
        for (products, summands) in [
            ([points[0]], []), (points, []), ([points[0]], [points[1]]),
            // The same point several times, and its negative.
            ([points[0], points[0], -points[0]], [points[0]]),
        ] {
            let (built, result, expected) = sum(products, plus: summands)
            #expect(built.holds, "\(built.violation)")
            #expect(result == expected)
        }
        let (built, result, expected) = sum([points[0]], plus: [points[1]], source: .poseidon)
        #expect(built.holds && result == expected, "\(built.violation)")
    }

    /// A sum that is the identity has no coordinates.
    @Test func identityIsRefused() {
        let point = points(1)[0]
        let built = PointCircuit { field in
            let curve = CurveCircuit(field)
            let scalar = scalar(field) { $0 % 3 == 0 }
            let rest = -point.multiplied(by: scalar.value.value).affine
            _ = curve.sum(
                [(curve.multiples(curve.hinted { point }), scalar)], plus: [curve.hinted { rest }],
                offset: OffsetPoint.derived(from: [Scalar(7)], domain: 1))
        }
        #expect(!built.holds)
    }

    // MARK: Constant points

    @Test func fixedSums() {
        let points = points(3)
        let offset = OffsetPoint.derived(from: [Scalar(8)], domain: 1)
        let tables = points.prefix(2).map { FixedBaseTable($0, offset: offset) }
        let random = scalars(3)
        // Zeros, all ones, equal ones, and what cancels the other.
        let cases: [[Scalar]] = [
            [.zero], [.one], [-.one], [random[0]], [.zero, .zero], [random[1], random[2]], [.one, -.one],
            [Scalar(16), .zero], [random[0], random[0]],
        ]
        for (number, values) in cases.enumerated() {
            for constant in number % 2 == 0 ? [points[2]] : [points[2], .identity]
            where !(constant.isIdentity && values.allSatisfy(\.isZero)) {
                var (result, expected) = (Point.identity, Jacobian(constant))
                let built = PointCircuit { field in
                    let products = zip(values, tables).map { value, table in
                        (ScalarWindows(field.emulation, of: field.builder.wire(value)), table)
                    }
                    result = CurveCircuit(field).fixedSum(products, plus: constant, offset: offset).affine
                }
                for (value, point) in zip(values, points) { expected += point.multiplied(by: value) }
                #expect(built.holds, "\(built.violation)")
                #expect(result == expected.affine)
            }
        }
        // The identity, as a product and with a constant.
        for (value, constant) in [(Scalar.zero, Point.identity), (.one, -points[0])] {
            let built = PointCircuit { field in
                let windows = ScalarWindows(field.emulation, of: field.builder.wire(value))
                _ = CurveCircuit(field).fixedSum([(windows, tables[0])], plus: constant, offset: offset)
            }
            #expect(!built.holds)
        }
    }

    /// Equal bases: sums that meet would be those of the bases, and are those of the offsets.
    @Test func equalBases() {
        let point = points(1)[0]
        let offset = OffsetPoint.derived(from: [Scalar(9)], domain: 1)
        let tables = [point, -point, point].map { FixedBaseTable($0, offset: offset) }
        var result = Point.identity
        let built = PointCircuit { field in
            let windows = ScalarWindows(field.emulation, of: field.builder.wire(.one))
            result =
                CurveCircuit(field).fixedSum(
                    tables.map { (windows, $0) }, plus: .identity, offset: offset
                ).affine
        }
        #expect(built.holds && result == point)
    }

    @Test func offsets() {
        let one = OffsetPoint.derived(from: [.one], domain: 1)
        #expect(one.isValid && !one.isIdentity && one.y.canonical[0] & 1 == 0)
        #expect(one != OffsetPoint.derived(from: [Scalar(2)], domain: 1))
        #expect(one != OffsetPoint.derived(from: [.one], domain: 2))
    }

    // MARK: Attacks

    private func expectStopped(
        by omission: CurveTampering.Omission, sourceLocation: SourceLocation = #_sourceLocation,
        _ attack: (CurveTampering) -> Bool
    ) {
        #expect(attack(CurveTampering(omission)), "without the check", sourceLocation: sourceLocation)
        #expect(!attack(CurveTampering()), "with the check", sourceLocation: sourceLocation)
    }

    /// A point whose multiple D is the offset: the first addition doubles it, and every slope will do.
    @Test func summandThatTheSumMeets() {
        let offset = OffsetPoint.derived(from: [Scalar(7)], domain: 1)
        let eigenvalue = Scalar(decimal: "4407920970296243842393367215006156084916469457145843978461")!
        let point = offset.multiplied(by: (Scalar.one - eigenvalue).inverse()!).affine
        let other = points(1)[0]
        for slope in [nil, BN254.Fp(5)] {
            expectStopped(by: .denominators) { tampering in
                var tampering = tampering
                tampering.freeSlope = slope
                let (built, result, expected) = sum(
                    [point, other], tampering: tampering, offset: offset)
                #expect(result != expected)
                return built.holds
            }
        }
        // Its negative has no sum at all.
        #expect(!sum([-point, other], tampering: CurveTampering(.denominators), offset: offset).built.holds)
    }

    /// (0, 0) has any multiple that the prover likes.
    @Test func noPoint() {
        for slope in [nil, BN254.Fp(3)] {
            expectStopped(by: .curveEquation) { tampering in
                var tampering = tampering
                tampering.freeSlope = slope
                return PointCircuit { field in
                    let curve = CurveCircuit(field, tampering: tampering)
                    let point = curve.hinted { .identity }
                    curve.enforceOnCurve(point)
                    let result = curve.multiply(
                        curve.multiples(point), by: scalar(field) { $0 % 5 == 0 })
                    #expect(result.affine.isIdentity == (slope == nil))
                }.holds
            }
        }
    }

    /// Of a hash below 2^254 − q there are two sets of bits, and two scalars.
    @Test func scalarsOfOtherBits() {
        let limit = Natural.powerOfTwo(254).subtracting(Natural(Scalar.modulus))
        let order = Natural(Scalar.modulus)
        var generator = SeededGenerator.fresh()
        var seed = Scalar.zero
        func hash(_ seed: Scalar) -> Natural {
            Natural(Poseidon.stream(seed: seed, domain: 5, count: 1)[0].canonical)
        }
        repeat { seed = .random(using: &generator) } while !(hash(seed) < limit)
        expectStopped(by: .canonicalScalars) { tampering in
            var values: [Scalar] = []
            for forges in [false, true] {
                var tampering = tampering
                if forges {
                    tampering.scalarBits = { hash in
                        let other = Natural(hash.canonical) + order
                        return (0..<254).map { other.digit(at: $0, width: 1) == 1 }
                    }
                }
                let built = PointCircuit { field in
                    let scalars = ChallengeScalar.scalars(
                        field.emulation, seed: field.builder.wire(seed), domain: 5, count: 1, tampering)
                    values.append(scalars[0].value.value)
                }
                if !forges { #expect(built.holds, "\(built.violation)") }
                if forges {
                    #expect(values[0] != values[1])
                    return built.holds
                }
            }
            return false
        }
    }

    /// A slope that is wrong, with all that follows from it.
    @Test func wrongSlopes() {
        let points = points(3)
        let offset = OffsetPoint.derived(from: [Scalar(7)], domain: 1)
        let table = FixedBaseTable(points[2], offset: offset)
        func run(_ wrong: Int?) -> (slopes: Int, holds: Bool) {
            var count = 0
            var tampering = CurveTampering()
            tampering.slope = { value in
                defer { count += 1 }
                return count == wrong ? value + .one : value
            }
            let built = PointCircuit { field in
                let curve = CurveCircuit(field, tampering: tampering)
                let multiples = points.prefix(2).map { point in curve.multiples(curve.hinted { point }) }
                let scalars = (0..<2).map { number in scalar(field) { ($0 + number) % 3 == 0 } }
                _ = curve.multiply(multiples[0], by: scalars[0])
                _ = curve.sum(Array(zip(multiples, scalars)), plus: [multiples[0].point], offset: offset)
                let windows = ScalarWindows(field.emulation, of: scalars[0].value)
                _ = curve.fixedSum([(windows, table)], plus: points[0], offset: offset)
            }
            return (count, built.holds)
        }
        let good = run(nil)
        // 2 for the multiples, 128 of the product; 2 + 3·64 + 2, and 64 + 1.
        #expect(good.holds && good.slopes == 2 + 128 + 196 + 65)
        var generator = SeededGenerator.fresh()
        let chosen = [0, 2, 3, 130, 131, good.slopes - 1]
        for wrong in chosen + (0..<14).map({ _ in Int.random(in: 0..<good.slopes, using: &generator) }) {
            #expect(!run(wrong).holds, "slope \(wrong)")
        }
    }

    // MARK: Sizes

    /// The numbers of docs/recursion.md. A group's K and C have a few more bits where its weights are larger.
    @Test func constraintCounts() {
        /// What one more of something costs where there are some already.
        func cost(_ body: @escaping (CurveCircuit, Field, Int) -> Void) -> Int {
            func run(_ times: Int) -> Int {
                PointCircuit.constraints { field in
                    var x = field.hinted { BN254.Fp(3) }
                    // A whole group and a part of one, so that there are no more challenges or groups.
                    for _ in 0..<1_100 { x = field.multiply(x, x) }
                    body(CurveCircuit(field), field, times)
                }
            }
            return run(2) - run(1)
        }
        func expect(
            _ constraints: Int, sourceLocation: SourceLocation = #_sourceLocation,
            _ body: @escaping (CurveCircuit, Field, Int) -> Void
        ) {
            let own = cost(body)
            #expect((0..<16).contains(own - constraints), "\(own)", sourceLocation: sourceLocation)
        }
        func point(_ curve: CurveCircuit) -> G1Element { curve.hinted { .generator } }
        let offset = OffsetPoint.derived(from: [Scalar(7)], domain: 1)
        let table = FixedBaseTable(.generator, offset: offset)
        // With two new elements.
        expect(22 + 2 * 17) { curve, _, times in
            for _ in 0..<times { curve.enforceOnCurve(point(curve)) }
        }
        expect(78) { curve, _, times in
            let element = point(curve)
            for _ in 0..<times { _ = curve.multiples(element) }
        }
        expect(64 * 80 + 18) { curve, field, times in
            let multiples = curve.multiples(point(curve))
            let scalar = scalar(field) { _ in true }
            for _ in 0..<times { _ = curve.multiply(multiples, by: scalar) }
        }
        // One more product of a sum; the doublings are shared.
        func sums(_ times: Int) -> (CurveCircuit, Field, Int) -> Void {
            { curve, field, count in
                let multiples = curve.multiples(point(curve))
                let scalar = scalar(field) { _ in true }
                let products = [(PointMultiples, ChallengeScalar)](
                    repeating: (multiples, scalar), count: times == 0 ? count : times)
                for _ in 0..<(times == 0 ? 1 : count) { _ = curve.sum(products, plus: [], offset: offset) }
            }
        }
        expect(65 * 58 + 64 * 3, sums(0))
        expect(39 + 64 * 80 + 39 + 66 * 19 + 18, sums(1))
        expect(64 * 43) { curve, field, times in
            let windows = ScalarWindows(field.emulation, of: field.builder.wire(.one))
            let products = [(ScalarWindows, FixedBaseTable)](repeating: (windows, table), count: times)
            _ = curve.fixedSum(products, plus: .identity, offset: offset)
        }
        expect(254 + 1 + 694) { curve, field, times in
            let windows = (0..<times).map { _ in
                ScalarWindows(field.emulation, of: field.builder.wire(.one))
            }
            _ = curve.fixedSum([(windows[0], table)], plus: .identity, offset: offset)
        }
        expect(254 + 1 + 49 + 65) { curve, field, times in
            _ = ChallengeScalar.scalars(
                field.emulation, seed: field.builder.wire(.one), domain: 5, count: times, nil)
        }
    }
}
