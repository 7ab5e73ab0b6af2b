// SPDX-License-Identifier: Apache-2.0

import Compute
import Curves
import EllipticCurves
import FiniteFields
public import Groth16

/// Groth16 proving keys in zkeys.
///
/// The tables of points lie in the file's mapping as they are; the key keeps the mapping alive.
public enum Groth16ZKey {
    /// Reads and checks a Groth16 zkey: structure, sizes, each coordinate below the modulus, each point on
    /// its curve, the points of the verification key in the subgroup and not the identity, each coefficient
    /// in range.
    ///
    /// The check of the points uses `threads` threads. The file must be in memory, not opened with
    /// `.onDemand`.
    ///
    /// - Complexity: O(file size); memory for an index of four bytes a coefficient and eight bytes a row.
    /// - Throws: `.unsupportedProtocol` for plonk and fflonk keys; else the first thing found wrong, with
    ///   section, byte offset and index.
    public static func load(_ file: MappedFile, threads: Int = 1) throws(FormatError)
        -> any ProvingKeyOnCurve
    {
        try load(ZKeyFile(file), threads: threads)
    }

    /// Reads and checks a Groth16 zkey whose structure is checked already.
    ///
    /// - Parameters:
    ///   - zkey: the file.
    ///   - threads: for the check of the points.
    ///   - checksSubgroups: demands that all points are in their subgroups, not those of the verification key
    ///     alone; on curves where points may be outside that takes longer than all else.
    /// - Throws: as `load(_:threads:)`.
    public static func load(
        _ zkey: ZKeyFile, threads: Int = 1, checksSubgroups: Bool = false
    ) throws(FormatError) -> any ProvingKeyOnCurve {
        try requireGroth16(zkey)
        func load<Suite: ComputeSuite>(_: Suite.Type) throws(FormatError) -> any ProvingKeyOnCurve {
            let loader = Groth16Loader<Suite>(zkey: zkey, threads: threads)
            let key = try loader.load()
            if checksSubgroups { try loader.requireSubgroups(of: key) }
            return key
        }
        return try withSuite(zkey.header.curve) { (suite) throws(FormatError) in try load(suite) }
    }

    /// Reads and checks the verifying key of a Groth16 zkey, and no more of the file than that: sections 2
    /// and 3.
    ///
    /// - Throws: as `load(_:threads:)`.
    public static func verifyingKey(of zkey: ZKeyFile) throws(FormatError) -> any VerifyingKeyOnCurve {
        try requireGroth16(zkey)
        func read<Suite: ComputeSuite>(_: Suite.Type) throws(FormatError) -> any VerifyingKeyOnCurve {
            VerifyingKeyFile(
                key: try Groth16Loader<Suite>(zkey: zkey, threads: 1).singles().key, alphaBeta: nil)
        }
        return try withSuite(zkey.header.curve) { (suite) throws(FormatError) in try read(suite) }
    }

    /// - Throws: `.unsupportedProtocol` for plonk and fflonk keys.
    package static func requireGroth16(_ zkey: ZKeyFile) throws(FormatError) {
        guard zkey.header.proofSystem != .groth16 else { return }
        throw zkey.container.error(
            .unsupportedProtocol(found: zkey.header.proofSystem.name, wanted: ProofSystem.groth16.name),
            section: 1)
    }
}

/// Builds the proving key of one curve from a file whose structure is checked.
struct Groth16Loader<Suite: ComputeSuite> {
    typealias G1Check = PointValidation<Suite.G1, Suite.Fp>
    typealias G2Check = PointValidation<Suite.G2, Suite.Fp>

    let zkey: ZKeyFile
    let threads: Int

    private var container: BinaryContainer { zkey.container }

    /// The verifying key, and what beside it stands in its section.
    typealias Singles = (key: VerifyingKey<Suite>, beta1: Affine<Suite.G1>, delta1: Affine<Suite.G1>)

    func singles() throws(FormatError) -> Singles {
        let section = try container.require(2)
        let points = try container.withBytes(of: section) { bytes throws(FormatError) in
            var offset = zkey.verificationKeyOffset - section.offset
            func g1(_ name: String) throws(FormatError) -> Affine<Suite.G1> {
                try single(bytes, &offset, name, G1Check.self)
            }
            func g2(_ name: String) throws(FormatError) -> Affine<Suite.G2> {
                try single(bytes, &offset, name, G2Check.self)
            }
            // In the order of the file.
            return (
                alpha1: try g1("alpha1"), beta1: try g1("beta1"), beta2: try g2("beta2"),
                gamma2: try g2("gamma2"), delta1: try g1("delta1"), delta2: try g2("delta2")
            )
        }

        let icTable = try g1Table(3)
        let ic = (0..<icTable.count).map { icTable[$0] }
        if let index = G1Check.firstOutsideSubgroup(ic, threads: threads) {
            throw pointError(.pointNotInSubgroup, section: 3, index: index, stride: G1Check.stride)
        }
        let key = VerifyingKey<Suite>(
            alpha1: points.alpha1, beta2: points.beta2, gamma2: points.gamma2, delta2: points.delta2, ic: ic)
        return (key, points.beta1, points.delta1)
    }

