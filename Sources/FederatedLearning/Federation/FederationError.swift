/// Why a file of a federation cannot be used, or what is wrong with an option: names file, place and reason.
public struct FederationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Whether the caller, the machine, or a party of the federation is at fault.
    public enum Kind: Sendable {
        case badInput
        case infrastructure
        /// A check did not hold.
        case invalid
        /// A key under which anybody can forge proofs.
        case openKey
    }

    public let kind: Kind
    public let file: String
    public let reason: String

    public init(_ kind: Kind, file: String, _ reason: String) {
        self.kind = kind
        self.file = file
        self.reason = reason
    }

    public var description: String { "\(file): \(reason)" }
}
