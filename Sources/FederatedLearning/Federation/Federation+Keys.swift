// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
package import Curves
import Groth16
package import Recursion
package import SnarkFormats

extension Federation {
    /// Reads the verification key of a circuit.
    ///
    /// - Throws: `.badInput` for one that is not of the circuit's kind; `.openKey` for a key under which
    ///   anybody can forge, unless the federation takes such keys.
    package func verifyingKey(
        _ circuit: FederationCircuit
    ) throws(FederationError) -> Groth16VerifyingKey<BN254> {
        let path = verifyingKeyPath(circuit)
        let any: any Groth16VerifyingKeyOnCurve
        do throws(FormatError) {
            any = try Groth16Files.verifyingKey(MappedFile(path: path))
        } catch {
            throw FederationError(error)
        }
        guard let key = any as? Groth16VerifyingKey<BN254> else {
            throw FederationError(.badInput, file: path, "it is on another curve than bn254")
        }
        if let fault = plan.fault(of: key, for: circuit) {
            throw FederationError(.badInput, file: path, fault)
        }
        if let secret = key.openSecret, !allowsOpenKeys {
            throw FederationError(.openKey, file: path, "\(secret)")
        }
        return key
    }

    /// The key of a circuit's proofs as a constant of the next circuit.
    ///
    /// - Throws: as `verifyingKey`.
    package func constantKey(
        _ circuit: FederationCircuit
    ) throws(FederationError) -> ConstantVerifyingKey {
        ConstantVerifyingKey(try verifyingKey(circuit))
    }

    /// The verifier of clients' proofs.
    func clientVerifier() throws(FederationError) -> Verifier<BN254> {
        Self.verifier(try verifyingKey(.client))
    }

    /// - Precondition: the key is the clients' circuit's (`Plan.fault(of:for:)`).
    static func verifier(_ key: Groth16VerifyingKey<BN254>) -> Verifier<BN254> {
        guard case .plain(let key) = key else { preconditionFailure("a key with commitments") }
        return Verifier(key)
    }

    /// Parses the text of a client's proof.
    ///
    /// - Returns: `nil` for what is no proof on BN254.
    static func proof(_ text: String) -> Proof<BN254>? {
        try? Groth16JSON.proof(MappedFile(copying: Array(text.utf8), name: "proof"), of: BN254.self)
    }
}

extension Plan {
    /// Why a verification key is none of a circuit's; `nil` for one that may be.
    package func fault(of key: Groth16VerifyingKey<BN254>, for circuit: FederationCircuit) -> String? {
        guard key.publicCount == circuit.publicCount else {
            return "it has \(key.publicCount) public inputs, and the circuit has \(circuit.publicCount)"
        }
        let wanted = hasCommitment(circuit) ? 1 : 0
        guard key.commitmentCount == wanted else {
            return "it has \(key.commitmentCount) commitments, and the circuit has \(wanted)"
        }
        guard case .committed(let own) = key else { return nil }
        guard isVerifiedInCircuit(circuit) == (own.hash == .poseidon) else {
            let who = isVerifiedInCircuit(circuit) ? "a circuit wants poseidon" : "no contract computes that"
            return "challenges of its commitment are made by \(own.hash.rawValue), and \(who)"
        }
        guard own.commitments[0].hashed == Array(1...circuit.publicCount) else {
            return "the challenge of its commitment does not depend on all public inputs in their order"
        }
        return nil
    }
}

extension Groth16VerifyingKey<BN254> {
    /// What stands for the key: Poseidon over the bytes of its JSON.
    var digest: Scalar { HashDomain.verifyingKey.hash(Array(json.utf8)) }
}

extension ConstantVerifyingKey {
    /// The key as a constant.
    ///
    /// - Precondition: as the other initialisers'.
    package init(_ key: Groth16VerifyingKey<BN254>) {
        switch key {
        case .plain(let key): self.init(key)
        case .committed(let key): self.init(key)
        }
    }
}
