// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
import EllipticCurves
import FiniteFields
package import Plonk

/// PLONK proving keys in zkeys, as snarkjs makes them.
///
/// The tables of points and values lie in the file's mapping as they are; the key keeps the mapping alive.
package enum PlonkZKey {
    /// Reads and checks a PLONK zkey: structure, sizes, each number below its modulus, each point on its
    /// curve, the points of the verification key in the subgroup, each wire in range.
    ///
    /// - Complexity: O(file size); 24 bytes of memory for each gate.
    /// - Throws: `.unsupportedProtocol` for keys of other proof systems; else the first thing found wrong,
    ///   with section, byte offset and index.
    package static func load<Suite: ComputeSuite>(
        _ zkey: ZKeyFile, of _: Suite.Type, threads: Int
    ) throws(FormatError) -> PlonkProvingKey<Suite> {
        try requirePlonk(zkey)
        return try PlonkLoader<Suite>(zkey: zkey, threads: threads).load()
    }

    /// Reads and checks the verification key of a PLONK zkey, and no more of the file than that.
    ///
    /// - Throws: as `load(_:of:threads:)`.
    package static func verifyingKey<Suite: ComputeSuite>(
        of zkey: ZKeyFile, _: Suite.Type
    ) throws(FormatError) -> PlonkVerifyingKey<Suite> {
        try requirePlonk(zkey)
        return try PlonkLoader<Suite>(zkey: zkey, threads: 1).verifyingKey()
    }

    private static func requirePlonk(_ zkey: ZKeyFile) throws(FormatError) {
        guard zkey.header.proofSystem != .plonk else { return }
        throw zkey.container.error(
            .unsupportedProtocol(found: zkey.header.proofSystem.name, wanted: ProofSystem.plonk.name),
            section: 1)
    }
}

/// Builds the proving key of one curve from a file whose structure is checked.
private struct PlonkLoader<Suite: ComputeSuite> {
    typealias Check = PointValidation<Suite.G1, Suite.Fp>

    let zkey: ZKeyFile
    let threads: Int

    private var container: BinaryContainer { zkey.container }
    private var header: ZKeyHeader { zkey.header }

