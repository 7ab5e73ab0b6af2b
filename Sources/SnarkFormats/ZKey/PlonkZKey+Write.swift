// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
import EllipticCurves
import FiniteFields
package import Plonk

extension PlonkZKey {
    /// Makes a key and writes it as snarkjs does: sections 3 to 14, then 1 and 2.
    ///
    /// - Returns: the key.
    /// - Throws: `.cannotWrite`, with the file as it was before; a `PlonkSetupError`.
    package static func write<Suite: ComputeSuite>(
        _ setup: PlonkSetup<Suite>, to path: String
    ) throws -> PlonkProvingKey<Suite> {
        let key = try setup.key()
        let writer = try BinaryWriter(path: path, magic: "zkey", version: 1, sections: 14)
        try writer.section(3) { () throws(FormatError) in
            for addition in key.additions {
                try writer.write(UInt32(addition.left))
                try writer.write(UInt32(addition.right))
                try writer.write(addition.leftFactor.montgomery)
                try writer.write(addition.rightFactor.montgomery)
            }
        }
        for (id, wire) in zip(4..., [\PlonkProvingKey<Suite>.Gate.a, \.b, \.c]) {
            try writer.section(UInt32(id)) { () throws(FormatError) in
                for gate in key.gates { try writer.write(UInt32(gate[keyPath: wire])) }
            }
        }
        for (id, polynomial) in zip(7..., [key.qm, key.ql, key.qr, key.qo, key.qc]) {
            try writer.section(UInt32(id)) { () throws(FormatError) in try writer.write(polynomial) }
        }
        try writer.section(12) { () throws(FormatError) in
            for polynomial in [key.s1, key.s2, key.s3] { try writer.write(polynomial) }
        }
        let start = try writer.begin(section: 13)
        for index in 0..<max(1, key.publicCount) { try writer.write(setup.lagrange(index)) }
        try writer.end(sectionAt: start)
        try writer.section(14) { () throws(FormatError) in try writer.write(key.powers.bytes) }
        try writer.section(1) { () throws(FormatError) in try writer.write(ProofSystem.plonk.rawValue) }
        try writer.section(2) { () throws(FormatError) in
            let vk = key.verifyingKey
            try writer.writeHeader(
                of: Suite.self,
                counts: [
                    key.variableCount, key.publicCount, vk.domainSize, key.additions.count, key.gates.count,
                ])
            try writer.write(vk.k1.montgomery)
            try writer.write(vk.k2.montgomery)
            for point in [vk.qm, vk.ql, vk.qr, vk.qo, vk.qc, vk.s1, vk.s2, vk.s3] { try writer.write(point) }
            try writer.write(vk.x2)
        }
        try writer.finish()
        return key
    }
}

extension BinaryWriter {
    fileprivate func write<F: PrimeField>(_ polynomial: KeyPolynomial<F>) throws(FormatError) {
        try write(polynomial.coefficients.bytes)
        try write(polynomial.values.bytes)
    }
}
