// SPDX-License-Identifier: Apache-2.0

import Compute
public import Curves
import EllipticCurves
import FiniteFields
public import Groth16
public import TrustedSetup

extension Groth16ZKey {
    /// Writes a Groth16 key as snarkjs does, the sections in the order of their numbers.
    ///
    /// - Throws: `.cannotWrite`, with the file as it was before.
    public static func write<Suite: CurveSuite>(
        _ key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>, to path: String
    ) throws(FormatError) {
        let writer = try BinaryWriter(path: path, magic: "zkey", version: 1, sections: 10)
        let vk = key.verifyingKey
        try writer.section(1) { () throws(FormatError) in try writer.write(ProofSystem.groth16.rawValue) }
        try writer.section(2) { () throws(FormatError) in
            try writer.writeHeader(
                of: Suite.self, counts: [key.variableCount, key.publicCount, key.domainSize])
            try writer.write(vk.alpha1)
            try writer.write(key.beta1)
            try writer.write(vk.beta2)
            try writer.write(vk.gamma2)
            try writer.write(key.delta1)
            try writer.write(vk.delta2)
        }
        try writer.section(3) { () throws(FormatError) in
            for point in vk.ic { try writer.write(point) }
        }
        try writer.writeTables(
            key.coefficients, a: key.a, b1: key.b1, b2: key.b2, c: key.c, h: key.h)
        try writer.section(10) { () throws(FormatError) in
            try writer.write(transcript.circuitHash)
            try writer.write(UInt32(transcript.contributions.count))
            for contribution in transcript.contributions { try writer.write(contribution) }
        }
        try writer.finish()
    }

    /// Reads section 10: circuit hash and contributions, their points checked to be on the curve and in the
    /// subgroup.
    ///
    /// - Throws: `.missingSection` for keys without one; what is wrong with a point.
    public static func transcript<Suite: CurveSuite>(
        of zkey: ZKeyFile, _ suite: Suite.Type
    ) throws(FormatError) -> SetupTranscript<Suite> {
        var history = try HistoryCursor<Suite>(zkey.container, section: 10)
        let circuitHash = try history.cursor.take(64)
        var contributions: [SetupContribution<Suite>] = []
        // `ZKeyFile` has walked over all of them.
        for index in 0..<Int(try history.cursor.uint32()) {
            contributions.append(try history.contribution(index))
        }
        return SetupTranscript(circuitHash: circuitHash, contributions: contributions)
    }
}
