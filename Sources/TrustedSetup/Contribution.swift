public import Compute
import Curves
import EllipticCurves
import FiniteFields
public import Groth16
public import SnarkFormats

extension SetupTranscript where Suite: SetupKernels {
    /// A contribution to the second phase: δ is multiplied by a secret that this call draws and forgets, C and H are divided by it. The memory
    /// that holds the secret and its inverse is overwritten.
    ///
    /// The key is sound when one contributor of all was honest.
    ///
    /// - Parameters:
    ///   - key: the key so far.
    ///   - name: the contributor's name, at most 64 bytes of it.
    ///   - generator: must be cryptographically secure.
    public func contributing(
        to key: ProvingKey<Suite>, name: String, parallel: Parallel,
        using generator: inout some RandomNumberGenerator
    ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
        func draw() -> Suite.Fr {
            while true {
                let value = Suite.Fr.random(using: &generator)
                if !value.isZero { return value }
            }
        }
        let secret = SecretValue(draw())
        let g1S = Suite.multiplyAll(PointTable([Suite.G1.generator]), by: draw(), parallel)[0]
        let g1SX = g1S.multiplied(by: secret.value).affine
        let transcript = hash(before: contributions.count, g1S, g1SX)
        let g2SPX = Self.challenge(transcript).multiplied(by: secret.value).affine
        let inverse = SecretValue(secret.value.inverse() ?? .zero)
        var vk = key.verifyingKey
        vk.delta2 = vk.delta2.multiplied(by: secret.value).affine
        let delta1 = key.delta1.multiplied(by: secret.value).affine
        let next = ProvingKey<Suite>(
            verifyingKey: vk, beta1: key.beta1, delta1: delta1, variableCount: key.variableCount,
            logDomainSize: key.logDomainSize, a: key.a, b1: key.b1, b2: key.b2,
            c: PointTable(Suite.multiplyAll(key.c, by: inverse.value, parallel)),
            h: PointTable(Suite.multiplyAll(key.h, by: inverse.value, parallel)),
            coefficients: key.coefficients)
        var result = self
        result.contributions.append(
            SetupContribution(
                deltaAfter: delta1, g1S: g1S, g1SX: g1SX, g2SPX: g2SPX, transcript: transcript, kind: 0,
                parameters: SetupContribution<Suite>.parameters(name: name)))
        return (next, result)
    }

    /// The transcript of contribution `index`: circuit hash, all contributions before, its own point pair.
    private func hash(before index: Int, _ g1S: Affine<Suite.G1>, _ g1SX: Affine<Suite.G1>) -> [UInt8] {
        var hash = TranscriptHash<Suite>()
        hash.update(bytes: circuitHash)
        for contribution in contributions[..<index] {
            hash.update(contribution.deltaAfter)
            hash.update(contribution.g1S)
            hash.update(contribution.g1SX)
            hash.update(contribution.g2SPX)
            hash.update(bytes: contribution.transcript)
        }
        hash.update(g1S)
        hash.update(g1SX)
        return hash.finished()
    }

    /// The point of G2 that a transcript leads to: its first 32 bytes, as big-endian words, seed ChaCha20.
    private static func challenge(_ transcript: [UInt8]) -> Affine<Suite.G2> {
        Suite.point2(
            seed: (0..<8).map { word in
                transcript[(4 * word)..<(4 * word + 4)].reduce(0) { $0 << 8 | UInt32($1) }
            })
    }

    /// Demands that the contributions lead from δ = 1 to the key's δ.
    ///
    /// - Throws: `.keyDiffers` with the number of the contribution, from 1.
    public func verifyContributions(to key: ProvingKey<Suite>) throws(SetupError) {
        var before = Suite.G1.generator
        for (index, contribution) in contributions.enumerated() {
            func require(_ holds: Bool, _ what: String) throws(SetupError) {
                guard holds else { throw .keyDiffers("contribution \(index + 1): \(what)") }
            }
            try require(
                contribution.transcript == hash(before: index, contribution.g1S, contribution.g1SX),
                "its transcript is not the hash of what came before")
            let challenge = Self.challenge(contribution.transcript)
            try require(
                sameRatio(contribution.g1S, contribution.g1SX, challenge, contribution.g2SPX, of: Suite.self),
                "its proof of knowledge does not hold")
            try require(
                sameRatio(before, contribution.deltaAfter, challenge, contribution.g2SPX, of: Suite.self),
                "it did not multiply delta by the factor that it proves")
            before = contribution.deltaAfter
        }
        guard before == key.delta1 else { throw .keyDiffers("delta is not what the contributions lead to") }
        guard
            sameRatio(
                Suite.G1.generator, key.delta1, Suite.G2.generator, key.verifyingKey.delta2, of: Suite.self)
        else { throw .keyDiffers("delta differs between G1 and G2") }
    }
}

