// SPDX-License-Identifier: Apache-2.0

import Compute
import ConstraintSystems
import Curves
package import Failures
import FiniteFields
package import Foundation
package import Groth16
import SnarkFormats

/// Proofs with gnark's proving keys, from the values of all wires: what `martlet prove` does with such a key.
/// On the CPU.
package enum GnarkProving {
    /// The files that a proof is made of.
    package struct Inputs: Sendable {
        package var provingKey, verifyingKey, constraints, wires: String

        /// - Parameters:
        ///   - provingKey: gnark's proving key, in either encoding.
        ///   - verifyingKey: its verification key, gnark's or in JSON.
        ///   - constraints: gnark's constraint system, which says what is committed to.
        ///   - wires: values of all wires, as `WireValues` reads them or as a wtns file.
        package init(provingKey: String, verifyingKey: String, constraints: String, wires: String) {
            self.provingKey = provingKey
            self.verifyingKey = verifyingKey
            self.constraints = constraints
            self.wires = wires
        }
    }

    /// In which form a proof and its public inputs are written.
    package enum Form: String, Sendable, CaseIterable {
        /// `proof.json` and `public.json`: snarkjs' without commitments, our own with them.
        case json
        /// gnark's `WriteTo`, with compressed points.
        case gnark
        /// gnark's `WriteRawTo`.
        case gnarkRaw = "gnark-raw"
    }

    /// The largest file of wires.
    private static let wiresLimit = 1 << 35

    /// Whether a file is a proving key of gnark's, or, where options ask for one, none of another format: a
    /// damaged one, of which its reader says what is wrong.
    package static func takes(_ path: String, isAsked: Bool) -> Bool {
        guard let file = try? MappedFile(path: path) else { return false }
        let kind = FileKind.evident(file)
        return kind == .gnarkProvingKey || (isAsked && kind == nil)
    }

    /// Whether a file is a zkey.
    package static func isZKey(_ path: String) -> Bool {
        (try? MappedFile(path: path)).flatMap(FileKind.evident) == .provingKey
    }

    /// Makes a proof and verifies it.
    ///
    /// - Parameter hash: what makes challenges of commitments; see `Groth16Files.verifyingKey`.
    /// - Returns: the bytes of the proof and of its public inputs.
    /// - Throws: `.badInput` for files that are not what they should be or do not belong together,
    ///   `.unsatisfied` for wires that do not satisfy the constraints.
    package static func prove(
        _ inputs: Inputs, hash: CommitmentHash?, form: Form, threads: Int
    ) throws(JobFailure) -> (proof: Data, publicInputs: Data) {
        do {
            let verifyingKey = try Groth16Files.verifyingKey(
                MappedFile(json: inputs.verifyingKey), asked: hash)
            return try prove(verifyingKey, inputs, form, Parallel(threads: threads))
        } catch let error as FormatError {
            throw JobFailure(error)
        } catch let error as ProvingError {
            throw JobFailure(error, about: inputs.wires)
        } catch {
            throw error as? JobFailure ?? JobFailure(code: .internal, message: "\(error)")
        }
    }

    private static func prove<Key: Groth16VerifyingKeyOnCurve>(
        _ verifyingKey: Key, _ inputs: Inputs, _ form: Form, _ parallel: Parallel
    ) throws -> (proof: Data, publicInputs: Data) {
        typealias Suite = Key.Suite
        let file = try MappedFile(path: inputs.provingKey)
        guard let layout = GnarkLayout(file) else {
            throw GnarkFiles.provingKeyDamage(file, curve: Suite.id)
        }
        guard layout.content == .provingKey else {
            throw FormatError(
                .otherKind(found: layout.kind.description, wanted: .gnarkProvingKey), file: file.name)
        }
        guard layout.curve == Suite.id else {
            throw FormatError(
                .curveMismatch(expected: Suite.id.rawValue, found: layout.curve?.rawValue ?? ""),
                file: file.name)
        }
        let circuit = try MappedFile(path: inputs.constraints)
        if let kind = FileKind.evident(circuit), kind != .gnarkConstraints {
            throw FormatError(
                .otherKind(found: kind.description, wanted: .gnarkConstraints), file: circuit.name)
        }
        let constraints = try GnarkConstraints(circuit)
        guard constraints.curve == Suite.id else {
            throw FormatError(
                .curveMismatch(expected: Suite.id.rawValue, found: constraints.curve.rawValue),
                file: inputs.constraints)
        }
        let key = try GnarkFiles.provingKey(
            file, isRaw: layout.isRaw, constraints: constraints, of: Suite.self, threads: parallel.threads)
        guard belongs(key, to: verifyingKey.verifyingKey) else {
            throw FormatError(
                .otherCircuit("its points are not those of the verification key \(inputs.verifyingKey)"),
                file: file.name)
        }
        if case .committed(let other) = verifyingKey.verifyingKey {
            guard other.commitments.map({ Set($0.hashed) }) == hashed(by: constraints) else {
                throw FormatError(
                    .otherCircuit(
                        "its commitments hash other values than those of the verification key "
                            + inputs.verifyingKey), file: circuit.name)
            }
        }
        let witness = try wires(inputs.wires, count: constraints.wireCount, of: Suite.self)
        let proof: Groth16Proof<Suite>
        do throws(ProvingError) {
            proof = try prove(key, verifyingKey.verifyingKey, witness, parallel)
        } catch {
            guard case .doesNotVerify = error else { throw error }
            let system = try constraints.system(over: Suite.Fr.self)
            guard let violated = witness.withSpan({ system.firstViolated(by: $0) }) else { throw error }
            throw JobFailure(
                code: .unsatisfied,
                message: "\(inputs.wires): the wires violate constraint \(violated) of \(inputs.constraints)")
        }
        let publics = (1..<key.publicCount + 1).map { Suite.Fr(canonical: witness[$0]) ?? .zero }
        return switch form {
        case .json: (Data(proof.json.utf8), Data(PublicInputsJSON.text(publics).utf8))
        case .gnark, .gnarkRaw:
            (
                Data(GnarkFiles.bytes(of: proof, isRaw: form == .gnarkRaw)),
                Data(GnarkFiles.bytes(ofPublicInputs: publics))
            )
        }
    }

    /// The values that each commitment hashes, as verification keys count them.
    private static func hashed(by constraints: GnarkConstraints) -> [Set<Int>] {
        constraints.commitments.map { commitment in
            Set(
                commitment.hashed.map { wire in
                    constraints.commitments.firstIndex { $0.challenge == wire }
                        .map { constraints.publicCount + 1 + $0 } ?? Int(wire)
                })
        }
    }

    private static func belongs<Suite: ComputeSuite>(
        _ key: CommittedProvingKey<Suite>, to verifyingKey: Groth16VerifyingKey<Suite>
    ) -> Bool {
        guard key.publicCount == verifyingKey.publicCount,
            key.commitments.count == verifyingKey.commitmentCount
        else { return false }
        return switch verifyingKey {
        case .plain(let other):
            key.alpha1 == other.alpha1 && key.beta2 == other.beta2 && key.delta2 == other.delta2
        case .committed(let other):
            key.alpha1 == other.alpha1 && key.beta2 == other.beta2 && key.delta2 == other.delta2
        }
    }

    private static func wires<Suite: ComputeSuite>(
        _ path: String, count: Int, of suite: Suite.Type
    ) throws(FormatError) -> SecretScalars<Suite.Fr> {
        let probe = try MappedFile(path: path, access: .onDemand)
        switch FileKind.evident(probe) {
        case .witness: return try WitnessFile(probe).values(of: suite, variableCount: count)
        case let other?:
            throw FormatError(.otherKind(found: other.description, wanted: .witness), file: path)
        case nil:
            return try WireValues.read(
                MappedFile(secret: path, limit: wiresLimit), of: Suite.Fr.self, count: count)
        }
    }

    private static func prove<Suite: ComputeSuite>(
        _ key: CommittedProvingKey<Suite>, _ verifyingKey: Groth16VerifyingKey<Suite>,
        _ witness: SecretScalars<Suite.Fr>, _ parallel: Parallel
    ) throws(ProvingError) -> Groth16Proof<Suite> {
        let prover = CommittedProver(backend: CPUBackend<Suite>(parallel: parallel), parallel: parallel)
        var generator = SystemRandomNumberGenerator()
        return switch verifyingKey {
        case .plain(let plain):
            .plain(
                try prover.prove(key: key, verifier: Verifier(plain), witness: witness, using: &generator))
        case .committed(let committed):
            .committed(
                try prover.prove(
                    key: key, verifier: CommittedVerifier(committed), witness: witness, using: &generator))
        }
    }
}
