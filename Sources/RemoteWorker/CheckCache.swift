import Foundation
import ProvingService

/// The verifiers of the circuits that were proved last.
actor CheckCache {
    private static let limit = 32
    private var verifiers: [(circuit: String, verifier: CircuitVerifier)] = []

    /// The verifier of a circuit, made of what `load` gives when it is not there: snarkjs' `verification_key.json`.
    func verifier(
        _ circuit: String, load: @Sendable () async throws -> Data
    ) async throws -> CircuitVerifier {
        if let known = verifiers.first(where: { $0.circuit == circuit }) { return known.verifier }
        let verifier = try CircuitVerifier(verificationKeyJSON: try await load())
        verifiers.append((circuit, verifier))
        if verifiers.count > Self.limit { verifiers.removeFirst() }
        return verifier
    }
}
