// SPDX-License-Identifier: Apache-2.0

package import Failures
import Foundations

/// Why a JSON text was refused: a reason, and where.
///
/// All of its words are this module's own: it carries no text of a library and no name of a type.
package struct JSONError: CodedError, Hashable {
    /// What is wrong.
    package let reason: Reason
    /// Which value, as `pi_b[0][1]`; empty for the whole text. The middle of a long one is left out.
    package let path: String
    /// The line in the text, from 1.
    package let line: Int
    /// The character in that line, from 1.
    package let column: Int

    package init(_ reason: Reason, path: String = "", line: Int = 1, column: Int = 1) {
        self.reason = reason
        self.path = path
        self.line = line
        self.column = column
    }

    /// What can be wrong with a text.
    package enum Reason: Hashable, Sendable {
        // Grammar.

        /// There is nothing but white space.
        case empty
        /// The text begins with a byte order mark.
        case byteOrderMark
        /// Bytes that are no UTF-8.
        case notUTF8
        /// Something that cannot stand there.
        case unexpected(found: String, expected: String)
        /// The text ends in the middle of a value.
        case endsEarly(expected: String)
        /// A comment.
        case comment
        /// A comma after the last item of an array or the last member of an object.
        case trailingComma
        /// Anything after the value's end.
        case trailingText
        /// A number that is not written as JSON wants it; the text says what is wrong.
        case badNumber(String)
        /// A string that is not written as JSON wants it; the text says what is wrong.
        case badString(String)
        /// A second member of the same name in one object, in whatever spelling.
        case duplicateMember
        /// A member whose name differs from another one's in upper and lower case only.
        case caseVariant(of: String)
        /// More brackets in brackets than are read.
        case tooDeep(limit: Int)
        /// More bytes than are read.
        case tooLarge(bytes: Int, limit: Int)

        // Meaning.

        /// A member that has to be there.
        case missing
        /// A value of another kind.
        case wrongType(expected: String, found: String)
        /// A number outside of what its place can hold.
        case outOfRange(String)
        /// A value that its reader does not take, in the reader's own words.
        case refused(String)
    }
}

extension JSONError.Reason {
    /// What is said where the reader has no words of its own.
    static let notAllowed = JSONError.Reason.refused("not a value that is allowed here")

    /// Whether the text is no JSON at all, or none that all readers understand alike.
    package var isGrammar: Bool {
        switch self {
        case .missing, .wrongType, .outOfRange, .refused: false
        default: true
        }
    }
}

extension JSONError.Reason: CustomStringConvertible {
    /// A clause without the place.
    package var description: String {
        switch self {
        case .empty: "there is no value in it"
        case .byteOrderMark: "it begins with a byte order mark"
        case .notUTF8: "bytes that are not UTF-8"
        case .unexpected(let found, let expected): "\(found) where \(expected) is expected"
        case .endsEarly(let expected): "the text ends where \(expected) is expected"
        case .comment: "a comment"
        case .trailingComma: "a comma with nothing after it"
        case .trailingText: "more text after the value"
        case .badNumber(let what), .badString(let what): what
        case .duplicateMember: "the member occurs twice"
        case .caseVariant(let other):
            "the member differs from \(other) in upper and lower case only"
        case .tooDeep(let limit): "more than \(limit) brackets in one another"
        case .tooLarge(let bytes, let limit): "\(bytes) bytes are more than the \(limit) that are read"
        case .missing: "missing"
        case .wrongType(let expected, let found): "\(expected) is expected, and \(found) is there"
        case .outOfRange(let what), .refused(let what): what
        }
    }
}

extension JSONError {
    package var code: FailureCode { .badInput }

    /// `line 3, column 7`.
    package var place: String { "line \(line), column \(column)" }

    /// Path, reason and place in one line, such as `pi_a: the member occurs twice (line 3, column 7)`.
    package var message: String {
        (path.isEmpty ? "" : "\(path): ") + "\(reason) (\(place))"
    }
}

/// One step of a path through a document.
enum JSONStep: Hashable {
    case item(Int)
    case member(String)

    init(_ key: any CodingKey) { self = key.intValue.map { .item($0) } ?? .member(key.stringValue) }

    /// The characters of a path before and after what is left out of a long one; a step has fewer, as a rule.
    private static let (headLimit, tailLimit) = (120, 80)

    /// A path as `pi_b[0][1]`; names that are no plain words are quoted. Whoever has written the text decides
    /// how long its paths are: of a long one the steps in the middle are left out, for `…`.
    static func text(_ steps: [JSONStep]) -> String {
        let parts = steps.enumerated().map { index, step in
            switch step {
            case .item(let item): "[\(item)]"
            case .member(let name): (index == 0 ? "" : ".") + text(name)
            }
        }
        guard parts.reduce(0, { $0 + $1.count }) > headLimit + tailLimit else { return parts.joined() }
        var (head, tail) = (parts[0], parts[parts.count - 1])
        var (first, last) = (1, parts.count - 1)
        while first < last, head.count + parts[first].count <= headLimit {
            head += parts[first]
            first += 1
        }
        while first < last, tail.count + parts[last - 1].count <= tailLimit {
            last -= 1
            tail = parts[last] + tail
        }
        return parts.count == 1 ? head : head + (first < last ? "…" : "") + tail
    }

    private static func text(_ name: String) -> String {
        let isPlain =
            (1...80).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte) || byte == 0x5f || byte == 0x2d
            }
        return isPlain ? name : quoted(name, limit: 60)
    }
}
