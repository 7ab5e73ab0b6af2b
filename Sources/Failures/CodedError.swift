// SPDX-License-Identifier: Apache-2.0

/// An error of this package: a code for programs and a sentence for people.
///
/// Every type of error here conforms; each says once what its cases amount to, and nobody else does. A module
/// throws its own type and calls nothing else by its name. Whoever turns errors into something else (a
/// command into an exit code, a worker into a report, the coordinator into an HTTP status) does that in one
/// place, from these members alone.
public protocol CodedError: Error, CustomStringConvertible {
    /// What kind of thing went wrong.
    var code: FailureCode { get }
    /// A sentence for people: it names the file, the place and the reason, and never a value of a witness or
    /// a public input.
    var message: String { get }
    /// `message` without bytes out of a file that is none of the kind wanted: for whoever names files that
    /// someone else may read.
    var messageWithoutContent: String { get }
    /// Whether another attempt can do better.
    var isRetryable: Bool { get }
}

extension CodedError {
    /// That of the code.
    public var isRetryable: Bool { code.isRetryable }

    /// The same, where no sentence holds such bytes.
    public var messageWithoutContent: String { message }

    /// The sentence for people.
    public var description: String { message }
}
