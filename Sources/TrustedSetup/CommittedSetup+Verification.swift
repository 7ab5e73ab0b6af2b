// SPDX-License-Identifier: Apache-2.0

package import Compute
import ConstraintSystems
import Curves
import EllipticCurves
import Failures
import FiniteFields
import Groth16

extension CommittedSetup {
    /// Demands that a key is the circuit's, made from these powers of tau, with the history that its
    /// transcript tells, and that somebody contributed to δ and to every σ.
    ///
    /// Each wire is in exactly one place: public or a challenge (IC), in one commitment's basis, or over δ.
    /// That σ differ from each other and from ±1 a `CommittedVerifyingKey` demands by itself.
    ///
    /// - Parameters:
    ///   - powers: powers of tau for its domain.
    ///   - beaconLimit: log₂ of the most iterations of a beacon that are repeated.
    ///   - skipped: one of the checks that is not made: for the tests of the checks, and for nothing else.
    ///   - generator: unpredictable to whoever made the key.
    ///   - observe: called with the name of each part as it begins.
    /// - Throws: `.keyDiffers` with the first part that differs; `.nobodyContributed` where that is all that
    ///   is wrong.
    package func verify(
        _ key: CommittedKey<Suite>, against powers: PowersOfTau<Suite>,
        beaconLimit: Int = SetupContribution<Suite>.usualBeaconLimit, without skipped: CommittedCheck? = nil,
        using generator: inout some RandomNumberGenerator, observe: (String) -> Void = { _ in }
    ) throws(SetupError) {
        try verifyCircuit(of: key, without: skipped)
        let first: CommittedKey<Suite>
        do throws(CommittedKeyFault) {
            first = try initialKey(powers, hash: key.verifyingKey.hash, observe: observe)
        } catch {
            throw .keyDiffers(error.message)
        }
        func require(
            _ check: CommittedCheck, _ holds: @autoclosure () -> Bool, _ what: String
        ) throws(SetupError) {
            guard check == skipped || holds() else { throw .keyDiffers(what) }
        }
        func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool { a.elementsEqual(b) }
        let (mine, wanted) = (key.provingKey, first.provingKey)
        let vk = key.verifyingKey
        try require(
            .alpha, mine.alpha1 == wanted.alpha1 && vk.alpha1 == wanted.alpha1,
            "alpha is not that of the powers of tau")
        try require(
            .beta, mine.beta1 == wanted.beta1 && mine.beta2 == wanted.beta2 && vk.beta2 == wanted.beta2,
            "beta is not that of the powers of tau")
        try require(.gamma, vk.gamma2 == first.verifyingKey.gamma2, "gamma is not one")
        try require(
            .generator, vk.generator == first.verifyingKey.generator,
            "the commitments' generator G is not the group's")
        try require(.publicPoints, vk.ic == first.verifyingKey.ic, "IC points differ")
        try require(.aPoints, equal(mine.witness.a.bytes, wanted.witness.a.bytes), "A points differ")
        try require(.b1Points, equal(mine.witness.b1.bytes, wanted.witness.b1.bytes), "B1 points differ")
        try require(.b2Points, equal(mine.witness.b2.bytes, wanted.witness.b2.bytes), "B2 points differ")
        for (k, (own, other)) in zip(mine.commitments, wanted.commitments).enumerated() {
            try require(
                .bases, equal(own.basis.bytes, other.basis.bytes),
                "the basis of commitment \(k) is not the circuit's")
        }
        try require(
            .circuitHash, key.transcript.circuitHash == first.transcript.circuitHash,
            "the circuit hash differs")
        observe("delta")
        // The sums below are compared by pairings, which do not see what is outside the subgroup.
        for (points, name) in [(mine.witness.c, "C"), (mine.h, "H")] {
            try require(
                .inSubgroup, PointChecks<Suite>.areInSubgroup(points, parallel),
                "\(name) points are outside the subgroup")
        }
        try require(
            .places,
            zip(wiresInBases.indices, wiresInBases).allSatisfy { wire, isHidden in
                !isHidden || mine.witness.c[wire - system.publicCount - 1].isIdentity
            },
            "a committed wire, or a challenge, has a point over delta")
        /// A random combination of a table, times δ, is that of the beginning.
        func isOverDelta(
            _ own: PointTable<Suite.G1>, _ other: PointTable<Suite.G1>, leavingOut isHidden: ArraySlice<Bool>
        ) -> Bool {
            let scalars = isHidden.map { $0 ? .zero : Scalar.random(using: &generator) }
            return PointChecks<Suite>.isOverDelta(
                PointChecks<Suite>.sum(own, scalars, parallel),
                PointChecks<Suite>.sum(other, scalars, parallel), vk.delta2)
        }
        try require(
            .cPoints,
            isOverDelta(
                mine.witness.c, wanted.witness.c, leavingOut: wiresInBases[(system.publicCount + 1)...]),
            "C points are not those of the circuit over delta")
        let last = mine.h.count - 1
        try require(
            .hTop, mine.h[last].isIdentity,
            "the H points have one of degree \(last), of which no quotient has any: whoever put it there can forge proofs"
        )
        try require(
            .hPoints,
            isOverDelta(
                mine.h.slice(0..<last), wanted.h.slice(0..<last),
                leavingOut: [Bool](repeating: false, count: last)[...]),
            "H points are not those of the powers of tau over delta")
        observe("sigma")
        try verifySigmas(of: key, without: skipped, using: &generator)
        try key.verifyContributions(
            from: CommittedBeginning(of: vk), beaconLimit: beaconLimit, without: skipped, observe: observe)
        if skipped != .contributed, let secret = vk.openSecret { throw .keyDiffers("\(secret)") }
    }

