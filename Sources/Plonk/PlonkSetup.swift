// SPDX-License-Identifier: Apache-2.0

package import Commitments
package import Compute
package import Curves
import EllipticCurves
package import Failures
import FiniteFields

/// Why there is no key of a circuit.
package enum PlonkSetupError: CodedError, Equatable {
    /// The field has no domain of so many rows.
    case tooManyGates(Int)
    /// The setup has fewer powers of τ than the circuit's rows and six more.
    case tooFewPowers(needed: Int, available: Int)
    /// The backend could not compute.
    case compute(ComputeError)

    package var code: FailureCode {
        if case .compute = self { return .internal }
        return .badInput
    }

    package var message: String {
        switch self {
        case .tooManyGates(let count): "\(Count.text(count, "gate")) are more than the field has a domain for"
        case .tooFewPowers(let needed, let available):
            "\(Count.text(needed, "power")) of tau are needed, and there are \(available)"
        case .compute(let error): error.message
        }
    }
}

/// Makes PLONK keys of circuits, as snarkjs makes them: from powers of τ alone, deterministic, and for
/// anybody to make again.
///
/// - Reference: Gabizon, Williamson and Ciobotaru 2019, §6 and §8.1.
package struct PlonkSetup<Suite: ComputeSuite>: Sendable {
    typealias F = Suite.Fr

    /// The circuit.
    package let circuit: PlonkCircuit<Suite.Fr>
    private let backend: any ComputeBackend<Suite>
    private let n: Int
    private let points: KZG<Suite>.Setup

    /// The number of powers of τ that a circuit needs.
    package static func powersNeeded(_ circuit: PlonkCircuit<Suite.Fr>) -> Int {
        1 << circuit.logDomainSize + 6
    }

    /// A setup with the powers of τ that a key needs.
    package init(
        _ circuit: PlonkCircuit<Suite.Fr>, _ powers: KZG<Suite>.Setup, backend: any ComputeBackend<Suite>
    ) throws(PlonkSetupError) {
        guard circuit.logDomainSize + 2 <= F.twoAdicity - 1 else { throw .tooManyGates(circuit.gates.count) }
        n = 1 << circuit.logDomainSize
        guard powers.powers.count >= n + 6 else {
            throw .tooFewPowers(needed: n + 6, available: powers.powers.count)
        }
        self.circuit = circuit
        self.backend = backend
        points = powers
    }

    /// The key.
    package func key() throws(PlonkSetupError) -> PlonkProvingKey<Suite> {
        func selector(_ path: KeyPath<PlonkCircuit<F>.Gate, F>) throws(PlonkSetupError) -> KeyPolynomial<F> {
            var values = circuit.gates.map { $0[keyPath: path] }
            values += [F](repeating: .zero, count: n - values.count)
            return try polynomial(values)
        }
        let (qm, ql, qr) = (try selector(\.qm), try selector(\.ql), try selector(\.qr))
        let (qo, qc) = (try selector(\.qo), try selector(\.qc))
        let (k1, k2) = (F(2), F(3))
        let sigma = permutation(k1, k2)
        let (s1, s2, s3) = (
            try polynomial(sigma[0]), try polynomial(sigma[1]), try polynomial(sigma[2])
        )
        let verifyingKey = PlonkVerifyingKey<Suite>(
            publicCount: circuit.publicCount, logDomainSize: circuit.logDomainSize, k1: k1, k2: k2,
            qm: try commit(qm), ql: try commit(ql), qr: try commit(qr), qo: try commit(qo),
            qc: try commit(qc), s1: try commit(s1), s2: try commit(s2), s3: try commit(s3),
            x2: points.verifyingKey.tau2)
        return PlonkProvingKey(
            verifyingKey: verifyingKey, variableCount: circuit.variableCount,
            additions: circuit.additions.map {
                .init(
                    left: Int($0.left), right: Int($0.right), leftFactor: $0.leftFactor,
                    rightFactor: $0.rightFactor)
            }, gates: circuit.gates.map { .init(a: Int($0.a), b: Int($0.b), c: Int($0.c)) }, qm: qm, ql: ql,
            qr: qr, qo: qo, qc: qc, s1: s1, s2: s2, s3: s3, firstLagrange: try lagrange(0),
            powers: points.powers.slice(0..<n + 6))
    }

    /// The polynomial that is 1 at a root of unity, and 0 at the others.
    package func lagrange(_ index: Int) throws(PlonkSetupError) -> KeyPolynomial<Suite.Fr> {
        var values = [F](repeating: .zero, count: n)
        values[index] = .one
        return try polynomial(values)
    }

    /// For each place of a wire the one where the same wire is next, in a circle: from each to the one
    /// before, and from the first to the last. Places are powers of ω, those of the second and third wires
    /// times k₁ and k₂.
    private func permutation(_ k1: F, _ k2: F) -> [[F]] {
        var sigma = [[F]](repeating: [F](repeating: .zero, count: n), count: 3)
        var last = [F](repeating: .zero, count: circuit.variableCount)
        var first = [(column: Int, row: Int)?](repeating: nil, count: circuit.variableCount)
        let omega = EvaluationDomain<F>.root(log: circuit.logDomainSize)
        var point = F.one
        for row in 0..<n {
            let gate = row < circuit.gates.count ? circuit.gates[row] : nil
            let places = [(gate?.a ?? 0, point), (gate?.b ?? 0, point * k1), (gate?.c ?? 0, point * k2)]
            for (column, (wire, place)) in places.enumerated() {
                if first[Int(wire)] == nil {
                    first[Int(wire)] = (column, row)
                } else {
                    sigma[column][row] = last[Int(wire)]
                }
                last[Int(wire)] = place
            }
            point *= omega
        }
        for (wire, place) in first.enumerated() {
            if let place { sigma[place.column][place.row] = last[wire] }
        }
        return sigma
    }

    private func polynomial(_ values: [F]) throws(PlonkSetupError) -> KeyPolynomial<F> {
        let coefficients = SecretVector<F>(values)
        let wide = SecretVector<F>(count: 4 * n)
        do throws(ComputeError) {
            try backend.inverseNTT(coefficients.elements)
            PlonkRun<Suite>.reverse(coefficients.elements)
            _ = UnsafeMutableBufferPointer(rebasing: wide.elements[..<n]).update(from: coefficients.elements)
            PlonkRun<Suite>.reverse(wide.elements)
            try backend.forwardNTT(wide.elements, at: .subgroup)
        } catch {
            throw .compute(error)
        }
        return KeyPolynomial(
            coefficients: FieldTable(
                viewing: UnsafeRawBufferPointer(coefficients.elements), owner: coefficients),
            values: FieldTable(viewing: UnsafeRawBufferPointer(wide.elements), owner: wide))
    }

    private func commit(_ polynomial: KeyPolynomial<F>) throws(PlonkSetupError) -> Affine<Suite.G1> {
        let scalars = (0..<n).map { polynomial.coefficients[$0].canonical }
        do throws(ComputeError) {
            return try scalars.withUnsafeBufferPointer { scalars throws(ComputeError) in
                try backend.msm(points.powers.slice(0..<n), scalars)
            }
        } catch {
            throw .compute(error)
        }
    }
}
