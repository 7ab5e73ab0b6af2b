// SPDX-License-Identifier: Apache-2.0

import Coordination
import Curves
import Failures
import Foundation
import ProvingEngine
import Synchronization

/// Circuits by their proving keys: checked once, then known by what the store has of them.
final class CircuitRegistry: Sendable {
    private let store: any JobStore
    private let blobs: BlobStore
    private let engine: ProvingEngine
    private let verifiers = Mutex<[String: Entry]>([:])

    struct Entry: Sendable {
        var circuit: Circuit
        var verificationKey: String
        var verifier: CircuitVerifier
    }

    /// How many circuits' verifiers are kept in memory.
    private static let kept = 256

    init(store: any JobStore, blobs: BlobStore, engine: ProvingEngine) {
        self.store = store
        self.blobs = blobs
        self.engine = engine
    }

    /// Checks a proving key that was uploaded, all points of its tables on the curve, and registers its
    /// circuit.
    func register(_ digest: String) async throws -> (circuit: Circuit, isNew: Bool) {
        if let known = try? await entry(digest) { return (known.circuit, false) }
        guard blobs.size(digest) != nil else {
            throw ServiceError(.unknown, "blob \(digest) is not here: upload it first")
        }
        let path = blobs.folder.blob(digest)
        let engine = engine
        let (circuit, json) = try await offPool(BlockingWork.long) { () throws(ServiceError) in
            do throws(JobFailure) {
                let key = try engine.loadKey(path: path, named: "the zkey")
                let circuit = Circuit(
                    digest: digest, zkeyBytes: Int64(key.fileSize), system: key.system,
                    curve: key.curve.rawValue, variables: key.variableCount, publics: key.publicCount,
                    domainSize: key.domainSize, memory: Int64(key.estimatedProofMemory))
                return (circuit, String(decoding: key.verificationKeyJSON, as: UTF8.self))
            } catch {
                throw ServiceError(error)
            }
        }
        try await store.register(circuit, verificationKey: json)
        return (circuit, true)
    }

    /// The proof system of a circuit, for metrics: groth16 where nobody has asked for the circuit since the
    /// start.
    func system(_ digest: String) -> String {
        verifiers.withLock { $0[digest]?.circuit.system } ?? "groth16"
    }

    /// A registered circuit with its verifier.
    func entry(_ digest: String) async throws -> Entry {
        if let known = verifiers.withLock({ $0[digest] }) { return known }
        let found = try await store.circuit(digest)
        let entry = try await offPool(BlockingWork.short) { () throws(ServiceError) in
            do throws(JobFailure) {
                return Entry(
                    circuit: found.circuit, verificationKey: found.verificationKey,
                    verifier: try CircuitVerifier(verificationKeyJSON: Data(found.verificationKey.utf8)))
            } catch {
                throw ServiceError(error)
            }
        }
        verifiers.withLock { verifiers in
            if verifiers.count >= Self.kept, let other = verifiers.keys.first { verifiers[other] = nil }
            verifiers[digest] = entry
        }
        return entry
    }
}
