// SPDX-License-Identifier: Apache-2.0

package import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import FiniteFields
import Groth16
package import TrustedSetup

/// Groth16 keys of circuits with commitments in zkeys: the container of snarkjs with a number of our own for
/// the proof system, by which readers of plain keys refuse it, and with sections 101 to 104
/// (docs/formats.md).
///
/// Tables of points lie in the file's mapping as they are; the key keeps the mapping alive.
package enum CommittedZKey {
    /// Reads and checks a key: as `Groth16ZKey.load` does, and the lists of wires, the bases, and the
    /// history.
    ///
    /// - Parameters:
    ///   - threads: for the check of the points.
    ///   - checksSubgroups: demands that all points are in their subgroups, not those of the verification key
    ///     and the history alone.
    ///   - indexed: whether the matrices can be multiplied, which proofs need; else the memory does not grow
    ///     with their terms.
    /// - Throws: `.unsupportedProtocol` for other keys; else the first thing found wrong, with section, byte
    ///   offset and index.
    package static func load(
        _ zkey: ZKeyFile, threads: Int = 1, checksSubgroups: Bool = false, indexed: Bool = true
    ) throws(FormatError) -> any CommittedKeyOnCurve {
        try requireCommitments(zkey)
        func load<Suite: ComputeSuite>(_: Suite.Type) throws(FormatError) -> any CommittedKeyOnCurve {
            try CommittedLoader<Suite>(zkey: zkey, threads: threads).load(
                checksSubgroups: checksSubgroups, indexed: indexed)
        }
        return try withSuite(zkey.header.curve) { (suite) throws(FormatError) in try load(suite) }
    }

    /// Reads the history of contributions, and no more of the file than that.
    ///
    /// - Throws: as `load`.
    package static func transcript<Suite: ComputeSuite>(
        of zkey: ZKeyFile, _: Suite.Type
    ) throws(FormatError) -> CommittedTranscript<Suite> {
        try requireCommitments(zkey)
        return try CommittedLoader<Suite>(zkey: zkey, threads: 1).transcript()
    }

    /// Reads and checks the verification key, and no more of the file than that: sections 2, 3 and 101.
    ///
    /// - Throws: as `load`.
    package static func verifyingKey(
        of zkey: ZKeyFile
    ) throws(FormatError) -> any Groth16VerifyingKeyOnCurve {
        try requireCommitments(zkey)
        func read<Suite: ComputeSuite>(_: Suite.Type) throws(FormatError) -> any Groth16VerifyingKeyOnCurve {
            let loader = CommittedLoader<Suite>(zkey: zkey, threads: 1)
            return Groth16VerifyingKey<Suite>.committed(
                try loader.verifyingKey(loader.base.singles(), loader.section()))
        }
        return try withSuite(zkey.header.curve) { (suite) throws(FormatError) in try read(suite) }
    }

    private static func requireCommitments(_ zkey: ZKeyFile) throws(FormatError) {
        guard zkey.header.proofSystem != .committedGroth16 else { return }
        throw zkey.container.error(
            .unsupportedProtocol(
                found: zkey.header.proofSystem.name, wanted: ProofSystem.committedGroth16.name),
            section: 1)
    }

    /// Writes a key, the sections in the order of their numbers.
    ///
    /// - Throws: `.cannotWrite`, with the file as it was before.
    package static func write<Suite: ComputeSuite>(
        _ key: CommittedKey<Suite>, to path: String
    ) throws(FormatError) {
        let writer = try BinaryWriter(path: path, magic: "zkey", version: 1, sections: 13)
        let (mine, theirs) = (key.provingKey, key.verifyingKey)
        try writer.section(1) { () throws(FormatError) in
            try writer.write(ProofSystem.committedGroth16.rawValue)
        }
        try writer.section(2) { () throws(FormatError) in
            try writer.writeHeader(
                of: Suite.self, counts: [mine.variableCount, mine.publicCount, 1 << mine.logDomainSize])
            try writer.write(theirs.alpha1)
            try writer.write(mine.beta1)
            try writer.write(theirs.beta2)
            try writer.write(theirs.gamma2)
            try writer.write(mine.delta1)
            try writer.write(theirs.delta2)
        }
        try writer.section(3) { () throws(FormatError) in
            for point in theirs.ic { try writer.write(point) }
        }
        let tables = mine.witness
        try writer.writeTables(
            mine.coefficients, a: tables.a, b1: tables.b1, b2: tables.b2, c: tables.c, h: mine.h)
        try writer.section(CommittedSections.commitments) { () throws(FormatError) in
            let number = CommittedSections.hashes.first { $0.hash == theirs.hash }
            try writer.write(number?.number ?? 0)
            try writer.write(UInt32(theirs.commitments.count))
            try writer.write(theirs.generator)
            for commitment in theirs.commitments { try writer.write(commitment.negativeSigma) }
            try CommitmentLists.write(key.commitments, to: writer)
        }
        try writer.section(CommittedSections.bases) { () throws(FormatError) in
            for commitment in mine.commitments { try writer.write(commitment.basis.bytes) }
        }
        try writer.section(CommittedSections.sigmaBases) { () throws(FormatError) in
            for commitment in mine.commitments { try writer.write(commitment.sigmaBasis.bytes) }
        }
        try writer.section(CommittedSections.history) { () throws(FormatError) in
            try writer.write(key.transcript.circuitHash)
            try writer.write(UInt32(key.transcript.contributions.count))
            for contribution in key.transcript.contributions {
                try writer.write(contribution.delta)
                for sigma in contribution.sigmas {
                    try writer.write(sigma.negativeAfter)
                    try writer.write(sigma.g1S)
                    try writer.write(sigma.g1SX)
                    try writer.write(sigma.g2SPX)
                }
            }
        }
        try writer.finish()
    }
}

