// SPDX-License-Identifier: Apache-2.0

package import Circuits
package import Curves
package import EllipticCurves
package import EmulatedArithmetic
import FiniteFields

/// The multiples of a constant point K that products with whole scalars are made of: d·16^k·K + Q for each
/// window k of four bits and each digit d, where Q is an offset, so that no multiple is the identity.
package struct FixedBaseTable: Sendable {
    /// By window and digit.
    let multiples: [[Affine<BN254.G1>]]

    /// The bits of a window.
    static let windowBits = 4
    /// The bits of a window's place, the lowest first: the last one has what is left of 254 bits.
    static let windows = stride(from: 0, to: Scalar.bitWidth, by: windowBits).map {
        $0..<min($0 + windowBits, Scalar.bitWidth)
    }

    /// - Precondition: the base is not the identity, and nobody knows its logarithm to the offset.
    package init(_ base: Affine<BN254.G1>, offset: Affine<BN254.G1>) {
        precondition(!base.isIdentity)
        var power = Jacobian(base)
        let all = Self.windows.map { window in
            var multiple = Jacobian(offset)
            let row = (0..<(1 << window.count)).map { _ in
                defer { multiple += power }
                return multiple
            }
            for _ in 0..<Self.windowBits { power = power.doubled() }
            return row
        }
        multiples = all.map { Jacobian.batchAffine($0) }
        precondition(multiples.allSatisfy { $0.allSatisfy { !$0.isIdentity } })
    }
}

/// The bits of a scalar in windows: for each window all products of some of its bits, by which constants are
/// chosen.
package struct ScalarWindows {
    /// For each window, for each set of its bits (bit i of the index for bit i of the window), their product.
    let products: [[Linear]]

    /// The windows of a scalar: 254 bits, one constraint for their sum, and 694 for products.
    ///
    /// The bits are those of the scalar or of the scalar plus the group order, as the prover likes: the
    /// multiples of a point of the group are the same.
    package init(_ emulation: Emulation, of scalar: Linear) {
        let builder = emulation.builder
        let canonical = builder.hasValues ? scalar.value.canonical : .zero
        let bits = (0..<Scalar.bitWidth).map { index in
            emulation.boundBit(canonical[index / 64] >> UInt64(index % 64) & 1 == 1)
        }
        builder.enforceEqual(builder.weighted(bits), scalar)
        products = FixedBaseTable.windows.map { window in
            var products = [Linear.one]
            for bit in bits[window] {
                products += products.indices.map { $0 == 0 ? bit : builder.multiply(products[$0], bit) }
            }
            return products
        }
    }

    /// The digit of a window under the witness being made.
    func digit(_ window: Int) -> Int {
        let bits = products[window].count.trailingZeroBitCount
        return (0..<bits).reduce(0) { $0 | (products[window][1 << $1].value.isZero ? 0 : 1 << $1) }
    }
}

extension CurveCircuit {
    /// Σ xⱼ·Kⱼ + a constant, for constant points Kⱼ: 43 constraints for each window, 64 windows a product.
    ///
    /// Any scalars will do, zeros and equal ones among them. With k windows added the sum is Σ … + (k + 2)·Q,
    /// and the next summand … + Q, so that where they are equal or opposite, somebody knows the logarithm of
    /// Q to the points Kⱼ; in the end the offsets are taken away with the constant. It does not end with the
    /// identity.
    ///
    /// - Parameters:
    ///   - products: scalars and bases.
    ///   - constant: a further summand, which may be the identity.
    ///   - offset: Q, of the tables.
    package func fixedSum(
        _ products: [(windows: ScalarWindows, table: FixedBaseTable)], plus constant: Affine<BN254.G1>,
        offset: Affine<BN254.G1>
    ) -> G1Element {
        precondition(!products.isEmpty)
        let start = Jacobian(offset).doubled()
        var sum = ChainPoint(G1Element(start.affine))
        var end = start
        for product in products {
            for (window, multiples) in product.table.multiples.enumerated() {
                let chosen = choose(multiples, product.windows, window)
                sum = add(sum, chosen)
                end += offset
            }
        }
        let rest = (Jacobian(constant) - end).affine
        return element(add(sum, G1Element(rest)))
    }

    /// One of 2^k constant points by a window of k bits: four constraints for the limbs' values at τ.
    private func choose(_ points: [Affine<BN254.G1>], _ windows: ScalarWindows, _ window: Int) -> G1Element {
        let products = windows.products[window]
        let digit = field.hasValues ? windows.digit(window) : 0
        func coordinate(_ path: KeyPath<Affine<BN254.G1>, BN254.Fp>) -> BaseElement {
            let values = points.map { $0[keyPath: path] }
            // A polynomial with the products of bits as its monomials: each coefficient is a signed sum over
            // the digits that have no other bits.
            var limbs = values.map { field.constantLimbs($0) }
            for bit in 0..<products.count.trailingZeroBitCount {
                for index in limbs.indices where index >> bit & 1 == 1 {
                    for limb in limbs[index].indices { limbs[index][limb] -= limbs[index ^ 1 << bit][limb] }
                }
            }
            return field.element(
                limbs: (0..<field.shape.count).map { limb in
                    var sum = Linear(limbs[0][limb])
                    for index in 1..<products.count { sum.add(products[index], times: limbs[index][limb]) }
                    return sum
                }
            ) { values[digit] }
        }
        return G1Element(x: coordinate(\.x), y: coordinate(\.y))
    }
}
