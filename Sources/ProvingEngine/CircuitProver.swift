// SPDX-License-Identifier: Apache-2.0

public import Curves
public import Failures
public import Foundation
import SnarkFormats

/// A circuit's proving key, ready for any number of proofs: the short way from a zkey and a witness to a
/// proof.
///
///     let prover = try CircuitProver(zkey: URL(filePath: "circuit_final.zkey"))
///     let proof = try prover.prove(witness: URL(filePath: "witness.wtns"))
///     try proof.proofJSON.write(to: URL(filePath: "proof.json"))
///
/// Every proof is verified before it is returned. A prover may be used from several threads at once. Calls
/// block for as long as they compute: make them on a thread of your own, not in the cooperative pool.
public final class CircuitProver: Sendable {
    /// How proofs are computed.
    public struct Options: Sendable {
        /// What computes.
        public var backend = BackendChoice.auto
        /// How many threads a proof may use; 0 for all processors.
        public var threads = 0
        /// How many bytes multiples of the key's points may take in memory: they shorten every proof on the
        /// CPU, and take a while to compute. 0 for none.
        public var keyMultiples = 0

        /// All processors, and a device where one is faster.
        public init() {}
    }

    private let engine: ProvingEngine
    private let key: LoadedKey

    /// Reads and checks a proving key: every coordinate, every point, every coefficient.
    ///
    /// The kernels for the CPU are chosen for the whole process.
    ///
    /// - Throws: `.badInput` for a file that is malformed or not Groth16's, with the place and the reason, or
    ///   options that make no sense; `.infrastructure` where a device is asked for and there is none.
    public init(zkey: URL, options: Options = Options()) throws(JobFailure) {
        engine = try ProvingEngine(backend: options.backend, threads: options.threads)
        key = try engine.loadKey(path: zkey.path, multiples: options.keyMultiples)
    }

    /// The curve of the key's points.
    public var curve: CurveID { key.curve }
    /// The number of public inputs of the circuit.
    public var publicCount: Int { key.publicCount }
    /// The number of wires of the circuit, the constant one included: as many values as a witness has.
    public var variableCount: Int { key.variableCount }
    /// The bytes of snarkjs' `verification_key.json`, with which others verify the proofs.
    public var verificationKeyJSON: Data { key.verificationKeyJSON }

    /// Proves a witness file (`.wtns`) and verifies the proof. The witness' memory is overwritten before this
    /// returns.
    ///
    /// - Throws: `.badInput` for a file that is malformed or of another circuit, `.unsatisfied` for a witness
    ///   that does not satisfy the circuit.
    public func prove(witness: URL) throws(JobFailure) -> ProofOutput {
        try engine.prove(key: key, witnessPath: witness.path)
    }

    /// The same with the bytes of a witness file. The caller's copy of them is the caller's to overwrite.
    ///
    /// - Throws: as `prove(witness:)` for a file.
    public func prove(witness: Data) throws(JobFailure) -> ProofOutput {
        let file: MemoryFile
        do throws(FormatError) {
            file = try MemoryFile(name: "witness")
            try file.append(witness.bytes)
        } catch {
            throw JobFailure(error)
        }
        return try engine.prove(key: key, witness: file)
    }

    /// Whether a proof and its public inputs, in snarkjs' JSON, verify under the key. Who has only the
    /// verification key uses `CircuitVerifier`.
    ///
    /// - Throws: `.badInput` when the texts are not a proof and public inputs of this circuit.
    public func verify(proofJSON: Data, publicJSON: Data) throws(JobFailure) -> Bool {
        try engine.verify(key: key, proofJSON: proofJSON, publicJSON: publicJSON)
    }
}
