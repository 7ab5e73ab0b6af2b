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
            try writer.write(UInt32(Suite.Fp.byteCount))
            try writer.write(Suite.Fp.modulus)
            try writer.write(UInt32(Suite.Fr.byteCount))
            try writer.write(Suite.Fr.modulus)
            for count in [key.variableCount, key.publicCount, key.domainSize] {
                try writer.write(UInt32(count))
            }
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
        try writer.section(4) { () throws(FormatError) in
            try writer.write(UInt32(key.coefficients.count))
            try writer.write(key.coefficients.bytes)
        }
        try writer.section(5) { () throws(FormatError) in try writer.write(key.a.bytes) }
        try writer.section(6) { () throws(FormatError) in try writer.write(key.b1.bytes) }
        try writer.section(7) { () throws(FormatError) in try writer.write(key.b2.bytes) }
        try writer.section(8) { () throws(FormatError) in try writer.write(key.c.bytes) }
        try writer.section(9) { () throws(FormatError) in try writer.write(key.h.bytes) }
        try writer.section(10) { () throws(FormatError) in
            try writer.write(transcript.circuitHash)
            try writer.write(UInt32(transcript.contributions.count))
            for contribution in transcript.contributions {
                try writer.write(contribution.deltaAfter)
                try writer.write(contribution.g1S)
                try writer.write(contribution.g1SX)
                try writer.write(contribution.g2SPX)
                try writer.write(contribution.transcript)
                try writer.write(contribution.kind)
                try writer.write(UInt32(contribution.parameters.count))
                try writer.write(contribution.parameters)
            }
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
        try zkey.container.withBytes(of: 10) { bytes throws(FormatError) in
            var position = 0
            /// Passes over bytes and gives their offset.
            func pass(_ count: Int) throws(FormatError) -> Int {
                guard bytes.byteCount - position >= count else {
                    throw zkey.container.error(
                        .truncated(needed: UInt64(count), available: UInt64(bytes.byteCount - position)),
                        section: 10)
                }
                defer { position += count }
                return position
            }
            func array(_ count: Int) throws(FormatError) -> [UInt8] {
                let start = try pass(count)
                return bytes.array(start..<position)
            }
            func number() throws(FormatError) -> UInt32 { bytes.littleEndianUInt32(at: try pass(4)) }
            func point<Group: CurveGroup>(
                _ group: Group.Type, index: Int
            ) throws(FormatError) -> Affine<Group> {
                let start = try pass(MemoryLayout<Affine<Group>>.stride)
                let fault = PointValidation<Group, Suite.Fp>.firstFault(
                    in: bytes.extracting(start..<position), threads: 1)
                let point = bytes.unsafeLoadUnaligned(fromByteOffset: start, as: Affine<Group>.self)
                if let reason = fault?.reason ?? (Group.isInSubgroup(point) ? nil : .pointNotInSubgroup) {
                    let offset = (zkey.container.find(10)?.offset ?? 0) + start
                    throw zkey.container.error(reason, section: 10, offset: offset, index: index)
                }
                return point
            }
            let circuitHash = try array(64)
            var contributions: [SetupContribution<Suite>] = []
            // `ZKeyFile` has walked over all of them.
            for index in 0..<Int(try number()) {
                contributions.append(
                    SetupContribution(
                        deltaAfter: try point(Suite.G1.self, index: index),
                        g1S: try point(Suite.G1.self, index: index),
                        g1SX: try point(Suite.G1.self, index: index),
                        g2SPX: try point(Suite.G2.self, index: index),
                        transcript: try array(64), kind: try number(),
                        parameters: try array(Int(try number()))))
            }
            return SetupTranscript(circuitHash: circuitHash, contributions: contributions)
        }
    }
}
