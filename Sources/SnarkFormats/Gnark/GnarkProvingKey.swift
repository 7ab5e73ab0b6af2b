// SPDX-License-Identifier: Apache-2.0

package import Compute
import ConstraintSystems
package import Curves
import EllipticCurves
import FiniteFields
package import Groth16
import TrustedSetup

/// Where the parts of a proving key of gnark's lie: a domain; α₁ β₁ δ₁; tables A, B, Z and K of G1; β₂ δ₂; B
/// of G2; the number of wires, and which of them have the point at infinity in A and B, where it is left out;
/// two tables of G1 for each commitment.
struct GnarkProvingKeyHeader: Sendable {
    /// A table of points: where it begins, and how many there are.
    struct Table: Sendable {
        let offset, count: Int
    }

    let domainSize: Int
    /// Where what is said of the domain ends.
    let domainEnd: Int
    let a, b1, h, c, b2: Table
    let secondEnd: Int
    let wireCount: Int
    /// One byte a wire, 1 where the wire's point is left out.
    let infinitiesA, infinitiesB: [UInt8]
    let commitments: [(basis: Table, sigmaBasis: Table)]

    /// Reads the counts, and no point.
    ///
    /// - Throws: `.truncated`, `.trailingBytes`; `.inconsistentHeader`, `.countMismatch` for what makes no
    ///   key.
    init(_ file: MappedFile, curve: CurveID, isRaw: Bool) throws(FormatError) {
        var cursor = GnarkCursor(file: file, sizes: GnarkSizes(curve, isRaw: isRaw))
        let sizes = cursor.sizes
        func table(_ name: String, _ stride: Int) throws(FormatError) -> Table {
            let count = try cursor.count(of: stride, name)
            defer { cursor.skip(count * stride) }
            return Table(offset: cursor.offset, count: count)
        }
        domainSize = try cursor.integer(8, "domain")
        guard domainSize > 1, domainSize & (domainSize - 1) == 0,
            domainSize.trailingZeroBitCount < KnownPrimes.twoAdicity(curve)
        else {
            throw cursor.error(.inconsistentHeader("no domain has \(domainSize) elements"), "domain", at: 0)
        }
        _ = try cursor.bytes(5 * 32, "domain")
        let flag = try cursor.bytes(1, "domain")
        guard flag[0] <= 1 else {
            throw cursor.error(
                .inconsistentHeader("the flag behind the domain is neither 0 nor 1"), "domain",
                at: cursor.offset - 1)
        }
        domainEnd = cursor.offset
        _ = try cursor.bytes(3 * sizes.g1, "alpha1, beta1, delta1")
        a = try table("A", sizes.g1)
        b1 = try table("B1", sizes.g1)
        h = try table("Z", sizes.g1)
        c = try table("K", sizes.g1)
        secondEnd = cursor.offset
        _ = try cursor.bytes(2 * sizes.g2, "beta2, delta2")
        b2 = try table("B2", sizes.g2)
        let at = cursor.offset
        let wires = try cursor.integer(8, "wires")
        let leftOut = (try cursor.integer(8, "wires"), try cursor.integer(8, "wires"))
        guard wires > 0, wires <= (file.count - cursor.offset) / 2 else {
            throw cursor.error(
                .truncated(needed: 2 * UInt64(wires), available: UInt64(file.count - cursor.offset)),
                "wires", at: at)
        }
        wireCount = wires
        infinitiesA = try cursor.bytes(wires, "points at infinity of A")
        infinitiesB = try cursor.bytes(wires, "points at infinity of B")
        for (name, flags, count) in [("A", infinitiesA, leftOut.0), ("B", infinitiesB, leftOut.1)] {
            guard flags.allSatisfy({ $0 <= 1 }), flags.count(where: { $0 == 1 }) == count else {
                throw cursor.error(
                    .inconsistentHeader("\(count) points are left out of \(name), and other wires marked"),
                    "points at infinity of \(name)", at: at)
            }
        }
        for (name, table, count) in [
            ("A", a, wires - leftOut.0), ("B1", b1, wires - leftOut.1), ("B2", b2, wires - leftOut.1),
            ("Z", h, domainSize - 1),
        ] where table.count != count {
            throw cursor.error(
                .countMismatch(what: "points", expected: count, found: table.count), name,
                at: table.offset - 4)
        }
        var commitments: [(basis: Table, sigmaBasis: Table)] = []
        for index in 0..<(try cursor.count(of: 8, "commitment keys")) {
            let pair = (basis: try table("basis", sizes.g1), sigmaBasis: try table("basis", sizes.g1))
            guard pair.basis.count == pair.sigmaBasis.count else {
                throw cursor.error(
                    .countMismatch(
                        what: "points", expected: pair.basis.count, found: pair.sigmaBasis.count),
                    "commitment keys", index: index, at: pair.sigmaBasis.offset - 4)
            }
            commitments.append(pair)
        }
        self.commitments = commitments
        try cursor.finish()
    }
}

