// SPDX-License-Identifier: Apache-2.0

package import Compute
package import ConstraintSystems
package import Curves
import EllipticCurves
import FiniteFields
package import Groth16

/// Makes Groth16 keys, in gnark's form, of constraint systems with commitments to wires: for development, of
/// secrets that are known to the process that draws them, or from powers of tau, to be contributed to.
///
/// Every wire is in exactly one place: public wires and challenges over γ in the verification key, committed
/// wires over γ in a commitment's basis, all others over δ. A commitment has a σ of its own, by which its
/// basis is multiplied once more.
///
/// That the system's lists of committed and hashed wires are those that the circuit needs nothing here can
/// know: with one wire left out, a prover chooses it after the challenge.
///
/// - Reference: as `CommittedVerifyingKey`; Bowe, Gabizon and Miers 2017 for the two phases.
package struct CommittedSetup<Suite: ComputeSuite>: Sendable {
    package typealias Scalar = Suite.Fr

    /// What the keys are for.
    package let system: R1CS<Scalar>
    /// log₂ of the rows, one for each constraint and none for public wires.
    package let logDomainSize: Int
    let parallel: Parallel

    /// A setup for one constraint system; nothing is computed yet. One wire of each commitment should be
    /// random, and nothing else: it hides the others.
    ///
    /// - Returns: nil for systems without commitments, and those that are too large for the field.
    package init?(_ system: R1CS<Scalar>, parallel: Parallel) {
        logDomainSize = Int.bitWidth - (max(system.constraintCount, 2) - 1).leadingZeroBitCount
        guard !system.commitments.isEmpty, logDomainSize + 1 < Scalar.twoAdicity else { return nil }
        self.system = system
        self.parallel = parallel
    }

    /// A key from secrets that this process draws and forgets. **Insecure**, as `Groth16Setup.development`.
    ///
    /// - Throws: `CommittedKeyFault` for secrets that happen to be related, which never happens.
    package func development(
        hash: CommitmentHash, using generator: inout some RandomNumberGenerator
    ) throws(CommittedKeyFault) -> (
        key: CommittedProvingKey<Suite>, verifyingKey: CommittedVerifyingKey<Suite>
    ) {
        let secrets = (0..<6).map { _ in Scalar.random(using: &generator) }
        let (tau, alpha, beta) = (secrets[0], secrets[1], secrets[2])
        let (gamma, delta, generator2) = (secrets[3], secrets[4], secrets[5])
        let commitments = system.commitments
        let sigmas = commitments.map { _ in Scalar.random(using: &generator) }
        let (a, b, c) = values(at: tau)
        let (overGamma, overDelta) = (gamma.inverse() ?? .zero, delta.inverse() ?? .zero)
        let combined = (0..<system.wireCount).map { beta * a[$0] + alpha * b[$0] + c[$0] }

        let publics = system.publicCount
        let seen = Array(0...publics) + challenges
        let singles = Suite.G1.cpuMultiplyGenerator(by: [alpha, beta, delta], parallel)
        let singles2 = Suite.G2.cpuMultiplyGenerator(
            by: [beta, gamma, delta, generator2] + sigmas.map { -$0 * generator2 }, parallel)
        let ic = Suite.G1.cpuMultiplyGenerator(by: seen.map { combined[$0] * overGamma }, parallel)
        let verifyingKey = try CommittedVerifyingKey<Suite>(
            alpha1: singles[0], beta2: singles2[0], gamma2: singles2[1], delta2: singles2[2], ic: ic,
            generator: singles2[3],
            commitments: zip(
                CommittedKey<Suite>.hashedIndices(commitments, publicCount: publics), singles2.dropFirst(4)
            ).map { .init(hashed: $0, negativeSigma: $1) },
            hash: hash)

        let hidden = wiresInBases
        let rest = (publics + 1..<system.wireCount).map {
            hidden[$0] ? .zero : combined[$0] * overDelta
        }
        let tables = WitnessTables<Suite>(
            a: PointTable(Suite.G1.cpuMultiplyGenerator(by: a, parallel)),
            b1: PointTable(Suite.G1.cpuMultiplyGenerator(by: b, parallel)),
            b2: PointTable(Suite.G2.cpuMultiplyGenerator(by: b, parallel)),
            c: PointTable(Suite.G1.cpuMultiplyGenerator(by: rest, parallel)))
        let keys = zip(commitments, sigmas).map { commitment, sigma in
            let wires = commitment.committed.map { Int($0) }
            let values = wires.map { combined[$0] * overGamma }
            return CommittedProvingKey<Suite>.Commitment(
                wires: wires, challengeWire: Int(commitment.challenge),
                basis: PointTable(Suite.G1.cpuMultiplyGenerator(by: values, parallel)),
                sigmaBasis: PointTable(
                    Suite.G1.cpuMultiplyGenerator(by: values.map { $0 * sigma }, parallel)))
        }
        let key = CommittedProvingKey<Suite>(
            alpha1: singles[0], beta1: singles[1], delta1: singles[2], beta2: singles2[0],
            delta2: singles2[2], publicCount: publics, witness: tables,
            h: PointTable(Suite.G1.cpuMultiplyGenerator(by: powers(of: tau, overDelta), parallel)),
            coefficients: coefficients(), logDomainSize: logDomainSize, commitments: keys)
        return (key, verifyingKey)
    }

    /// The same with a history that says what kind of key it is.
    ///
    /// - Throws: as `development`.
    package func developmentKey(
        hash: CommitmentHash, using generator: inout some RandomNumberGenerator
    ) throws(CommittedKeyFault) -> CommittedKey<Suite> {
        let (key, verifyingKey) = try development(hash: hash, using: &generator)
        return CommittedKey(provingKey: key, verifyingKey: verifyingKey, transcript: .development)
    }

    /// The wires of the challenges, in their order.
    var challenges: [Int] { system.commitments.map { Int($0.challenge) } }

    /// For each wire whether it is committed to or a challenge, so that it has no point over δ.
    var wiresInBases: [Bool] {
        var found = [Bool](repeating: false, count: system.wireCount)
        for commitment in system.commitments {
            found[Int(commitment.challenge)] = true
            for wire in commitment.committed { found[Int(wire)] = true }
        }
        return found
    }

    /// An index of the domain with its bits in reversed order.
    func reversed(_ index: Int) -> Int {
        (0..<logDomainSize).reduce(0) { $0 << 1 | index >> $1 & 1 }
    }

    /// A, B and C of each wire at τ; no rows for public wires.
    private func values(at tau: Scalar) -> (a: [Scalar], b: [Scalar], c: [Scalar]) {
        let lagrange = Groth16Setup<Suite>.lagrange(log: logDomainSize, at: tau)
        var matrices = [[Scalar]](
            repeating: [Scalar](repeating: .zero, count: system.wireCount), count: 3)
        for constraint in 0..<system.constraintCount {
            for matrix in 0..<3 {
                for term in system.combination(matrix, of: constraint) {
                    matrices[matrix][Int(term.wire)] += lagrange[constraint] * term.coefficient
                }
            }
        }
        return (matrices[0], matrices[1], matrices[2])
    }

    /// τ^i·(τ^n − 1)/δ in bit-reversed order of i.
    private func powers(of tau: Scalar, _ overDelta: Scalar) -> [Scalar] {
        let size = 1 << logDomainSize
        var power = (tau.power(UInt64(size)) - .one) * overDelta
        var result = [Scalar](repeating: .zero, count: size)
        for i in 0..<size {
            result[reversed(i)] = power
            power *= tau
        }
        return result
    }
}