extension Groth16Setup {
    /// Demands that a key is the circuit's, made from these powers of tau, with the history that its transcript tells.
    ///
    /// - Parameter generator: unpredictable to whoever made the key.
    /// - Throws: `.keyDiffers` with the first part that differs.
    public func verify(
        _ key: ProvingKey<Suite>, _ transcript: SetupTranscript<Suite>, against powers: PowersOfTau<Suite>,
        using generator: inout some RandomNumberGenerator, observe: (String) -> Void = { _ in }
    ) throws(SetupError) {
        try verifyMatrices(of: key)
        let (initial, start) = initialKey(powers, observe: observe)
        func require(_ holds: Bool, _ what: String) throws(SetupError) {
            guard holds else { throw .keyDiffers(what) }
        }
        func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool { a.elementsEqual(b) }
        let (vk, wanted) = (key.verifyingKey, initial.verifyingKey)
        try require(vk.alpha1 == wanted.alpha1, "alpha is not that of the powers of tau")
        try require(
            key.beta1 == initial.beta1 && vk.beta2 == wanted.beta2, "beta is not that of the powers of tau")
        try require(vk.gamma2 == wanted.gamma2, "gamma is not one")
        try require(vk.ic == wanted.ic, "IC points differ")
        try require(equal(key.a.bytes, initial.a.bytes), "A points differ")
        try require(equal(key.b1.bytes, initial.b1.bytes), "B1 points differ")
        try require(equal(key.b2.bytes, initial.b2.bytes), "B2 points differ")
        try require(transcript.circuitHash == start.circuitHash, "the circuit hash differs")
        observe("delta")
        // C and H are divided by δ: a random combination of each, times δ, is that of the beginning.
        func scaled(_ a: PointTable<Suite.G1>, _ b: PointTable<Suite.G1>) -> Bool {
            let scalars = (0..<a.count).map { _ in Suite.Fr.random(using: &generator).canonical }
            return scalars.withUnsafeBufferPointer { scalars in
                let (own, first) = (Suite.cpuMSM(a, scalars, parallel), Suite.cpuMSM(b, scalars, parallel))
                if own.isIdentity || first.isIdentity { return own == first }
                return sameRatio(own, first, Suite.G2.generator, vk.delta2, of: Suite.self)
            }
        }
        try require(scaled(key.c, initial.c), "C points are not those of the circuit over delta")
        try require(scaled(key.h, initial.h), "H points are not those of the powers of tau over delta")
        try transcript.verifyContributions(to: key)
    }

    /// Demands that a key's matrices and sizes are the circuit's: what can be checked without powers of tau.
    ///
    /// - Throws: `.keyDiffers`.
    public func verifyMatrices(of key: ProvingKey<Suite>) throws(SetupError) {
        guard key.variableCount == system.wireCount else {
            throw .keyDiffers("the key has \(key.variableCount) wires, the circuit \(system.wireCount)")
        }
        guard key.publicCount == system.publicCount else {
            throw .keyDiffers(
                "the key has \(key.publicCount) public inputs, the circuit \(system.publicCount)")
        }
        guard key.logDomainSize == logDomainSize else {
            throw .keyDiffers(
                "the key has a domain of 2^\(key.logDomainSize), the circuit needs 2^\(logDomainSize)")
        }
        let wanted = coefficients()
        guard key.coefficients.count == wanted.count, key.coefficients.bytes.elementsEqual(wanted.bytes)
        else {
            throw .keyDiffers("the key's matrices are not the circuit's")
        }
    }
}
