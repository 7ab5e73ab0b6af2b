// SPDX-License-Identifier: Apache-2.0

public import Compute
public import Curves
import EllipticCurves
public import FiniteFields
public import Groth16

/// Makes aggregate proofs of Groth16 proofs of one circuit.
///
/// A, C and B to rⁱ are committed to under keys v (sⁱ·G2) and w (sⁿ⁺ⁱ·G1, to r⁻ⁱ) of both secrets; that the
/// product of their pairings and the sum of the C are what they are claimed to be is shown by halving all
/// vectors with a challenge x, round by round.
///
/// - Reference: Gailly, Maller and Nitulescu 2021, "SnarkPack: Practical SNARK aggregation", §5; Bünz,
///   Maller, Mishra, Tyagi and Vesely 2021, "Proofs for inner pairing products and applications".
public struct Aggregator<Suite: ComputeSuite>: Sendable {
    /// A proof and its public inputs, canonical.
    public typealias Item = (proof: Proof<Suite>, publicInputs: [Suite.Fr.Limbs])
    typealias Scalar = Suite.Fr
    typealias G1 = Affine<Suite.G1>
    typealias G2 = Affine<Suite.G2>
    typealias Target = Fp12<Suite.Tower>

    /// What aggregates.
    public let key: AggregationKey<Suite>
    /// The key of the proofs.
    public let verifyingKey: VerifyingKey<Suite>
    /// Threads for the work.
    public let parallel: Parallel
    /// What verifies the aggregates.
    public let aggregationVerifyingKey: AggregationVerifyingKey<Suite>

    /// An aggregator of proofs under one verification key.
    ///
    /// - Throws: `.unusableKey` as `AggregationVerifyingKey`.
    public init(
        _ key: AggregationKey<Suite>, for verifyingKey: VerifyingKey<Suite>, parallel: Parallel
    ) throws(AggregationError) {
        self.key = key
        self.verifyingKey = verifyingKey
        self.parallel = parallel
        aggregationVerifyingKey = try key.verifyingKey()
    }

    /// The vectors of one moment of the argument.
    private struct Vectors {
        var a: [G1]
        var b: [G2]
        var c: [G1]
        /// The weights of the C.
        var r: [Scalar]
        var v: (first: [G2], second: [G2])
        var w: (first: [G1], second: [G1])
    }