extension GnarkFiles {
    /// What is wrong with a file of which a proving key is expected and whose counts do not fill it: what the
    /// encoding's reader says that gets farther.
    package static func provingKeyDamage(_ file: MappedFile, curve: CurveID) -> FormatError {
        var farthest: FormatError?
        for isRaw in [false, true] {
            do throws(FormatError) {
                _ = try GnarkProvingKeyHeader(file, curve: curve, isRaw: isRaw)
            } catch {
                let isFarther = (error.place.offset ?? 0) > (farthest?.place.offset ?? 0)
                if farthest == nil || isFarther { farthest = error }
            }
        }
        // Not even the domain: it is something else.
        guard let farthest, farthest.place.offset ?? 0 > 0 else {
            return FormatError(.unknownFormat, file: file.name)
        }
        return farthest
    }

    /// Reads a proving key, which has no constraints: they come from the circuit's file, and which wires are
    /// committed to comes from there, too.
    ///
    /// Every point has to be on its curve, and single points and those of commitments in the subgroup; tables
    /// are not looked at further, as those of a zkey.
    ///
    /// - Throws: as for the header; what is wrong with a point; `.identityNotAllowed`; `.otherCircuit` for
    ///   constraints that are not the key's.
    package static func provingKey<Suite: ComputeSuite>(
        _ file: MappedFile, isRaw: Bool, constraints: GnarkConstraints, of suite: Suite.Type,
        threads: Int = 1
    ) throws(FormatError) -> CommittedProvingKey<Suite> {
        let header = try GnarkProvingKeyHeader(file, curve: Suite.id, isRaw: isRaw)
        let log = header.domainSize.trailingZeroBitCount
        try check(header, constraints, file)
        let step = try domainStep(file, log: log, of: Suite.Fr.self)
        var cursor = GnarkCursor(file: file, sizes: GnarkSizes(Suite.id, isRaw: isRaw))
        func table(
            _ table: GnarkProvingKeyHeader.Table, _ name: String
        ) throws(FormatError) -> [Affine<Suite.G1>] {
            try cursor.table1(of: suite, table.count, at: table.offset, name, threads: threads)
        }
        func basis(
            _ table: GnarkProvingKeyHeader.Table, _ name: String
        ) throws(FormatError) -> PointTable<Suite.G1> {
            cursor.seek(table.offset)
            var points: [Affine<Suite.G1>] = []
            for index in 0..<table.count { points.append(try cursor.g1(of: suite, name, index: index)) }
            return PointTable(points)
        }
        cursor.seek(header.domainEnd)
        let alpha1 = try cursor.g1(of: suite, "alpha1")
        let beta1 = try cursor.g1(of: suite, "beta1")
        let delta1 = try cursor.g1(of: suite, "delta1")
        cursor.seek(header.secondEnd)
        let beta2 = try cursor.g2(of: suite, "beta2")
        let delta2 = try cursor.g2(of: suite, "delta2")
        guard !alpha1.isIdentity, !beta1.isIdentity, !delta1.isIdentity, !beta2.isIdentity, !delta2.isIdentity
        else { throw cursor.error(.identityNotAllowed, "alpha, beta, delta", at: header.domainEnd) }
        let b2 = try cursor.table2(
            of: suite, header.b2.count, at: header.b2.offset, "B2", threads: threads)
        var commitments: [CommittedProvingKey<Suite>.Commitment] = []
        for (number, tables) in header.commitments.enumerated() {
            commitments.append(
                .init(
                    wires: constraints.commitments[number].committed.map { Int($0) },
                    challengeWire: Int(constraints.commitments[number].challenge),
                    basis: try basis(tables.basis, "basis of commitment \(number)"),
                    sigmaBasis: try basis(
                        tables.sigmaBasis, "sigma basis of commitment \(number)")))
        }
        let system = try constraints.system(over: Suite.Fr.self)
        let mask = header.domainSize - 1
        return CommittedProvingKey(
            alpha1: alpha1, beta1: beta1, delta1: delta1, beta2: beta2, delta2: delta2,
            publicCount: constraints.publicCount,
            witness: WitnessTables(
                a: PointTable(spread(try table(header.a, "A"), without: header.infinitiesA)),
                b1: PointTable(spread(try table(header.b1, "B1"), without: header.infinitiesB)),
                b2: PointTable(spread(b2, without: header.infinitiesB)),
                c: PointTable(spread(try table(header.c, "K"), without: notInK(constraints)))),
            h: PointTable(try table(header.h, "Z") + [.identity]),
            coefficients: CoefficientRecords.matrices(of: system, logDomainSize: log) { $0 &* step & mask },
            logDomainSize: log,
            commitments: commitments)
    }

