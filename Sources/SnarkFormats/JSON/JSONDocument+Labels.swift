// SPDX-License-Identifier: Apache-2.0

import Curves

/// What one of snarkjs' files says of itself.
///
/// Labels are read before anything else: a file of another proof system has other members, and to be told
/// that one of them is missing would say nothing.
struct JSONLabels: Decodable {
    var `protocol`: String?
    /// Left out by rapidsnark.
    var curve: String?
}

extension JSONDocument {
    /// The label of the proof system and the name of the curve.
    ///
    /// - Throws: as `decode`; `.missingKey` for a file without a proof system.
    func labels(
        limit: Int = JSONLimits.file
    ) throws(FormatError) -> (proofSystem: String, curve: String?) {
        let labels = try decode(JSONLabels.self, limit: limit)
        guard let proofSystem = labels.protocol else { throw error(.missingKey, at: "protocol") }
        return (proofSystem, labels.curve)
    }

    /// Demands the label of one of some proof systems, before the rest of the file is read; gives it with the
    /// name of the curve.
    ///
    /// - Throws: as `labels`, `.wrongLabel`, `.oldProtocol`, `.unknownProtocol`.
    @discardableResult
    func requireLabel(
        of wanted: ProofSystem..., limit: Int = JSONLimits.file
    ) throws(FormatError) -> (proofSystem: ProofSystem, curve: String?) {
        let (found, curve) = try labels(limit: limit)
        guard let proofSystem = wanted.first(where: { $0.name == found }) else {
            throw otherProtocol(found, wanted: wanted.map(\.name).joined(separator: "\" or \""))
        }
        return (proofSystem, curve)
    }

    /// The error for a file of another proof system than those wanted: whether it is a known one, an old one
    /// or none.
    func otherProtocol(_ found: String, wanted: String) -> FormatError {
        let name = String(found.prefix(40))
        if ProofSystem.allCases.contains(where: { $0.name == found }) {
            return error(.wrongLabel(expected: wanted, found: name), at: "protocol")
        }
        if OldProofSystem(rawValue: found) != nil { return error(.oldProtocol(name), at: "protocol") }
        return error(.unknownProtocol(name), at: "protocol")
    }
}

/// Labels that snarkjs wrote before version 0.2, when its files had other members.
enum OldProofSystem: String {
    case groth, original, kimleeoh

    /// What the label stands for.
    var meaning: String {
        switch self {
        case .groth: "Groth16 in the form of snarkjs 0.1"
        case .original: "PHGR13/Pinocchio"
        case .kimleeoh: "Kim, Lee and Oh 2019"
        }
    }
}
