// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
import EllipticCurves
import FiniteFields

/// What every `ComputeBackend` must do: results bit-equal to slow references, on random and on nasty inputs.
///
/// Each check returns what went wrong, one line a failure; an empty list is a pass. References share no code
/// with the kernels under test: sums come from known discrete logarithms (bases are k·G with k known, so the
/// sum is one scalar multiplication of the generator) or from double-and-add, transforms from the defining
/// sums.
package struct BackendConformance<Backend: ComputeBackend> {
    package typealias Suite = Backend.Suite
    typealias Fr = Suite.Fr
    typealias Limbs = Fr.Limbs

    let backend: Backend
    var generator: SeededStream

    /// - Parameter seed: all inputs come from it.
    package init(_ backend: Backend, seed: UInt64) {
        self.backend = backend
        generator = SeededStream(seed: seed)
    }

    /// One multi-scalar multiplication: factors of the generator (0 for the identity) and scalars.
    struct Case {
        var name: String
        var factors: [Int]
        var scalars: [Limbs]
    }

    // MARK: MSM

    /// Sums in G1 and G2 over random and nasty inputs.
    ///
    /// - Parameters:
    ///   - large: the length of the longest random sum.
    ///   - usual: the length of nasty ones; no random one but the longest has more than twice as many terms.
    package mutating func msmFailures(large: Int, usual: Int = 777) -> [String] {
        let multiples = Multiples(count: 1 << 10)
        return msmCases(large: large, usual: usual, factors: 1..<(1 << 10))
            .flatMap { failures(in: $0, multiples) }
    }

    /// 0·G … (count − 1)·G in both groups.
    struct Multiples {
        var g1: [Affine<Suite.G1>]
        var g2: [Affine<Suite.G2>]

        init(count: Int) {
            g1 = Self.multiples(of: Suite.G1.generator, count)
            g2 = Self.multiples(of: Suite.G2.generator, count)
        }

        static func multiples<Group: CurveGroup>(of base: Affine<Group>, _ count: Int) -> [Affine<Group>] {
            var points = [Jacobian<Group>.identity]
            for _ in 1..<count { points.append(points[points.count - 1] + base) }
            return Jacobian.batchAffine(points)
        }
    }

    private func failures(in test: Case, _ multiples: Multiples) -> [String] {
        // Negative factors stand for negated points.
        var exponent = Fr.zero
        for (factor, scalar) in zip(test.factors, test.scalars) {
            guard let s = Fr(canonical: scalar) else { return ["\(test.name): bad test scalar"] }
            let product = s * Fr(UInt64(abs(factor)))
            exponent += factor < 0 ? -product : product
        }
        let g1 = PointTable(test.factors.map { $0 < 0 ? -multiples.g1[-$0] : multiples.g1[$0] })
        let g2 = PointTable(test.factors.map { $0 < 0 ? -multiples.g2[-$0] : multiples.g2[$0] })
        let (sum1, sum2) = test.scalars.withUnsafeBufferPointer {
            (try? backend.msm(g1, $0), try? backend.msm(g2, $0))
        }
        var failures: [String] = []
        if sum1 != Suite.G1.generator.multiplied(by: exponent).affine { failures.append("G1 \(test.name)") }
        if sum2 != Suite.G2.generator.multiplied(by: exponent).affine { failures.append("G2 \(test.name)") }
        return failures
    }

    private mutating func msmCases(large: Int, usual n: Int, factors: Range<Int>) -> [Case] {
        let one = integer(1)
        let minusOne = Fr.modulus.subtractingInteger(one)
        let half = Fr.modulus.shiftedRight(by: 1)
        var cases = [Case(name: "empty", factors: [], scalars: [])]
        func add(_ name: String, _ factors: [Int], _ scalars: [Limbs]) {
            cases.append(Case(name: "\(name), \(scalars.count) terms", factors: factors, scalars: scalars))
        }
        for length in [1, 2, 3, 31, 32, 33, 257, 1000].filter({ $0 <= 2 * n }) + [large] {
            add("random", randomFactors(length, factors), (0..<length).map { _ in randomScalar() })
        }
        let mixed = randomFactors(n, factors)
        add("all zero scalars", mixed, [Limbs](repeating: .zero, count: n))
        add("all one", mixed, [Limbs](repeating: one, count: n))
        add("all r - 1", mixed, [Limbs](repeating: minusOne, count: n))
        add("all equal scalars", mixed, [Limbs](repeating: randomScalar(), count: n))
        add("(r - 1)/2 and (r + 1)/2", mixed, (0..<n).map { $0 % 2 == 0 ? half : increment(half) })
        add("one repeated point", [Int](repeating: 5, count: n), (0..<n).map { _ in randomScalar() })
        add(
            "one repeated point, one scalar", [Int](repeating: 5, count: n),
            [Limbs](repeating: randomScalar(), count: n))
        add("all identities", [Int](repeating: 0, count: n), (0..<n).map { _ in randomScalar() })
        add(
            "every third an identity", mixed.enumerated().map { $0 % 3 == 0 ? 0 : $1 },
            (0..<n).map { _ in randomScalar() })
        let scalar = randomScalar()
        add(
            "P and -P, one scalar", (0..<n + 1).map { $0 % 2 == 0 ? 7 : -7 },
            [Limbs](repeating: scalar, count: n + 1))
        add(
            "P and -P, random", mixed.enumerated().map { $0 % 2 == 0 ? $1 : -$1 },
            (0..<n).map { _ in randomScalar() })
        add("bits", mixed, (0..<n).map { _ in integer(Bool.random(using: &generator) ? 1 : 0) })
        add(
            "0, 1, -1", mixed,
            (0..<n).map { _ in [.zero, one, minusOne][Int.random(in: 0..<3, using: &generator)] })
        add("bytes", mixed, (0..<n).map { _ in integer(UInt64.random(in: 0..<256, using: &generator)) })
        if Fr.bitWidth > 65 {
            add(
                "64 bits and just above", mixed,
                (0..<n).map { i in
                    var limbs = integer(.max)
                    if i % 2 == 0 {
                        limbs[0] = 0
                        limbs[1] = 1
                    }
                    return limbs
                })
        }
        add("powers of two", mixed, (0..<n).map { power(of: $0 % (Fr.bitWidth - 1)) })
        add(
            "powers of two minus one", mixed,
            (0..<n).map { power(of: 1 + $0 % (Fr.bitWidth - 1)).subtractingInteger(one) })
        add(
            "witness-like", mixed,
            (0..<n).map { _ in
                switch Int.random(in: 0..<20, using: &generator) {
                case 0..<7: .zero
                case 7..<14: one
                case 14: minusOne
                case 15, 16: integer(UInt64.random(in: 0..<1 << 40, using: &generator))
                case 17:
                    Fr.modulus.subtractingInteger(integer(UInt64.random(in: 1..<1 << 20, using: &generator)))
                default: randomScalar()
                }
            })
        return cases
    }

    // MARK: sums that share scalars

    /// Sums of three tables of G1 and one of G2 with identities in every table, of which one lacks the first
    /// points.
    package mutating func sharedSumFailures(large: Int) -> [String] {
        let multiples = Multiples(count: 1 << 8)
        let limit = multiples.g1.count
        return [1, 2, 30, 500, large].flatMap { count in
            // Bits, short and full scalars.
            let scalars = (0..<count).map { i -> Limbs in
                switch i % 3 {
                case 0: integer(UInt64(i % 2))
                case 1: integer(UInt64(i))
                default: randomScalar()
                }
            }
            func factors(_ every: Int) -> [Int] {
                (0..<count).map { i -> Int in
                    i % every == 0 ? 0 : Int.random(in: 0..<limit, using: &generator)
                }
            }
            let short = Array(factors(7).suffix(count * 3 / 4))
            let (g1, g2) = ([factors(2), factors(5), short], [factors(5)])
            func exponent(_ factors: [Int]) -> Fr {
                var sum = Fr.zero
                for (factor, value) in zip(factors, scalars.suffix(factors.count)) {
                    sum += Fr(UInt64(factor)) * (Fr(canonical: value) ?? .zero)
                }
                return sum
            }
            let tables = PointTables<Suite>(
                g1: g1.map { PointTable($0.map { multiples.g1[$0] }) },
                g2: g2.map { PointTable($0.map { multiples.g2[$0] }) })
            let expected = PointSums<Suite>(
                g1: g1.map { Suite.G1.generator.multiplied(by: exponent($0)).affine },
                g2: g2.map { Suite.G2.generator.multiplied(by: exponent($0)).affine })
            let sums = scalars.withUnsafeBufferPointer { try? backend.msm(tables, $0) }
            return sums == expected ? [] : ["sums that share \(count) scalars"]
        }
    }

    // MARK: NTT

    /// Transforms of all sizes up to 2^large: against the defining sums where that is quick, else at sampled
    /// points.
    package mutating func nttFailures(large: Int) -> [String] {
        var failures: [String] = []
        for log in 0...large {
            let size = 1 << log
            let inputs: [(String, [Fr])] = [
                ("random", (0..<size).map { _ in Fr.random(using: &generator) }),
                ("zeros", [Fr](repeating: .zero, count: size)),
                ("ones", [Fr](repeating: .one, count: size)),
                ("all -1", [Fr](repeating: -.one, count: size)),
                ("unit impulse", (0..<size).map { $0 == size - 1 ? .one : .zero }),
            ]
            for (name, values) in log > 10 ? inputs.prefix(1) : inputs[...] {
                failures += transformFailures(values, log: log).map { "NTT 2^\(log) \(name): \($0)" }
            }
        }
        return failures
    }

    private mutating func transformFailures(_ values: [Fr], log: Int) -> [String] {
        var failures: [String] = []
        guard let coefficients = transformed(values, { try backend.inverseNTT($0) }) else {
            return ["inverse threw"]
        }
        let natural = (0..<values.count).map { coefficients[reversed($0, bits: log)] }
        let root = EvaluationDomain<Fr>.root(log: log)
        let shift = EvaluationDomain<Fr>.root(log: log + 1)
        let points =
            log <= 6
            ? Array(0..<values.count)
            : (0..<3).map { _ in Int.random(in: 0..<values.count, using: &generator) }
        for i in points where value(natural, at: root.power(UInt64(i))) != values[i] {
            failures.append("inverse, point \(i)")
        }
        guard transformed(coefficients, { try backend.forwardNTT($0, at: .subgroup) }) == values else {
            return failures + ["forward of inverse differs"]
        }
        guard let coset = transformed(coefficients, { try backend.forwardNTT($0, at: .oddCoset) }) else {
            return failures + ["coset threw"]
        }
        for i in points where value(natural, at: shift.power(UInt64(2 * i + 1))) != coset[i] {
            failures.append("odd coset, point \(i)")
        }
        return failures
    }

    private func transformed(_ values: [Fr], _ body: (UnsafeMutableBufferPointer<Fr>) throws -> Void) -> [Fr]?
    {
        var result = values
        do {
            try result.withUnsafeMutableBufferPointer { try body($0) }
            return result
        } catch {
            return nil
        }
    }

    /// Horner's rule.
    private func value(_ coefficients: [Fr], at point: Fr) -> Fr {
        coefficients.reversed().reduce(.zero) { $0 * point + $1 }
    }

    // MARK: errors

    /// Wrong lengths and sizes are refused.
    package func refusalFailures() -> [String] {
        var failures: [String] = []
        let two = PointTable([Suite.G1.generator, Suite.G1.generator])
        let one = SecretScalars<Fr>(count: 1)
        if (try? one.withElements { try backend.msm(two, $0) }) != nil {
            failures.append("MSM of 2 bases and 1 scalar accepted")
        }
        if (try? one.withElements { try backend.msm(PointTables<Suite>(g1: [two]), $0) }) != nil {
            failures.append("MSM of a table of 2 bases and 1 scalar accepted")
        }
        for size in [0, 3, 6, 12] {
            let values = [Fr](repeating: .one, count: size)
            if transformed(values, { try backend.inverseNTT($0) }) != nil {
                failures.append("inverse NTT of \(size)")
            }
            if transformed(values, { try backend.forwardNTT($0, at: .oddCoset) }) != nil {
                failures.append("forward NTT of \(size)")
            }
        }
        return failures
    }

    // MARK: small helpers

    private mutating func randomFactors(_ count: Int, _ range: Range<Int>) -> [Int] {
        (0..<count).map { _ in Int.random(in: range, using: &generator) }
    }

    private mutating func randomScalar() -> Limbs { Fr.random(using: &generator).canonical }

    private func integer(_ value: UInt64) -> Limbs {
        var limbs = Limbs.zero
        limbs[0] = value
        return limbs
    }

    private func power(of exponent: Int) -> Limbs {
        var limbs = Limbs.zero
        limbs[exponent / 64] = 1 << UInt64(exponent % 64)
        return limbs
    }

    private func increment(_ limbs: Limbs) -> Limbs {
        var result = limbs
        result[0] &+= 1
        return result
    }

    private func reversed(_ index: Int, bits: Int) -> Int {
        (0..<bits).reduce(0) { $0 | ((index >> $1) & 1) << (bits - 1 - $1) }
    }
}
