// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import CFieldKernels
import Compute
import Curves
import EllipticCurves
import FiniteFields
import Groth16
import ProofFixtures
import TestSupport
import Testing

/// Scalars of other widths than four limbs: six (`Wide`, `BLS12377Twist`) and one (`Narrow`).
@Suite("Widths of scalars")
struct WidthTests {
    @Test(arguments: [1, 3]) func knownSums(threads: Int) throws {
        func check<Group: ComputeGroup>(_: Group.Type, _ key: String) throws {
            let sums = try VectorFile.section(key, of: "sums", as: [KnownSum<Group>].self)
            #expect(sums.count == 3)
            for known in sums {
                let sum = known.scalars.withUnsafeBufferPointer {
                    Group.cpuMSM(PointTable(known.points), $0, Parallel(threads: threads))
                }
                #expect(sum == known.sum, "\(Group.name), \(known.name)")
            }
        }
        try check(Wide.G1.self, "wide")
        try check(Narrow.G1.self, "narrow")
        try check(BLS12377Twist.self, "bls12377Twist")
    }

    @Test(arguments: [1, 3]) func backendOfSixLimbs(threads: Int) {
        check(CPUBackend<Wide>(parallel: Parallel(threads: threads)), large: 200, usual: 90)
    }

    @Test(arguments: [1, 3]) func backendOfOneLimb(threads: Int) {
        check(CPUBackend<Narrow>(parallel: Parallel(threads: threads)), large: 700, usual: 300)
    }

    private func check<Suite: ComputeSuite>(_ backend: CPUBackend<Suite>, large: Int, usual: Int) {
        var conformance = BackendConformance(
            backend,
            seed: SeededGenerator.freshSeed("\(Suite.names.title), \(backend.parallel.threads) threads"))
        #expect(conformance.msmFailures(large: large, usual: usual) == [])
        #expect(conformance.sharedSumFailures(large: large) == [])
        #expect(conformance.nttFailures(large: 11) == [])
        #expect(conformance.quotientFailures() == [])
        #expect(conformance.refusalFailures() == [])
    }

    /// So many that threads share them, most of them bits.
    @Test func manyScalars() {
        var generator = SeededGenerator.fresh()
        let count = 9000
        let table = Wide.G1.cpuMultiplesOfGenerator(50)
        let points = (0..<count).map { table[$0 % table.count] }
        let scalars = (0..<count).map { i -> Wide.Fr in
            switch i % 100 {
            case 7: .random(using: &generator)
            case 8: -Wide.Fr(generator.next())
            default: i % 3 == 0 ? -.one : Wide.Fr(UInt64(i % 2))
            }
        }
        let exponent = scalars.enumerated().reduce(Wide.Fr.zero) {
            $0 + Wide.Fr(UInt64($1.offset % table.count + 1)) * $1.element
        }
        let sum = scalars.map(\.canonical).withUnsafeBufferPointer {
            Wide.G1.cpuMSM(PointTable(points), $0, Parallel(threads: 3))
        }
        #expect(sum == Wide.G1.generator.multiplied(by: exponent).affine)
    }

    @Test func operationsOfGroups() {
        var generator = SeededGenerator.fresh()
        checkOperations(of: Wide.G1.self, counts: [3, 130], &generator)
        checkOperations(of: Wide.G2.self, counts: [3], &generator)
        checkOperations(of: Narrow.G1.self, &generator)
        checkOperations(of: Narrow.G2.self, counts: [3, 130], &generator)
    }