    private func verifySigmas(
        of key: CommittedKey<Suite>, without skipped: CommittedCheck?,
        using generator: inout some RandomNumberGenerator
    ) throws(SetupError) {
        for (k, commitment) in key.provingKey.commitments.enumerated() {
            guard skipped == .inSubgroup || PointChecks<Suite>.areInSubgroup(commitment.sigmaBasis, parallel)
            else {
                throw .keyDiffers("the basis of commitment \(k) times sigma is outside the subgroup")
            }
        }
        if let k = key.firstWrongSigma(parallel: parallel, using: &generator), skipped != .sigmaBases {
            throw .keyDiffers("the basis of commitment \(k) times sigma is not by the sigma of the key")
        }
    }

    /// Demands that a key's sizes, its matrices A and B and its lists of committed and hashed wires are the
    /// circuit's: what can be checked without powers of tau.
    ///
    /// - Throws: `.keyDiffers`.
    package func verifyCircuit(of key: CommittedKey<Suite>) throws(SetupError) {
        try verifyCircuit(of: key, without: nil)
    }

    private func verifyCircuit(
        of key: CommittedKey<Suite>, without skipped: CommittedCheck?
    ) throws(SetupError) {
        let mine = key.provingKey
        // Sizes are never left out: what follows relies on them.
        guard mine.variableCount == system.wireCount else {
            throw .keyDiffers(
                "the key has \(Count.text(mine.variableCount, "wire")), the circuit \(system.wireCount)")
        }
        guard mine.publicCount == system.publicCount else {
            throw .keyDiffers(
                "the key has \(Count.text(mine.publicCount, "public input")), the circuit \(system.publicCount)"
            )
        }
        guard mine.logDomainSize == logDomainSize else {
            throw .keyDiffers(
                "the key has a domain of 2^\(mine.logDomainSize), the circuit needs 2^\(logDomainSize)")
        }
        let lists = key.commitments
        guard lists.count == system.commitments.count else {
            throw .keyDiffers(
                "the key has \(Count.text(lists.count, "commitment")), the circuit \(system.commitments.count)"
            )
        }
        for (k, (own, wanted)) in zip(lists, system.commitments).enumerated() where skipped != .lists {
            guard own.committed == wanted.committed else {
                throw .keyDiffers("commitment \(k) is to other wires than the circuit's")
            }
            guard own.hashed == wanted.hashed else {
                throw .keyDiffers("commitment \(k) hashes other wires than the circuit's")
            }
            guard own.challenge == wanted.challenge else {
                throw .keyDiffers("commitment \(k) has another challenge than the circuit's")
            }
        }
        let wanted = coefficients()
        guard
            skipped == .matrices
                || mine.coefficients.count == wanted.count
                    && mine.coefficients.bytes.elementsEqual(wanted.bytes)
        else { throw .keyDiffers("the key's matrices are not the circuit's") }
    }
}

extension CommittedKey {
    /// log₂ of the most iterations of a beacon that are repeated before a contribution: a second.
    private static var beaconLimit: Int { 20 }