    func verifyingKey() throws(FormatError) -> PlonkVerifyingKey<Suite> {
        let section = try container.require(2)
        var offset = zkey.verificationKeyOffset - section.offset
        let reader = Groth16Loader<Suite>(zkey: zkey, threads: 1)
        let key = try container.withBytes(of: section) { bytes throws(FormatError) in
            func scalar(_ name: String) throws(FormatError) -> Suite.Fr {
                let limbs = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Suite.Fr.Limbs.self)
                guard limbs.isLess(than: Suite.Fr.modulus) else {
                    throw FormatError(
                        .valueOutOfRange(limit: "the group order"), file: zkey.file.name,
                        place: .init(section: 2, name: name, offset: section.offset + offset))
                }
                offset += Suite.Fr.byteCount
                return Suite.Fr(montgomery: limbs)
            }
            func point(_ name: String) throws(FormatError) -> Affine<Suite.G1> {
                try reader.single(bytes, &offset, name, Check.self, identityAllowed: true)
            }
            let (k1, k2) = (try scalar("k1"), try scalar("k2"))
            return PlonkVerifyingKey<Suite>(
                publicCount: header.publicCount, logDomainSize: header.logDomainSize, k1: k1, k2: k2,
                qm: try point("Qm"), ql: try point("Ql"), qr: try point("Qr"), qo: try point("Qo"),
                qc: try point("Qc"), s1: try point("S1"), s2: try point("S2"), s3: try point("S3"),
                x2: try reader.single(bytes, &offset, "X2", PointValidation<Suite.G2, Suite.Fp>.self))
        }
        if let fault = key.fault {
            throw container.error(.inconsistentHeader("\(fault.part): \(fault.reason)"), section: 2)
        }
        return key
    }

    func load() throws(FormatError) -> PlonkProvingKey<Suite> {
        let file = zkey.file
        defer { withExtendedLifetime(file) {} }
        file.advise(.willNeed)
        let key = try verifyingKey()
        guard header.publicCount <= header.constraintCount ?? 0 else {
            throw container.error(
                .inconsistentHeader("\(header.publicCount) public inputs have no gates of their own"),
                section: 2)
        }
        let (qm, ql, qr, qo, qc) = (
            try polynomial(7), try polynomial(8), try polynomial(9), try polynomial(10), try polynomial(11)
        )
        return PlonkProvingKey(
            verifyingKey: key, variableCount: header.variableCount, additions: try additions(),
            gates: try gates(), qm: qm, ql: ql, qr: qr, qo: qo, qc: qc, s1: try polynomial(12, 0),
            s2: try polynomial(12, 1), s3: try polynomial(12, 2), firstLagrange: try polynomial(13, 0),
            powers: try powers())
    }

    private func additions() throws(FormatError) -> [PlonkProvingKey<Suite>.Addition] {
        let section = try container.require(3)
        let first = header.variableCount - header.additionCount
        let width = 8 + 2 * Suite.Fr.byteCount
        return try container.withBytes(of: section) { bytes throws(FormatError) in
            var result: [PlonkProvingKey<Suite>.Addition] = []
            result.reserveCapacity(header.additionCount)
            for index in 0..<header.additionCount {
                let start = index * width
                let left = Int(bytes.littleEndianUInt32(at: start))
                let right = Int(bytes.littleEndianUInt32(at: start + 4))
                for wire in [left, right] where wire >= first + index {
                    throw container.error(
                        .coefficientSignal(UInt32(wire), signals: first + index), section: 3,
                        offset: section.offset + start, index: index)
                }
                var factors: [Suite.Fr] = []
                for place in 0..<2 {
                    let limbs = bytes.unsafeLoadUnaligned(
                        fromByteOffset: start + 8 + place * Suite.Fr.byteCount, as: Suite.Fr.Limbs.self)
                    guard limbs.isLess(than: Suite.Fr.modulus) else {
                        throw container.error(
                            .valueOutOfRange(limit: "the group order"), section: 3,
                            offset: section.offset + start, index: index)
                    }
                    factors.append(Suite.Fr(montgomery: limbs))
                }
                result.append(
                    .init(left: left, right: right, leftFactor: factors[0], rightFactor: factors[1]))
            }
            return result
        }
    }

    private func gates() throws(FormatError) -> [PlonkProvingKey<Suite>.Gate] {
        let (a, b, c) = (try wires(4), try wires(5), try wires(6))
        return a.indices.map { .init(a: a[$0], b: b[$0], c: c[$0]) }
    }

    private func wires(_ id: UInt32) throws(FormatError) -> [Int] {
        let section = try container.require(id)
        return try container.withBytes(of: section) { bytes throws(FormatError) in
            var result: [Int] = []
            result.reserveCapacity(bytes.byteCount / 4)
            for index in 0..<bytes.byteCount / 4 {
                let wire = bytes.littleEndianUInt32(at: 4 * index)
                guard Int(wire) < header.variableCount else {
                    throw container.error(
                        .coefficientSignal(wire, signals: header.variableCount), section: id,
                        offset: section.offset + 4 * index, index: index)
                }
                result.append(Int(wire))
            }
            return result
        }
    }

    /// One of a section's polynomials: n coefficients and 4n values.
    private func polynomial(_ id: UInt32, _ number: Int = 0) throws(FormatError) -> KeyPolynomial<Suite.Fr> {
        let section = try container.require(id)
        let (n, width) = (header.domainSize, Suite.Fr.byteCount)
        let start = number * 5 * n * width
        let memory = try container.memory(of: section)
        let bytes = UnsafeRawBufferPointer(rebasing: memory[start..<start + 5 * n * width])
        if let index = ScalarValidation<Suite.Fr>.firstOutOfRange(in: bytes, threads: threads) {
            throw container.error(
                .valueOutOfRange(limit: "the group order"), section: id,
                offset: section.offset + start + index * width, index: number * 5 * n + index)
        }
        return KeyPolynomial(
            coefficients: FieldTable(
                viewing: UnsafeRawBufferPointer(rebasing: bytes[..<(n * width)]), owner: zkey.file),
            values: FieldTable(
                viewing: UnsafeRawBufferPointer(rebasing: bytes[(n * width)...]), owner: zkey.file))
    }

    private func powers() throws(FormatError) -> PointTable<Suite.G1> {
        let section = try container.require(14)
        let bytes = try container.memory(of: section)
        if let fault = Check.firstFault(in: bytes.bytes, threads: threads) {
            throw container.error(
                fault.reason, section: 14, offset: section.offset + fault.index * Check.stride,
                index: fault.index)
        }
        return PointTable(viewing: bytes, owner: zkey.file)
    }
}

/// Checks of tables of field elements in Montgomery form, little-endian.
enum ScalarValidation<F: PrimeField> {
    /// The first element that is not below the modulus.
    static func firstOutOfRange(in bytes: UnsafeRawBufferPointer, threads: Int) -> Int? {
        let width = MemoryLayout<F.Limbs>.stride
        let count = bytes.count / width
        let parallel = Parallel(threads: threads)
        let chunk = 1 << 14
        let firsts = Slots<Int?>(repeating: nil, count: (count + chunk - 1) / chunk)
        let shared = UncheckedSendable(bytes)
        let modulus = F.modulus
        parallel.forEach(firsts.count) { part in
            firsts[part] = (part * chunk..<min((part + 1) * chunk, count)).first { index in
                !shared.value.loadUnaligned(fromByteOffset: index * width, as: F.Limbs.self)
                    .isLess(than: modulus)
            }
        }
        return firsts.all.compactMap(\.self).first
    }
}
