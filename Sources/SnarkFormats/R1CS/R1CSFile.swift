// SPDX-License-Identifier: Apache-2.0

import Compute
public import ConstraintSystems
public import Curves
import FiniteFields

/// A constraint system file of circom (`.r1cs`), checked for structure; `AnyR1CS` reads the constraints.
///
/// Custom gates (sections 4 and 5, from circom's PLONK templates) are no part of a rank-1 system: they are
/// reported by `customGates`, and `AnyR1CS` refuses them. The map from wires to labels is what `SignalNames`
/// compares names with.
public struct R1CSFile: Sendable {
    /// The curve over whose scalar field the constraints are.
    public let curve: CurveID
    /// The number of wires, the constant one included.
    public let wireCount: Int
    /// How many public outputs there are: wires 1 … publicOutputCount.
    public let publicOutputCount: Int
    /// How many public inputs there are: the wires after the outputs.
    public let publicInputCount: Int
    /// How many private inputs the circuit declares. They are the wires after the public inputs, but for
    /// those that circom optimised away: this can be more than there are wires.
    public let privateInputCount: Int
    /// The number of signals before circom merged them.
    public let labelCount: UInt64
    /// The number of constraints.
    public let constraintCount: Int
    /// The custom gates that the file lists.
    public let customGates: CustomGates
    /// The commitments of the circuit; none in a file of circom's.
    public let commitmentCount: Int
    let container: BinaryContainer
    /// What the file is called in errors.
    var name: String { container.file.name }

    private static let names: [UInt32: String] = [
        1: "header", 2: "constraints", 3: "wire to label map", 4: "custom gates list", 5: "custom gates use",
    ]

    /// The version of a file with commitments: a number of our own, which snarkjs and all that read circom's
    /// files refuse. To them the challenges would be free wires.
    static let committedVersion: UInt32 = 0x4d43_0001
    /// The section of the commitments: u32 count, and lists as `CommitmentLists` has them.
    static let commitments: UInt32 = 101

    /// Reads the header and checks the structure.
    ///
    /// - Complexity: O(1) in the size of the file.
    /// - Throws: whatever is wrong with the container; `.fieldWidth`, `.unknownPrime`, `.inconsistentHeader`,
    ///   `.sectionLength`; `.truncated` when the constraints cannot fit their section.
    public init(_ file: MappedFile) throws(FormatError) {
        var container = try BinaryContainer(
            file, magic: "r1cs", versions: 1...Self.committedVersion, names: Self.names)
        let hasCommitments = container.version == Self.committedVersion
        guard container.version == 1 || hasCommitments else {
            throw FormatError(
                .unsupportedVersion(container.version, supported: 1...1), file: file.name,
                place: FormatError.Place(offset: 4))
        }
        if hasCommitments { container.names[Self.commitments] = "commitments" }
        self.container = container
        var header = try container.cursor(container.require(1))
        curve = try header.scalarPrime()
        let countsAt = header.position
        wireCount = Int(try header.uint32())
        publicOutputCount = Int(try header.uint32())
        publicInputCount = Int(try header.uint32())
        privateInputCount = Int(try header.uint32())
        labelCount = try header.uint64()
        let claimed = try header.uint32()
        try header.finish()
        // Outputs and public inputs are wires always. Private inputs are counted as they are declared, used
        // or not.
        guard 1 + publicOutputCount + publicInputCount <= wireCount else {
            throw header.error(
                .inconsistentHeader(
                    """
                    \(wireCount) wires cannot hold the constant one, \(publicOutputCount) outputs and \
                    \(publicInputCount) public inputs
                    """), at: countsAt)
        }
        // A constraint takes three counts at least.
        let section = try container.require(2)
        guard UInt64(claimed) * 12 <= UInt64(section.count) else {
            throw container.error(
                .truncated(needed: UInt64(claimed) * 12, available: UInt64(section.count)), section: 2)
        }
        constraintCount = Int(claimed)
        if container.find(3) != nil {
            try container.require(3, count: 8 * UInt64(wireCount))
        } else if wireCount > file.count {
            // Every wire has its label in circom's files. Without labels nothing else stands for a wire that
            // no constraint names, and whoever takes memory for each would take it for a number in the
            // header.
            throw header.error(
                .inconsistentHeader(
                    "\(wireCount) wires are more than a file of \(file.count) bytes without their labels can have"
                ),
                at: countsAt)
        }
        customGates = try CustomGates(container, parameterSize: curve.scalarSize)
        guard hasCommitments else {
            commitmentCount = 0
            return
        }
        let list = try container.require(Self.commitments)
        var cursor = try container.cursor(list, limit: 4)
        let count = UInt64(try cursor.uint32())
        // Each has three numbers at least.
        guard count > 0, 4 + 12 * count <= UInt64(list.count) else {
            throw container.error(
                count == 0
                    ? .countMismatch(what: "commitments, at least,", expected: 1, found: 0)
                    : .truncated(needed: 4 + 12 * count, available: UInt64(list.count)),
                section: Self.commitments)
        }
        commitmentCount = Int(count)
    }
}

