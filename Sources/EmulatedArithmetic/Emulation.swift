// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Compute
import Curves
import FiniteFields

/// The emulated arithmetic of one circuit: its chunks, its challenges, and the checks that wait for them.
///
/// ```swift
/// let emulation = Emulation(builder, .commitment, chunkBits: 17)
/// let field = EmulatedField<BN254.Fp>(emulation)
/// let x = field.hinted { secret }
/// field.enforceEqual(field.multiply(x, x), EmulatedElement(4))
/// emulation.finish()
/// ```
///
/// Nothing is enforced before `finish`. Why it is sound, and what callers have to bind, is written in
/// docs/recursion.md. Not constant-time in the witness. Not safe to share between threads.
package final class Emulation {
    /// Where constraints and wires go.
    package let builder: CircuitBuilder
    let source: ChallengeSource
    let ranges: RangeChecks
    let tampering: Tampering?
    let parallel: Parallel
    private var fields: [any DeferredChecks] = []
    private var bound: [Linear] = []
    /// Bits among what is bound: without commitments they are packed.
    private var boundBits: [Linear] = []
    private var hashed: [Linear] = []
    private var groupSize: Int?
    private var isFinished = false

    /// The first challenge, once `finish` has been called; for tests.
    package private(set) var firstChallenge: Linear?
    /// τ, once `finish` has been called; for tests.
    package private(set) var point: Linear?
    /// The polynomials ρ, once `finish` has been called; for tests.
    package private(set) var challenges: [[Linear]] = []

    /// The emulated arithmetic of a circuit, with no elements.
    ///
    /// - Parameters:
    ///   - builder: the circuit.
    ///   - source: where challenges come from.
    ///   - chunkBits: the width of chunks in the table, which has 2^chunkBits entries
    ///     (`LimbShape.chunkBits(forElements:)`); without commitments chunks are bits.
    ///   - groupSize: the most checks that share K and C; `nil` for what gives the fewest constraints.
    ///   - parallel: the threads.
    ///   - tampering: for tests only.
    /// - Precondition: 4 ≤ chunkBits ≤ 18; it is the circuit's only one, whatever primes are emulated: all
    ///   fields of a circuit share one first challenge. A second one ends the program.
    package init(
        _ builder: CircuitBuilder, _ source: ChallengeSource, chunkBits: Int = 17, groupSize: Int? = nil,
        _ parallel: Parallel = .allCores, tampering: Tampering? = nil
    ) {
        precondition((4...18).contains(chunkBits) && groupSize ?? 1 >= 1)
        if !builder.claim("emulated arithmetic") {
            fatalError(
                "emulated arithmetic: a second Emulation in one circuit: its challenges would not depend on "
                    + "the chunks of the first; all fields share one")
        }
        self.builder = builder
        self.source = source
        self.groupSize = groupSize
        self.tampering = tampering
        self.parallel = parallel
        var areBits = false
        if case .poseidon = source { areBits = tampering?.omitted.contains(.bitsBehindHash) != true }
        ranges = RangeChecks(
            builder, chunkBits: chunkBits, areBits: areBits,
            most: tampering?.mostChunks ?? LimbShape.mostChunks(chunkBits: chunkBits))
    }

    deinit {
        if !isFinished && !fields.isEmpty {
            fatalError("emulated arithmetic: no check is enforced, because finish() was not called")
        }
    }

    /// Ends the program after `finish`: what is made then could depend on challenges, and is in no check.
    func requireUnfinished(_ operation: StaticString) {
        if isFinished {
            fatalError(
                "emulated arithmetic: \(operation) after finish(): it could depend on challenges, and no "
                    + "check would be enforced")
        }
    }

    /// Ends the program after `finish`, and in a part of a circuit: what is noted here is the whole
    /// circuit's.
    private func requireWhole(_ operation: StaticString) {
        requireUnfinished(operation)
        if builder.makesParts {
            fatalError(
                "emulated arithmetic: \(operation) in a part of a circuit: its order would be one of threads")
        }
    }

    func add(_ checks: any DeferredChecks) {
        requireWhole("a field")
        fields.append(checks)
    }

    func omits(_ omission: Tampering.Omission) -> Bool { tampering?.omitted.contains(omission) == true }

    /// Lets challenges depend on a wire: every free private wire on which limbs, selectors or checks
    /// depend, and which is no chunk, has to be bound, once.
    ///
    /// - Precondition: with commitments, `wire` is a single wire with the coefficient 1; no part of a circuit
    ///   is made.
    package func bind(_ wire: Linear) {
        requireWhole("bind")
        if !omits(.binding) { bound.append(wire) }
    }

    /// Lets challenges depend on a value that the public inputs determine. A commitment's challenge depends
    /// on all of them by itself; without commitments this is where they have to be named. Not in a part of a
    /// circuit.
    package func bindPublic(_ value: Linear) {
        requireWhole("bindPublic")
        hashed.append(value)
    }

    /// Parts of the circuit with so many wires each, on several threads; one after another where something
    /// is left out, for then they may have others.
    func parts<Result>(_ sizes: [Int], _ part: (CircuitBuilder, Int) -> Result) -> [Result] {
        tampering == nil
            ? builder.inParallel(wires: sizes, parallel, part) : sizes.indices.map { part(builder, $0) }
    }

    /// A bit that challenges depend on: one constraint. Not in a part of a circuit.
    package func boundBit(_ value: @autoclosure () -> Bool) -> Linear {
        requireWhole("boundBit")
        let bit: Linear
        if let forged = tampering?.bit {
            bit = builder.wire(forged)
            if !omits(.booleans) { builder.enforceBoolean(bit) }
        } else {
            bit = builder.boolean(value())
        }
        if !omits(.binding) { boundBits.append(bit) }
        return bit
    }

    /// The constraints that `count` checks take beyond their own: ρ, and K and C of each group, as counted by
    /// a test.
    private static func overhead(groupSize: Int, checks count: Int) -> Int {
        173 * groupSize + 1_500 * ((count + groupSize - 1) / groupSize)
    }

    /// Draws challenges and enforces all that was demanded. To be called once, after everything else:
    /// elements and their limbs cannot be used any more.
    package func finish() {
        requireWhole("finish")
        isFinished = true
        for field in fields { field.requirePromises() }
        builder.scope("emulation") { enforceAll() }
        ranges.wipe()
        for field in fields { field.wipe() }
    }

    private func enforceAll() {
        let late = omits(.multiplicityCommitment)
        let multiplicities = late ? [] : ranges.makeMultiplicities(tampering)
        let first = drawFirst(multiplicities)
        firstChallenge = first
        if late {
            _ = ranges.makeMultiplicities(tampering, challenge: builder.hasValues ? first.value : nil)
        }
        builder.scope("lookups") {
            ranges.enforce(first, enforcesSum: !omits(.lookupSum), parallel)
        }
        let most = fields.map(\.checkCount).max() ?? 0
        guard most > 0 else { return }
        let size = min(most, groupSize ?? Self.bestGroupSize(fields.map(\.checkCount)))
        let polynomials = ChallengePolynomials(builder, first: first, count: size, parallel, tampering)
        challenges = polynomials.coefficients
        var (bits, elements): ([Linear], [Linear]) = ([], [])
        for field in fields where field.checkCount > 0 {
            let own = field.makeQuotients(polynomials)
            bits += own.bits
            elements += own.elements
        }
        let head = omits(.firstChallengeInPoint) ? [] : [first]
        let point =
            omits(.pointHash)
            ? builder.wire(tampering?.point ?? .zero)
            : builder.poseidon(head + builder.packed(bits) + elements, domain: ChallengeDomain.point)
        self.point = point
        let values = polynomials.values(builder, at: point)
        let enforced = omits(.laterFields) ? Array(fields.prefix(1)) : fields
        for field in enforced where field.checkCount > 0 { field.enforce(at: point, values) }
    }

    private func drawFirst(_ multiplicities: [Linear]) -> Linear {
        switch source {
        case .commitment:
            let first = builder.commit(
                bound + boundBits + multiplicities, numbers: ranges.wires, parallel)
            refuseFreeWires { builder.uncommittedDependencies(of: $0) }
            refuseHashes(of: publicInputs + bound + boundBits + ranges.all)
            return first
        case .poseidon:
            refuseFreeWires { dependencies in
                builder.unboundDependencies(
                    of: dependencies, bound: hashed + bound + boundBits + ranges.all)
            }
            refuseHashes(of: hashed + bound + boundBits + ranges.all)
            let own =
                ranges.areBits
                ? builder.packed(boundBits + ranges.all)
                : builder.packed(boundBits) + packedChunks(ranges.all) + multiplicities
            return builder.poseidon(hashed + bound + own, domain: ChallengeDomain.first)
        }
    }

    /// Ends the program where limbs or selections depend on a wire that the first challenge does not bind:
    /// one that the commitment does not have, or that is not hashed as it is.
    private func refuseFreeWires(_ unbound: ([Linear]) -> [UInt32]) {
        guard builder.recordsConstraints && !omits(.binding) else { return }
        let dependencies = fields.flatMap(\.dependencies)
        guard !dependencies.isEmpty else { return }
        let free = unbound(dependencies)
        if !free.isEmpty {
            fatalError(
                "emulated arithmetic: limbs or selections depend on wires that are not bound: "
                    + free.prefix(8).map { String($0) }.joined(separator: ", "))
        }
    }

    /// Ends the program where limbs or selections are made of what is bound by so many products one after
    /// another as a hash is: the circuit could have computed a challenge anew, and made of it what checks
    /// depend on. Bits of a hash that are bound are well: the first challenge depends on them, so it is not
    /// that hash. With commitments, too: a prover who knows the commitment can have it among the public
    /// inputs.
    private func refuseHashes(of bound: @autoclosure () -> [Linear]) {
        guard builder.recordsConstraints && !omits(.binding) else { return }
        let dependencies = fields.flatMap(\.dependencies)
        guard !dependencies.isEmpty else { return }
        let depth = builder.productDepth(of: dependencies, bound: bound())
        if depth >= Self.hashDepth {
            fatalError(
                "emulated arithmetic: limbs or selections are \(depth) products one after another of what is "
                    + "bound, as hashes are: a challenge computed anew binds nothing; bind the bits of a hash, "
                    + "or the result of so many products"
            )
        }
    }

    /// Fewer products, one after another, than hashes take as they are known: Poseidon's 65 rounds or more of
    /// three products each are 195. That no small circuit does with less is an assumption.
    private static let hashDepth = 100

    /// The wires of all public inputs.
    private var publicInputs: [Linear] {
        (0..<builder.publicCount).map { builder.combination($0 + 1, value: .zero) }
    }

    /// Chunks as elements, as if they were known to be in range; for tests.
    private func packedChunks(_ chunks: [Linear]) -> [Linear] {
        let count = (Scalar.bitWidth - 1) / ranges.chunkBits
        return stride(from: 0, to: chunks.count, by: count).map { start in
            var sum = Linear.zero
            for (index, chunk) in chunks[start..<min(start + count, chunks.count)].enumerated() {
                sum.add(chunk, times: builder.powerOfTwo(index * ranges.chunkBits))
            }
            return sum
        }
    }

    /// The number of checks a group with the fewest constraints for fields with so many checks.
    private static func bestGroupSize(_ counts: [Int]) -> Int {
        (0..<24).map { step in step % 2 == 0 ? 1 << (step / 2) : (3 << (step / 2)) >> 1 }
            .filter { $0 >= 1 }
            .min { a, b in
                func cost(_ size: Int) -> Int {
                    counts.reduce(0) { $0 + overhead(groupSize: size, checks: $1) }
                }
                return cost(a) < cost(b)
            }!
    }
}
