// SPDX-License-Identifier: Apache-2.0

public import Failures

/// Why a file was refused: a reason for machines, a place, and a sentence for people.
///
/// Every reader of this module throws this type and nothing else; no input traps.
public struct FormatError: CodedError, Hashable {
    /// What is wrong.
    public let reason: Reason
    /// The file, as the caller named it.
    public let file: String
    /// Where in the file.
    public let place: Place

    /// An error at a place of a file.
    public init(_ reason: Reason, file: String, place: Place = Place()) {
        self.reason = reason
        self.file = file
        self.place = place
    }

    /// A place in a file; the parts that do not apply are `nil`.
    public struct Place: Hashable, Sendable {
        /// The id of a section of a binary container.
        public var section: UInt32?
        /// What the section or the item holds, such as "A points".
        public var name: String?
        /// Bytes from the start of the file.
        public var offset: Int?
        /// The number of a point, value or record of the section, from 0.
        public var index: Int?
        /// The key path in a JSON document, such as `pi_b[0][1]`.
        public var key: String?

        /// A place; what is left out does not apply.
        public init(
            section: UInt32? = nil, name: String? = nil, offset: Int? = nil, index: Int? = nil,
            key: String? = nil
        ) {
            self.section = section
            self.name = name
            self.offset = offset
            self.index = index
            self.key = key
        }
    }

    /// The kind of failure.
    public var code: FailureCode {
        if case .readFailed(_, isMemory: true) = reason { return .outOfMemory }
        return isSystemFault ? .infrastructure : .badInput
    }

    /// True when the system, not the input, is at fault: the same again may do.
    public var isSystemFault: Bool {
        switch reason {
        case .cannotWrite, .readFailed: true
        default: false
        }
    }

    /// True when the file is well formed but holds a pair of coordinates that is no point of the group: off
    /// the curve or outside the subgroup. In a proof this means "invalid", not "unreadable".
    public var isInvalidPoint: Bool {
        switch reason {
        case .pointNotOnCurve, .pointNotInSubgroup: true
        default: false
        }
    }
}

extension FormatError {
    /// What can be wrong with a file.
    public enum Reason: Hashable, Sendable {
        // The file as a whole.

        /// The system refuses to open or read it, for the reason given.
        case cannotRead(String)
        /// The system refuses to write it, for the reason given.
        case cannotWrite(String)
        /// No file can be written there, whatever the system does: for the reason given.
        case noOutput(String)
        /// The machine lacks what reading takes: memory, descriptors, a disk that answers. The system's
        /// reason.
        case readFailed(String, isMemory: Bool)
        /// A directory where a file is needed.
        case isDirectory
        /// A pipe or device where a file is needed that can be read at any place.
        case notARegularFile
        /// Bytes that are no UTF-8 where text is wanted.
        case notText
        /// An output that is the same file as another output or an input, of the name given.
        case sameFile(as: String)
        /// An input that can be read once, and is also the one of the name given.
        case readTwice(as: String)
        /// Larger than any sound file of its kind.
        case tooLarge(bytes: Int, limit: Int)
        /// Other first bytes than the format's.
        case notThisFormat(expected: String, found: String)
        /// A file of another kind than the one wanted: two were confused.
        case otherKind(found: String, wanted: FileKind)
        /// A version of the format that is not known.
        case unsupportedVersion(UInt32, supported: ClosedRange<UInt32>)
        /// None of the formats that `FileKind` lists.
        case unknownFormat

        // The container.

        /// The file, or the section, ends before what it announces.
        case truncated(needed: UInt64, available: UInt64)
        /// More sections than the file has room for, or than any format has.
        case tooManySections(claimed: UInt32, limit: Int)
        /// A second section with the same id.
        case duplicateSection
        /// A section that the format demands is not there.
        case missingSection(id: UInt32)
        /// The length of a section and the counts that determine it disagree.
        case sectionLength(expected: UInt64, found: UInt64)
        /// Bytes after the last section.
        case trailingBytes(Int)

        // Fields and curves; primes in decimal.

        /// The size of a field element is that of no supported curve.
        case fieldWidth(UInt32, expected: String)
        /// A prime that belongs to no supported curve.
        case unknownPrime(String)
        /// The prime of another curve than the one wanted.
        case primeMismatch(what: String, expected: String, found: String)
        /// The name of another curve than the one wanted.
        case curveMismatch(expected: String, found: String)
        /// A proof system that is not known, or not the one wanted.
        case unsupportedProtocol(found: String, wanted: String)
        /// A curve that is not known, or not one with which the operation is defined.
        case unsupportedCurve(found: String, wanted: String)

        // Header fields and counts.

