// SPDX-License-Identifier: Apache-2.0

/// A value, or the name of a member, of a scanned text.
///
/// All of them lie in one array in the order of the text: after an array its items, after an object the names
/// and the values of its members by turns.
struct JSONNode {
    enum Kind: UInt8 {
        case null
        case `false`
        case `true`
        case number
        case string
        case array
        case object
    }

    /// Where the value's first byte is; of a string the one after the quotation mark.
    var start: UInt32
    /// The bytes of a number or of a string between the quotation marks; the number of items or members.
    var length: UInt32
    /// The first node that is not part of this value.
    var next: UInt32
    var kind: Kind
    /// Of a string: it has escapes.
    var isEscaped = false
    /// Of a string: it has characters beyond ASCII.
    var isWide = false
    /// Of a number: it has a fraction or an exponent.
    var isFraction = false

    /// The kind in words.
    var name: String {
        switch kind {
        case .null: "null"
        case .false: "false"
        case .true: "true"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
