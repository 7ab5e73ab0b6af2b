/// Why a file was refused: a reason for machines, a place, and a sentence for people.
///
/// Every reader of this module throws this type and nothing else; no input traps.
public struct FormatError: Error, Hashable, Sendable {
    /// What is wrong.
    public let reason: Reason
    /// The file, as the caller named it.
    public let file: String
    /// Where in the file.
    public let place: Place

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

    /// True when the file is well formed but holds a pair of coordinates that is no point of the group: off the
    /// curve or outside the subgroup. In a proof this means "invalid", not "unreadable".
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
        case cannotRead(String)
        case notARegularFile
        case tooLarge(bytes: Int, limit: Int)
        case notThisFormat(expected: String, found: String)
        case unsupportedVersion(UInt32, supported: ClosedRange<UInt32>)
        case unknownFormat

        // The container.
        case truncated(needed: UInt64, available: UInt64)
        case tooManySections(claimed: UInt32, limit: Int)
        case duplicateSection
        case missingSection(id: UInt32)
        case sectionLength(expected: UInt64, found: UInt64)
        case trailingBytes(Int)

        // Fields and curves; primes in decimal.
        case fieldWidth(UInt32, expected: String)
        case unknownPrime(String)
        case primeMismatch(what: String, expected: String, found: String)
        case curveMismatch(expected: String, found: String)
        case unsupportedProtocol(found: String, wanted: String)
        case unsupportedCurve(found: String, wanted: String)

        // Header fields and counts.
        case inconsistentHeader(String)
        case countMismatch(what: String, expected: Int, found: Int)

        // Values.
        case valueOutOfRange(limit: String)
        case coordinateOutOfRange
        case pointNotOnCurve
        case pointNotInSubgroup
        case identityNotAllowed
        case coefficientMatrix(UInt32)
        case coefficientRow(UInt32, rows: Int)
        case coefficientSignal(UInt32, signals: Int)
        case wireOutOfRange(constraint: Int, wire: UInt32, wires: Int)
        case termCount(constraint: Int, claimed: UInt32)
        case witnessFirstNotOne

        // JSON.
        case notJSON(String)
        case missingKey
        case wrongType(expected: String)
        case notDecimal
        case wrongLabel(expected: String, found: String)
    }

    /// A stable word for the reason, for logs and machine-readable output.
    public var code: String {
        switch reason {
        case .cannotRead: "cannot_read"
        case .notARegularFile: "not_a_regular_file"
        case .tooLarge: "too_large"
        case .notThisFormat: "not_this_format"
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
        }
    }
}
