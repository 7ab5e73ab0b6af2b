// SPDX-License-Identifier: Apache-2.0

package import Curves
import Digests
package import Foundation
import Foundations
package import Groth16
import Outcomes
import SnarkFormats
import Synchronization
import TrustedSetup

/// A checked proving key with its prepared verifier, ready for any number of proofs on any thread.
package final class LoadedKey: Sendable {
    /// What errors call its file.
    let name: String
    package let curve: CurveID
    package let fileSize: Int
    package let variableCount: Int
    package let publicCount: Int
    package let domainSize: Int
    /// The number of commitments that its proofs have; none for a plain key.
    package let commitmentCount: Int
    /// The name of the proof system in JSON files.
    package let system: String
    let material: any KeyMaterialOnCurve
    private let zkey: ZKeyFile
    private let digest = Mutex<String?>(nil)

    /// What precomputed multiples of the points take, in bytes.
    package let multiplesSize: Int

    init(name: String, zkey: ZKeyFile, material: any KeyMaterialOnCurve, multiples: Int) {
        multiplesSize = multiples
        self.name = name
        self.material = material
        self.zkey = zkey
        curve = zkey.header.curve
        fileSize = zkey.file.count
        variableCount = zkey.header.variableCount
        publicCount = zkey.header.publicCount
        domainSize = zkey.header.domainSize
        commitmentCount = zkey.commitmentCount
        system = zkey.header.proofSystem.name
    }

    /// The memory that holding the key costs, in bytes: the mapped file, the coefficient index and multiples.
    package var estimatedMemory: Int { fileSize + 16 * domainSize + fileSize / 16 + multiplesSize }

    /// The memory that one proof costs beside the key, in bytes: the witness, four vectors of the domain's
    /// size, and what sums are sorted and cut into.
    package var estimatedProofMemory: Int { estimatedMemory + 128 * variableCount + 8 * 32 * domainSize }

    /// What the key says of every proof that is made with it, and this program of itself. The digest of the
    /// file is not among it: it may take long.
    var facts: ProofFacts {
        var facts = ProofFacts()
        facts.system = system
        facts.curve = curve.rawValue
        facts.circuit = .init(
            variables: variableCount, publics: publicCount, domainSize: domainSize, zkeyBytes: Int64(fileSize)
        )
        facts.martlet = MartletVersion.current
        facts.platform = MartletVersion.platform
        return facts
    }

    /// The bytes of `verification_key.json` for this key: snarkjs', or our own for a key with commitments.
    package var verificationKeyJSON: Data {
        func json<Material: KeyMaterialOnCurve>(_ key: Material) -> Data {
            Data(key.material.verifier.key.json.utf8)
        }
        return json(material)
    }

    /// What the key or its history gives away, so that anybody can forge proofs under it.
    package var openSecret: OpenSecret? {
        openSecret(material)
    }

    private func openSecret<Material: KeyMaterialOnCurve>(_ key: Material) -> OpenSecret? {
        if let secret = key.material.openSecret { return secret }
        guard commitmentCount == 0 else { return nil }
        let history = try? Groth16ZKey.transcript(of: zkey, Material.Suite.self).contributions
        guard let history, !history.isEmpty, history.allSatisfy({ $0.kind == 1 }) else { return nil }
        return .onlyBeacons
    }

    /// SHA-256 of the file, hexadecimal; computed on first use.
    package var sha256: String {
        digest.withLock { digest in
            if let digest { return digest }
            let value = zkey.file.withBytes { $0.withUnsafeBytes { SHA256Digest.hex(of: $0) } }
            digest = value
            return value
        }
    }
}
