// SPDX-License-Identifier: Apache-2.0

import Circuits
import Compute
import Curves
import FiniteFields

/// Chunks, and what keeps them in range: each a bit, or all in one table.
///
/// In the table: Σ 1/(α − cᵢ) = Σ mₜ/(α − t) over the chunks cᵢ and the numbers t < 2^chunkBits, each with
/// its multiplicity mₜ. Chunks and multiplicities are committed to before α is known.
///
/// - Reference: Haböck 2022, "Multivariate lookups based on logarithmic derivatives", lemma 5.
final class RangeChecks {
    let builder: CircuitBuilder
    let chunkBits: Int
    /// Chunks are bits by a constraint each, and not in a table.
    let areBits: Bool
    /// The wires of all chunks, in order; of a part of a circuit, its own.
    private(set) var wires: [UInt32] = []
    /// The number that each chunk is; `none` for one that is in no table.
    private var numbers: [UInt32] = []
    private var multiplicities: [Linear] = []
    /// Whether challenges have been drawn: nothing may be added any more.
    private(set) var isSealed = false

    private static let none = UInt32.max
    /// The lookups that one thread makes at a time: milliseconds, so that threads end together.
    private static let partSize = 1 << 14
    private let most: Int
    /// The chunks around a part of a circuit, and the number of the part's first chunk.
    private let whole: RangeChecks?
    private let first: Int

    /// - Parameter most: how many chunks a table may have; one more ends the program.
    init(_ builder: CircuitBuilder, chunkBits: Int, areBits: Bool, most: Int) {
        self.builder = builder
        self.most = most
        self.chunkBits = areBits ? 1 : chunkBits
        self.areBits = areBits
        (whole, first) = (nil, 0)
    }

    /// The chunks of a part of a circuit.
    ///
    /// - Parameters:
    ///   - whole: the chunks around it.
    ///   - first: the number of its first chunk.
    init(partOf whole: RangeChecks, _ builder: CircuitBuilder, from first: Int) {
        self.builder = builder
        (self.whole, self.first) = (whole, first)
        (chunkBits, areBits, most) = (whole.chunkBits, whole.areBits, whole.most)
    }

    /// The number of chunks so far, those before a part included.
    var count: Int { first + wires.count }
    /// All chunks, in order.
    var all: [Linear] { (first..<count).map { self[$0] } }

    /// The chunk of a number.
    subscript(number: Int) -> Linear {
        if number < first { return whole![number] }
        let wire = Int(wires[number - first])
        return builder.combination(wire, value: builder.value(of: wire))
    }

    /// Appends the chunks of a part, which forgets them.
    func append(_ part: RangeChecks) {
        precondition(count == part.first)
        wires += part.wires
        numbers += part.numbers
        part.wipe()
    }

    /// A new chunk: one constraint now or later, and its share of the table.
    ///
    /// - Parameter number: its value, below 2^chunkBits; any where no values are made.
    func chunk(_ number: UInt32) -> Linear {
        precondition(!isSealed)
        if areBits {
            let bit = builder.boolean(number != 0)
            append(bit)
            return bit
        }
        guard count < most else {
            fatalError(
                "emulated arithmetic: more than \(most) chunks of \(chunkBits) bits in one table: the lookups "
                    + "would be less sound than docs/recursion.md says")
        }
        let chunk = builder.wire(Scalar(UInt64(number)))
        append(chunk)
        if builder.hasValues { numbers.append(number) }
        return chunk
    }

    private func append(_ chunk: Linear) {
        guard let wire = chunk.wireNumber else { preconditionFailure() }
        wires.append(wire)
    }

    /// A chunk with a value that is in no table; for tests.
    func forgedChunk(_ value: Scalar) -> Linear {
        let own = value.canonical
        if own.bitLength <= chunkBits { return chunk(UInt32(own[0])) }
        let chunk = builder.wire(value)
        append(chunk)
        if areBits { builder.enforceBoolean(chunk) } else { numbers.append(Self.none) }
        return chunk
    }

    /// The wires of the multiplicities, 2^chunkBits of them: to be committed to with the chunks. There can
    /// be no chunks afterwards.
    func makeMultiplicities(_ tampering: Tampering?, challenge: Scalar? = nil) -> [Linear] {
        isSealed = true
        guard !areBits && !wires.isEmpty else { return [] }
        var counts = [UInt32](repeating: 0, count: 1 << chunkBits)
        defer { counts.withUnsafeMutableBytes { overwrite($0) } }
        for number in numbers where number != Self.none { counts[Int(number)] += 1 }
        if let forge = tampering?.multiplicities, builder.hasValues {
            multiplicities = forge(counts.map { Scalar(UInt64($0)) }, challenge).map { builder.wire($0) }
        } else {
            multiplicities = (0..<(1 << chunkBits)).map { index in
                builder.wire(Scalar(UInt64(counts[index])))
            }
        }
        return multiplicities
    }

    /// Demands that all chunks are in the table: one constraint for each, one for each number, and one.
    ///
    /// - Parameters:
    ///   - alpha: the challenge, which depends on all chunks and multiplicities.
    ///   - enforcesSum: false in tests.
    ///   - parallel: the threads.
    func enforce(_ alpha: Linear, enforcesSum: Bool, _ parallel: Parallel) {
        guard !areBits && !wires.isEmpty else { return }
        var inverses: [Scalar] = []
        if builder.hasValues {
            inverses = (0..<(1 << chunkBits)).map { alpha.value - Scalar(UInt64($0)) }
            Scalar.batchInvert(&inverses)
        }
        let starts = Array(stride(from: 0, to: count, by: Self.partSize))
        let sizes = starts.map { min(Self.partSize, count - $0) }
        let sums = builder.inParallel(wires: sizes, parallel) { builder, part in
            var sum = Linear.zero
            for index in starts[part]..<(starts[part] + sizes[part]) {
                let difference = alpha - self[index]
                let share = builder.wire(
                    numbers[index] == Self.none
                        ? difference.value.inverse() ?? .zero : inverses[Int(numbers[index])])
                builder.enforce(share, times: difference, equals: .one)
                sum += share
            }
            return sum
        }
        var sum = sums.sum()
        for (number, multiplicity) in multiplicities.enumerated() {
            let share = builder.wire(multiplicity.value * inverses[number])
            builder.enforce(share, times: alpha - Scalar(UInt64(number)), equals: multiplicity)
            sum -= share
        }
        if enforcesSum { builder.enforceEqual(sum, .zero) }
    }

    /// Overwrites what is known of the values of chunks, and forgets them.
    func wipe() {
        numbers.withUnsafeMutableBytes { overwrite($0) }
        for index in multiplicities.indices { multiplicities[index] = .zero }
        (wires, multiplicities, numbers) = ([], [], [])
    }
}
