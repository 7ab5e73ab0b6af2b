// SPDX-License-Identifier: Apache-2.0

/// A registered circuit: what a proving key says of it.
public struct Circuit: Sendable, Equatable, Codable {
    /// SHA-256 of the proving key.
    public var digest: String
    /// Size of the proving key in bytes.
    public var zkeyBytes: Int64
    /// `groth16`.
    public var system: String
    /// `bn254`, `bls12381` or `bls12377`.
    public var curve: String
    public var variables: Int
    public var publics: Int
    /// A power of two.
    public var domainSize: Int
    /// What a proof of it takes in memory, in bytes, by estimate; workers with less do not get its jobs.
    public var memory: Int64

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
