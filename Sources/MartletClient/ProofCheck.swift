// SPDX-License-Identifier: Apache-2.0

import Compute
import FiniteFields
import Groth16
import SnarkFormats

/// What a proof that comes from elsewhere is checked against: a key and a witness, files on this machine.
struct ProofCheck {
    /// The path of the proving key, in which the verifying key is.
    var zkey: String
    /// The path of the witness.
    var witness: String

    /// Why a proof and its public inputs, in JSON, are not those of the witness; nil where they are.
    ///
    /// - Throws: for a file or a text that is malformed.
    func objection(proof: String, publicInputs: String) throws(FormatError) -> String? {
        let file = try ZKeyFile(MappedFile(path: zkey))
        return try objection(
            Groth16Files.verifyingKey(of: file), file.header.variableCount, proof, publicInputs)
    }

    private func objection<Document: Groth16VerifyingKeyOnCurve>(
        _ document: Document, _ variableCount: Int, _ proof: String, _ publicInputs: String
    ) throws(FormatError) -> String? {
        typealias Suite = Document.Suite
        let verifier = Groth16Verifier(document.verifyingKey)
        let publicCount = verifier.key.publicCount
        let values = try WitnessFile(MappedFile(path: witness, access: .onDemand))
            .values(of: Suite.self, variableCount: variableCount)
        let inputs = try PublicInputsJSON.read(
            MappedFile(copying: publicInputs.utf8, name: "public.json"), of: Suite.self,
            count: publicCount
        ).map(\.canonical)
        guard inputs == (1..<publicCount + 1).map({ values[$0] }) else {
            return "the public inputs that the coordinator sent are not the witness's"
        }
        let proof = try verifier.proof(json: MappedFile(copying: proof.utf8, name: "proof.json"))
        let verdict = verifier.verify(proof, publicInputs: inputs, parallel: Parallel(threads: 1))
        return verdict == .valid ? nil : "the proof that the coordinator sent does not verify: \(verdict)"
    }
}