/// Builds the key of one curve from a file whose structure is checked.
private struct CommittedLoader<Suite: ComputeSuite> {
    let zkey: ZKeyFile
    let base: Groth16Loader<Suite>

    init(zkey: ZKeyFile, threads: Int) {
        self.zkey = zkey
        base = Groth16Loader<Suite>(zkey: zkey, threads: threads)
    }

    private var container: BinaryContainer { zkey.container }

    /// What section 101 says.
    struct Section {
        var hash: CommitmentHash
        var generator: Affine<Suite.G2>
        var negativeSigmas: [Affine<Suite.G2>]
        var commitments: [WireCommitment]
    }

    func section() throws(FormatError) -> Section {
        let id = CommittedSections.commitments
        let section = try container.require(id)
        var cursor = try container.cursor(section, limit: section.count)
        let number = try cursor.uint32()
        guard let hash = CommittedSections.hashes.first(where: { $0.number == number })?.hash else {
            let known = CommittedSections.hashes.map { "\($0.number) (\($0.hash.rawValue))" }
            throw cursor.error(
                .unsupportedProtocol(
                    found: "hash number \(number)", wanted: known.joined(separator: " or ")), at: 0)
        }
        let count = Int(try cursor.uint32())
        let points = try container.withBytes(of: section) { bytes throws(FormatError) in
            var offset = cursor.position
            var points: [Affine<Suite.G2>] = []
            for index in 0...count {
                points.append(
                    try base.single(
                        bytes, &offset, index == 0 ? "G" : "sigma of commitment \(index - 1)", in: id,
                        PointValidation<Suite.G2, Suite.Fp>.self))
            }
            return points
        }
        try cursor.skip(points.count * MemoryLayout<Affine<Suite.G2>>.stride)
        let commitments = try CommitmentLists.read(
            &cursor, count: count, wireCount: zkey.header.variableCount,
            publicCount: zkey.header.publicCount)
        try cursor.finish()
        return Section(
            hash: hash, generator: points[0], negativeSigmas: Array(points.dropFirst()),
            commitments: commitments)
    }

