// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
import Foundation
import ProofAggregation
import SnarkFormats
import TestSupport
import Testing
import TrustedSetup

/// What two files of powers of tau show of having to do with each other.
@Suite struct CeremonyIndependenceTests {
    private let parallel = Parallel.allCores

    /// A file of the powers, with contributions that consist of a byte each.
    private func file<Suite: ComputeSuite>(
        _ powers: HostilePowers<Suite>, contributions: [UInt8], leads: Bool = true,
        withoutGeneratorIn group: Int? = nil
    ) throws -> PtauFile {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).ptau").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try PtauFile.write(powers.sections(parallel), power: powers.power, to: path)
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        // Section 7 is u32 0 as written.
        var at = 12
        while bytes[at] != 7 {
            at +=
                12 + Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at + 4, as: UInt64.self) })
        }
        // Section 2 is the second: behind a header of 12 bytes and section 1, and its first power behind the
        // generator.
        var second = 12
        while bytes[second] != 2 {
            second +=
                12
                + Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: second + 4, as: UInt64.self) })
        }
        let (g1, g2) = (MemoryLayout<Affine<Suite.G1>>.stride, MemoryLayout<Affine<Suite.G2>>.stride)
        var section = withUnsafeBytes(of: UInt32(contributions.count).littleEndian) { Array($0) }
        for (index, byte) in contributions.enumerated() {
            // The last one leads to the file's own first power.
            let isLast = index == contributions.count - 1 && leads
            section +=
                isLast
                ? Array(bytes[second + 12 + g1..<second + 12 + 2 * g1]) : [UInt8](repeating: byte, count: g1)
            section += [UInt8](repeating: byte, count: 8 * g1 + 5 * g2 + 216 + 64)
            // A name of two letters.
            section +=
                withUnsafeBytes(of: (UInt32(0), UInt32(4))) { Array($0) } + [1, 2, 65, 66 + UInt8(index)]
        }
        // In the place of the generator the first power stands a second time. Section 3 follows section 2.
        let third = second + 12 + (2 << powers.power - 1) * g1
        if group == 1 {
            bytes.replaceSubrange(
                second + 12..<second + 12 + g1, with: bytes[second + 12 + g1..<second + 12 + 2 * g1])
        }
        if group == 2 {
            bytes.replaceSubrange(
                third + 12..<third + 12 + g2, with: bytes[third + 12 + g2..<third + 12 + 2 * g2])
        }
        bytes.replaceSubrange(
            at + 4..<at + 16, with: withUnsafeBytes(of: UInt64(section.count)) { Array($0) } + section)
        return try PtauFile(MappedFile(copying: bytes, name: "made.ptau"))
    }

    private func check<Suite: ComputeSuite>(_ suite: Suite.Type) throws {
        typealias Powers = HostilePowers<Suite>
        var generator = SeededGenerator.fresh()
        let (first, second) = (Powers(power: 3, using: &generator), Powers(power: 3, using: &generator))
        let own = try file(first, contributions: [1, 2, 3])
        #expect(try CeremonyIndependence.check(own, file(second, contributions: [4, 5])))
        // Without a history they may be forks of one another.
        #expect(try !CeremonyIndependence.check(own, file(second, contributions: [])))
        func expectRefused(_ other: PtauFile, _ reason: String) {
            for (a, b) in [(own, other), (other, own)] {
                let error = #expect(throws: AggregationError.self) { try CeremonyIndependence.check(a, b) }
                #expect(error.map { "\($0)".contains(reason) } == true, "\(String(describing: error))")
            }
        }
        // A fork after the first contribution, and a contribution to both.
        expectRefused(try file(second, contributions: [1, 6]), "of one ceremony")
        expectRefused(try file(second, contributions: [7, 3]), "of one ceremony")
        // A history of other powers, and secrets that everybody knows.
        expectRefused(try file(second, contributions: [4], leads: false), "do not lead to its powers")
        for secret in [-Suite.Fr.one, EvaluationDomain<Suite.Fr>.root(log: 3)] {
            let known = Powers(
                power: 3, tau: secret, alpha: .random(using: &generator), beta: .random(using: &generator))
            expectRefused(try file(known, contributions: [4]), "is known")
        }
        // Their first points are what the others are compared with.
        for group in [1, 2] {
            expectRefused(
                try file(second, contributions: [4], withoutGeneratorIn: group),
                "do not begin with the generators")
        }
        // The same powers, shorter, and without their history.
        let tau = first.tau1[1]
        func powers(of secret: Suite.Fr, power: Int = 3) -> Powers {
            Powers(
                power: power, tau: secret, alpha: .random(using: &generator), beta: .random(using: &generator)
            )
        }
        expectRefused(try file(powers(of: tau, power: 2), contributions: []), "the same secret")
        expectRefused(try file(powers(of: -tau), contributions: []), "the same secret")
        for exponent in [2, 3, 14] {
            expectRefused(
                try file(powers(of: tau.power(UInt64(exponent))), contributions: []), "the power \(exponent)")
        }
        // Inverses of powers, also of the last one that a file of this size has.
        for exponent in [1, 2, 3, 14] {
            let inverse = tau.power(UInt64(exponent)).inverse()!
            for secret in [inverse, -inverse] {
                expectRefused(
                    try file(powers(of: secret), contributions: []),
                    exponent == 1 ? "the inverse of the other's, or" : "the other's power \(exponent)")
            }
        }
        // What the two first powers show is seen where the
        // verifying key is made as well.
        let inverse = tau.inverse()!
        let root = EvaluationDomain<Suite.Fr>.root(log: 2)
        for (secret, reason) in [
            (inverse, "inverse"), (-inverse, "inverse"), (tau * tau, "square"), (-tau * tau, "square"),
            (root * tau, "one square"), (root, "is known"),
        ] {
            let other = try file(powers(of: secret), contributions: [8])
            for (a, b) in [(own, other), (other, own)] {
                let error = #expect(throws: AggregationError.self) {
                    try AggregationVerifyingKey<Suite>(a, b)
                }
                #expect(error.map { "\($0)".contains(reason) } == true, "\(String(describing: error))")
            }
        }
        _ = try AggregationVerifyingKey<Suite>(own, file(powers(of: tau + .one), contributions: [8]))
    }

    @Test func twoFilesOfOneCeremonyAreRefused() throws {
        try check(BN254.self)
        try check(BLS12381.self)
    }

    /// What section 7 says of itself must fit.
    @Test func damagedContributionsAreRefused() throws {
        var generator = SeededGenerator.fresh()
        let powers = HostilePowers<BN254>(power: 1, using: &generator)
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).ptau").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try PtauFile.write(powers.sections(parallel), power: 1, to: path)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var at = 12
        while bytes[at] != 7 {
            at +=
                12 + Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at + 4, as: UInt64.self) })
        }
        for count: UInt32 in [1, 1000, .max] {
            var changed = bytes
            changed.replaceSubrange(at + 12..<at + 16, with: withUnsafeBytes(of: count) { Array($0) })
            #expect(throws: FormatError.self) {
                try PtauFile(MappedFile(copying: changed, name: "changed.ptau"))
            }
        }
    }
}
