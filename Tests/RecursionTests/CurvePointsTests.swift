// SPDX-License-Identifier: Apache-2.0

import Curves
import EllipticCurves
import EmulatedArithmetic
import FiniteFields
import Recursion
import Testing

@Suite struct CurvePointsTests {
    @Test func constantsHaveTheirValues() {
        let point = BN254.G2.generator
        let element = G2Element(point)
        #expect(element.x.value == point.x && element.y.value == point.y)
        #expect((element.x * 3 - element.x + -element.x).value == point.x)
    }
}
