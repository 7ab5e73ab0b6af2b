// SPDX-License-Identifier: Apache-2.0

import AlgebraTestSupport
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// Membership in the group of pairing values, and its elements in half the space.
@Suite struct PairingValueTests {
    private func check<Suite: CurveSuite>(_ suite: Suite.Type) throws {
        typealias Value = Fp12<Suite.Tower>
        var generator = SeededGenerator.fresh()
        let value = Suite.pairing(.random(using: &generator), .random(using: &generator))
        for member in [Value.one, value, value.conjugate, value * value, value.frobenius()] {
            #expect(member.power(Suite.Fr.modulus.words) == .one)
            #expect(Suite.isPairingValue(member))
            let compressed = try #require(member.torusCompressed)
            #expect(Value(torusCompressed: compressed) == member)
        }
        let random = Value.random(using: &generator)
        let ofNormOne = random.conjugate * (try #require(random.inverse()))
        let cyclotomic = ofNormOne.frobeniusSquared() * ofNormOne
        // Its order divides the cofactor.
        let cofactor = cyclotomic.power(Suite.Fr.modulus.words)
        #expect(cyclotomic.isCyclotomic && cofactor.isCyclotomic && cofactor != .one)
        #expect(!ofNormOne.isCyclotomic && !random.isCyclotomic && !(-Value.one).isCyclotomic)
        for other in [.zero, -.one, random, ofNormOne, cyclotomic, cofactor, value * cofactor, -value] {
            #expect(!Suite.isPairingValue(other))
        }
        for other in [ofNormOne, cyclotomic, -value] {
            #expect(Value(torusCompressed: try #require(other.torusCompressed)) == other)
        }
        for other in [Value.zero, -.one, random] { #expect(other.torusCompressed == nil) }
        // Every element of Fp6 stands for one of norm one.
        let any = Value(torusCompressed: .random(using: &generator))
        #expect(any * any.conjugate == .one)
    }

    @Test(arguments: CurveUnderTest.all) func values(curve: CurveUnderTest) throws { try check(curve.suite) }
}
