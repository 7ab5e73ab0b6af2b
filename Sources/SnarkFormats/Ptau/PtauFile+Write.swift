// SPDX-License-Identifier: Apache-2.0

import Compute
public import Curves
import EllipticCurves
import FiniteFields
public import TrustedSetup

extension PtauFile {
    /// Writes powers of tau as snarkjs does (format version 1), without contributions: nobody vouches for
    /// them.
    ///
    /// - Precondition: the powers have the lengths for `power`.
    /// - Throws: `.cannotWrite`, with the file as it was before.
    public static func write<Suite: CurveSuite>(
        _ powers: PreparedPowers<Suite>, power: Int, to path: String
    ) throws(FormatError) {
        let n = 1 << power
        precondition(powers.tau1.count == 2 * n - 1 && powers.tau2.count == n)
        precondition(powers.alphaTau1.count == n && powers.betaTau1.count == n)
        precondition(powers.lagrangeTau1.count == 4 * n - 1 && powers.lagrangeTau2.count == 2 * n - 1)
        precondition(
            powers.lagrangeAlphaTau1.count == 2 * n - 1 && powers.lagrangeBetaTau1.count == 2 * n - 1)
        let writer = try BinaryWriter(path: path, magic: "ptau", version: 1, sections: 11)
        try writer.section(1) { () throws(FormatError) in
            try writer.write(UInt32(Suite.Fp.byteCount))
            try writer.write(Suite.Fp.modulus)
            try writer.write(UInt32(power))
            try writer.write(UInt32(power))
        }
        func points<Group>(_ id: Points, _ points: [Affine<Group>]) throws(FormatError) {
            let table = PointTable(points)
            try writer.section(id.rawValue) { () throws(FormatError) in try writer.write(table.bytes) }
            withExtendedLifetime(table.owner) {}
        }
        try points(.tau1, powers.tau1)
        try points(.tau2, powers.tau2)
        try points(.alphaTau1, powers.alphaTau1)
        try points(.betaTau1, powers.betaTau1)
        try points(.beta2, [powers.beta2])
        try writer.section(7) { () throws(FormatError) in try writer.write(UInt32(0)) }
        try points(.lagrangeTau1, powers.lagrangeTau1)
        try points(.lagrangeTau2, powers.lagrangeTau2)
        try points(.lagrangeAlphaTau1, powers.lagrangeAlphaTau1)
        try points(.lagrangeBetaTau1, powers.lagrangeBetaTau1)
        try writer.finish()
    }
}