extension R1CSFile {
    /// The system with the commitments of the file.
    fileprivate func withCommitments<Scalar: PrimeField>(
        _ system: R1CS<Scalar>
    ) throws(FormatError) -> R1CS<Scalar> {
        guard commitmentCount > 0 else { return system }
        let list = try container.require(Self.commitments)
        var cursor = try container.cursor(list, limit: list.count)
        try cursor.skip(4)
        let commitments = try CommitmentLists.read(
            &cursor, count: commitmentCount, wireCount: wireCount,
            publicCount: publicOutputCount + publicInputCount)
        try cursor.finish()
        var system = system
        system.append(checked: commitments)
        return system
    }
}

/// A rank-1 constraint system on whichever curve the file is made for.
public struct AnyR1CS: Sendable {
    /// The curve over whose scalars the system is.
    public let curve: CurveID
    /// The number of all terms in all constraints.
    public let termCount: Int
    private let system: any Sendable

    private init<Suite: CurveSuite>(_ system: R1CS<Suite.Fr>, on suite: Suite.Type) {
        curve = Suite.id
        termCount = system.termCount
        self.system = system
    }

    /// The system with its field.
    ///
    /// - Returns: `nil` where it is over the scalars of another curve.
    public func system<Suite: CurveSuite>(on suite: Suite.Type) -> R1CS<Suite.Fr>? {
        curve == Suite.id ? system as? R1CS<Suite.Fr> : nil
    }

    /// Reads all constraints.
    ///
    /// The file must be in memory, not opened with `.onDemand`.
    ///
    /// - Throws: as `R1CSFile`; `.customGates`, which are constraints that would be lost, `.termCount` and
    ///   `.wireOutOfRange`, which name the constraint, `.valueOutOfRange` for a coefficient not below the
    ///   group order, `.sectionLength` for bytes after the last constraint.
    public static func load(_ file: MappedFile) throws(FormatError) -> AnyR1CS { try load(R1CSFile(file)) }

    /// Reads all constraints of a file whose structure is checked already.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - withCustomGates: reads the rank-1 constraints of a circuit that has others beside them.
    ///     Only to tell of them.
    /// - Throws: as `load(_:)`.
    public static func load(
        _ file: R1CSFile, withCustomGates: Bool = false
    ) throws(FormatError) -> AnyR1CS {
        guard file.customGates.isEmpty || withCustomGates else {
            throw FormatError(
                .customGates(templates: file.customGates.templates, uses: file.customGates.useCount),
                file: file.name)
        }
        func parse<Suite: ComputeSuite>(_ suite: Suite.Type) throws(FormatError) -> AnyR1CS {
            let system = try file.container.withBytes(of: 2) { bytes throws(FormatError) in
                var parser = ConstraintParser<Suite.Fr>(file)
                return try parser.parse(bytes)
            }
            return AnyR1CS(try file.withCommitments(system), on: suite)
        }
        return try withSuite(file.curve) { (suite) throws(FormatError) in try parse(suite) }
    }
}

/// Reads section 2: per constraint three linear combinations, `u32 count, {u32 wire, coefficient}…`,
/// canonical.
private struct ConstraintParser<Scalar: PrimeField> {
    let file: R1CSFile
    /// Where the next combination or term starts in the section.
    private var position = 0

    init(_ file: R1CSFile) { self.file = file }

    private static var termSize: Int { 4 + Scalar.byteCount }

    mutating func parse(_ bytes: RawSpan) throws(FormatError) -> R1CS<Scalar> {
        file.container.file.advise(.sequential)
        var system = R1CS<Scalar>(
            wireCount: file.wireCount, publicOutputCount: file.publicOutputCount,
            publicInputCount: file.publicInputCount, privateInputCount: file.privateInputCount)
        // What is not counts is terms, if all is well: at most the section's size is reserved.
        system.reserve(
            terms: (bytes.byteCount - 12 * file.constraintCount) / Self.termSize,
            constraints: file.constraintCount)
        for constraint in 0..<file.constraintCount {
            for _ in 0..<3 {
                try combination(of: constraint, in: bytes, into: &system)
                system.endCombination()
            }
        }
        guard position == bytes.byteCount else {
            throw file.container.error(
                .sectionLength(expected: UInt64(position), found: UInt64(bytes.byteCount)), section: 2)
        }
        return system
    }

    private mutating func combination(
        of constraint: Int, in bytes: RawSpan, into system: inout R1CS<Scalar>
    ) throws(FormatError) {
        guard bytes.byteCount - position >= 4 else {
            throw error(.truncated(needed: 4, available: UInt64(bytes.byteCount - position)), constraint)
        }
        let count = bytes.littleEndianUInt32(at: position)
        guard Int(count) <= (bytes.byteCount - position - 4) / Self.termSize else {
            throw error(.termCount(constraint: constraint, claimed: count), constraint)
        }
        position += 4
        for _ in 0..<count {
            let wire = bytes.littleEndianUInt32(at: position)
            guard wire < file.wireCount else {
                throw error(
                    .wireOutOfRange(constraint: constraint, wire: wire, wires: file.wireCount), constraint)
            }
            let limbs = bytes.unsafeLoadUnaligned(fromByteOffset: position + 4, as: Scalar.Limbs.self)
            guard let coefficient = Scalar(canonical: limbs) else {
                throw error(.valueOutOfRange(limit: "the group order"), constraint)
            }
            system.append(R1CS.Term(wire: wire, coefficient: coefficient))
            position += Self.termSize
        }
    }

    private func error(_ reason: FormatError.Reason, _ constraint: Int) -> FormatError {
        let start = file.container.find(2)?.offset ?? 0
        return file.container.error(reason, section: 2, offset: start + position, index: constraint)
    }
}
