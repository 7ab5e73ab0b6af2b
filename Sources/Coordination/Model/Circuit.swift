// SPDX-License-Identifier: Apache-2.0

/// A registered circuit: what a proving key says of it.
public struct Circuit: Sendable, Equatable, Codable {
    /// SHA-256 of the proving key.
    public var digest: String
    /// Size of the proving key in bytes.
    public var zkeyBytes: Int64
    /// The proof system: `groth16`, or `groth16-commitments`.
    public var system: String
    /// The curve of the key's points: `bn254`, `bls12381` or `bls12377`.
    public var curve: String
    /// The number of wires, the constant one among them.
    public var variables: Int
    /// The number of public inputs and outputs.
    public var publics: Int
    /// The size of the evaluation domain, a power of two.
    public var domainSize: Int
    /// What a proof of it takes in memory, in bytes, by estimate; workers with less do not get its jobs.
    public var memory: Int64

    /// A circuit, as the properties say; nothing is checked.
    public init(
        digest: String, zkeyBytes: Int64, system: String, curve: String, variables: Int, publics: Int,
        domainSize: Int, memory: Int64
    ) {
        self.digest = digest
        self.zkeyBytes = zkeyBytes
        self.system = system
        self.curve = curve
        self.variables = variables
        self.publics = publics
        self.domainSize = domainSize
        self.memory = memory
    }
}
