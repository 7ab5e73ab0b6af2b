// SPDX-License-Identifier: Apache-2.0

package import ConstraintSystems
package import Curves
package import FiniteFields

/// A constraint system of gnark's (`WriteTo` of an R1CS): what proving needs of it.
///
/// It is a length and gnark's version, four lengths, levels, instructions, their data, a body in CBOR, and a
/// table of coefficients; little-endian. Instructions that are neither constraints nor hints for the solver
/// which gnark 0.16 has are refused: they could stand for constraints.
package struct GnarkConstraints: Sendable {
    /// The curve over whose scalar field the constraints are.
    package let curve: CurveID
    /// The numbers of public inputs, without the constant one, and of secret ones.
    package let publicCount, secretCount: Int
    /// The number of wires, the constant one included.
    package let wireCount: Int
    /// The number of constraints.
    package let constraintCount: Int
    /// The commitments, in the order of their challenges.
    package let commitments: [WireCommitment]

    private let file: MappedFile
    /// Instructions' data, where each constraint begins in it, and the table of coefficients in the file.
    private let data: [UInt32]
    private let starts: [Int]
    private let coefficients: Range<Int>

    /// Whether the lengths at a file's start are those of a constraint system of gnark's.
    static func isIn(_ file: MappedFile) -> Bool { (try? Sections(file)) != nil }

    /// Reads a file, but for the coefficients.
    ///
    /// - Throws: `.truncated`, `.trailingBytes`, `.inconsistentHeader`; `.unsupportedProtocol` for a system
    ///   of PLONK's; `.unsupportedCurve`.
    package init(_ file: MappedFile) throws(FormatError) {
        let sections = try Sections(file)
        func fault(_ what: String, _ name: String) -> FormatError {
            FormatError(
                .inconsistentHeader(what), file: file.name, place: FormatError.Place(name: name))
        }
        let body = try file.read(at: sections.body.lowerBound, count: sections.body.count)
        let names: Set = [
            "Type", "ScalarField", "Public", "Secret", "NbInternalVariables", "NbConstraints", "Blueprints",
            "CommitmentInfo",
        ]
        guard let members = GnarkCBOR.members(names, in: body[...]), let type = members["Type"]?.integer,
            let field = members["ScalarField"]?.string, let publics = members["Public"]?.elements?.count,
            let secrets = members["Secret"]?.elements?.count,
            let internals = members["NbInternalVariables"]?.integer,
            let constraints = members["NbConstraints"]?.integer,
            let blueprints = members["Blueprints"]?.elements
        else { throw fault("not the description of a constraint system", "body") }
        guard type == 1 else {
            throw FormatError(
                .unsupportedProtocol(found: type == 2 ? "plonk" : "\(type)", wanted: "groth16"),
                file: file.name, place: FormatError.Place(name: "body"))
        }
        guard let curve = GnarkSizes.curves.first(where: { Self.order($0) == field }) else {
            throw FormatError(
                .unsupportedCurve(
                    found: "order 0x\(field.prefix(40))",
                    wanted: GnarkSizes.curves.map(\.rawValue).joined(separator: ", ")), file: file.name,
                place: FormatError.Place(name: "body"))
        }
        // Every input has its name in the body, and every internal wire is somebody's output.
        guard publics >= 1, internals >= 0, internals < 1 << 31, constraints < 1 << 31 else {
            throw fault("\(publics) public wires and \(internals) internal ones make no system", "body")
        }
        self.file = file
        self.curve = curve
        publicCount = publics - 1
        secretCount = secrets
        wireCount = publics + secrets + internals
        constraintCount = constraints
        guard
            let commitments = Self.commitments(
                members["CommitmentInfo"], publics: publics, inputs: publics + secrets, wires: wireCount)
        else { throw fault("the commitments are to wires that cannot be committed to", "body") }
        self.commitments = commitments
        data = try Self.data(file, sections.data)
        let kinds = try Self.kinds(file, sections.instructions, limit: data.count)
        (starts, coefficients) = (
            try Self.starts(kinds, blueprints, data, constraints, fault), sections.coefficients
        )
        let count = coefficients.count / 32
        let wires = UInt32(clamping: wireCount)
        for (constraint, start) in starts.enumerated() {
            for term in stride(from: start + 4, to: start + Int(data[start]), by: 2) {
                guard data[term] < count, data[term + 1] < wires else {
                    throw FormatError(
                        .inconsistentHeader("a term has a coefficient or a wire that there is not"),
                        file: file.name, place: FormatError.Place(name: "constraints", index: constraint))
                }
            }
        }
    }

    /// The constraints, with the commitments.
    ///
    /// - Throws: `.valueOutOfRange` for a coefficient not below the group order.
    package func system<F: PrimeField>(over _: F.Type) throws(FormatError) -> R1CS<F> {
        let bytes = try file.read(at: coefficients.lowerBound, count: coefficients.count)
        var table: [F] = []
        for index in 0..<coefficients.count / 32 {
            let limbs = bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: 32 * index, as: F.Limbs.self)
            guard limbs.isLess(than: F.modulus) else {
                throw FormatError(
                    .valueOutOfRange(limit: "the group order"), file: file.name,
                    place: FormatError.Place(
                        name: "coefficients", offset: coefficients.lowerBound + 32 * index, index: index))
            }
            table.append(F(montgomery: limbs))
        }
        var system = R1CS<F>(
            wireCount: wireCount, publicOutputCount: 0, publicInputCount: publicCount,
            privateInputCount: secretCount)
        system.reserve(terms: data.count / 2, constraints: constraintCount)
        for start in starts {
            var at = start + 4
            for combination in 1...3 {
                for _ in 0..<data[start + combination] {
                    system.append(.init(wire: data[at + 1], coefficient: table[Int(data[at])]))
                    at += 2
                }
                system.endCombination()
            }
        }
        for commitment in commitments { system.append(commitment) }
        return system
    }

    /// The group's order in hexadecimal digits.
    private static func order(_ curve: CurveID) -> String {
        KnownPrimes.scalar(curve).reversed().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Nil where a wire is committed to or hashed that must not be.
    private static func commitments(
        _ value: GnarkCBOR.Value?, publics: Int, inputs: Int, wires: Int
    ) -> [WireCommitment]? {
        guard case .tagged(BlueprintTag.groth16Commitments, let list)? = value, let entries = list.elements
        else { return value == nil || value == .other ? [] : nil }
        var (result, used): ([WireCommitment], Set<Int>) = ([], [])
        var challenges: Set<Int> = []
        for entry in entries {
            guard let wire = entry["CommitmentIndex"]?.integer, (inputs..<wires).contains(wire),
                let committed = entry["PrivateCommitted"]?.integers,
                let hashed = entry["PublicAndCommitmentCommitted"]?.integers,
                zip(committed, committed.dropFirst()).allSatisfy(<),
                committed.allSatisfy({ (publics..<wires).contains($0) }),
                hashed.allSatisfy({ (1..<publics).contains($0) || challenges.contains($0) }),
                used.isDisjoint(with: committed), used.insert(wire).inserted, !committed.contains(wire)
            else { return nil }
            used.formUnion(committed)
            challenges.insert(wire)
            result.append(
                WireCommitment(
                    committed: committed.map { UInt32($0) }, hashed: Set(hashed).sorted().map { UInt32($0) },
                    challenge: UInt32(wire)))
        }
        return result
    }

    /// A count of eight bytes, then numbers by seven bits a byte.
    private static func data(_ file: MappedFile, _ range: Range<Int>) throws(FormatError) -> [UInt32] {
        func fault(_ at: Int) -> FormatError {
            FormatError(
                .inconsistentHeader("the numbers do not fill their section"), file: file.name,
                place: FormatError.Place(name: "data", offset: range.lowerBound + at))
        }
        let bytes = try file.read(at: range.lowerBound, count: range.count)
        guard bytes.count >= 8 else { throw fault(0) }
        let count = bytes.littleEndianInteger(at: 0, count: 8)
        guard count <= UInt64(bytes.count - 8) else { throw fault(0) }
        var result: [UInt32] = []
        result.reserveCapacity(Int(count))
        var at = 8
        while result.count < Int(count) {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while true {
                guard at < bytes.count, shift < 35 else { throw fault(at) }
                let byte = bytes[at]
                at += 1
                value |= UInt64(byte & 0x7f) << shift
                shift += 7
                if byte & 0x80 == 0 { break }
            }
            guard let number = UInt32(exactly: value) else { throw fault(at) }
            result.append(number)
        }
        guard at == bytes.count else { throw fault(at) }
        return result
    }

    /// The first list of the instructions: the number of each one's kind.
    private static func kinds(
        _ file: MappedFile, _ range: Range<Int>, limit: Int
    ) throws(FormatError) -> [UInt32] {
        let fault = FormatError(
            .inconsistentHeader("the list of instructions is damaged"), file: file.name,
            place: FormatError.Place(name: "instructions", offset: range.lowerBound))
        let bytes = try file.read(at: range.lowerBound, count: range.count)
        guard bytes.count >= 8 else { throw fault }
        let count = bytes.littleEndianInteger(at: 0, count: 8)
        guard count <= UInt64(bytes.count - 8) / 4 else { throw fault }
        let words = (0..<Int(count)).map { UInt32(bytes.littleEndianInteger(at: 8 + 4 * $0, count: 4)) }
        guard let kinds = GnarkIntegers.unpacked(words, limit: limit) else { throw fault }
        return kinds
    }

    /// Where the constraints begin in the data of all instructions, each of which begins with its length.
    private static func starts(
        _ kinds: [UInt32], _ blueprints: [GnarkCBOR.Value], _ data: [UInt32], _ constraintCount: Int,
        _ fault: (String, String) -> FormatError
    ) throws(FormatError) -> [Int] {
        var starts: [Int] = []
        var at = 0
        for kind in kinds {
            guard kind < blueprints.count, case .tagged(let tag, _) = blueprints[Int(kind)] else {
                throw fault("an instruction is of a kind that the body does not have", "instructions")
            }
            guard at < data.count, data[at] > 0, Int(data[at]) <= data.count - at else {
                throw fault("the data of an instruction are not as long as they say", "data")
            }
            if tag == BlueprintTag.constraint {
                guard data[at] >= 4,
                    data[at] - 4 == 2 * (UInt64(data[at + 1]) + UInt64(data[at + 2]) + UInt64(data[at + 3]))
                else { throw fault("a constraint has other numbers of terms than its length says", "data") }
                starts.append(at)
            } else if !BlueprintTag.hints.contains(tag) {
                throw fault("there are instructions of a kind that is not known here (tag \(tag))", "body")
            }
            at += Int(data[at])
        }
        guard at == data.count, starts.count == constraintCount else {
            throw fault(
                "\(starts.count) constraints are there, and \(constraintCount) are announced", "instructions")
        }
        return starts
    }

    /// How gnark numbers the kinds of instructions, from this number on in the order in which they were
    /// added.
    private enum BlueprintTag {
        static let first: UInt64 = 5_309_735
        static let constraint = first + 1
        static let groth16Commitments = first + 2
        /// Hints: any; lookups; batches of inverses, these two over fields of two sizes.
        static let hints: Set = [first, first + 8, first + 13, first + 14, first + 15]
    }

    /// Where the parts of a file lie.
    private struct Sections {
        let instructions, data, body, coefficients: Range<Int>

        init(_ file: MappedFile) throws(FormatError) {
            func fault(_ what: String, _ offset: Int) -> FormatError {
                FormatError(
                    .inconsistentHeader(what), file: file.name,
                    place: FormatError.Place(name: "header", offset: offset))
            }
            guard file.count >= 64 else {
                throw FormatError(
                    .truncated(needed: 64, available: UInt64(file.count)), file: file.name,
                    place: FormatError.Place(name: "header", offset: 0))
            }
            let head = try file.read(at: 0, count: 64)
            let words = (0..<8).map { head.littleEndianInteger(at: 8 * $0, count: 8) }
            guard words[0] == UInt64(file.count - 32) else {
                throw fault("the file has other bytes than the \(words[0]) behind its header", 0)
            }
            guard words[1] == 0, (10...1000).contains(words[2]), words[3] < 1000 else {
                throw fault("not of a version of gnark that is read here, 0.10 and later (0.16 is tested)", 8)
            }
            var ends: [Int] = []
            var at = 64
            for (index, length) in words[4...].enumerated() {
                guard length <= UInt64(file.count - at) else {
                    throw fault("a section is longer than the file", 32 + 8 * index)
                }
                at += Int(length)
                ends.append(at)
            }
            guard file.count - at >= 8 else { throw fault("the table of coefficients is missing", at) }
            let count = try file.read(at: at, count: 8).littleEndianInteger(at: 0, count: 8)
            guard (file.count - at - 8) % 32 == 0, count == UInt64((file.count - at - 8) / 32) else {
                throw fault("the table of coefficients has other bytes than it says", at)
            }
            instructions = ends[0]..<ends[1]
            data = ends[1]..<ends[2]
            body = ends[2]..<ends[3]
            coefficients = at + 8..<file.count
        }
    }
}
