// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import EmulatedArithmetic
import FiniteFields

/// The places of a circuit for proofs of one key: which of them are used, for which public inputs the proof
/// of each is verified, and the hash of all that.
///
/// Used places come first, and the first one always is used. For an unused place the first proof is verified
/// once more, and zeros are hashed.
package struct ProofPlaces {
    /// The public inputs that the proof of each place is verified for.
    package let inputs: [[Linear]]
    /// `ProofPlaces.digest` of what is used.
    package let digest: Linear

    /// The domain of the hash.
    package static let domain: UInt64 = 0x5265_0010

    /// The places of a circuit: of each but the first a bit, a constraint for the order, and two for each
    /// input; 612 constraints for every sixteen elements hashed. Bits and inputs are bound.
    ///
    /// - Parameters:
    ///   - count: how many places there are, one or more.
    ///   - publicCount: how many public inputs a proof has.
    ///   - rows: the public inputs of the proofs; none where no values are made.
    ///   - flags: for tests, which places are used; `nil` for as many as there are rows.
    package init(
        _ emulation: Emulation, count: Int, publicCount: Int, _ rows: [[Scalar]], used flags: [Bool]? = nil
    ) {
        precondition(count > 0 && rows.count <= count && rows.allSatisfy { $0.count == publicCount })
        let builder = emulation.builder
        let all = (0..<count).map { row in
            (0..<publicCount).map { column in
                builder.wire(row < rows.count ? rows[row][column] : .zero)
            }
        }
        let used =
            [Linear.one]
            + (1..<count).map { place in
                emulation.boundBit(flags?[place] ?? (place < rows.count))
            }
        // None after one that is not.
        for (place, next) in zip(used, used.dropFirst()).dropFirst() {
            builder.enforce(next, times: Linear.one - place, equals: .zero)
        }
        var (verified, hashed) = ([all[0]], all[0])
        for (flag, row) in zip(used, all).dropFirst() {
            var own: [Linear] = []
            for (first, input) in zip(all[0], row) {
                let difference = builder.multiply(flag, input - first)
                own.append(first + difference)
                hashed.append(difference + builder.multiply(flag, first))
            }
            verified.append(own)
        }
        for input in all.joined() { emulation.bind(input) }
        inputs = verified
        let number = used.dropFirst().reduce(Linear.one) { $0 + $1 }
        digest = builder.poseidon(
            [number, Linear(Scalar(UInt64(publicCount)))] + hashed, domain: Self.domain)
    }

    /// The hash of the number of proofs, of how many public inputs each has, and of all these in the order of
    /// the proofs, then of zeros for each unused place (`Poseidon.hash(_:domain:)`).
    ///
    /// - Parameters:
    ///   - publicInputs: a row for each proof.
    ///   - count: how many places there are.
    /// - Precondition: all have as many inputs, and there is a place for each.
    package static func digest(of publicInputs: [[Scalar]], places count: Int) -> Scalar {
        let width = publicInputs.first?.count ?? 0
        precondition(publicInputs.allSatisfy { $0.count == width } && publicInputs.count <= count)
        let unused = [Scalar](repeating: .zero, count: (count - publicInputs.count) * width)
        return Poseidon.hash(
            [Scalar(UInt64(publicInputs.count)), Scalar(UInt64(width))] + publicInputs.joined() + unused,
            domain: domain)
    }
}