    /// The first commitment whose basis times σ is not its basis by the σ of −σ·G, by random sums of 128
    /// bits: e(σ·Bⱼ, G) = e(Bⱼ, σ·G) for all its points.
    ///
    /// - Precondition: the points are in their subgroups.
    func firstWrongSigma(
        parallel: Parallel, using generator: inout some RandomNumberGenerator
    ) -> Int? {
        let g = Suite.prepare(verifyingKey.generator)
        for (k, commitment) in provingKey.commitments.enumerated() {
            let scalars = commitment.wires.map { _ in
                var limbs = Suite.Fr.Limbs.zero
                limbs[0] = generator.next()
                limbs[1] = generator.next()
                return Suite.Fr(canonical: limbs) ?? .one
            }
            let basis = PointChecks<Suite>.sum(commitment.basis, scalars, parallel)
            let multiple = PointChecks<Suite>.sum(commitment.sigmaBasis, scalars, parallel)
            let sigma = Suite.prepare(verifyingKey.commitments[k].negativeSigma)
            if !Suite.isPairingProductOne([(multiple, g), (basis, sigma)]) { return k }
        }
        return nil
    }

    /// Demands of a key that is to be contributed to what it shows by itself, as
    /// `SetupTranscript.verifyBeforeContribution`: γ is one and G the generator, which keys for development
    /// may do without; β, the points of B and δ are the same in G1 and G2; each basis times σ is by the σ of
    /// −σ·G; no committed wire and no challenge has a point over δ, and H none beyond quotients; α and β are
    /// not such that anybody can forge; the contributions lead to δ and to every σ.
    ///
    /// **Whether points and lists of wires are the circuit's is not seen here.**
    ///
    /// - Parameters:
    ///   - parallel: threads for the work.
    ///   - generator: unpredictable to whoever made the key.
    /// - Precondition: the points are in their groups.
    /// - Throws: `.keyDiffers` with what is wrong, which no contribution mends.
    package func verifyBeforeContribution(
        parallel: Parallel, using generator: inout some RandomNumberGenerator
    ) throws(SetupError) {
        let (one, one2) = (Suite.G1.generator, Suite.G2.generator)
        let vk = verifyingKey
        if !transcript.isDevelopment {
            guard vk.gamma2 == one2 else { throw .keyDiffers("gamma is not one") }
            guard vk.generator == one2 else {
                throw .keyDiffers("the commitments' generator G is not the group's")
            }
        }
        guard sameRatio(one, provingKey.beta1, one2, vk.beta2, of: Suite.self) else {
            throw .keyDiffers("beta differs between G1 and G2")
        }
        let scalars = (0..<provingKey.variableCount).map { _ in Suite.Fr.random(using: &generator) }
        let sum1 = PointChecks<Suite>.sum(provingKey.witness.b1, scalars, parallel)
        let sum2 = PointChecks<Suite>.sum(provingKey.witness.b2, scalars, parallel)
        guard
            sum1.isIdentity || sum2.isIdentity
                ? sum1.isIdentity && sum2.isIdentity : sameRatio(one, sum1, one2, sum2, of: Suite.self)
        else { throw .keyDiffers("the points of B differ between G1 and G2") }
        if let k = firstWrongSigma(parallel: parallel, using: &generator) {
            throw .keyDiffers("the basis of commitment \(k) times sigma is not by the sigma of the key")
        }
        // Keys for development have a point of degree n − 1, and secrets that their maker knows.
        let last = provingKey.h.count - 1
        guard transcript.isDevelopment || provingKey.h[last].isIdentity else {
            throw .keyDiffers("the H points have one of degree \(last), of which no quotient has any")
        }
        let hidden = commitments.flatMap { $0.committed + [$0.challenge] }
        guard hidden.allSatisfy({ provingKey.witness.c[Int($0) - provingKey.publicCount - 1].isIdentity })
        else { throw .keyDiffers("a committed wire, or a challenge, has a point over delta") }
        // What δ and the σ give away is over with the next contribution: others are put in their place.
        let other: CommittedVerifyingKey<Suite>
        do throws(CommittedKeyFault) {
            other = try CommittedVerifyingKey(
                alpha1: vk.alpha1, beta2: vk.beta2, gamma2: vk.gamma2,
                delta2: one2.multiplied(by: Suite.Fr.random(using: &generator)).affine, ic: vk.ic,
                generator: vk.generator,
                commitments: vk.commitments.map {
                    .init(
                        hashed: $0.hashed,
                        negativeSigma: one2.multiplied(by: Suite.Fr.random(using: &generator)).affine)
                },
                hash: vk.hash)
        } catch {
            throw .keyDiffers(error.message)
        }
        switch other.openSecret {
        case nil, .unboundInput?: break
        case let secret?: throw .keyDiffers("\(secret)")
        }
        do throws(SetupError) {
            try verifyContributions(
                from: transcript.isDevelopment ? nil : CommittedBeginning(of: vk),
                beaconLimit: Self.beaconLimit, passesLongBeacons: true, without: nil
            ) { _ in }
        } catch SetupError.nobodyContributed {
            // Thrown after all other checks.
        }
    }
}