    /// One byte for each private wire, 1 where K has no point for it: it is committed to, or a challenge.
    private static func notInK(_ constraints: GnarkConstraints) -> [UInt8] {
        let first = constraints.publicCount + 1
        var flags = [UInt8](repeating: 0, count: constraints.wireCount - first)
        for commitment in constraints.commitments {
            for wire in commitment.committed + [commitment.challenge] { flags[Int(wire) - first] = 1 }
        }
        return flags
    }

    /// The points with the identity where one is left out.
    ///
    /// - Precondition: there are as many points as flags that are 0.
    private static func spread<Group: CurveGroup>(
        _ points: [Affine<Group>], without flags: [UInt8]
    ) -> [Affine<Group>] {
        var next = 0
        return flags.map { flag in
            guard flag == 0 else { return .identity }
            next += 1
            return points[next - 1]
        }
    }

    private static func check(
        _ header: GnarkProvingKeyHeader, _ constraints: GnarkConstraints, _ file: MappedFile
    ) throws(FormatError) {
        func other(_ what: String) -> FormatError { FormatError(.otherCircuit(what), file: file.name) }
        guard header.wireCount == constraints.wireCount else {
            throw other("the key has \(header.wireCount) wires and the circuit \(constraints.wireCount)")
        }
        guard header.commitments.count == constraints.commitments.count else {
            throw other(
                "the key has \(header.commitments.count) commitments and the circuit \(constraints.commitments.count)"
            )
        }
        for (number, (tables, commitment)) in zip(header.commitments, constraints.commitments).enumerated()
        where tables.basis.count != commitment.committed.count {
            throw other(
                "commitment \(number) is to \(tables.basis.count) wires in the key and to \(commitment.committed.count) in the circuit"
            )
        }
        guard constraints.constraintCount <= header.domainSize else {
            throw other(
                "the key has a domain of \(header.domainSize) and the circuit \(constraints.constraintCount) constraints"
            )
        }
        let inK = notInK(constraints).count { $0 == 0 }
        guard header.c.count == inK else {
            throw other("the key has \(header.c.count) points K, and the circuit needs \(inK)")
        }
    }

    /// k such that the domain's root is the power k of ours: row i of gnark's domain is i·k of ours. gnark
    /// takes roots of unity that are other powers than snarkjs' on BLS12-381.
    ///
    /// The domain is 1/n, ω, 1/ω, a coset's shift g and 1/g.
    private static func domainStep<F: PrimeField>(
        _ file: MappedFile, log: Int, of _: F.Type
    ) throws(FormatError) -> Int {
        var cursor = GnarkCursor(file: file, sizes: GnarkSizes(.bn254, isRaw: false))
        cursor.seek(8)
        var values: [F] = []
        for index in 0..<5 { values.append(try cursor.scalar(F.self, "domain", index: index)) }
        func isInverse(_ a: F, _ b: F) -> Bool { a * b == .one }
        let size = F(UInt64(1) << UInt64(log))
        guard isInverse(values[0], size), isInverse(values[1], values[2]), isInverse(values[3], values[4]),
            // Of order n: its power n/2 is −1.
            values[1].power(UInt64(1) << UInt64(log - 1)) == -F.one
        else {
            throw cursor.error(.inconsistentHeader("not the constants of a domain"), "domain", at: 8)
        }
        // Bit by bit from the lowest: what is left of ω is a power 2^bit of the root.
        let root = EvaluationDomain<F>.root(log: log)
        var (step, rest) = (0, values[1])
        var inverse = root.inverse() ?? .one
        for bit in 0..<log {
            if rest.power(UInt64(1) << UInt64(log - 1 - bit)) != .one {
                step |= 1 << bit
                rest *= inverse
            }
            inverse = inverse.squared()
        }
        return step
    }
}
