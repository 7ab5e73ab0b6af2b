// SPDX-License-Identifier: Apache-2.0

public import Compute
public import ConstraintSystems
public import Curves
import EllipticCurves
import FiniteFields
public import Groth16

/// Makes Groth16 keys of constraint systems, in snarkjs' form.
///
/// - Reference: Groth 2016, §3.2; Bowe, Gabizon and Miers 2017, "Scalable multi-party computation for
///   zk-SNARK parameters in the random beacon model", for the two phases.
public struct Groth16Setup<Suite: ComputeSuite>: Sendable {
    /// The field of the constraints.
    public typealias Scalar = Suite.Fr

    /// What the keys are for.
    public let system: R1CS<Scalar>
    /// Threads for the work.
    public let parallel: Parallel
    /// log₂ of the rows: constraints and one row for each public wire and the constant one.
    public let logDomainSize: Int

    /// A setup for one constraint system; nothing is computed yet.
    ///
    /// - Throws: `SetupError.tooLarge` where the field has no domain of the size; `.commitments` for a system
    ///   that has some.
    public init(_ system: R1CS<Scalar>, parallel: Parallel) throws(SetupError) {
        guard system.commitments.isEmpty else { throw .commitments(system.commitments.count) }
        self.system = system
        self.parallel = parallel
        let rows = max(system.constraintCount + system.publicCount, 1)
        logDomainSize = Int.bitWidth - rows.leadingZeroBitCount
        // The doubled domain has transforms, too.
        guard logDomainSize + 1 < Scalar.twoAdicity else {
            throw .tooLarge(rows: rows, limit: Scalar.twoAdicity - 2)
        }
    }

    var domainSize: Int { 1 << logDomainSize }

    /// A key from secrets that this process draws and forgets. **Insecure**: whoever made the key could have
    /// kept them, and whoever knows them can prove anything. For development, tests and measurements.
    ///
    /// - Parameters:
    ///   - generator: where the secrets come from.
    ///   - observe: called with the name of each part as it begins.
    public func development(
        using generator: inout some RandomNumberGenerator, observe: (String) -> Void = { _ in }
    ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
        development(Secrets(using: &generator), observe: observe)
    }

    /// The secrets of a setup: τ, α, β and δ; γ is one, as in snarkjs' keys.
    package struct Secrets {
        package var tau, alpha, beta, delta: Scalar

        package init(tau: Scalar, alpha: Scalar, beta: Scalar, delta: Scalar) {
            (self.tau, self.alpha, self.beta, self.delta) = (tau, alpha, beta, delta)
        }

        init(using generator: inout some RandomNumberGenerator) {
            func draw() -> Scalar {
                while true {
                    let value = Scalar.random(using: &generator)
                    if !value.isZero { return value }
                }
            }
            self.init(tau: draw(), alpha: draw(), beta: draw(), delta: draw())
        }
    }