    func load() throws(FormatError) -> ProvingKey<Suite> {
        let file = zkey.file
        defer { withExtendedLifetime(file) {} }
        file.advise(.willNeed)
        let singles = try singles()
        return ProvingKey(
            verifyingKey: singles.key, beta1: singles.beta1, delta1: singles.delta1,
            variableCount: zkey.header.variableCount,
            logDomainSize: zkey.header.logDomainSize, a: try g1Table(5), b1: try g1Table(6),
            b2: try g2Table(7),
            c: try g1Table(8), h: try g1Table(9), coefficients: try coefficients())
    }

    /// Demands that the points of the tables are in their subgroups.
    func requireSubgroups(of key: ProvingKey<Suite>) throws(FormatError) {
        try requireSubgroups([(5, key.a), (6, key.b1), (8, key.c), (9, key.h)], b2: key.b2)
    }

    /// The same of tables of G1 by their sections, and of the one of G2.
    func requireSubgroups(
        _ tables: [(id: UInt32, points: PointTable<Suite.G1>)], b2: PointTable<Suite.G2>
    ) throws(FormatError) {
        for (id, table) in tables {
            try requireSubgroup(table, id, G1Check.self)
        }
        guard !SubgroupBatch<Suite>.holds(b2, threads: threads) else { return }
        try requireSubgroup(b2, 7, G2Check.self)
    }

    func requireSubgroup<Group>(
        _ table: PointTable<Group>, _ id: UInt32, _ check: PointValidation<Group, Suite.Fp>.Type
    ) throws(FormatError) {
        let points = (0..<table.count).map { table[$0] }
        if let index = check.firstOutsideSubgroup(points, threads: threads) {
            throw pointError(.pointNotInSubgroup, section: id, index: index, stride: check.stride)
        }
    }

    /// A point of the verification key at an offset in its section, whose length is checked: on the curve, in
    /// the subgroup, and not the identity where that is not allowed.
    func single<Group>(
        _ section: RawSpan, _ offset: inout Int, _ name: String, in id: UInt32 = 2,
        _ check: PointValidation<Group, Suite.Fp>.Type, identityAllowed: Bool = false
    ) throws(FormatError) -> Affine<Group> {
        let bytes = section.extracting(offset..<offset + check.stride)
        let place = FormatError.Place(
            section: id, name: name, offset: (container.find(id)?.offset ?? 0) + offset)
        if let fault = check.firstFault(in: bytes, threads: 1) {
            throw FormatError(fault.reason, file: zkey.file.name, place: place)
        }
        let point = bytes.unsafeLoadUnaligned(as: Affine<Group>.self)
        guard identityAllowed || !point.isIdentity else {
            throw FormatError(.identityNotAllowed, file: zkey.file.name, place: place)
        }
        guard Group.isInSubgroup(point) else {
            throw FormatError(.pointNotInSubgroup, file: zkey.file.name, place: place)
        }
        offset += check.stride
        return point
    }

    func g1Table(_ id: UInt32) throws(FormatError) -> PointTable<Suite.G1> {
        PointTable(viewing: try table(id, G1Check.self), owner: zkey.file)
    }

    func g2Table(_ id: UInt32) throws(FormatError) -> PointTable<Suite.G2> {
        PointTable(viewing: try table(id, G2Check.self), owner: zkey.file)
    }

    private func table<Group>(
        _ id: UInt32, _ check: PointValidation<Group, Suite.Fp>.Type
    ) throws(FormatError) -> UnsafeRawBufferPointer {
        let bytes = try container.memory(of: container.require(id))
        if let fault = check.firstFault(in: bytes.bytes, threads: threads) {
            throw pointError(fault.reason, section: id, index: fault.index, stride: check.stride)
        }
        return bytes
    }

    func coefficients(indexed: Bool = true) throws(FormatError) -> CoefficientMatrices<Suite.Fr> {
        let section = try container.require(4)
        let records = UnsafeRawBufferPointer(rebasing: try container.memory(of: section).dropFirst(4))
        do throws(CoefficientMatrices<Suite.Fr>.Fault) {
            return try CoefficientMatrices(
                viewing: records, owner: zkey.file, rowCount: zkey.header.domainSize,
                columnCount: zkey.header.variableCount, indexed: indexed)
        } catch {
            let (record, reason): (Int, FormatError.Reason) =
                switch error {
                case .matrix(let record, let value): (record, .coefficientMatrix(value))
                case .row(let record, let value):
                    (record, .coefficientRow(value, rows: zkey.header.domainSize))
                case .wire(let record, let value):
                    (record, .coefficientSignal(value, signals: zkey.header.variableCount))
                case .value(let record): (record, .valueOutOfRange(limit: "the group order"))
                }
            let offset = section.offset + 4 + record * CoefficientMatrices<Suite.Fr>.recordSize
            throw container.error(reason, section: 4, offset: offset, index: record)
        }
    }

    private func pointError(_ reason: FormatError.Reason, section id: UInt32, index: Int, stride: Int)
        -> FormatError
    {
        container.error(
            reason, section: id, offset: (container.find(id)?.offset ?? 0) + index * stride, index: index)
    }
}
