// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import EmulatedArithmetic
import FiniteFields
import TestSupport
import Testing

/// The sizes that docs/recursion.md gives.
@Suite struct ConstraintCountTests {
    /// The constraints of `body`, with a group size so that each further check makes no further group.
    private func count(
        _ source: Source = .commitment, chunkBits: Int = 17, groupSize: Int = 512,
        _ body: (EmulatedField<BN254.Fp>) -> Void
    ) -> Int {
        emulate(
            BN254.Fp.self, mode: .constraints, .of(source),
            chunkBits: chunkBits, groupSize: groupSize, body
        ).builder.constraintCount
    }

    /// Makes so many products, beside so many checks that the number of challenges stays.
    private func products(_ field: EmulatedField<BN254.Fp>, _ count: Int) {
        var x = field.hinted { BN254.Fp(3) }
        for _ in 0..<count { x = field.multiply(x, x) }
    }

    @Test func product() {
        // 15 chunks, two constraints at τ, a product, and a share of the sum.
        let difference = count { products($0, 600) } - count { products($0, 599) }
        #expect(difference == 19)
    }

    @Test func others() {
        func cost(_ operation: (EmulatedField<BN254.Fp>, EmulatedElement<BN254.Fp>) -> Void) -> Int {
            func run(_ times: Int) -> Int {
                count { field in
                    products(field, 600)
                    let x = field.hinted { BN254.Fp(3) }
                    field.enforceEqual(x, x)
                    let bit = field.emulation.boundBit(true)
                    field.enforceEqual(field.element(bit: bit), .one)
                    for _ in 0..<times { operation(field, x) }
                }
            }
            return run(2) - run(1)
        }
        #expect(cost { $0.enforceEqual($1, $1 + .one) } == 1)
        #expect(cost { _ = $0.inverse($1) } == 19)
        #expect(cost { _ = $0.quotient($1 + .one, by: $1) } == 19)
        #expect(cost { $0.enforceZero($0.product($1, $1) - $0.product($1, $1 + .one)) } == 3)
        #expect(cost { _ = $0.isZero($1) } == 22)
        #expect(cost { _ = $0.canonical($1) } == 18)
        #expect(cost { field, x in field.enforceEqual(field.select(.one, x, x + .one), x) } == 2)
    }

    /// Constants times an element: two constraints for τ and τ² times the element, once it has three such
    /// products.
    @Test func productsWithConstants() {
        var generator = SeededGenerator.fresh()
        let constants = (0..<6).map { _ in BN254.Fp.random(using: &generator) }
        func cost(_ number: Int) -> Int {
            func run(_ number: Int) -> Int {
                count { field in
                    products(field, 600)
                    let x = field.hinted { BN254.Fp(3) }
                    field.enforceEqual(x, EmulatedElement(BN254.Fp(3)))
                    for constant in constants[..<number] {
                        field.enforceZero(
                            field.product(EmulatedElement(constant), x) - EmulatedElement(constant * 3))
                    }
                }
            }
            return run(number) - run(0)
        }
        // Each with its check.
        #expect([1, 2, 3, 6].map { cost($0) } == [2, 4, 5, 8])
    }

    @Test func productWithoutCommitments() {
        // 254 bits, two at τ, the product, the share: 258; the hash of the bits, 254/253 of an element:
        // 38.4; and now and then a bit more of K and C.
        let one = count(.poseidon) { products($0, 600) }
        let many = count(.poseidon) { products($0, 600 + 253) }
        #expect(((296 * 253)...(298 * 253)).contains(many - one))
    }

    @Test func fixedParts() {
        // What 512 checks cost beyond 19 each and the first element: the mask, the table, 256 hashes in
        // bits and 512 values of ρ at τ, and one K and C: their bits, τ and the identity.
        let whole = count { products($0, 512) }
        let challenges = 256 * (254 + 1 + 49) + 16 * 612 + 512 * 2
        #expect(challenges == 88_640)
        #expect(whole - 512 * 19 - 17 == (1 << 17) + 1 + 1 + challenges + 1_942)
        // Another group, with one check: 1,253 bits and the identity. A full one has some 70 bits more.
        let two = count { products($0, 513) }
        #expect(two - whole - 19 == 1_253 + 13)
    }

    @Test func bestWidth() {
        func best(_ elements: (Int, Int)...) -> Int { LimbShape.chunkBits(forElements: elements) }
        #expect(best((10, 254)) == 5)
        #expect(best((3_000, 254)) == 13)
        #expect(best((20_000, 254)) == 15)
        #expect(best((100_000, 254)) == 17)
        // 30, 26 and 23 chunks for 381 bits, 20, 17 and 15 for 254.
        #expect(best((7_000, 254)) == 13 && best((7_000, 381)) == 15)
        #expect(best((40_000, 254)) == 15 && best((40_000, 381)) == 17)
        #expect(best((20_000, 254), (20_000, 381)) == 17)
        #expect(LimbShape.chunkBits(forElements: [(100_000, 381)], of: [4, 8]) == 8)
    }
}
