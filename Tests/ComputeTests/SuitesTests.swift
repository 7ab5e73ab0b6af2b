// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import TestSupport
import Testing

/// The list of curves, and what it opens.
@Suite struct SuitesTests {
    @Test(arguments: CurveID.allCases)
    func everyCurveOpensToItsOwnSuite(curve: CurveID) {
        func id<Suite: ComputeSuite>(_: Suite.Type) -> CurveID { Suite.id }
        #expect(withSuite(curve) { id($0) } == curve)
        #expect(withSuite(curve) { ObjectIdentifier($0) } == ObjectIdentifier(curve.suite))
    }

    @Test func errorsComeThroughAsTheyAre() {
        func fail<Suite: ComputeSuite>(_: Suite.Type) throws(ComputeError) {
            throw .unsupportedSize(operation: Suite.id.rawValue, size: 3)
        }
        #expect(throws: ComputeError.unsupportedSize(operation: "bls12381", size: 3)) {
            try withSuite(.bls12381) { (suite) throws(ComputeError) in try fail(suite) }
        }
    }

    /// What is written once for all groups, in each against its definition.
    @Test(arguments: CurveID.allCases)
    func operationsOfGroups(curve: CurveID) {
        var generator = SeededGenerator.fresh("\(curve)")
        func checkBoth<Suite: ComputeSuite>(_: Suite.Type) {
            checkOperations(of: Suite.G1.self, &generator)
            checkOperations(of: Suite.G2.self, &generator)
            // Two coordinates of two coefficients, the second first.
            let values = (0..<4).map { _ in Suite.Fp.random(using: &generator) }
            let bytes = values.withUnsafeBytes { Suite.cpuBigEndianBytes(of: $0, degree: 2) }
            #expect(bytes == [1, 0, 3, 2].flatMap { values[$0].bigEndianBytes })
        }
        withSuite(curve) { checkBoth($0) }
    }
}

/// What is written once for all groups, in one of them against its definition.
///
/// - Parameter counts: of few scalars, which are multiplied one by one, and of many, by a table.
func checkOperations<Group: ComputeGroup>(
    of group: Group.Type, counts: [Int] = [3, 200], _ generator: inout SeededGenerator
) {
    let parallel = Parallel(threads: 2)
    for count in counts {
        let scalars = (0..<count).map { $0 == 1 ? .zero : Group.Scalar.random(using: &generator) }
        let points = Group.cpuMultiplyGenerator(by: scalars, parallel)
        #expect(points == scalars.map { Group.generator.multiplied(by: $0).affine }, "\(Group.name)")
        let factor = Group.Scalar.random(using: &generator)
        #expect(
            Group.cpuMultiplyAll(PointTable(points), by: factor, parallel)
                == Group.cpuMultiplyGenerator(by: scalars.map { $0 * factor }, parallel))
        let reversed = PointTable(Array(points.reversed()))
        #expect(
            Group.cpuDifferences(PointTable(points), reversed, parallel)
                == Group.cpuMultiplyGenerator(
                    by: zip(scalars, scalars.reversed()).map { $0 - $1 }, parallel))
    }
}