        /// Header fields that contradict each other or the curve; the sentence says which.
        case inconsistentHeader(String)
        /// Another number of things than the key or the header asks for.
        case countMismatch(what: String, expected: Int, found: Int)

        // Values.

        /// An integer at or above its limit, such as the group order.
        case valueOutOfRange(limit: String)
        /// A coordinate at or above the modulus of the base field.
        case coordinateOutOfRange
        /// Coordinates that do not satisfy the curve's equation.
        case pointNotOnCurve
        /// Bytes that stand for no point in the form of the file; says why.
        case pointEncoding(String)
        /// A point of the curve outside the subgroup of prime order.
        case pointNotInSubgroup
        /// The point at infinity where it would make the key useless.
        case identityNotAllowed
        /// A coefficient of a matrix other than A and B.
        case coefficientMatrix(UInt32)
        /// A coefficient in a row at or above the domain size.
        case coefficientRow(UInt32, rows: Int)
        /// A coefficient of a signal at or above the number of variables.
        case coefficientSignal(UInt32, signals: Int)
        /// A constraint with a wire at or above the number of wires.
        case wireOutOfRange(constraint: Int, wire: UInt32, wires: Int)
        /// A linear combination with more terms than the section has room for.
        case termCount(constraint: Int, claimed: UInt32)
        /// A witness whose constant wire is not 1.
        case witnessFirstNotOne

        // JSON.

        /// A violation of JSON's grammar.
        case notJSON(String)
        /// A key that the format demands is not there.
        case missingKey
        /// A value of another type or shape; numbers in place of strings among them.
        case wrongType(expected: String)
        /// A string that is no canonical decimal number.
        case notDecimal
        /// A label, such as the proof system's, with another value than the one wanted.
        case wrongLabel(expected: String, found: String)
        /// The label of a proof system that snarkjs had before version 0.2.
        case oldProtocol(String)
        /// The label of no proof system that is known.
        case unknownProtocol(String)

        // Circuits.

        /// Constraints that are no rank-1 constraints; the templates that they come from, where the file says
        /// them.
        case customGates(templates: [String], uses: Int)
        /// Bytes that are no aggregate of proofs; says why.
        case malformedAggregate(String)
        /// A line of a text file that is not of the file's form; says how.
        case malformedLine(String)
        /// A file that belongs to another circuit than the one it is used with; says what shows it.
        case otherCircuit(String)
    }

    /// A stable word for the reason, for logs and machine-readable output.
    public var word: String {
        switch reason {
        case .cannotRead, .readFailed: "cannot_read"
        case .cannotWrite, .noOutput: "cannot_write"
        case .isDirectory: "is_directory"
        case .notARegularFile: "not_a_regular_file"
        case .notText: "not_text"
        case .sameFile: "same_file"
        case .readTwice: "read_twice"
        case .tooLarge: "too_large"
        case .notThisFormat: "not_this_format"
        case .otherKind: "other_kind"
        case .unsupportedVersion: "unsupported_version"
        case .unknownFormat: "unknown_format"
        case .truncated: "truncated"
        case .tooManySections: "too_many_sections"
        case .duplicateSection: "duplicate_section"
        case .missingSection: "missing_section"
        case .sectionLength: "section_length"
        case .trailingBytes: "trailing_bytes"
        case .fieldWidth: "field_width"
        case .unknownPrime: "unknown_prime"
        case .primeMismatch: "prime_mismatch"
        case .curveMismatch: "curve_mismatch"
        case .unsupportedProtocol: "unsupported_protocol"
        case .unsupportedCurve: "unsupported_curve"
        case .inconsistentHeader: "inconsistent_header"
        case .countMismatch: "count_mismatch"
        case .valueOutOfRange: "value_out_of_range"
        case .coordinateOutOfRange: "coordinate_out_of_range"
        case .pointNotOnCurve: "point_not_on_curve"
        case .pointEncoding: "point_encoding"
        case .pointNotInSubgroup: "point_not_in_subgroup"
        case .identityNotAllowed: "identity_not_allowed"
        case .coefficientMatrix: "coefficient_matrix"
        case .coefficientRow: "coefficient_row"
        case .coefficientSignal: "coefficient_signal"
        case .wireOutOfRange: "wire_out_of_range"
        case .termCount: "term_count"
        case .witnessFirstNotOne: "witness_first_not_one"
        case .notJSON: "not_json"
        case .missingKey: "missing_key"
        case .wrongType: "wrong_type"
        case .notDecimal: "not_decimal"
        case .wrongLabel: "wrong_label"
        case .oldProtocol: "old_protocol"
        case .unknownProtocol: "unknown_protocol"
        case .customGates: "custom_gates"
        case .malformedAggregate: "malformed_aggregate"
        case .malformedLine: "malformed_line"
        case .otherCircuit: "other_circuit"
        }
    }
}
