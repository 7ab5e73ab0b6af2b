// SPDX-License-Identifier: Apache-2.0

package import Compute
package import Curves
import EllipticCurves
package import FiniteFields

/// A read-only table of field elements in Montgomery form, little-endian limbs, which may lie in a mapped
/// file as it is: the memory need not be aligned.
///
/// Unchecked: the memory that it views never changes.
package struct FieldTable<F: PrimeField>: @unchecked Sendable {
    private let base: UnsafeRawPointer
    /// The number of elements.
    package let count: Int
    /// Keeps the memory alive; never written to.
    private let owner: AnyObject

    /// Views memory that lives at least as long as `owner` and does not change.
    ///
    /// - Precondition: the byte count is a multiple of an element's, and every element is below the modulus.
    package init(viewing bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        let stride = MemoryLayout<F.Limbs>.stride
        precondition(bytes.count % stride == 0)
        count = bytes.count / stride
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 16)!
        self.owner = owner
    }

    /// Copies an array.
    package init(_ elements: [F]) {
        let vector = SecretVector<F>(elements)
        self.init(viewing: UnsafeRawBufferPointer(vector.elements), owner: vector)
    }

    /// The memory of the elements, which lives as long as the table's owner.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count * MemoryLayout<F.Limbs>.stride)
    }

    /// Element `index`; an index outside of the table stops the process.
    @inline(__always)
    package subscript(index: Int) -> F {
        precondition(index >= 0 && index < count)
        let limbs = base.loadUnaligned(
            fromByteOffset: index &* MemoryLayout<F.Limbs>.stride, as: F.Limbs.self)
        return F(montgomery: limbs)
    }
}

/// A polynomial of degree below n: its n coefficients, and its values at the 4n-th roots of unity.
package struct KeyPolynomial<F: PrimeField>: Sendable {
    /// The lowest first.
    package let coefficients: FieldTable<F>
    /// In the order of the powers of the root; those at the n-th roots are every fourth.
    package let values: FieldTable<F>

    /// Tables as they are given.
    ///
    /// - Precondition: there are four times as many values as coefficients.
    package init(coefficients: FieldTable<F>, values: FieldTable<F>) {
        precondition(values.count == 4 * coefficients.count)
        self.coefficients = coefficients
        self.values = values
    }
}

/// What makes PLONK proofs of one circuit: snarkjs' form of the key.
///
/// Wires are numbered: 0 is the constant one of the witness, which stands for zero here and is in no gate's
/// place but where a wire is not used; then those of the witness; then those that additions make.
package struct PlonkProvingKey<Suite: CurveSuite>: Sendable {
    /// A wire that is a sum of two others, which come before it, with factors.
    package struct Addition: Hashable, Sendable {
        /// The numbers of the wires.
        package var left, right: Int
        /// Their factors.
        package var leftFactor, rightFactor: Suite.Fr

        /// The wire left·leftFactor + right·rightFactor.
        package init(left: Int, right: Int, leftFactor: Suite.Fr, rightFactor: Suite.Fr) {
            (self.left, self.right) = (left, right)
            (self.leftFactor, self.rightFactor) = (leftFactor, rightFactor)
        }
    }

    /// The wires of a gate.
    package struct Gate: Hashable, Sendable {
        /// The numbers of the wires.
        package var a, b, c: Int

        /// A gate of these wires.
        package init(a: Int, b: Int, c: Int) { (self.a, self.b, self.c) = (a, b, c) }
    }

    /// What checks the proofs.
    package var verifyingKey: PlonkVerifyingKey<Suite>
    /// The number of wires, those of additions included.
    package var variableCount: Int
    /// Those that follow from others, in the order in which they are numbered, which is behind all others.
    package var additions: [Addition]
    /// The gates, of which the first have a public input each as their left wire; no more than rows.
    package var gates: [Gate]
    /// The selectors: of products, left, right and output wires, and constants.
    package var qm: KeyPolynomial<Suite.Fr>
    /// See `qm`.
    package var ql: KeyPolynomial<Suite.Fr>
    /// See `qm`.
    package var qr: KeyPolynomial<Suite.Fr>
    /// See `qm`.
    package var qo: KeyPolynomial<Suite.Fr>
    /// See `qm`.
    package var qc: KeyPolynomial<Suite.Fr>
    /// The permutation, for each of the three wires of a gate.
    package var s1: KeyPolynomial<Suite.Fr>
    /// See `s1`.
    package var s2: KeyPolynomial<Suite.Fr>
    /// See `s1`.
    package var s3: KeyPolynomial<Suite.Fr>
    /// The polynomial that is 1 at the first root, and 0 at the others.
    package var firstLagrange: KeyPolynomial<Suite.Fr>
    /// τ^i·G₁ for i below n + 6.
    package var powers: PointTable<Suite.G1>

    /// A key of the given parts.
    ///
    /// - Precondition: sizes fit together; wires of gates are below `variableCount`, those of an addition
    ///   below its own.
    package init(
        verifyingKey: PlonkVerifyingKey<Suite>, variableCount: Int, additions: [Addition], gates: [Gate],
        qm: KeyPolynomial<Suite.Fr>, ql: KeyPolynomial<Suite.Fr>, qr: KeyPolynomial<Suite.Fr>,
        qo: KeyPolynomial<Suite.Fr>, qc: KeyPolynomial<Suite.Fr>, s1: KeyPolynomial<Suite.Fr>,
        s2: KeyPolynomial<Suite.Fr>, s3: KeyPolynomial<Suite.Fr>, firstLagrange: KeyPolynomial<Suite.Fr>,
        powers: PointTable<Suite.G1>
    ) {
        let n = verifyingKey.domainSize
        precondition(additions.count < variableCount && gates.count <= n && powers.count == n + 6)
        precondition(verifyingKey.publicCount <= gates.count)
        let all = [qm, ql, qr, qo, qc, s1, s2, s3, firstLagrange]
        precondition(all.allSatisfy { $0.coefficients.count == n })
        self.verifyingKey = verifyingKey
        self.variableCount = variableCount
        (self.additions, self.gates, self.powers) = (additions, gates, powers)
        (self.qm, self.ql, self.qr, self.qo, self.qc) = (qm, ql, qr, qo, qc)
        (self.s1, self.s2, self.s3) = (s1, s2, s3)
        self.firstLagrange = firstLagrange
    }

    /// The number of public inputs.
    package var publicCount: Int { verifyingKey.publicCount }
    /// The values of a witness: the wires without those of additions.
    package var witnessCount: Int { variableCount - additions.count }
}

/// Field elements that must not outlive their use: the memory is zeroed when the last reference goes.
///
/// Unchecked: there is one writer at a time, by contract.
final class SecretVector<F: PrimeField>: @unchecked Sendable {
    let elements: UnsafeMutableBufferPointer<F>

    /// `count` zeros.
    init(count: Int) {
        elements = .allocate(capacity: count)
        elements.initialize(repeating: .zero)
    }

    convenience init(_ values: [F]) {
        self.init(count: values.count)
        _ = elements.update(from: values)
    }

    deinit {
        overwrite(UnsafeMutableRawBufferPointer(elements))
        elements.deallocate()
    }

    var count: Int { elements.count }

    subscript(index: Int) -> F {
        get { elements[index] }
        set { elements[index] = newValue }
    }
}