    package func development(
        _ secrets: Secrets, observe: (String) -> Void = { _ in }
    ) -> (key: ProvingKey<Suite>, transcript: SetupTranscript<Suite>) {
        observe("matrices")
        let lagrange = Self.lagrange(log: logDomainSize, at: secrets.tau)
        let wires = system.wireCount
        var (a, b, c) = (
            [Scalar](repeating: .zero, count: wires), [Scalar](repeating: .zero, count: wires),
            [Scalar](repeating: .zero, count: wires)
        )
        forEachTerm { matrix, row, term in
            let value = lagrange[row] * term.coefficient
            switch matrix {
            case 0: a[Int(term.wire)] += value
            case 1: b[Int(term.wire)] += value
            default: c[Int(term.wire)] += value
            }
        }
        let inverseDelta = secrets.delta.inverse() ?? .zero
        let publics = system.publicCount
        let combined = (0..<wires).map { wire in
            let value = secrets.beta * a[wire] + secrets.alpha * b[wire] + c[wire]
            return wire <= publics ? value : value * inverseDelta
        }
        // Odd entries of the doubled domain's basis.
        let doubled = Self.lagrange(log: logDomainSize + 1, at: secrets.tau)
        let h = (0..<domainSize).map { doubled[2 * $0 + 1] * inverseDelta }
        observe("A")
        let pointsA = Suite.G1.cpuMultiplyGenerator(by: a, parallel)
        observe("B1")
        let pointsB1 = Suite.G1.cpuMultiplyGenerator(by: b, parallel)
        observe("B2")
        let pointsB2 = Suite.G2.cpuMultiplyGenerator(by: b, parallel)
        observe("C")
        let pointsC = Suite.G1.cpuMultiplyGenerator(by: combined, parallel)
        observe("H")
        let pointsH = Suite.G1.cpuMultiplyGenerator(by: h, parallel)
        let singles = Suite.G1.cpuMultiplyGenerator(
            by: [secrets.alpha, secrets.beta, secrets.delta], parallel)
        let singles2 = Suite.G2.cpuMultiplyGenerator(by: [secrets.beta, secrets.delta], parallel)
        let key = ProvingKey<Suite>(
            verifyingKey: VerifyingKey(
                alpha1: singles[0], beta2: singles2[0], gamma2: Suite.G2.generator, delta2: singles2[1],
                ic: Array(pointsC[...publics])),
            beta1: singles[1], delta1: singles[2], variableCount: wires, logDomainSize: logDomainSize,
            a: PointTable(pointsA), b1: PointTable(pointsB1), b2: PointTable(pointsB2),
            c: PointTable(Array(pointsC[(publics + 1)...])), h: PointTable(pointsH),
            coefficients: coefficients())
        // Nothing to verify against: the hash is over the notice, so that it cannot be taken for a
        // ceremony's.
        var hash = Blake2b()
        hash.update(Array(Self.developmentNotice.utf8))
        return (key, SetupTranscript(circuitHash: hash.finished(), contributions: []))
    }

    /// What the circuit hash of a development key is made from.
    public static var developmentNotice: String { "martlet INSECURE development setup" }

    /// True when a transcript is that of a development key.
    public static func isDevelopment(_ transcript: SetupTranscript<Suite>) -> Bool {
        var hash = Blake2b()
        hash.update(Array(developmentNotice.utf8))
        return transcript.circuitHash == hash.finished()
    }

    /// Lⱼ(x) for all j of the domain of 2^log: ω^j·(x^n − 1) / (n·(x − ω^j)).
    static func lagrange(log: Int, at x: Scalar) -> [Scalar] {
        let root = EvaluationDomain<Scalar>.root(log: log)
        let size = Scalar(UInt64(1) << UInt64(log))
        let factor = (x.power(UInt64(1) << UInt64(log)) - .one) * (size.inverse() ?? .zero)
        var powers: [Scalar] = []
        powers.reserveCapacity(1 << log)
        var power = Scalar.one
        for _ in 0..<(1 << log) {
            powers.append(power)
            power *= root
        }
        var inverses = powers.map { x - $0 }
        Scalar.batchInvert(&inverses)
        return zip(powers, inverses).map { $0 * $1 * factor }
    }

    /// Calls `body` for each entry of A (0), B (1) and C (2), the rows of public wires in A included, in
    /// snarkjs' order.
    func forEachTerm(_ body: (_ matrix: Int, _ row: Int, _ term: R1CS<Scalar>.Term) -> Void) {
        for row in 0..<system.constraintCount {
            for matrix in 0..<3 {
                for term in system.combination(matrix, of: row) { body(matrix, row, term) }
            }
        }
        for wire in 0...system.publicCount {
            body(0, system.constraintCount + wire, R1CS.Term(wire: UInt32(wire), coefficient: .one))
        }
    }

    /// The records of A and B.
    func coefficients() -> CoefficientMatrices<Scalar> {
        var count = 0
        forEachTerm { matrix, _, _ in if matrix < 2 { count += 1 } }
        var records = CoefficientRecords<Scalar>(count: count)
        forEachTerm { matrix, row, term in
            if matrix < 2 { records.append(matrix: matrix, row: row, term) }
        }
        return records.matrices(rowCount: domainSize, columnCount: system.wireCount)
    }
}
