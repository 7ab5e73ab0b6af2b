// SPDX-License-Identifier: Apache-2.0

import Curves
import Digests
import Foundation
import Foundations
package import Outcomes

extension ResultDocument {
    /// What there is to say of a proof that was made and verified here.
    ///
    /// - Parameters:
    ///   - earlier: the phases before the proof's own, `key` say.
    ///   - total: wall-clock seconds from the beginning to the verified proof.
    ///   - isAlone: whether no other proof was made by this process meanwhile: then its processor time is the
    ///     proof's.
    package init(
        _ output: ProofOutput, key: LoadedKey, earlier: [Phase], total: Double, isAlone: Bool
    ) {
        self.init(state: .succeeded)
        system = "groth16"
        curve = key.curve.rawValue
        backend = output.backend
        circuit = Circuit(
            variables: key.variableCount, publics: key.publicCount, domainSize: key.domainSize,
            zkeyBytes: Int64(key.fileSize))
        timings = Timings(
            phases: (earlier + output.timings.map { Phase(phase: $0.phase, seconds: $0.seconds) })
                .map { Phase(phase: $0.phase, seconds: Self.rounded($0.seconds)) },
            total: Self.rounded(total), cpu: isAlone ? Self.rounded(output.cpuSeconds) : nil)
        digests = Digests(
            proof: SHA256Digest.hex(of: output.proofJSON), public: SHA256Digest.hex(of: output.publicJSON))
        endedAt = Self.milliseconds()
        martlet = MartletVersion.current
        platform = MartletVersion.platform
    }
}