    /// One proof for all `items`, whose order counts.
    ///
    /// The items are not verified: an aggregate of something invalid is invalid.
    ///
    /// - Parameters:
    ///   - items: the proofs, with their public inputs.
    ///   - observe: called with the number of each round as it begins, and the number of rounds.
    /// - Throws: `.noProofs`, `.tooFewPowers`, `.publicCount`.
    /// - Complexity: some 21 Miller loops, six products in G1 and four in G2 a proof.
    public func aggregate(
        _ items: [Item], observe: (_ round: Int, _ rounds: Int) -> Void = { _, _ in }
    ) throws(AggregationError) -> AggregateProof<Suite> {
        guard let last = items.last else { throw .noProofs }
        let rounds = AggregateProof<Suite>.roundCount(for: items.count)
        let n = 1 << rounds
        guard n <= key.capacity else { throw .tooFewPowers(needed: n, capacity: key.capacity) }
        for (index, item) in items.enumerated() where item.publicInputs.count != verifyingKey.publicCount {
            throw .publicCount(
                proof: index, expected: verifyingKey.publicCount, found: item.publicInputs.count)
        }
        let proofs = items.map(\.proof) + [Proof<Suite>](repeating: last.proof, count: n - items.count)
        var transcript = AggregationTranscript(
            aggregationVerifyingKey, verifyingKey, count: items.count, publicInputs: items.map(\.publicInputs)
        )
        var vectors = Vectors(
            a: proofs.map(\.a), b: proofs.map(\.b), c: proofs.map(\.c), r: [],
            v: (points(key.first.g2, 0..<n), points(key.second.g2, 0..<n)),
            w: (points(key.first.g1, n..<2 * n), points(key.second.g1, n..<2 * n)))
        observe(0, rounds)
        let (ab, c) = commitments(vectors)
        transcript.absorb(ab, "ab")
        transcript.absorb(c, "c")
        let r = transcript.challenge()
        // A challenge is zero for one hash in 2^254.
        let inverseR = r.inverse() ?? .one
        vectors.r = Self.powers(of: r, n)
        vectors.b = multiply(vectors.b, by: vectors.r)
        let inverses = Self.powers(of: inverseR, n)
        vectors.w = (multiply(vectors.w.first, by: inverses), multiply(vectors.w.second, by: inverses))
        let product = self.products(n, 1) { [[(vectors.a[$0], Suite.prepare(vectors.b[$0]))]] }[0]
        let sum = self.sum(vectors.c, vectors.r)
        transcript.absorb(product: product, sum: sum)

        var made: [AggregateProof<Suite>.Round] = []
        var challenges: [(x: Scalar, inverse: Scalar)] = []
        for round in 0..<rounds {
            observe(round + 1, rounds)
            let cross = crossTerms(vectors)
            made.append(cross)
            transcript.absorb(cross)
            let x = transcript.challenge()
            let inverse = x.inverse() ?? .one
            challenges.append((x, inverse))
            vectors = halved(vectors, x, inverse)
        }
        let none = AggregateProof<Suite>.Pair<G2>(first: .identity, second: .identity)
        var result = AggregateProof<Suite>(
            count: items.count, ab: ab, c: c, product: product, sum: sum, rounds: made, finalA: vectors.a[0],
            finalB: vectors.b[0], finalC: vectors.c[0],
            keyV: .init(first: vectors.v.first[0], second: vectors.v.second[0]), openingV: none,
            keyW: .init(first: vectors.w.first[0], second: vectors.w.second[0]),
            openingW: .init(first: .identity, second: .identity))
        transcript.absorbFinals(result)
        let z = transcript.challenge()
        let v = KeyPolynomial(v: challenges).quotient(at: z)
        let w = KeyPolynomial(w: challenges, inverseR: inverseR).quotient(at: z)
        result.openingV = .init(first: self.sum(key.first.g2, v), second: self.sum(key.second.g2, v))
        result.openingW = .init(first: self.sum(key.first.g1, w), second: self.sum(key.second.g1, w))
        return result
    }

    /// Π e(Aᵢ, vᵢ)·e(wᵢ, Bᵢ) and Π e(Cᵢ, vᵢ), for both keys.
    private func commitments(
        _ it: Vectors
    ) -> (ab: AggregateProof<Suite>.Pair<Target>, c: AggregateProof<Suite>.Pair<Target>) {
        let found = products(it.a.count, 4) { i in
            let (v1, v2) = (Suite.prepare(it.v.first[i]), Suite.prepare(it.v.second[i]))
            let b = Suite.prepare(it.b[i])
            return [
                [(it.a[i], v1), (it.w.first[i], b)], [(it.a[i], v2), (it.w.second[i], b)], [(it.c[i], v1)],
                [(it.c[i], v2)],
            ]
        }
        return (.init(first: found[0], second: found[1]), .init(first: found[2], second: found[3]))
    }