    @Test func sparseSums() {
        var generator = SeededGenerator.fresh()
        func check<Group: ComputeGroup>(_: Group.Type) {
            typealias Scalar = Group.Scalar
            let table = Group.cpuMultiplesOfGenerator(40)
            let terms = (0..<200).map { i in
                let values: [Scalar] = [
                    .zero, .one, -.one, Scalar(generator.next()), .random(using: &generator),
                ]
                return (group: i % 7, point: i * i % 40, coefficient: values[i % 5])
            }
            let sparse = SparseTerms<Scalar>(groups: 7) { add in
                for term in terms { add(term.group, 0, term.point, term.coefficient) }
            }
            var totals = [Scalar](repeating: .zero, count: 7)
            for term in terms { totals[term.group] += Scalar(UInt64(term.point + 1)) * term.coefficient }
            #expect(
                Group.cpuSparseSums([table], sparse, Parallel(threads: 2))
                    == totals.map { Group.generator.multiplied(by: $0).affine })
        }
        check(Wide.G1.self)
        check(Narrow.G2.self)
    }

    /// Plans of multiples have levels for all bits of the scalars, whatever the field.
    @Test func plansOfMultiples() throws {
        func windows<Scalar: PrimeField>(_ scalar: Scalar.Type) throws -> (count: Int, bits: Int) {
            let plan = try #require(
                MultiplesPlan.best(terms: 1000, of: scalar, bytesPerTerm: 1, budget: 64_000))
            return (plan.step * plan.levels, plan.width * plan.step * plan.levels)
        }
        #expect(try windows(Narrow.Fr.self).bits >= 61)
        #expect(try windows(BN254.Fr.self).bits >= 253)
        #expect(try windows(Wide.Fr.self).bits >= 379)
        #expect(try windows(Wide.Fr.self).count > windows(BN254.Fr.self).count)
    }

    /// The digits of integers of any number of limbs make the integers up.
    @Test(arguments: 1...9) func windowDigits(limbs: Int) {
        var generator = SeededGenerator.fresh("\(limbs) limbs")
        func random() -> [UInt64] {
            var value = (0..<limbs).map { _ in generator.next() }
            value[limbs - 1] >>= 1
            return value
        }
        // The windows of all integers of a bit less than the limbs have.
        let bits = 64 * limbs - 1
        let modulus = [UInt64](repeating: .max, count: limbs - 1) + [.max >> 1]
        let scalars = (0..<40).map { i -> [UInt64] in
            switch i {
            case 0: [UInt64](repeating: 0, count: limbs)
            case 1: modulus
            case 2: (0..<limbs).map { $0 == 0 ? 1 : 0 }
            default: random()
            }
        }
        let terms = scalars.indices.map { UInt32($0) | ($0 % 2 == 1 ? 1 << 31 : 0) }
        let magnitudes = zip(scalars, terms).map { scalar, term in
            term >> 31 == 0 ? scalar : sum(modulus, negative(scalar))
        }
        for width in [1, 2, 5, 8, 13, 16, 20] {
            let count = (bits + width) / width
            var offset = [UInt64](repeating: 0, count: limbs)
            for window in 0..<count - 1 { add(1, at: window * width + width - 1, to: &offset) }
            var negated = sum(offset, modulus)
            add(1, at: 0, to: &negated)
            var totals = [[UInt64]](repeating: [UInt64](repeating: 0, count: limbs), count: terms.count)
            for window in 0..<count {
                var digits = [UInt32](repeating: 0, count: terms.count)
                var tally = [UInt32](repeating: 0, count: 1 << width + 1)
                (offset + negated).withUnsafeBufferPointer { offsets in
                    var parameters = martlet_window(
                        offsets: offsets.baseAddress, bit: UInt32(window * width), width: UInt32(width),
                        bias: window == count - 1 ? 0 : 1 << UInt32(width - 1))
                    martlet_window_digits(
                        &digits, &tally, terms, terms.count, scalars.flatMap { $0 }, limbs, &parameters)
                }
                var expected = [UInt32](repeating: 0, count: tally.count)
                for (i, digit) in digits.enumerated() {
                    let magnitude = digit & ~(1 << 31)
                    expected[Int(magnitude)] += 1
                    #expect(magnitude <= 1 << UInt32(width - 1))
                    add(UInt64(magnitude), at: window * width, isNegative: digit >> 31 == 1, to: &totals[i])
                }
                #expect(tally == expected)
            }
            #expect(totals == magnitudes, "\(width) bits")
        }
    }

    // MARK: integers mod 2^(64·limbs)

    private func sum(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        var carry = false
        return zip(a, b).map { x, y in
            let (low, first) = x.addingReportingOverflow(y)
            let (all, second) = low.addingReportingOverflow(carry ? 1 : 0)
            carry = first || second
            return all
        }
    }

    private func negative(_ a: [UInt64]) -> [UInt64] {
        sum(a.map { ~$0 }, a.indices.map { $0 == 0 ? 1 : 0 })
    }

    /// Adds ±value·2^bit.
    private func add(_ value: UInt64, at bit: Int, isNegative: Bool = false, to total: inout [UInt64]) {
        var shifted = [UInt64](repeating: 0, count: total.count)
        let (limb, shift) = (bit / 64, UInt64(bit % 64))
        shifted[limb] = value << shift
        if shift > 0, limb + 1 < shifted.count { shifted[limb + 1] = value >> (64 - shift) }
        total = sum(total, isNegative ? negative(shifted) : shifted)
    }
}
