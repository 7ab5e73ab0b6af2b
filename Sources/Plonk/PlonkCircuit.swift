// SPDX-License-Identifier: Apache-2.0

package import ConstraintSystems
package import FiniteFields

/// A circuit of PLONK's gates, qm·a·b + ql·a + qr·b + qo·c + qc = 0 for three wires each, made of a rank-1
/// constraint system as snarkjs makes it, gate by gate.
///
/// Each public input has a gate of its own. A constraint ⟨A, w⟩·⟨B, w⟩ = ⟨C, w⟩ takes one gate where each
/// side has one wire at most, beside constants; longer sums are shortened first, two terms at a time from the
/// front, into new wires that go to the end. Where A or B has no wires the constraint is a sum, of which
/// three terms are left.
package struct PlonkCircuit<F: PrimeField>: Sendable {
    /// A gate: the numbers of its wires, and its selectors.
    package struct Gate: Hashable, Sendable {
        /// The wires; 0 stands for a wire that is not used.
        package var a, b, c: UInt32
        /// The factors of a·b, a, b and c, and the constant.
        package var qm, ql, qr, qo, qc: F
    }

    /// A wire that is left·leftFactor + right·rightFactor.
    package struct Addition: Hashable, Sendable {
        /// The numbers of the wires.
        package var left, right: UInt32
        /// Their factors.
        package var leftFactor, rightFactor: F
    }

    /// The gates, those of public inputs first.
    package private(set) var gates: [Gate] = []
    /// The wires behind those of the constraint system, in their order.
    package private(set) var additions: [Addition] = []
    /// The number of public inputs, outputs among them.
    package let publicCount: Int
    /// The number of the constraint system's wires.
    package let wireCount: Int

    /// The number of wires, those of additions included.
    package var variableCount: Int { wireCount + additions.count }

    /// log₂ of the rows: room for all gates, and eight at least.
    package var logDomainSize: Int {
        max(3, Int.bitWidth - max(gates.count - 1, 1).leadingZeroBitCount)
    }

    /// The gates of a constraint system.
    ///
    /// - Returns: `nil` for a system with commitments, which gates do not have, and where there are more
    ///   gates or wires than 2³².
    package init?(_ system: R1CS<F>) {
        guard system.commitments.isEmpty else { return nil }
        publicCount = system.publicCount
        wireCount = system.wireCount
        for wire in 0..<publicCount {
            gates.append(
                Gate(a: UInt32(wire + 1), b: 0, c: 0, qm: .zero, ql: .one, qr: .zero, qo: .zero, qc: .zero))
        }
        for constraint in 0..<system.constraintCount {
            append(
                Sum(system.combination(0, of: constraint)), Sum(system.combination(1, of: constraint)),
                Sum(system.combination(2, of: constraint)))
            guard gates.count < 1 << 31, variableCount < 1 << 32 else { return nil }
        }
    }

    /// A constant, and wires with factors, by the numbers of the wires.
    private struct Sum {
        /// `nil` where the constant one is no term.
        var constant: F?
        var terms: [(wire: UInt32, factor: F)] = []

        init(_ combination: R1CS<F>.Combination) {
            var factors: [UInt32: F] = [:]
            for term in combination { factors[term.wire] = (factors[term.wire] ?? .zero) + term.coefficient }
            self.init(factors)
        }

        private init(_ factors: [UInt32: F]) {
            constant = factors[0]
            terms = factors.filter { $0.key != 0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }

        /// factor·self − other; terms that cancel stay, with the factor zero.
        func scaled(by factor: F, minus other: Sum) -> Sum {
            var factors: [UInt32: F] = [:]
            for term in terms { factors[term.wire] = term.factor * factor }
            for term in other.terms { factors[term.wire] = (factors[term.wire] ?? .zero) - term.factor }
            if constant != nil || other.constant != nil {
                factors[0] = (constant ?? .zero) * factor - (other.constant ?? .zero)
            }
            return Sum(factors)
        }
    }

    private mutating func append(_ a: Sum, _ b: Sum, _ c: Sum) {
        if a.terms.isEmpty && a.constant == nil || b.terms.isEmpty && b.constant == nil {
            append(sum: c)
        } else if a.terms.isEmpty {
            append(sum: b.scaled(by: a.constant ?? .zero, minus: c))
        } else if b.terms.isEmpty {
            append(sum: a.scaled(by: b.constant ?? .zero, minus: c))
        } else {
            let (left, right, product) = (
                shortened(a, to: 1)[0], shortened(b, to: 1)[0], shortened(c, to: 1)[0]
            )
            let (k, l) = (a.constant ?? .zero, b.constant ?? .zero)
            gates.append(
                Gate(
                    a: left.wire, b: right.wire, c: product.wire, qm: left.factor * right.factor,
                    ql: left.factor * l, qr: k * right.factor, qo: -product.factor,
                    qc: k * l - (c.constant ?? .zero)))
        }
    }

    private mutating func append(sum: Sum) {
        let terms = shortened(sum, to: 3)
        gates.append(
            Gate(
                a: terms[0].wire, b: terms[1].wire, c: terms[2].wire, qm: .zero, ql: terms[0].factor,
                qr: terms[1].factor, qo: terms[2].factor, qc: sum.constant ?? .zero))
    }

    /// As many terms, of which those that are not needed have wire and factor zero; a gate for each addition.
    private mutating func shortened(_ sum: Sum, to count: Int) -> [(wire: UInt32, factor: F)] {
        var terms = sum.terms[...]
        while terms.count > count {
            let (first, second) = (terms.removeFirst(), terms.removeFirst())
            let wire = UInt32(truncatingIfNeeded: variableCount)
            gates.append(
                Gate(
                    a: first.wire, b: second.wire, c: wire, qm: .zero, ql: -first.factor, qr: -second.factor,
                    qo: .one, qc: .zero))
            additions.append(
                Addition(
                    left: first.wire, right: second.wire, leftFactor: first.factor,
                    rightFactor: second.factor))
            terms.append((wire, .one))
        }
        return Array(terms) + [(wire: UInt32, factor: F)](repeating: (0, .zero), count: count - terms.count)
    }
}