    /// What the halves of the vectors give crosswise.
    private func crossTerms(_ it: Vectors) -> AggregateProof<Suite>.Round {
        let half = it.a.count / 2
        let found = products(half, 10) { i in
            let j = half + i
            let (v1l, v1r) = (Suite.prepare(it.v.first[i]), Suite.prepare(it.v.first[j]))
            let (v2l, v2r) = (Suite.prepare(it.v.second[i]), Suite.prepare(it.v.second[j]))
            let (bl, br) = (Suite.prepare(it.b[i]), Suite.prepare(it.b[j]))
            return [
                [(it.a[j], v1l), (it.w.first[j], bl)], [(it.a[j], v2l), (it.w.second[j], bl)],
                [(it.c[j], v1l)], [(it.c[j], v2l)], [(it.a[j], bl)],
                [(it.a[i], v1r), (it.w.first[i], br)], [(it.a[i], v2r), (it.w.second[i], br)],
                [(it.c[i], v1r)], [(it.c[i], v2r)], [(it.a[i], br)],
            ]
        }
        func side(_ at: Int, _ sum: G1) -> AggregateProof<Suite>.Round.Side {
            .init(
                ab: .init(first: found[at], second: found[at + 1]),
                c: .init(first: found[at + 2], second: found[at + 3]),
                product: found[at + 4], sum: sum)
        }
        return .init(
            left: side(0, sum(Array(it.c[half...]), Array(it.r[..<half]))),
            right: side(5, sum(Array(it.c[..<half]), Array(it.r[half...]))))
    }

    /// A and C and w fold with x, B, v and the weights with 1/x.
    private func halved(_ it: Vectors, _ x: Scalar, _ inverse: Scalar) -> Vectors {
        let half = it.r.count / 2
        return Vectors(
            a: folded(it.a, x), b: folded(it.b, inverse), c: folded(it.c, x),
            r: (0..<half).map { it.r[$0] + inverse * it.r[half + $0] },
            v: (folded(it.v.first, inverse), folded(it.v.second, inverse)),
            w: (folded(it.w.first, x), folded(it.w.second, x)))
    }

    private func folded<Group: ComputeGroup>(_ points: [Affine<Group>], _ factor: Scalar) -> [Affine<Group>]
    where Group.Scalar == Scalar {
        let half = points.count / 2
        return Self.added(points, multiply(Array(points[half...]), by: .init(repeating: factor, count: half)))
    }

    private static func added<Group>(_ low: [Affine<Group>], _ scaled: [Affine<Group>]) -> [Affine<Group>] {
        Jacobian.batchAffine(zip(low, scaled).map { Jacobian($0) + $1 })
    }

    private func multiply<Group: ComputeGroup>(
        _ points: [Affine<Group>], by scalars: [Scalar]
    ) -> [Affine<Group>] where Group.Scalar == Scalar {
        Group.cpuMultiplyEach(points, by: scalars.map(\.canonical), parallel)
    }

    private func points<Group>(_ table: PointTable<Group>, _ range: Range<Int>) -> [Affine<Group>] {
        range.map { table[$0] }
    }

    private func sum(_ points: [G1], _ scalars: [Scalar]) -> G1 { sum(PointTable(points), scalars) }

    private func sum<Group: ComputeGroup>(
        _ points: PointTable<Group>, _ scalars: [Scalar]
    ) -> Affine<Group> where Group.Scalar == Scalar {
        scalars.map(\.canonical).withUnsafeBufferPointer {
            Group.cpuMSM(points.slice(0..<scalars.count), $0, parallel)
        }
    }

    /// `number` products of pairings over all indices below `count`; `pairs` gives an index' pairs for each
    /// of them.
    private func products(
        _ count: Int, _ number: Int, _ pairs: (Int) -> [[(G1, Suite.PreparedG2)]]
    ) -> [Target] {
        let chunk = 16
        let chunks = (count + chunk - 1) / chunk
        let loops = parallel.map(chunks) { task in
            var gathered = [[(G1, Suite.PreparedG2)]](repeating: [], count: number)
            for index in task * chunk..<min((task + 1) * chunk, count) {
                for (product, pairs) in pairs(index).enumerated() { gathered[product] += pairs }
            }
            return gathered.map { Suite.millerLoop($0) }
        }
        return parallel.map(number) { product in
            Suite.finalExponentiation(loops.reduce(.one) { $0 * $1[product] })
        }
    }

    /// 1, y, y², … of the given number.
    static func powers(of y: Scalar, _ count: Int) -> [Scalar] {
        var result: [Scalar] = [.one]
        result.reserveCapacity(count)
        while result.count < count { result.append(result[result.count - 1] * y) }
        return result
    }
}