    func verifyingKey(
        _ singles: Groth16Loader<Suite>.Singles, _ section: Section
    ) throws(FormatError) -> CommittedVerifyingKey<Suite> {
        let indices = CommittedKey<Suite>.hashedIndices(
            section.commitments, publicCount: zkey.header.publicCount)
        let key = singles.key
        do throws(CommittedKeyFault) {
            return try CommittedVerifyingKey(
                alpha1: key.alpha1, beta2: key.beta2, gamma2: key.gamma2, delta2: key.delta2, ic: key.ic,
                generator: section.generator,
                commitments: zip(indices, section.negativeSigmas).map {
                    .init(hashed: $0, negativeSigma: $1)
                },
                hash: section.hash)
        } catch {
            throw container.error(
                .inconsistentHeader(error.message), section: CommittedSections.commitments)
        }
    }

    func load(checksSubgroups: Bool, indexed: Bool) throws(FormatError) -> CommittedKey<Suite> {
        let file = zkey.file
        defer { withExtendedLifetime(file) {} }
        file.advise(.willNeed)
        let (singles, section) = (try base.singles(), try section())
        let verifyingKey = try verifyingKey(singles, section)
        let bases = try base.g1Table(CommittedSections.bases)
        let sigmaBases = try base.g1Table(CommittedSections.sigmaBases)
        let total = section.commitments.reduce(0) { $0 + $1.committed.count }
        guard bases.count == total else {
            let stride = UInt64(PointTable<Suite.G1>.stride)
            throw container.error(
                .sectionLength(expected: UInt64(total) * stride, found: UInt64(bases.count) * stride),
                section: CommittedSections.bases)
        }
        var start = 0
        let commitments = section.commitments.map { commitment in
            let range = start..<start + commitment.committed.count
            start = range.upperBound
            return CommittedProvingKey<Suite>.Commitment(
                wires: commitment.committed.map { Int($0) }, challengeWire: Int(commitment.challenge),
                basis: bases.slice(range), sigmaBasis: sigmaBases.slice(range))
        }
        let witness = WitnessTables<Suite>(
            a: try base.g1Table(5), b1: try base.g1Table(6), b2: try base.g2Table(7), c: try base.g1Table(8))
        let h = try base.g1Table(9)
        if checksSubgroups {
            try base.requireSubgroups(
                [
                    (5, witness.a), (6, witness.b1), (8, witness.c), (9, h), (CommittedSections.bases, bases),
                    (CommittedSections.sigmaBases, sigmaBases),
                ], b2: witness.b2)
        }
        let provingKey = CommittedProvingKey<Suite>(
            alpha1: verifyingKey.alpha1, beta1: singles.beta1, delta1: singles.delta1,
            beta2: verifyingKey.beta2, delta2: verifyingKey.delta2, publicCount: zkey.header.publicCount,
            witness: witness, h: h, coefficients: try base.coefficients(indexed: indexed),
            logDomainSize: zkey.header.logDomainSize, commitments: commitments)
        return CommittedKey(
            provingKey: provingKey, verifyingKey: verifyingKey, transcript: try transcript())
    }

    func transcript() throws(FormatError) -> CommittedTranscript<Suite> {
        var history = try HistoryCursor<Suite>(container, section: CommittedSections.history)
        let circuitHash = try history.cursor.take(64)
        var contributions: [CommittedContribution<Suite>] = []
        // `ZKeyFile` has walked over all of them.
        for index in 0..<Int(try history.cursor.uint32()) {
            let delta = try history.contribution(index)
            var sigmas: [CommittedContribution<Suite>.Sigma] = []
            for _ in 0..<zkey.commitmentCount {
                sigmas.append(
                    .init(
                        negativeAfter: try history.point(Suite.G2.self, index: index),
                        g1S: try history.point(Suite.G1.self, index: index),
                        g1SX: try history.point(Suite.G1.self, index: index),
                        g2SPX: try history.point(Suite.G2.self, index: index)))
            }
            contributions.append(CommittedContribution(delta: delta, sigmas: sigmas))
        }
        return CommittedTranscript(circuitHash: circuitHash, contributions: contributions)
    }
}
