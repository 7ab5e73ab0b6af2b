// SPDX-License-Identifier: Apache-2.0

package import Compute
import Curves
import EllipticCurves
package import FiniteFields
package import Groth16

/// Groth16 files of gnark: verification keys, proofs and public witnesses, on BN254 and BLS12-381, with
/// points compressed (`WriteTo`) or not (`WriteRawTo`), with and without commitments.
///
/// Reading is strict: counts and lengths, coordinates below the modulus, points on their curves and in the
/// subgroup, nothing behind the end. `GnarkLayout` tells which file is which.
package enum GnarkFiles {
    /// The largest file but a proving key's.
    package static let limit = 16 << 20

    /// Reads a verification key: α₁ β₁ β₂ γ₂ δ₁ δ₂, a count and K, a count and for each commitment a count
    /// and the indices that it hashes, a count and (G, −σ·G) of each.
    ///
    /// β₁ and δ₁, which no equation of a proof has, must have the logarithms of β₂ and δ₂: two pairings each.
    ///
    /// - Parameter hash: what makes challenges of commitments; the file does not say.
    /// - Throws: `.truncated`, `.trailingBytes`; what is wrong with a point; `.identityNotAllowed` for α, β,
    ///   γ and δ; `.inconsistentHeader` for counts, indices and generators that make no key.
    package static func verifyingKey<Suite: ComputeSuite>(
        _ file: MappedFile, isRaw: Bool, hash: CommitmentHash, of suite: Suite.Type
    ) throws(FormatError) -> Groth16VerifyingKey<Suite> {
        var cursor = try open(file, isRaw: isRaw, Suite.id)
        let (one, two) = (cursor.sizes.g1, cursor.sizes.g2)
        let alpha1 = try cursor.g1(of: suite, "alpha1")
        let beta1 = try cursor.g1(of: suite, "beta1")
        let beta2 = try cursor.g2(of: suite, "beta2")
        let gamma2 = try cursor.g2(of: suite, "gamma2")
        let delta1 = try cursor.g1(of: suite, "delta1")
        let delta2 = try cursor.g2(of: suite, "delta2")
        let identities = [
            ("alpha1", alpha1.isIdentity, 0), ("beta2", beta2.isIdentity, 2 * one),
            ("gamma2", gamma2.isIdentity, 2 * one + two), ("delta2", delta2.isIdentity, 3 * one + 2 * two),
        ]
        if let (name, _, offset) = identities.first(where: \.1) {
            throw cursor.error(.identityNotAllowed, name, at: offset)
        }
        for (name, one, two) in [("beta1", beta1, beta2), ("delta1", delta1, delta2)] {
            let pairs = [(one, Suite.prepare(.generator)), (-Suite.G1.generator, Suite.prepare(two))]
            guard Suite.isPairingProductOne(pairs) else {
                throw cursor.error(
                    .inconsistentHeader("not the point that belongs to \(name.dropLast())2"), name)
            }
        }
        let count = try cursor.count(of: cursor.sizes.g1, "K")
        guard count > 0 else {
            throw cursor.error(.countMismatch(what: "points", expected: 1, found: 0), "K")
        }
        var ic: [Affine<Suite.G1>] = []
        for index in 0..<count { ic.append(try cursor.g1(of: suite, "K", index: index)) }
        var hashed: [[Int]] = []
        for _ in 0..<(try cursor.count(of: 4, "hashed indices")) {
            var indices: [Int] = []
            for index in 0..<(try cursor.count(of: 8, "hashed indices")) {
                indices.append(try cursor.integer(8, "hashed indices", index: index))
            }
            hashed.append(indices)
        }
        let keys = try cursor.count(of: 2 * cursor.sizes.g2, "commitment keys")
        guard keys == hashed.count else {
            throw cursor.error(
                .countMismatch(what: "commitment keys", expected: hashed.count, found: keys),
                "commitment keys", at: cursor.offset - 4)
        }
        if keys == 0 {
            try cursor.finish()
            return .plain(
                VerifyingKey(alpha1: alpha1, beta2: beta2, gamma2: gamma2, delta2: delta2, ic: ic))
        }
        var generator = Affine<Suite.G2>.identity
        var commitments: [CommittedVerifyingKey<Suite>.Commitment] = []
        do {
            for (index, indices) in hashed.enumerated() {
                let point = try cursor.g2(of: suite, "commitment keys", index: index)
                if index == 0 { generator = point }
                guard point == generator else {
                    throw CommittedKeyFault.differentGenerators(commitment: index)
                }
                let sigma = try cursor.g2(of: suite, "commitment keys", index: index)
                commitments.append(.init(hashed: indices, negativeSigma: sigma))
            }
            try cursor.finish()
            return .committed(
                try CommittedVerifyingKey(
                    alpha1: alpha1, beta2: beta2, gamma2: gamma2, delta2: delta2, ic: ic,
                    generator: generator, commitments: commitments, hash: hash))
        } catch {
            throw error as? FormatError
                ?? FormatError(
                    .inconsistentHeader((error as? CommittedKeyFault)?.message ?? "\(error)"),
                    file: file.name, place: FormatError.Place(name: "commitment keys"))
        }
    }

    /// Reads a proof: A, B, C, a count and D, the proof of knowledge, which is the identity where there is no
    /// D.
    ///
    /// - Throws: `.truncated`, `.trailingBytes`; what is wrong with a point; `.inconsistentHeader` for a
    ///   proof of knowledge of nothing.
    package static func proof<Suite: ComputeSuite>(
        _ file: MappedFile, isRaw: Bool, of suite: Suite.Type
    ) throws(FormatError) -> Groth16Proof<Suite> {
        var cursor = try open(file, isRaw: isRaw, Suite.id)
        let a = try cursor.g1(of: suite, "A")
        let b = try cursor.g2(of: suite, "B")
        let c = try cursor.g1(of: suite, "C")
        var commitments: [Affine<Suite.G1>] = []
        for index in 0..<(try cursor.count(of: cursor.sizes.g1, "commitments")) {
            commitments.append(try cursor.g1(of: suite, "commitments", index: index))
        }
        let at = cursor.offset
        let knowledge = try cursor.g1(of: suite, "proof of knowledge")
        try cursor.finish()
        guard commitments.isEmpty else {
            return .committed(
                CommittedProof(a: a, b: b, c: c, commitments: commitments, knowledge: knowledge))
        }
        guard knowledge.isIdentity else {
            throw cursor.error(
                .inconsistentHeader("the proof has no commitments and a proof of knowledge of them"),
                "proof of knowledge", at: at)
        }
        return .plain(Proof(a: a, b: b, c: c))
    }

    /// Reads a witness without secret values: counts of public values, secret ones and all, then 32 bytes
    /// each.
    ///
    /// - Parameter count: how many the key wants; nil takes any number.
    /// - Throws: `.truncated`, `.trailingBytes`; `.inconsistentHeader` for counts that contradict each other,
    ///   and where there are secret values; `.countMismatch`, `.valueOutOfRange`.
    package static func publicInputs<F: PrimeField>(
        _ file: MappedFile, of _: F.Type, count wanted: Int? = nil
    ) throws(FormatError) -> [F] {
        var cursor = try open(file, isRaw: false, .bn254)
        let name = "public witness"
        let publics = try cursor.integer(4, name)
        let secrets = try cursor.integer(4, name)
        let all = try cursor.count(of: F.byteCount, name)
        guard secrets == 0 else {
            throw cursor.error(
                .inconsistentHeader(
                    "the witness has \(secrets) secret values, and a verifier is given the public ones only"),
                name, at: 4)
        }
        guard all == publics else {
            throw cursor.error(.countMismatch(what: "values", expected: publics, found: all), name, at: 8)
        }
        if let wanted, all != wanted {
            throw cursor.error(.countMismatch(what: "values", expected: wanted, found: all), name, at: 8)
        }
        var values: [F] = []
        for index in 0..<all { values.append(try cursor.scalar(F.self, name, index: index)) }
        try cursor.finish()
        return values
    }

    private static func open(
        _ file: MappedFile, isRaw: Bool, _ curve: CurveID
    ) throws(FormatError) -> GnarkCursor {
        guard file.count <= limit else {
            throw FormatError(.tooLarge(bytes: file.count, limit: limit), file: file.name)
        }
        return GnarkCursor(file: file, sizes: GnarkSizes(curve, isRaw: isRaw))
    }
}
