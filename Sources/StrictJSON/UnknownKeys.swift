// SPDX-License-Identifier: Apache-2.0

/// What becomes of a member that the decoded type has no key for.
package enum UnknownKeys: Sendable {
    /// It is skipped: what a newer version has written, or answers, may have more.
    case ignore
    /// It is an error, wherever in the text: a misspelt name is no default. A type has the keys with which
    /// its `init(from:)` asks for a container; an `AnswersWithMore` takes fewer.
    case refuse
}

/// A type that is in requests and in answers, with members that only answers have: a decoder that refuses
/// unknown members refuses these as well.
package protocol AnswersWithMore {
    /// The keys that only answers have.
    static var answerKeys: Set<String> { get }
}
