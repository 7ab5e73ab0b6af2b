// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// Sums of groups of terms, against the generator times one scalar: the points are its known multiples.
struct SparseSumsTests {
    private typealias Fr = BN254.Fr

    private struct Term {
        var group: Int
        var table: Int
        var point: Int
        var coefficient: BN254.Fr
    }

    /// Points 1…n times the generator, and −1…−n times, and identities: what each is a multiple of.
    private static let factors: [[Fr]] = [
        (1...300).map { Fr(UInt64($0)) }, (1...300).map { $0 % 50 == 0 ? .zero : -Fr(UInt64($0)) },
    ]

    private func check(groups: Int, _ terms: [Term]) throws {
        let tables1 = Self.factors.map { factors in
            PointTable(factors.map { BN254.G1.generator.multiplied(by: $0).affine })
        }
        let tables2 = Self.factors.map { factors in
            PointTable(factors.map { BN254.G2.generator.multiplied(by: $0).affine })
        }
        let sparse = SparseTerms<Fr>(groups: groups) { add in
            for term in terms { add(term.group, term.table, term.point, term.coefficient) }
        }
        var scalars = [Fr](repeating: .zero, count: groups)
        for term in terms {
            scalars[term.group] += term.coefficient * Self.factors[term.table][term.point]
        }
        let wanted1 = scalars.map { BN254.G1.generator.multiplied(by: $0).affine }
        for threads in [1, 3] {
            let parallel = Parallel(threads: threads)
            #expect(BN254.G1.cpuSparseSums(tables1, sparse, parallel) == wanted1)
        }
        let wanted2 = scalars.map { BN254.G2.generator.multiplied(by: $0).affine }
        #expect(BN254.G2.cpuSparseSums(tables2, sparse, Parallel(threads: 2)) == wanted2)
    }

    private func coefficient(using generator: inout SeededGenerator) -> Fr {
        let small = Fr(UInt64.random(in: 0..<200, using: &generator))
        let half = (Fr.zero - .one) * (Fr(2).inverse() ?? .zero)
        let kinds: [Fr] = [
            .zero, .one, -.one, small, -small, half, half + .one, Fr(16), Fr(17), -Fr(16), -Fr(17),
            Fr(1 << 63),
            .random(using: &generator), .random(using: &generator),
        ]
        return kinds[Int.random(in: 0..<kinds.count, using: &generator)]
    }

    @Test func groupsOfAllSizes() throws {
        var generator = SeededGenerator.fresh()
        var terms: [Term] = []
        // None, one, two, … and one that is larger than what is done at once.
        let sizes = Array(0..<20) + [500, 9000, 3, 0, 1]
        for (group, size) in sizes.enumerated() {
            for _ in 0..<size {
                terms.append(
                    Term(
                        group: group, table: Int.random(in: 0..<2, using: &generator),
                        point: Int.random(in: 0..<300, using: &generator),
                        coefficient: coefficient(using: &generator)))
            }
        }
        try check(groups: sizes.count, terms.shuffled(using: &generator))
    }

    /// The same point several times, its opposite, the identity: nothing that the formula of a chord covers.
    @Test func pointsThatMeet() throws {
        let one = Fr.one
        let cases: [[(table: Int, point: Int, coefficient: Fr)]] = [
            [(0, 4, one), (0, 4, one)], [(0, 4, one), (1, 4, one)], [(0, 4, Fr(3)), (0, 4, -Fr(3))],
            [(0, 4, Fr(5)), (1, 4, Fr(5)), (0, 9, one)], [(1, 49, Fr(1234)), (1, 99, one)],
            [(0, 0, Fr(2)), (0, 1, one)], [(0, 0, Fr(4)), (1, 3, one), (0, 6, Fr(31))],
            [(0, 7, one), (0, 7, one), (0, 7, one), (0, 7, one), (1, 31, one)],
        ]
        try check(
            groups: cases.count,
            cases.enumerated().flatMap { group, terms in
                terms.map {
                    Term(group: group, table: $0.table, point: $0.point, coefficient: $0.coefficient)
                }
            })
    }

    @Test func nothingAtAll() throws {
        try check(groups: 0, [])
        try check(groups: 3, [])
    }
}
